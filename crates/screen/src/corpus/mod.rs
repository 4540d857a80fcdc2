//! Scenes for tests and benchmarks: what screens show, made from arithmetic.
//!
//! A scene draws its frames on any [`Canvas`], the way a server would send them:
//! whole rectangles of pixels, no word about what moved. The same scene, size
//! and frame give the same pixels everywhere.

mod paint;

use crate::canvas::{Canvas, Rect, Size};
use paint::Painting;

/// What a screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scene {
    /// A full screen of coloured text on dark ground; each frame is another.
    Text,
    /// Windows, buttons and icons; each frame is another arrangement.
    Interface,
    /// A photograph with grain, over the whole screen; each frame is another.
    Photo,
    /// A page of text in which a letter appears each frame.
    Typing,
    /// A terminal of half the screen that scrolls by three lines.
    Terminal,
    /// A page of text and pictures that scrolls by 48 pixels.
    Page,
    /// A window that is dragged over others.
    Drag,
    /// A grainy film in a window of 768x432.
    Video,
    /// A full-screen film of flat areas and gradients, without grain.
    CleanVideo,
    /// A grainy film over the whole screen.
    FullVideo,
}

/// Height of a line of text.
const LINE: u32 = 16;

impl Scene {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Interface,
        Self::Photo,
        Self::Typing,
        Self::Terminal,
        Self::Page,
        Self::Drag,
        Self::Video,
        Self::CleanVideo,
        Self::FullVideo,
    ];

    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Interface => "interface",
            Self::Photo => "photo",
            Self::Typing => "typing",
            Self::Terminal => "terminal",
            Self::Page => "page",
            Self::Drag => "drag",
            Self::Video => "video",
            Self::CleanVideo => "clean video",
            Self::FullVideo => "full video",
        }
    }

    /// Whether every frame of it is sent exactly.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Text | Self::Typing | Self::Terminal)
    }

    /// Draws a frame and ends it. Frame 0 draws all of the canvas, the others
    /// what changed since the one before.
    pub fn draw(self, canvas: &mut impl Canvas, frame: u32) {
        let whole = canvas.size().whole();
        let changed = if frame == 0 {
            whole
        } else {
            self.changed(whole.size(), frame)
        };
        let painting = self.paint(whole.size(), &changed, frame);
        canvas.put(changed, painting.pixels());
        canvas.end_frame();
    }

    /// Where a frame differs from the one before.
    fn changed(self, size: Size, frame: u32) -> Rect {
        match self {
            Self::Typing => letter_place(size, frame),
            Self::Terminal => terminal_place(size),
            Self::Page => page_place(size),
            Self::Video => video_place(size),
            Self::Drag => {
                let (from, to) = (window_place(size, frame - 1), window_place(size, frame));
                Rect::between(
                    u32::from(from.x.min(to.x)),
                    u32::from(from.y.min(to.y)),
                    from.right().max(to.right()),
                    from.bottom().max(to.bottom()),
                )
                .clipped(size)
            }
            Self::Text | Self::Interface | Self::Photo | Self::CleanVideo | Self::FullVideo => {
                size.whole()
            }
        }
    }

    /// Paints what a rectangle of the screen shows in a frame.
    fn paint(self, size: Size, place: &Rect, frame: u32) -> Painting {
        let mut painting = Painting::new(*place);
        let whole = size.whole();
        match self {
            Self::Text => painting.text(&whole, frame * 7, paint::DARK),
            Self::Interface => painting.windows(&whole, frame),
            Self::Photo => painting.photo(&whole, frame * 97),
            Self::FullVideo => painting.photo(&whole, frame),
            Self::CleanVideo => painting.test_card(&whole, frame),
            Self::Typing => {
                painting.text(&whole, 0, paint::LIGHT);
                for letter in 0..=frame {
                    painting.letter(&letter_place(size, letter), letter);
                }
            }
            Self::Terminal => {
                painting.windows(&whole, 1);
                painting.text(&terminal_place(size), frame * 3, paint::DARK);
            }
            Self::Page => {
                painting.windows(&whole, 2);
                painting.page(&page_place(size), frame * 48);
            }
            Self::Drag => {
                painting.windows(&whole, 3);
                painting.window(&window_place(size, frame), 40);
            }
            Self::Video => {
                painting.windows(&whole, 4);
                painting.photo(&video_place(size), frame);
            }
        }
        painting
    }
}

/// A part of a size, in per cent from its edges.
fn part(size: Size, left: u32, top: u32, right: u32, bottom: u32) -> Rect {
    let (width, height) = (u32::from(size.width), u32::from(size.height));
    Rect::between(
        width * left / 100,
        height * top / 100,
        width * right / 100,
        height * bottom / 100,
    )
}

fn terminal_place(size: Size) -> Rect {
    part(size, 10, 15, 75, 90)
}

fn page_place(size: Size) -> Rect {
    part(size, 5, 12, 93, 97)
}

fn video_place(size: Size) -> Rect {
    Rect::new(size.width / 7, size.height / 6, 768, 432).clipped(size)
}

fn window_place(size: Size, frame: u32) -> Rect {
    let base = part(size, 20, 15, 65, 70);
    let step = |base: u16, by: u32| base + u16::try_from(frame % 40 * by).unwrap_or(0);
    Rect {
        x: step(base.x, 9),
        y: step(base.y, 4),
        ..base
    }
    .clipped(size)
}

/// Where a typed letter stands, with the caret behind it.
fn letter_place(size: Size, letter: u32) -> Rect {
    let columns = (u32::from(size.width) / 8).saturating_sub(4).max(1);
    let x = 8 + letter % columns * 8;
    let y = u32::from(size.height) / 2 / LINE * LINE + letter / columns % 8 * LINE;
    Rect::between(x, y, x + 10, y + LINE).clipped(size)
}
