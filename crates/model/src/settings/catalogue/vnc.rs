//! Settings of VNC alone.

use super::super::form::{self, Kind};
use super::{Entry, VNC};

pub(super) const ENTRIES: &[Entry] = &[
    // No parameter of Guacamole's, which takes what the server lists first.
    Entry::new(
        "security-types",
        VNC,
        Kind::Form(&form::SECURITY_TYPES),
        "Ways of signing in to take and no others, best first, by TigerVNC's names; any, by strength, unless set.",
    ),
    Entry::new(
        "autoretry",
        VNC,
        Kind::Integer { min: 0, max: 100 },
        "How often a failed connection is tried again.",
    ),
    Entry::new(
        "encodings",
        VNC,
        Kind::Text,
        "Encodings to ask for, separated by spaces; the best that both know unless set.",
    ),
    Entry::new(
        "swap-red-blue",
        VNC,
        Kind::Boolean,
        "Exchanges red and blue for a target that mixes them up.",
    )
    .default("false"),
    Entry::new(
        "cursor",
        VNC,
        Kind::Choice(&["local", "remote"]),
        "Who draws the pointer.",
    )
    .default("local"),
    Entry::new(
        "disable-server-input",
        VNC,
        Kind::Boolean,
        "Asks the target to ignore its own keyboard and mouse.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "disable-display-resize",
        VNC,
        Kind::Boolean,
        "Leaves the size of the desktop as the target has it.",
    )
    .default("false"),
    Entry::new(
        "compress-level",
        VNC,
        Kind::Integer { min: 0, max: 9 },
        "How hard the target compresses, from 0 to 9.",
    ),
    Entry::new(
        "quality-level",
        VNC,
        Kind::Integer { min: 0, max: 9 },
        "Quality of JPEG that the target sends, from 0 to 9; it sends JPEG only while something moves unless set.",
    ),
    Entry::new(
        "dest-host",
        VNC,
        Kind::Form(&form::HOST_NAME),
        "Host to ask a VNC repeater for.",
    ),
    Entry::new(
        "dest-port",
        VNC,
        Kind::Integer { min: 1, max: 65535 },
        "Port to ask a VNC repeater for.",
    ),
    Entry::new(
        "reverse-connect",
        VNC,
        Kind::Boolean,
        "Waits for the target to connect to the node.",
    )
    .default("false")
    .planned(),
    Entry::new(
        "listen-timeout",
        VNC,
        Kind::Integer {
            min: 1,
            max: 600_000,
        },
        "How long to wait for the target to connect, in milliseconds.",
    )
    .default("5000")
    .planned(),
    Entry::new(
        "audio-servername",
        VNC,
        Kind::Text,
        "PulseAudio server to take the target's sound from.",
    )
    .planned(),
    Entry::new(
        "clipboard-encoding",
        VNC,
        Kind::Choice(&["ISO8859-1", "UTF-8", "UTF-16", "CP1252"]),
        "Encoding of the clipboard's text.",
    )
    .default("ISO8859-1")
    .planned(),
];
