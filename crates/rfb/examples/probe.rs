#![allow(clippy::unwrap_used, missing_docs)]
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use bytes::Bytes;
use causeway_rfb::*;
use causeway_screen::{Canvas, CursorImage, Rect, Size};
#[derive(Default)]
struct Fb { size: Size, px: Vec<u8>, puts: usize, fills: usize, copies: usize, jpegs: usize, frames: usize, cursor: usize }
impl Canvas for Fb {
    fn set_size(&mut self, size: Size) { self.size = size; self.px = vec![0; size.width as usize * size.height as usize * 4]; }
    fn size(&self) -> Size { self.size }
    fn put(&mut self, r: Rect, p: &[u8]) { self.puts += 1; let st = self.size.width as usize * 4; let w = r.width as usize * 4;
        for (y, row) in p.chunks_exact(w).enumerate() { let o = (r.y as usize + y) * st + r.x as usize * 4; self.px[o..o + w].copy_from_slice(row); } }
    fn fill(&mut self, r: Rect, c: [u8; 3]) { self.fills += 1; let st = self.size.width as usize * 4; let w = r.width as usize * 4;
        for y in 0..r.height as usize { let o = (r.y as usize + y) * st + r.x as usize * 4; self.px[o..o + w].as_chunks_mut::<4>().0.fill([c[0], c[1], c[2], 255]); } }
    fn copy(&mut self, s: Rect, x: u16, y: u16) { self.copies += 1; let mut v = vec![]; self.read(s, &mut v); let r = Rect { x, y, ..s }; self.put(r, &v); }
    fn put_jpeg(&mut self, r: Rect, _: &Bytes, p: &[u8]) { self.jpegs += 1; self.put(r, p); }
    fn read(&self, r: Rect, into: &mut Vec<u8>) { let st = self.size.width as usize * 4; for y in 0..r.height as usize { let o = (r.y as usize + y) * st + r.x as usize * 4; into.extend_from_slice(&self.px[o..o + r.width as usize * 4]); } }
    fn end_frame(&mut self) { self.frames += 1; }
    fn set_cursor(&mut self, c: CursorImage) { self.cursor += 1; if std::env::var("V").is_ok() { eprintln!("cursor {:?}", match c { CursorImage::Shape { size, .. } => format!("{size:?}"), other => format!("{other:?}") }); } }
    fn move_cursor(&mut self, _: u16, _: u16) {}
}
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap(); s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6 }
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut s = TcpStream::connect(("127.0.0.1", a[1].parse::<u16>().unwrap())).unwrap();
    s.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let encodings: Vec<Encoding> = a[2].split(',').map(|n| n.parse().unwrap()).collect();
    let quality = a[3].parse().ok();
    let secs: f64 = a[4].parse().unwrap();
    let out = a.get(5);
    let script = a.get(6).cloned().unwrap_or_default();
    let mut b = [0; 12]; s.read_exact(&mut b).unwrap(); s.write_all(b"RFB 003.008\n").unwrap();
    let mut n = [0; 1]; s.read_exact(&mut n).unwrap(); let mut t = vec![0; n[0] as usize]; s.read_exact(&mut t).unwrap(); s.write_all(&[1]).unwrap();
    let mut r = [0; 4]; s.read_exact(&mut r).unwrap(); assert_eq!(r, [0; 4]);
    let depth = match std::env::var("DEPTH").as_deref() { Ok("8") => ColourDepth::Bits8, Ok("16") => ColourDepth::Bits16, Ok("server") => ColourDepth::Server, _ => ColourDepth::Bits24 };
    let config = ClientConfig { encodings, quality, colour_depth: depth, compression: Some(2), ..ClientConfig::default() };
    let mut c = Client::new(Established::default(), config.clone());
    let mut fb = Fb::default();
    let mut log = vec![]; let mut first_len = 0;
    let start = Instant::now(); let mut first = None;
    let mut buf = vec![0; 65536];
    let (mut cpu_sum, mut done_script) = (0.0, false);
    while start.elapsed().as_secs_f64() < secs {
        while let Some(o) = c.poll_output() { s.write_all(&o).unwrap(); }
        while let Some(e) = c.poll_event() { let e = format!("{e:?}"); eprintln!("{:.3} {}", start.elapsed().as_secs_f64(), &e[..e.len().min(150)]); }
        if c.updates() > 0 && !done_script { done_script = true;
            for w in script.split(';') { let mut p = w.splitn(2, ' '); match (p.next().unwrap(), p.next().unwrap_or("")) {
                ("type", t) => for ch in t.chars() { let k = ch.to_string(); let k = if ch == '~' { "Enter".into() } else { k }; c.key(&if ch == '~' { "Enter".to_string() } else { format!("Key{}", k.to_uppercase()) }, &k, true); c.key(&if ch == '~' { "Enter".to_string() } else { format!("Key{}", k.to_uppercase()) }, &k, false); },
                ("text", t) => c.text(t),
                ("resize", t) => { let (w, h) = t.split_once('x').unwrap(); c.resize(w.parse().unwrap(), h.parse().unwrap()); }
                ("clip", t) => c.clipboard(t),
                ("clipbig", t) => c.clipboard(&"→日本✓ line\n".repeat(t.parse().unwrap())),
                ("move", t) => { let (x, y) = t.split_once(',').unwrap(); c.pointer(PointerState { x: x.parse().unwrap(), y: y.parse().unwrap(), ..Default::default() }); }
                ("click", t) => { let (x, y) = t.split_once(',').unwrap(); let st = PointerState { x: x.parse().unwrap(), y: y.parse().unwrap(), ..Default::default() }; c.pointer(st); c.pointer(PointerState { buttons: 1, ..st }); c.pointer(st); }
                ("caps", _) => c.lock_keys(LockKeys { caps: true, num: false, scroll: false }),
                _ => {} } }
            continue; }
        match s.read(&mut buf) { Ok(0) => { eprintln!("closed"); break }, Ok(n) => { if std::env::var("R").is_ok() { log.extend_from_slice(&buf[..n]); } else if first.is_none() { log.extend_from_slice(&buf[..n]); }
            let t = cpu(); c.handle_input(&buf[..n], &mut fb).unwrap(); cpu_sum += cpu() - t;
            if first.is_none() && c.updates() > 0 { first = Some(start.elapsed()); first_len = log.len(); } }
          Err(_) => {} }
    }
    println!("first {:?} {} KB, size {:?}, updates {}, puts {} fills {} copies {} jpegs {} cursors {} cpu {:.1} ms", first, first_len / 1024, fb.size, c.updates(), fb.puts, fb.fills, fb.copies, fb.jpegs, fb.cursor, cpu_sum);
    if let Some(out) = out.filter(|o| *o != "-") { let mut f = std::fs::File::create(out).unwrap(); write!(f, "P6\n{} {}\n255\n", fb.size.width, fb.size.height).unwrap();
        let rgb: Vec<u8> = fb.px.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect(); f.write_all(&rgb).unwrap(); }
    let mut times = vec![];
    for _ in 0..15 { let mut c = Client::new(Established::default(), config.clone()); let mut fb = Fb::default();
        let t = cpu(); for part in log[..first_len].chunks(65536) { c.handle_input(part, &mut fb).unwrap(); } times.push(cpu() - t); }
    times.sort_by(f64::total_cmp);
    println!("replay of first picture: min {:.1} median {:.1} ms", times[0], times[7]);
}
