//! The web application: its files and the headers they travel with.

mod assets;
mod dist;
mod headers;

pub(crate) use assets::router;
pub(crate) use headers::{SecurityHeaders, add};
