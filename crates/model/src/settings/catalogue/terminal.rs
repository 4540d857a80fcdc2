//! How a terminal looks and behaves.

use super::super::form::{self, Kind};
use super::{Entry, SSH};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "terminal-type",
        SSH,
        Kind::Form(&form::TERMINAL_TYPE),
        "Value of TERM on the target.",
    )
    .default("xterm-256color"),
    Entry::new(
        "color-scheme",
        SSH,
        Kind::Form(&form::COLOR_SCHEME),
        "Colours of the terminal: black-white, gray-black, green-black, white-black, or pairs \
         like `foreground: rgb:00/00/ff; background: rgb:ff/ff/ff`; the viewer's own unless set.",
    ),
    Entry::new(
        "font-name",
        SSH,
        Kind::Form(&form::FONT_NAME),
        "Font of the terminal, where the viewer has it; the viewer's own unless set.",
    ),
    Entry::new(
        "font-size",
        SSH,
        Kind::Integer { min: 4, max: 96 },
        "Size of the terminal's font, in points; the viewer's own unless set.",
    ),
    Entry::new(
        "scrollback",
        SSH,
        Kind::Integer {
            min: 0,
            max: 100_000,
        },
        "How many lines the viewer keeps above the screen.",
    )
    .default("5000"),
    Entry::new(
        "backspace",
        SSH,
        Kind::Choice(&["127", "8"]),
        "Code that the backspace key sends.",
    )
    .default("127"),
    Entry::new(
        "func-keys-and-keypad",
        SSH,
        Kind::Choice(&["linux", "sco", "vt100", "vt220", "xterm-r6"]),
        "Codes that function keys and the keypad send; xterm's today.",
    )
    .planned(),
];
