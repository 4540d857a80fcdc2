//! Desktops through the whole path, beside Guacamole's `guacd` on its own in
//! the same run: no control plane, no websocket, a client that decodes
//! nothing. Ours is given no such help.

mod animation;
mod figures;
mod guacd;
mod measure;
mod ours;
mod process;
mod screened;

pub(crate) use figures::{DesktopFigure, desktop};
