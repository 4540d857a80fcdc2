//! What may pass between viewer and target.

use super::super::form::Kind;
use super::{ALL, Entry, RDP};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "disable-copy",
        ALL,
        Kind::Boolean,
        "Keeps the target's clipboard from the viewer; the node enforces it.",
    )
    .default("false"),
    Entry::new(
        "disable-paste",
        ALL,
        Kind::Boolean,
        "Keeps the viewer's clipboard from the target; the node enforces it.",
    )
    .default("false"),
    Entry::new(
        "read-only",
        ALL,
        Kind::Boolean,
        "Lets the viewer watch: keys, pointer and clipboard do not reach the target.",
    )
    .default("false"),
    Entry::new(
        "clipboard-buffer-size",
        ALL,
        Kind::Integer {
            min: 1024,
            max: 52_428_800,
        },
        "How much text the clipboard carries at once, in bytes.",
    )
    .default("262144"),
    Entry::new(
        "normalize-clipboard",
        RDP,
        Kind::Choice(&["preserve", "unix", "windows"]),
        "Which line endings the clipboard's text is given.",
    )
    .default("preserve"),
];
