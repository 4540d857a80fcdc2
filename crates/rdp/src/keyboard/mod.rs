//! Keys: where a key is on the keyboard ([`scancode()`]) and what it gives
//! under the target's layout ([`Layout`]).

mod scancode;
mod tables;

pub(crate) use scancode::{Scancode, scancode};
use tables::{KEYS, NONE, TABLES, Table};

/// The layout of a target, by Guacamole's name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    id: u32,
    table: Option<&'static Table>,
    /// Every letter is sent as itself, whatever key gave it.
    is_failsafe: bool,
}

/// A key and what is held with it to give a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stroke {
    /// Where the key is.
    pub(crate) scancode: Scancode,
    /// With Shift.
    pub(crate) shift: bool,
    /// With AltGr.
    pub(crate) alt_graph: bool,
}

impl Layout {
    /// The layout of that name; American English for a name that is none.
    pub(crate) fn named(name: &str) -> Self {
        let table = TABLES.iter().find(|table| table.name == name);
        Self {
            id: tables::id(name),
            table,
            is_failsafe: name == "failsafe",
        }
    }

    /// Its number (MS-RDPBCGR 2.2.1.3.2, `keyboardLayout`).
    pub(crate) const fn id(self) -> u32 {
        self.id
    }

    /// Whether it is known what each key gives.
    pub(crate) const fn is_known(self) -> bool {
        self.table.is_some() || self.is_failsafe
    }

    /// What the key `code` gives, if anything.
    pub(crate) fn character(self, code: &str, shift: bool, alt_graph: bool) -> Option<char> {
        if code == "Space" && !self.is_failsafe {
            return Some(' ');
        }
        let table = self.table?;
        let index = KEYS.iter().position(|key| *key == code)?;
        let base = table.base.chars().nth(index)?;
        let given = match (alt_graph, shift) {
            (true, _) => pairs(table.alt_graph).find(|(key, _)| *key == base)?.1,
            (false, true) => table.shift.chars().nth(index)?,
            (false, false) => base,
        };
        Some(given).filter(|given| *given != NONE)
    }

    /// Which key gives a character.
    pub(crate) fn stroke(self, character: char) -> Option<Stroke> {
        let table = self.table?;
        let at = |keys: &str| keys.chars().position(|given| given == character);
        let key = |index: usize| KEYS.get(index).and_then(|code| scancode(code));
        let stroke = |scancode, shift, alt_graph| Stroke {
            scancode,
            shift,
            alt_graph,
        };
        if let Some(scancode) = at(table.base).and_then(key) {
            return Some(stroke(scancode, false, false));
        }
        if let Some(scancode) = at(table.shift).and_then(key) {
            return Some(stroke(scancode, true, false));
        }
        let (base, _) = pairs(table.alt_graph).find(|(_, given)| *given == character)?;
        let index = table.base.chars().position(|given| given == base)?;
        key(index).map(|scancode| stroke(scancode, false, true))
    }
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    let mut rest = text.chars();
    std::iter::from_fn(move || Some((rest.next()?, rest.next()?)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_model::settings::KEYBOARD_LAYOUTS;

    use super::*;

    #[test]
    fn every_layout_has_a_number_and_every_table_all_keys() {
        for name in KEYBOARD_LAYOUTS {
            assert_ne!(Layout::named(name).id(), 0, "{name}");
        }
        for table in TABLES {
            assert!(KEYBOARD_LAYOUTS.contains(&table.name), "{}", table.name);
            assert_eq!(table.base.chars().count(), KEYS.len(), "{}", table.name);
            assert_eq!(table.shift.chars().count(), KEYS.len(), "{}", table.name);
            for (base, _) in pairs(table.alt_graph) {
                assert!(table.base.contains(base), "{} {base}", table.name);
            }
        }
        for code in KEYS {
            assert!(scancode(code).is_some(), "{code}");
        }
    }

    #[test]
    fn a_key_gives_what_is_printed_on_it() {
        fn check(layout: &str, code: &str, shift: bool, alt_graph: bool, expected: Option<char>) {
            let given = Layout::named(layout).character(code, shift, alt_graph);
            assert_eq!(given, expected, "{layout} {code}");
        }
        check("en-us-qwerty", "KeyY", false, false, Some('y'));
        check("de-de-qwertz", "KeyY", false, false, Some('z'));
        check("de-de-qwertz", "KeyQ", false, true, Some('@'));
        check("de-de-qwertz", "Semicolon", true, false, Some('Ö'));
        check("de-de-qwertz", "Equal", false, false, None);
        check("fr-fr-azerty", "Digit1", true, false, Some('1'));
        check("en-us-qwerty", "KeyQ", false, true, None);
        check("ja-jp-qwerty", "KeyQ", false, false, None);
        check("failsafe", "KeyQ", false, false, None);
    }

    #[test]
    fn a_character_finds_its_key() {
        let german = Layout::named("de-de-qwertz");
        let at = german.stroke('@').unwrap();
        assert_eq!(at.scancode, scancode("KeyQ").unwrap());
        assert!(at.alt_graph && !at.shift);
        let z = german.stroke('z').unwrap();
        assert_eq!(z.scancode, scancode("KeyY").unwrap());
        assert!(german.stroke('Ω').is_none());
    }
}
