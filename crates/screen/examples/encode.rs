//! What each scene costs a frame: milliseconds of one core, the median, and
//! kilobytes, the mean; at the screen and at its encoders.
//!
//! `cargo run -p causeway-screen --example encode [WIDTH HEIGHT [FRAMES [SCENE]]]`
//!
//! draw: into the framebuffer. plan: damage, fingerprints, scrolling, kinds, and
//! the pixels taken out. encode: all works of a frame; slowest: the longest of
//! them, which is what it takes with enough cores.

use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_screen::corpus::Scene;
use causeway_screen::{Canvas, CursorImage, Rect, Screen, Size, ViewerAbilities, ViewerKey};
use causeway_wire::message::TileCodec;
use causeway_wire::message::to_viewer::Body;

const VIEWER: ViewerKey = ViewerKey(1);
const FRAME: Duration = Duration::from_millis(33);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise: u16| {
        let word = words.get(at).and_then(|word| word.parse().ok());
        word.unwrap_or(otherwise)
    };
    let size = Size {
        width: number(0, 1280),
        height: number(1, 720),
    };
    let frames = u32::from(number(2, 24));
    println!(
        "{}x{}, {frames} frames after the first",
        size.width, size.height
    );
    println!(
        "{:<12} {:>6} {:>6} {:>6} {:>7} {:>8} {:>8} {:>6} {:>6} {:>5}",
        "scene", "draw", "plan", "encode", "slowest", "exact", "photo", "copies", "solids", "works"
    );
    let wanted = words.get(3);
    for scene in Scene::ALL {
        if wanted.is_none_or(|name| name == scene.name()) {
            print(scene, &measure(scene, size, frames));
        }
    }
}

/// What a frame took.
#[derive(Default)]
struct Cost {
    draw: Duration,
    plan: Duration,
    encode: Duration,
    slowest: Duration,
    exact: usize,
    photo: usize,
    copies: usize,
    solids: usize,
    works: usize,
}

/// The costs of the frames after the first.
fn measure(scene: Scene, size: Size, frames: u32) -> Vec<Cost> {
    let mut screen = Screen::new();
    let mut now = Instant::now();
    screen.draw(now).set_size(size);
    let abilities = ViewerAbilities {
        zstd: true,
        jpeg: true,
    };
    screen.attach(VIEWER, abilities, now);
    let mut costs = Vec::new();
    for frame in 0..=frames {
        let mut recorded = Recorded {
            size,
            puts: Vec::new(),
        };
        scene.draw(&mut recorded, frame);
        let mut cost = Cost::default();
        let start = Instant::now();
        for (rect, pixels) in &recorded.puts {
            screen.draw(now).put(*rect, pixels);
        }
        cost.draw = start.elapsed();
        let start = Instant::now();
        screen.draw(now).end_frame();
        cost.plan = start.elapsed();
        pump(&mut screen, now, &mut cost);
        if frame > 0 {
            costs.push(cost);
        }
        now += FRAME;
        screen.handle_timeout(now);
        pump(&mut screen, now, &mut Cost::default());
    }
    costs
}

/// Encodes and shows all there is.
fn pump(screen: &mut Screen, now: Instant, cost: &mut Cost) {
    while let Some(work) = screen.poll_work(now) {
        let start = Instant::now();
        let encoded = work.encode();
        let took = start.elapsed();
        cost.slowest = cost.slowest.max(took);
        cost.encode += took;
        cost.works += 1;
        screen.handle_encoded(encoded, now);
    }
    while let Some(bodies) = screen.poll_frame(VIEWER) {
        for body in &bodies {
            match body {
                Body::Tile(tile) if tile.codec() == TileCodec::Jpeg => {
                    cost.photo += tile.data.len();
                }
                Body::Tile(tile) => cost.exact += tile.data.len(),
                Body::Copy(_) => cost.copies += 1,
                Body::Solid(_) => cost.solids += 1,
                Body::FrameMark(mark) => {
                    screen.handle_ack(VIEWER, mark.frame, Duration::ZERO, now);
                }
                _ => {}
            }
        }
    }
}

fn print(scene: Scene, costs: &[Cost]) {
    let median = |of: fn(&Cost) -> Duration| {
        let mut times: Vec<Duration> = costs.iter().map(of).collect();
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    };
    let mean =
        |of: fn(&Cost) -> usize| costs.iter().map(of).sum::<usize>() as f64 / costs.len() as f64;
    println!(
        "{:<12} {:>6.2} {:>6.2} {:>6.2} {:>7.2} {:>8.1} {:>8.1} {:>6.1} {:>6.1} {:>5.1}",
        scene.name(),
        median(|cost| cost.draw),
        median(|cost| cost.plan),
        median(|cost| cost.encode),
        median(|cost| cost.slowest),
        mean(|cost| cost.exact) / 1024.0,
        mean(|cost| cost.photo) / 1024.0,
        mean(|cost| cost.copies),
        mean(|cost| cost.solids),
        mean(|cost| cost.works),
    );
}

/// Keeps what a scene draws, so that painting is not measured.
struct Recorded {
    size: Size,
    puts: Vec<(Rect, Vec<u8>)>,
}

impl Canvas for Recorded {
    fn set_size(&mut self, _size: Size) {}
    fn size(&self) -> Size {
        self.size
    }
    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        self.puts.push((rect, pixels.to_vec()));
    }
    fn fill(&mut self, _rect: Rect, _rgb: [u8; 3]) {}
    fn copy(&mut self, _source: Rect, _x: u16, _y: u16) {}
    fn put_jpeg(&mut self, _rect: Rect, _jpeg: &Bytes, _pixels: &[u8]) {}
    fn read(&self, _rect: Rect, _into: &mut Vec<u8>) {}
    fn end_frame(&mut self) {}
    fn set_cursor(&mut self, _cursor: CursorImage) {}
    fn move_cursor(&mut self, _x: u16, _y: u16) {}
}
