//! A desktop as a viewer without a browser sees it and works in it.
//!
//! [`Viewer::open_desktop`] attaches; [`DesktopView`] is what the node's
//! messages put together; [`Viewer::shows`] and its kin wait for pictures.

mod input;
mod keys;
mod view;
mod wait;

use anyhow::Result;
use causeway_wire::message::{Capability, Hello, ViewerSize};

use super::{Entry, Viewer};

pub use keys::{Stroke, stroke};
pub use view::{DesktopView, Traffic};

/// Pointer buttons as [`Pointer`](causeway_wire::message::Pointer) counts them.
pub mod button {
    /// The left one.
    pub const LEFT: u32 = 1;
    /// The middle one.
    pub const MIDDLE: u32 = 2;
    /// The right one.
    pub const RIGHT: u32 = 4;
}

/// One notch of a wheel.
pub const NOTCH: i32 = 120;

/// What a viewer can do, unless told otherwise.
pub const ABILITIES: &[Capability] = &[
    Capability::ClipboardText,
    Capability::Resume,
    Capability::TileZstd,
    Capability::TileJpeg,
    Capability::AudioPcm,
];

impl Viewer {
    /// Attaches to a desktop's session with a window of a size, and waits for
    /// the node's answer: a welcome or a failure.
    ///
    /// # Errors
    /// As [`Viewer::open`].
    pub async fn open_desktop(entry: &Entry, width: u32, height: u32) -> Result<Self> {
        Self::open_desktop_with(entry, width, height, ABILITIES).await
    }

    /// The same as a viewer that can do other things.
    ///
    /// # Errors
    /// As [`Viewer::open`].
    pub async fn open_desktop_with(
        entry: &Entry,
        width: u32,
        height: u32,
        abilities: &[Capability],
    ) -> Result<Self> {
        let hello = Hello {
            version: causeway_wire::VERSION,
            capabilities: abilities.iter().map(|ability| *ability as i32).collect(),
            size: Some(window(width, height)),
            resume: None,
            terminal_window_bytes: 0,
            language: "en".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            input: None,
        };
        let mut viewer = Self::attach(entry).await?;
        viewer.desktop = Some(DesktopView::new(abilities));
        viewer.say_hello(hello).await?;
        Ok(viewer)
    }

    /// What the desktop's messages have put together so far.
    ///
    /// # Panics
    /// When the viewer was not opened as a desktop's.
    #[must_use]
    pub fn view(&self) -> &DesktopView {
        self.desktop
            .as_ref()
            .unwrap_or_else(|| panic!("this viewer was opened for a terminal"))
    }
}

fn window(width: u32, height: u32) -> ViewerSize {
    ViewerSize {
        columns: 80,
        rows: 24,
        width_px: width,
        height_px: height,
        scale_percent: 100,
    }
}
