//! What the viewer does with keys and pointer, as RFB says it.

mod code;
mod keyboard;
mod keysym;
mod keysym_table;
mod lock_keys;
mod named_key;
mod pointer;

pub(crate) use keyboard::{Keyboard, Stroke};
pub use lock_keys::LockKeys;
pub(crate) use lock_keys::LockState;
pub use pointer::PointerState;
pub(crate) use pointer::{Pointer, PointerEvent};
