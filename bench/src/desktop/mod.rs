//! Desktops through the whole path, beside Guacamole's `guacd` on its own in
//! the same run: no control plane, no websocket, a client that decodes
//! nothing.

mod animation;
mod browser;
mod editing;
mod figures;
mod goals;
mod guacd;
mod idle;
mod latency;
mod measure;
mod motion;
mod ours;
mod process;
mod screened;
mod sides;
mod stage;

pub(crate) use figures::{DesktopFigure, desktop};
