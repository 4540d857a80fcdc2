//! Brushes: text, windows, photographs, from a hash and nothing else.

use crate::canvas::Rect;
use crate::framebuffer::PIXEL_BYTES;

/// Ground and inks of a terminal.
pub(super) const DARK: Theme = Theme {
    ground: [16, 18, 24],
    inks: [
        [220, 220, 220],
        [120, 200, 120],
        [110, 160, 240],
        [230, 180, 80],
    ],
};
/// Ground and inks of an editor.
pub(super) const LIGHT: Theme = Theme {
    ground: [252, 252, 250],
    inks: [[30, 30, 30], [160, 40, 120], [20, 90, 160], [60, 120, 40]],
};

/// The colours of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theme {
    ground: [u8; 3],
    inks: [[u8; 3]; 4],
}

/// The pixels of a part of the screen while they are painted.
#[derive(Debug)]
pub(super) struct Painting {
    place: Rect,
    pixels: Vec<u8>,
}

impl Painting {
    /// A part of the screen, black.
    pub(super) fn new(place: Rect) -> Self {
        Self {
            place,
            pixels: vec![0; place.pixels() * PIXEL_BYTES],
        }
    }

    /// Four bytes a pixel.
    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Gives each pixel within `rect` the colour that a brush has for its
    /// place, counted from the corner of `rect`.
    fn each(&mut self, rect: &Rect, brush: impl Fn(u32, u32) -> [u8; 3]) {
        let part = rect.intersection(&self.place);
        for y in u32::from(part.y)..part.bottom() {
            for x in u32::from(part.x)..part.right() {
                let row = (y - u32::from(self.place.y)) as usize;
                let column = (x - u32::from(self.place.x)) as usize;
                let at = (row * usize::from(self.place.width) + column) * PIXEL_BYTES;
                let [red, green, blue] = brush(x - u32::from(rect.x), y - u32::from(rect.y));
                self.pixels[at..at + PIXEL_BYTES].copy_from_slice(&[red, green, blue, 0]);
            }
        }
    }

    fn fill(&mut self, rect: &Rect, rgb: [u8; 3]) {
        self.each(rect, |_, _| rgb);
    }

    /// Lines of text, from line `first` of an endless one.
    pub(super) fn text(&mut self, rect: &Rect, first: u32, theme: Theme) {
        self.each(rect, |x, y| text_pixel(x, y + first * 16, theme));
    }

    /// A letter and a caret.
    pub(super) fn letter(&mut self, rect: &Rect, letter: u32) {
        self.each(rect, |x, y| {
            if x >= 8 {
                return LIGHT.inks[0];
            }
            shade(LIGHT.ground, LIGHT.inks[0], ink(x, y, letter + 1000))
        });
    }

    /// A photograph: light, shapes and grain. Another `moment` is a little
    /// further in the film.
    pub(super) fn photo(&mut self, rect: &Rect, moment: u32) {
        self.each(rect, |x, y| photo_pixel(x, y, moment));
    }

    /// Colour bars, a gradient and a few moving boxes.
    pub(super) fn test_card(&mut self, rect: &Rect, moment: u32) {
        let width = u32::from(rect.width).max(1);
        let height = u32::from(rect.height).max(1);
        self.each(rect, |x, y| {
            let box_x = (moment * 11) % width;
            let box_y = (moment * 7) % height;
            if x.wrapping_sub(box_x) < 120 && y.wrapping_sub(box_y) < 90 {
                return [(x - box_x) as u8, (y - box_y) as u8, 200];
            }
            if y * 10 > height * 8 {
                let level = ((x + moment * 4) * 255 / width) as u8;
                return [level, level, 255 - level];
            }
            let bar = (x * 8 / width + moment / 8) % 8;
            let on = |bit: u32| if bar >> bit & 1 == 1 { 190 } else { 20 };
            [on(0), on(1), on(2)]
        });
    }

    /// A desktop: a ground, a bar of icons, some windows.
    pub(super) fn windows(&mut self, rect: &Rect, seed: u32) {
        self.fill(rect, [58, 96, 124]);
        let bar = Rect {
            height: rect.height.min(36),
            ..*rect
        };
        self.fill(&bar, [36, 38, 44]);
        for icon in 0..rect.width / 80 {
            let place = Rect::new(rect.x + 12 + icon * 48, rect.y + 6, 24, 24);
            let place = place.intersection(&bar);
            self.each(&place, |x, y| icon_pixel(x, y, u32::from(icon) + seed));
        }
        for window in 0..4_u32 {
            let at = |salt: u32, range: u16| {
                let value = hash(window, salt, seed) % u32::from(range.max(1));
                u16::try_from(value).unwrap_or(0)
            };
            let place = Rect {
                x: rect.x + at(1, rect.width / 2),
                y: rect.y + 40 + at(2, rect.height / 2),
                width: rect.width / 3 + at(3, rect.width / 6),
                height: rect.height / 3 + at(4, rect.height / 6),
            };
            self.window(&place.intersection(rect), window * 13 + seed);
        }
    }

    /// A window with a title, text, and buttons.
    pub(super) fn window(&mut self, rect: &Rect, seed: u32) {
        self.fill(rect, [238, 238, 240]);
        let title = Rect {
            height: rect.height.min(28),
            ..*rect
        };
        self.each(&title, |_, y| [70 + y as u8, 110 + y as u8, 180 + y as u8]);
        let inner = Rect::between(
            u32::from(rect.x) + 10,
            u32::from(rect.y) + 40,
            rect.right().saturating_sub(120),
            rect.bottom().saturating_sub(12),
        );
        self.text(&inner, seed * 31, LIGHT);
        for button in 0..rect.height / 60 {
            let top = u32::from(rect.y) + 44 + u32::from(button) * 48;
            let left = rect.right().saturating_sub(104);
            let place = Rect::between(left, top, left + 92, top + 30).intersection(rect);
            self.each(&place, |x, y| {
                let edge = x == 0 || y == 0 || x == 91 || y == 29;
                let level = if edge { 120 } else { 225 - y as u8 / 2 };
                [level, level, level]
            });
        }
    }

    /// A page from row `top` of an endless one: text, and now and then a
    /// picture.
    pub(super) fn page(&mut self, rect: &Rect, top: u32) {
        let width = u32::from(rect.width);
        self.each(rect, |x, y| {
            let row = y + top;
            let section = row / 640;
            let within = row % 640;
            let picture = within > 300 && within < 560 && x > 60 && x < width / 2;
            if picture {
                photo_pixel(x, within, section * 300)
            } else {
                text_pixel(x, row, LIGHT)
            }
        });
    }
}

fn text_pixel(x: u32, y: u32, theme: Theme) -> [u8; 3] {
    let (column, line) = (x / 8, y / 16);
    let length = 20 + hash(line, 3, 1) % 90;
    let word = hash(column / 6, line, 2);
    let blank = column >= length || column % 6 == word % 6 || line % 9 == 8;
    if blank {
        return theme.ground;
    }
    let colour = theme.inks[(word >> 8) as usize % 4];
    let letter = hash(column, line, 4) % 60;
    shade(theme.ground, colour, ink(x % 8, y % 16, letter))
}

/// How much of a letter's pixel is ink: strokes with soft edges.
fn ink(x: u32, y: u32, letter: u32) -> u8 {
    if x == 0 || x == 7 || !(3..13).contains(&y) {
        return 0;
    }
    let strokes = hash(letter, 7, 7);
    let down = strokes >> (x / 2) & 1 == 1 && x % 2 == 1;
    let across = strokes >> (8 + y / 3) & 1 == 1 && y.is_multiple_of(3);
    let soft = strokes >> (16 + x) & 1 == 1 && y % 3 == 1;
    match (down || across, soft) {
        (true, _) => 255,
        (false, true) => 96,
        (false, false) => 0,
    }
}

fn shade(ground: [u8; 3], ink: [u8; 3], part: u8) -> [u8; 3] {
    std::array::from_fn(|at| {
        let (from, to) = (i32::from(ground[at]), i32::from(ink[at]));
        (from + (to - from) * i32::from(part) / 255) as u8
    })
}

fn icon_pixel(x: u32, y: u32, icon: u32) -> [u8; 3] {
    let away = (x as i32 - 12).pow(2) + (y as i32 - 12).pow(2);
    if away > 130 {
        return [36, 38, 44];
    }
    let base = hash(icon, 5, 5);
    [base as u8, (base >> 8) as u8 / 2 + y as u8 * 4, 160]
}

fn photo_pixel(x: u32, y: u32, moment: u32) -> [u8; 3] {
    let wide = smooth(x + moment * 3, y, 7);
    let close = smooth(x + moment * 3, y + moment, 4);
    let grain = (hash(x, y, moment + 11) % 17) as i32 - 8;
    let light = wide * 2 / 3 + close / 4 + grain;
    let clamp = |value: i32| value.clamp(0, 255) as u8;
    [
        clamp(light + 20),
        clamp(light * 9 / 10 + (y / 8 % 32) as i32),
        clamp(light * 3 / 4 + 40),
    ]
}

/// Noise that changes over `1 << scale` pixels, from 0 to 255.
fn smooth(x: u32, y: u32, scale: u32) -> i32 {
    let size = 1 << scale;
    let (column, row) = (x >> scale, y >> scale);
    let (across, down) = ((x % size) as i32, (y % size) as i32);
    let corner = |dx: u32, dy: u32| (hash(column + dx, row + dy, scale) & 0xff) as i32;
    let between = |from: i32, to: i32, at: i32| from + (to - from) * at / size as i32;
    let above = between(corner(0, 0), corner(1, 0), across);
    let below = between(corner(0, 1), corner(1, 1), across);
    between(above, below, down)
}

fn hash(a: u32, b: u32, c: u32) -> u32 {
    let mut value = a
        .wrapping_mul(0x9e37_79b1)
        .wrapping_add(b.wrapping_mul(0x85eb_ca77))
        .wrapping_add(c.wrapping_mul(0xc2b2_ae3d));
    value ^= value >> 15;
    value = value.wrapping_mul(0x2c1b_3c6d);
    value ^= value >> 12;
    value = value.wrapping_mul(0x297a_2d39);
    value ^ value >> 15
}
