//! Any order of drawing, encoding, showing and acknowledging, against a model
//! of the pixels: nobody is ever shown a torn picture or an older one, and in
//! the end everybody shows exactly what the model holds.

use std::time::Duration;

use bytes::Bytes;
use causeway_screen::{Canvas, Rect, Size, ViewerKey, Work};
use proptest::prelude::*;

use crate::reference::rgb;
use crate::show::{ALL, EXACT, Show};

/// What happens.
#[derive(Debug, Clone)]
enum Step {
    Put(Rect, Fill),
    PutJpeg(Rect, u32),
    Solid(Rect, [u8; 3]),
    Copy(Rect, u16, u16),
    Scroll(i16),
    EndFrame,
    Resize(u16, u16),
    Attach(bool),
    Encode(usize),
    Show(usize),
    Pass(u64),
}

/// What pixels look like.
#[derive(Debug, Clone, Copy)]
enum Fill {
    Noise(u32),
    Lines(u32),
}

/// The screen as it should be, in the plainest way.
#[derive(Debug, Default)]
struct Model {
    width: i64,
    height: i64,
    rgb: Vec<[u8; 3]>,
}

impl Model {
    fn new(width: u16, height: u16) -> Self {
        Self {
            width: width.into(),
            height: height.into(),
            rgb: vec![[0; 3]; usize::from(width) * usize::from(height)],
        }
    }

    fn set(&mut self, x: i64, y: i64, rgb: [u8; 3]) {
        if (0..self.width).contains(&x) && (0..self.height).contains(&y) {
            self.rgb[(y * self.width + x) as usize] = rgb;
        }
    }

    fn at(&self, x: i64, y: i64) -> [u8; 3] {
        self.rgb[(y * self.width + x) as usize]
    }

    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        for (place, pixel) in places(rect).zip(pixels.chunks_exact(4)) {
            self.set(place.0, place.1, [pixel[0], pixel[1], pixel[2]]);
        }
    }

    fn copy(&mut self, rect: Rect, x: u16, y: u16) {
        let (dx, dy) = (
            i64::from(x) - i64::from(rect.x),
            i64::from(y) - i64::from(rect.y),
        );
        let moved: Vec<_> = places(rect)
            .filter(|(x, y)| *x < self.width && *y < self.height)
            .map(|(x, y)| (x + dx, y + dy, self.at(x, y)))
            .collect();
        for (x, y, rgb) in moved {
            self.set(x, y, rgb);
        }
    }

    fn picture(&self) -> Vec<u8> {
        self.rgb.concat()
    }
}

fn places(rect: Rect) -> impl Iterator<Item = (i64, i64)> {
    let rows = i64::from(rect.y)..i64::from(rect.y) + i64::from(rect.height);
    rows.flat_map(move |y| {
        let columns = i64::from(rect.x)..i64::from(rect.x) + i64::from(rect.width);
        columns.map(move |x| (x, y))
    })
}

fn pixels(rect: Rect, fill: Fill) -> Vec<u8> {
    let pixel = |(x, y): (i64, i64)| {
        let (x, y) = (x as u32, y as u32);
        match fill {
            Fill::Noise(seed) => {
                let value = (x * 31 + y * 17)
                    .wrapping_add(seed)
                    .wrapping_mul(0x9e37_79b1);
                (value ^ value >> 13)
                    .wrapping_mul(0x85eb_ca77)
                    .to_le_bytes()
            }
            Fill::Lines(seed) => {
                let value = (y + seed).wrapping_mul(0x9e37_79b1) >> 24;
                [value as u8, (x / 24 + seed) as u8, 7, x as u8]
            }
        }
    };
    places(rect).flat_map(pixel).collect()
}

fn jpeg(rect: Rect, seed: u32) -> (Bytes, Vec<u8>) {
    let source = pixels(rect, Fill::Noise(seed));
    let image = turbojpeg::Image {
        pixels: &source[..],
        width: rect.width.into(),
        pitch: usize::from(rect.width) * 4,
        height: rect.height.into(),
        format: turbojpeg::PixelFormat::RGBX,
    };
    let file = turbojpeg::compress(image, 70, turbojpeg::Subsamp::Sub2x2).unwrap();
    let decoded = turbojpeg::decompress(&file, turbojpeg::PixelFormat::RGBX).unwrap();
    (Bytes::copy_from_slice(&file), decoded.pixels)
}

/// Small and large ones: only much damage is sent as a photograph.
fn rect() -> impl Strategy<Value = Rect> {
    let small = (0..400_u16, 0..300_u16, 1..120_u16, 1..120_u16);
    let large = (0..80_u16, 0..60_u16, 200..400_u16, 200..300_u16);
    prop_oneof![small, large].prop_map(|(x, y, width, height)| Rect::new(x, y, width, height))
}

fn fill() -> impl Strategy<Value = Fill> {
    prop_oneof![
        any::<u32>().prop_map(Fill::Noise),
        (0..900_u32).prop_map(Fill::Lines)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (rect(), fill()).prop_map(|(rect, fill)| Step::Put(rect, fill)),
        2 => (rect(), any::<u32>()).prop_map(|(rect, seed)| Step::PutJpeg(rect, seed)),
        2 => (rect(), any::<[u8; 3]>()).prop_map(|(rect, rgb)| Step::Solid(rect, rgb)),
        5 => (rect(), 0..400_u16, 0..300_u16).prop_map(|(rect, x, y)| Step::Copy(rect, x, y)),
        2 => (-90..90_i16).prop_map(Step::Scroll),
        8 => Just(Step::EndFrame),
        1 => (1..500_u16, 1..400_u16).prop_map(|(width, height)| Step::Resize(width, height)),
        1 => any::<bool>().prop_map(Step::Attach),
        8 => (0..6_usize).prop_map(Step::Encode),
        8 => (0..3_usize).prop_map(Step::Show),
        6 => (1..400_u64).prop_map(Step::Pass),
    ]
}

/// The run of one case.
struct Run {
    show: Show,
    model: Model,
    works: Vec<Work>,
    /// Whole pictures, as they came to be.
    pictures: Vec<Vec<u8>>,
    /// The picture that each viewer showed last, and whether it decodes JPEG.
    shown: Vec<(usize, bool)>,
}

impl Run {
    fn new() -> Self {
        let mut run = Self {
            show: Show::new(0, 0),
            model: Model::default(),
            works: Vec::new(),
            pictures: Vec::new(),
            shown: Vec::new(),
        };
        run.step(&Step::Resize(400, 300));
        run.step(&Step::Attach(false));
        run.step(&Step::Attach(true));
        run
    }

    fn step(&mut self, step: &Step) {
        let Self { show, model, .. } = self;
        match step.clone() {
            Step::Put(rect, fill) => {
                let pixels = pixels(rect, fill);
                show.draw(|canvas| canvas.put(rect, &pixels));
                model.put(rect, &pixels);
            }
            Step::PutJpeg(rect, seed) => {
                let (file, pixels) = jpeg(rect, seed);
                show.draw(|canvas| canvas.put_jpeg(rect, &file, &pixels));
                model.put(rect, &pixels);
            }
            Step::Solid(rect, rgb) => {
                show.draw(|canvas| canvas.fill(rect, rgb));
                model.put(rect, &[rgb[0], rgb[1], rgb[2], 0].repeat(rect.pixels()));
            }
            Step::Copy(rect, x, y) => {
                show.draw(|canvas| canvas.copy(rect, x, y));
                model.copy(rect, x, y);
            }
            Step::Scroll(by) => self.scroll(by),
            Step::EndFrame => {
                self.pictures.push(model.picture());
                show.draw(|canvas| canvas.end_frame());
            }
            Step::Resize(width, height) => {
                show.draw(|canvas| canvas.set_size(Size { width, height }));
                *model = Model::new(width, height);
            }
            Step::Attach(jpeg) => {
                if show.viewers.len() < 3 {
                    show.attach(if jpeg { ALL } else { EXACT });
                    self.shown.push((0, jpeg));
                }
            }
            Step::Encode(at) => self.encode(at),
            Step::Show(at) => self.present(at),
            Step::Pass(ms) => show.pass(Duration::from_millis(ms)),
        }
    }

    /// All moves up or down, sent as pixels.
    fn scroll(&mut self, by: i16) {
        let size = self.show.screen.size();
        let height = i64::from(size.height);
        let source = |y: i64| (y - i64::from(by)).rem_euclid(height.max(1));
        let pixels: Vec<u8> = (0..height)
            .flat_map(|y| (0..i64::from(size.width)).map(move |x| (x, source(y))))
            .flat_map(|(x, y)| {
                let [red, green, blue] = self.model.at(x, y);
                [red, green, blue, 0]
            })
            .collect();
        self.show.draw(|canvas| canvas.put(size.whole(), &pixels));
        self.model.put(size.whole(), &pixels);
    }

    /// Encodes one of the works that were taken, in any order.
    fn encode(&mut self, at: usize) {
        let Self { show, works, .. } = self;
        works.extend(std::iter::from_fn(|| show.screen.poll_work(show.now)));
        if !works.is_empty() {
            let encoded = works.swap_remove(at % works.len()).encode();
            show.screen.handle_encoded(encoded, show.now);
        }
    }

    /// A viewer takes a frame and shows it.
    fn present(&mut self, at: usize) {
        let Some((key, reference)) = self.show.viewers.get_mut(at) else {
            return;
        };
        let Some(bodies) = self.show.screen.poll_frame(*key) else {
            return;
        };
        let Some(frame) = reference.apply(&bodies) else {
            return;
        };
        let (last, jpeg) = &mut self.shown[at];
        if !*jpeg {
            let newer = self.pictures[*last..]
                .iter()
                .position(|picture| *picture == reference.rgb);
            *last += newer.expect("a torn picture, or an older one");
        }
        let present = Duration::from_millis(3);
        self.show
            .screen
            .handle_ack(*key, frame, present, self.show.now);
    }

    fn finish(mut self) {
        self.step(&Step::EndFrame);
        while !self.works.is_empty() {
            self.encode(0);
        }
        self.show.settle();
        assert_eq!(rgb(self.show.screen.pixels()), self.model.picture());
        self.show.assert_exact();
    }
}

proptest! {
    #[test]
    fn everybody_comes_to_show_what_is_there(steps in proptest::collection::vec(step(), 1..60)) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step);
        }
        run.finish();
    }
}

#[test]
fn keys_are_of_the_caller() {
    let mut show = Show::new(32, 32);
    show.screen.attach(ViewerKey(5), ALL, show.now);
    show.screen.attach(ViewerKey(5), ALL, show.now);
    show.screen.detach(ViewerKey(5));
    show.screen.detach(ViewerKey(5));
    assert!(!show.screen.wants_picture());
    assert!(show.screen.poll_frame(ViewerKey(5)).is_none());
}
