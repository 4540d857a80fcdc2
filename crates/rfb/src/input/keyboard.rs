//! Keys that go down and up.
//!
//! A key that is let go of is told as what it was when it went down, whatever
//! layout or modifier has changed since: no key stays down at the target.

use crate::input::code::scancode;
use crate::input::keysym::{character_keysym, keysym};
use crate::limits::KEYS_HELD_MAX;

/// AltGr, as browsers on Windows begin it.
const CONTROL_LEFT: &str = "ControlLeft";
/// What AltGr is called.
const ALT_GRAPH: &str = "AltGraph";

/// A key as the server is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stroke {
    /// What the key means; 0 if nobody knows.
    pub(crate) keysym: u32,
    /// Where it is on the keyboard, as QEMU counts.
    pub(crate) scancode: Option<u8>,
    pub(crate) down: bool,
}

/// The keys that are down.
#[derive(Default)]
pub(crate) struct Keyboard {
    held: Vec<Held>,
    /// The last stroke was Control going down: AltGr on Windows may follow.
    control_just_pressed: bool,
}

struct Held {
    /// `KeyboardEvent.code`, or `KeyboardEvent.key` of keys without one.
    name: String,
    stroke: Stroke,
}

impl std::fmt::Debug for Keyboard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keyboard").finish_non_exhaustive()
    }
}

impl Keyboard {
    /// What to tell of a key that goes down.
    pub(crate) fn press(&mut self, code: &str, key: &str) -> Vec<Stroke> {
        let mut strokes = Vec::new();
        if key == ALT_GRAPH && self.control_just_pressed {
            // Windows makes AltGr of Control and Alt; the target would take
            // Control for meant.
            strokes.extend(self.release(CONTROL_LEFT, ""));
        }
        self.control_just_pressed = code == CONTROL_LEFT;
        let name = name(code, key);
        if let Some(held) = self.held.iter().find(|held| held.name == name) {
            strokes.push(held.stroke);
            return strokes;
        }
        let stroke = Stroke {
            keysym: keysym(code, key),
            scancode: scancode(code),
            down: true,
        };
        if stroke.keysym == 0 && stroke.scancode.is_none() {
            return strokes;
        }
        if self.held.len() >= KEYS_HELD_MAX {
            strokes.push(up(self.held.remove(0).stroke));
        }
        self.held.push(Held {
            name: name.to_owned(),
            stroke,
        });
        strokes.push(stroke);
        strokes
    }

    /// What to tell of a key that goes up; nothing if it was not down.
    pub(crate) fn release(&mut self, code: &str, key: &str) -> Option<Stroke> {
        let name = name(code, key);
        let place = self.held.iter().position(|held| held.name == name)?;
        Some(up(self.held.remove(place).stroke))
    }

    /// Every key that is down goes up, the last one first.
    pub(crate) fn release_all(&mut self) -> impl Iterator<Item = Stroke> {
        self.control_just_pressed = false;
        std::mem::take(&mut self.held)
            .into_iter()
            .rev()
            .map(|held| up(held.stroke))
    }

    /// What to tell so that `text` is typed.
    pub(crate) fn type_text(text: &str) -> impl Iterator<Item = Stroke> + '_ {
        text.chars().flat_map(|character| {
            let keysym = character_keysym(character);
            let stroke = Stroke {
                keysym,
                scancode: None,
                down: true,
            };
            [stroke, up(stroke)]
        })
    }
}

const fn up(stroke: Stroke) -> Stroke {
    Stroke {
        down: false,
        ..stroke
    }
}

fn name<'a>(code: &'a str, key: &'a str) -> &'a str {
    if code.is_empty() || code == "Unidentified" {
        key
    } else {
        code
    }
}
