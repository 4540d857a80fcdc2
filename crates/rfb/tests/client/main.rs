//! The client against servers that are byte streams: what it draws, says and
//! refuses.
#![allow(missing_docs, clippy::unwrap_used)]

mod canvas;
mod clipboard;
mod cursor;
mod encode;
mod encodings;
mod hostile;
mod input;
mod jpeg;
mod messages;
mod pace;
mod pixels;
mod refine;
mod server;
mod size;
