//! A remote screen: what changed, what it costs to show, and when each viewer
//! gets it. Pure: no sockets, no clock, no tasks; time is an argument.
//!
//! # The way of a picture
//!
//! 1. A protocol's decoder draws on [`Drawing`], a [`Canvas`]. There is one
//!    framebuffer. Each viewer notes where it differs from what that viewer
//!    shows: damage, and copies that the viewer can make itself (`view`).
//! 2. When the target's frame ends and a viewer is ready, a frame is planned for
//!    it (`plan`): damage that changed nothing is dropped, what scrolled is
//!    copied, one colour becomes a fill, text goes exactly, photographs as JPEG,
//!    JPEG files of the target as they are. The pixels are taken out then, so
//!    that nothing is torn.
//! 3. The caller encodes [`Work`] on threads of its own (`encoder`), and fetches
//!    whole frames. Viewers that show and lack the same share all of it (`job`).
//! 4. The viewer acknowledges what it has presented. A few frames are on their
//!    way at most; what it is late for is merged, never queued (`viewer`). How
//!    long acknowledgements take tells what the link carries, and thereby the
//!    quality of photographs (`link`).
//! 5. An approximation that has been calm for 300 ms is sent again, exactly; what
//!    the target's own file shows, after two seconds.
//!
//! A viewer that acknowledges all comes to show exactly what the framebuffer
//! holds; `tests/it/properties.rs` holds the crate to it.
//!
//! # What it costs
//!
//! `cargo run -p causeway-screen --example encode`, 1280x720, milliseconds of
//! one core and KB a frame, on two cores of a Xeon that had other work:
//!
//! | scene | draw | plan | encode | exact KB | photo KB |
//! | --- | --- | --- | --- | --- | --- |
//! | another screen of text, scrolled | 0.30 | 0.6 | 0.3 | 8 | - |
//! | other windows | 0.35 | 0.9 | 1.4 | 35 | - |
//! | a letter typed | - | - | - | 0.1 | - |
//! | terminal, three lines further | 0.17 | 0.4 | 0.1 | 3 | - |
//! | page of text and pictures, 48 rows further | 0.28 | 0.6 | 0.2 | 3 | 1 |
//! | window dragged | 0.07 | 0.4 | 0.5 | 17 | - |
//! | grainy film 768x432 | 0.12 | 0.5 | 0.8 | - | 40 |
//! | grainy film over the whole screen | 0.40 | 1.3 | 2.3 | - | 108 |
//!
//! Memory: the framebuffer (3.5 MiB at 1280x720), and 0.12 MiB for each viewer.
//! What encoding takes is given back after a second without a frame.

mod buffers;
mod canvas;
pub mod corpus;
mod cursor;
mod damage;
mod drawing;
mod encoder;
mod framebuffer;
mod hash;
mod job;
mod link;
mod plan;
mod quality;
mod rect;
mod screen;
mod shown;
mod target_jpeg;
mod view;
mod viewer;
mod work;

pub use canvas::{Canvas, CursorImage, Rect, Size};
pub use drawing::Drawing;
pub use screen::{Screen, ViewerAbilities, ViewerKey};
pub use work::{Encoded, Work};
