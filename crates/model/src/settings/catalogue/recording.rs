//! Recording of sessions.
//!
//! Where recordings are kept is decided by policy, never by a path in a
//! setting: the paths and names of guacd are taken and ignored.

use super::super::form::Kind;
use super::{ALL, Entry, SSH};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "recording-path",
        ALL,
        Kind::Text,
        "Directory for recordings on the machine of guacd; there is none here.",
    )
    .ignored(),
    Entry::new(
        "create-recording-path",
        ALL,
        Kind::Boolean,
        "Makes that directory; there is none here.",
    )
    .ignored(),
    Entry::new(
        "recording-name",
        ALL,
        Kind::Text,
        "File name of a recording; there is none here.",
    )
    .ignored(),
    Entry::new(
        "recording-write-existing",
        ALL,
        Kind::Boolean,
        "Continues a file that exists; there is none here.",
    )
    .ignored(),
    Entry::new(
        "recording-exclude-output",
        ALL,
        Kind::Boolean,
        "Leaves the screen out of a recording.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "recording-exclude-mouse",
        ALL,
        Kind::Boolean,
        "Leaves the pointer out of a recording.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "recording-exclude-touch",
        ALL,
        Kind::Boolean,
        "Leaves touches out of a recording.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "recording-include-keys",
        ALL,
        Kind::Boolean,
        "Puts keys into a recording, passwords among them.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "recording-include-clipboard",
        ALL,
        Kind::Boolean,
        "Puts the clipboard into a recording.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "typescript-path",
        SSH,
        Kind::Text,
        "Directory for typescripts on the machine of guacd; there is none here.",
    )
    .ignored(),
    Entry::new(
        "create-typescript-path",
        SSH,
        Kind::Boolean,
        "Makes that directory; there is none here.",
    )
    .ignored(),
    Entry::new(
        "typescript-name",
        SSH,
        Kind::Text,
        "File name of a typescript; there is none here.",
    )
    .ignored(),
    Entry::new(
        "typescript-write-existing",
        SSH,
        Kind::Boolean,
        "Continues a file that exists; there is none here.",
    )
    .ignored(),
];
