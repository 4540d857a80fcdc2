//! What a VNC server may send once its security handshake is over: nothing
//! panics, nothing is drawn outside of the screen, and how the bytes were cut
//! makes no difference.
#![no_main]

use bytes::Bytes;
use causeway_rfb::{Client, ClientConfig, ColourDepth, Established};
use causeway_screen::{Canvas, CursorImage, Rect, Size};
use libfuzzer_sys::fuzz_target;

/// Counts what was drawn, and holds rectangles to the screen.
#[derive(Default, PartialEq, Debug)]
struct Checked {
    size: Size,
    pixels: u64,
    frames: u64,
}

impl Checked {
    fn draw(&mut self, rect: Rect) {
        assert!(rect.width > 0 && rect.height > 0);
        assert!(u32::from(rect.x) + u32::from(rect.width) <= u32::from(self.size.width));
        assert!(u32::from(rect.y) + u32::from(rect.height) <= u32::from(self.size.height));
        self.pixels += u64::from(rect.width) * u64::from(rect.height);
    }
}

impl Canvas for Checked {
    fn set_size(&mut self, size: Size) {
        self.size = size;
    }
    fn size(&self) -> Size {
        self.size
    }
    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        self.draw(rect);
        assert_eq!(
            pixels.len(),
            usize::from(rect.width) * usize::from(rect.height) * 4
        );
    }
    fn fill(&mut self, rect: Rect, _: [u8; 3]) {
        self.draw(rect);
    }
    fn copy(&mut self, source: Rect, x: u16, y: u16) {
        self.draw(source);
        self.draw(Rect { x, y, ..source });
    }
    fn put_jpeg(&mut self, rect: Rect, _: &Bytes, pixels: &[u8]) {
        self.put(rect, pixels);
    }
    fn read(&self, _: Rect, _: &mut Vec<u8>) {}
    fn end_frame(&mut self) {
        self.frames += 1;
    }
    fn set_cursor(&mut self, cursor: CursorImage) {
        if let CursorImage::Shape {
            size,
            hotspot_x,
            hotspot_y,
            rgba,
        } = cursor
        {
            assert_eq!(
                rgba.len(),
                usize::from(size.width) * usize::from(size.height) * 4
            );
            assert!(hotspot_x < size.width && hotspot_y < size.height);
        }
    }
    fn move_cursor(&mut self, _: u16, _: u16) {}
}

/// What a client draws of `bytes` in pieces of `length`; nothing if they broke
/// the protocol, since then it is over at once.
fn run(depth: ColourDepth, bytes: &[u8], length: usize) -> Option<Checked> {
    let config = ClientConfig {
        colour_depth: depth,
        clipboard_bytes_max: 4096,
        ..ClientConfig::default()
    };
    let mut client = Client::new(Established::default(), config);
    let mut canvas = Checked::default();
    for piece in bytes.chunks(length) {
        client.handle_input(piece, &mut canvas).ok()?;
        while client.has_more() {
            client.handle_input(&[], &mut canvas).ok()?;
        }
        while client.poll_output().is_some() {}
        while client.poll_event().is_some() {}
    }
    Some(canvas)
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (depth, length, bytes) = input;
    let depth = match depth % 4 {
        0 => ColourDepth::Bits8,
        1 => ColourDepth::Bits16,
        2 => ColourDepth::Bits24,
        _ => ColourDepth::Server,
    };
    let whole = run(depth, bytes, bytes.len().max(1));
    let cut = run(depth, bytes, usize::from(length).max(1));
    assert_eq!(whole, cut);
});
