//! A remote screen: what changed, what it costs to show, and when each viewer
//! gets it. Pure: no sockets, no clock, no tasks.

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
