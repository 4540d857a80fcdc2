//! Settings that RDP and VNC share.

use super::super::form::Kind;
use super::{ALL, DESKTOP, Entry, RDP};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "color-depth",
        DESKTOP,
        Kind::Choice(&["8", "16", "24", "32"]),
        "Bits per pixel to ask the target for.",
    ),
    Entry::new(
        "force-lossless",
        DESKTOP,
        Kind::Boolean,
        "Sends every change of the screen without loss, whatever it costs.",
    )
    .default("false"),
    Entry::new(
        "width",
        RDP,
        Kind::Integer {
            min: 200,
            max: 8192,
        },
        "Width of the desktop, in pixels; the viewer's window unless set.",
    ),
    Entry::new(
        "height",
        RDP,
        Kind::Integer {
            min: 200,
            max: 8192,
        },
        "Height of the desktop, in pixels; the viewer's window unless set.",
    ),
    Entry::new(
        "dpi",
        RDP,
        Kind::Integer { min: 48, max: 768 },
        "Resolution that the desktop is told, in dots per inch; the viewer's unless set.",
    ),
    Entry::new(
        "enable-audio",
        ALL,
        Kind::Boolean,
        "Plays the sound of a VNC target; a terminal has none, and RDP plays it unless `disable-audio`.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-audio",
        RDP,
        Kind::Boolean,
        "Plays no sound of the target.",
    )
    .default("false"),
];
