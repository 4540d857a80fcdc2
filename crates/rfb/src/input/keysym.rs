//! Keysyms: what a key means, in X11's numbers.

use crate::input::keysym_table::KEYSYMS;
use crate::input::named_key::named_keysym;

/// Keysyms of characters that have none of their own.
const UNICODE: u32 = 0x0100_0000;
const BACKSPACE: u32 = 0xff08;
const TAB: u32 = 0xff09;
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;
const DELETE: u32 = 0xffff;

/// The keysym of a key, by `KeyboardEvent.code` and `KeyboardEvent.key`; 0 if
/// it has no meaning, as dead keys.
pub(crate) fn keysym(code: &str, key: &str) -> u32 {
    if let Some(keysym) = named_keysym(code, key) {
        return keysym;
    }
    let mut characters = key.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => character_keysym(character),
        _ => 0,
    }
}

/// The keysym of a character: the one that layouts use, where there is one.
pub(crate) fn character_keysym(character: char) -> u32 {
    let number = u32::from(character);
    match number {
        0x08 => BACKSPACE,
        0x09 => TAB,
        0x0a | 0x0d => RETURN,
        0x1b => ESCAPE,
        0x7f => DELETE,
        0x20..=0x7e | 0xa0..=0xff => number,
        _ => table_keysym(number).unwrap_or(UNICODE + number),
    }
}

fn table_keysym(number: u32) -> Option<u32> {
    let number = u16::try_from(number).ok()?;
    let place = KEYSYMS
        .binary_search_by_key(&number, |(character, _)| *character)
        .ok()?;
    Some(u32::from(KEYSYMS[place].1))
}
