//! The pure parts of a desktop session: what a viewer puts in on its way to
//! the target, and the sound on its way to a viewer. The picture is
//! [`causeway_screen`]'s.

mod input;
mod read_input;
mod resize;
mod sound;

pub use input::{InputQueue, QueueFull};
pub use read_input::{read_input, size_of_viewer};
pub use resize::ResizeQueue;
pub use sound::{SoundClock, SoundQueue};
