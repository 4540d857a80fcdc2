//! What a viewer does, as events of the protocol: keys by place or as text,
//! pointer, wheel, lock keys. Remembers what is held, so that all of it goes
//! up again. Pure.

use std::collections::BTreeMap;

use causeway_target::desktop::{LockKeys, Pointer};
use ironrdp_pdu::input::fast_path::{FastPathInputEvent, KeyboardFlags, SynchronizeFlags};
use ironrdp_pdu::input::mouse::PointerFlags;
use ironrdp_pdu::input::mouse_x::PointerXFlags;
use ironrdp_pdu::input::{MousePdu, MouseXPdu};

use crate::keyboard::{Layout, Scancode, scancode};

/// Keys that may be held at once; no hand holds more.
const HELD_MAX: usize = 64;
/// Most that one wheel event turns: nine bits with a sign
/// (MS-RDPBCGR 2.2.8.1.1.3.1.1.3).
const WHEEL_MAX: i32 = 255;
/// Wheel events that one turn becomes at most.
const WHEEL_EVENTS_MAX: usize = 8;

/// The keyboard and pointer of one viewer, as the target believes them to be.
#[derive(Debug)]
pub(crate) struct Input {
    layout: Layout,
    has_unicode: bool,
    has_horizontal_wheel: bool,
    has_extended_buttons: bool,
    held: BTreeMap<String, Held>,
    buttons: u8,
    position: (u16, u16),
}

/// How a key was sent when it went down: it goes up the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Key(Scancode),
    Text(Vec<u16>),
    Pause,
}

impl Input {
    pub(crate) const fn new(layout: Layout) -> Self {
        Self {
            layout,
            has_unicode: true,
            has_horizontal_wheel: true,
            has_extended_buttons: true,
            held: BTreeMap::new(),
            buttons: 0,
            position: (0, 0),
        }
    }

    /// Takes over what the target understands (MS-RDPBCGR 2.2.7.1.6).
    pub(crate) const fn set_abilities(
        &mut self,
        unicode: bool,
        horizontal_wheel: bool,
        extended_buttons: bool,
    ) {
        self.has_unicode = unicode;
        self.has_horizontal_wheel = horizontal_wheel;
        self.has_extended_buttons = extended_buttons;
    }

    /// A key goes down or up.
    pub(crate) fn key(&mut self, code: &str, key: &str, down: bool) -> Vec<FastPathInputEvent> {
        if !down {
            let held = self.held.remove(code);
            return held.map(|held| events_of(&held, false)).unwrap_or_default();
        }
        if self.held.len() >= HELD_MAX && !self.held.contains_key(code) {
            return Vec::new();
        }
        let mut events = Vec::new();
        let Some(held) = self.choose(code, key, &mut events) else {
            return events;
        };
        // A key that repeats after it has changed its meaning goes up first.
        if let Some(before) = self.held.get(code)
            && *before != held
        {
            events.extend(events_of(before, false));
        }
        events.extend(events_of(&held, true));
        self.held.insert(code.to_owned(), held);
        events
    }

    /// Text that no single key gave.
    pub(crate) fn text(&self, text: &str) -> Vec<FastPathInputEvent> {
        let mut events = Vec::new();
        for character in text.chars() {
            let key = match character {
                '\r' => continue,
                '\n' => scancode("Enter"),
                '\t' => scancode("Tab"),
                _ => None,
            };
            if let Some(key) = key {
                events.push(key_event(key, true));
                events.push(key_event(key, false));
            } else if self.has_unicode {
                let units = units_of(character);
                events.extend(text_events(&units, true));
                events.extend(text_events(&units, false));
            } else {
                self.strike(character, &mut events);
            }
        }
        events
    }

    /// Where the pointer is, what of it is held, how its wheel turned.
    pub(crate) fn pointer(&mut self, pointer: Pointer) -> Vec<FastPathInputEvent> {
        let mut events = Vec::new();
        let position = (pointer.x, pointer.y);
        if position != self.position {
            self.position = position;
            events.push(self.mouse(PointerFlags::MOVE, 0));
        }
        self.press(pointer.buttons, &mut events);
        self.wheel(
            PointerFlags::VERTICAL_WHEEL,
            pointer.wheel_y.saturating_neg(),
            &mut events,
        );
        if self.has_horizontal_wheel {
            self.wheel(PointerFlags::HORIZONTAL_WHEEL, pointer.wheel_x, &mut events);
        }
        events
    }

    /// The viewer's lock keys.
    pub(crate) fn lock_keys(keys: LockKeys) -> Vec<FastPathInputEvent> {
        let mut flags = SynchronizeFlags::empty();
        flags.set(SynchronizeFlags::CAPS_LOCK, keys.caps);
        flags.set(SynchronizeFlags::NUM_LOCK, keys.num);
        flags.set(SynchronizeFlags::SCROLL_LOCK, keys.scroll);
        vec![FastPathInputEvent::SyncEvent(flags)]
    }

    /// Everything that is held goes up.
    pub(crate) fn release_all(&mut self) -> Vec<FastPathInputEvent> {
        let held = std::mem::take(&mut self.held);
        let mut events: Vec<_> = held
            .values()
            .flat_map(|held| events_of(held, false))
            .collect();
        self.press(0, &mut events);
        events
    }

    /// A new connection believes nothing to be held.
    pub(crate) fn forget(&mut self) {
        self.held.clear();
        self.buttons = 0;
    }

    /// By place where the target's layout gives what the viewer's did, or
    /// where there is nothing to compare; as text where it would not.
    fn choose(
        &mut self,
        code: &str,
        key: &str,
        events: &mut Vec<FastPathInputEvent>,
    ) -> Option<Held> {
        if code == "Pause" {
            return Some(Held::Pause);
        }
        let place = scancode(code).map(Held::Key);
        let Some(character) = sole_character(key) else {
            return place;
        };
        if code.starts_with("Numpad") || !self.layout.is_known() {
            return place.or_else(|| self.as_text(character));
        }
        let shift = self.holds(&["ShiftLeft", "ShiftRight"]);
        let alt_graph = self.holds(&["AltRight"]);
        let given = self.layout.character(code, shift, alt_graph);
        if given == Some(character) {
            return place;
        }
        // Caps Lock turns the case around on either side.
        let same = |c: char| c.to_lowercase().eq(character.to_lowercase());
        if given.is_some_and(same) {
            return place;
        }
        let command = self.holds(&["ControlLeft", "ControlRight", "MetaLeft", "MetaRight"])
            || self.holds(&["AltLeft"]);
        if command && !alt_graph {
            // A shortcut is known by its letter, wherever the key is.
            let lower = character.to_lowercase().next().unwrap_or(character);
            let stroke = self.layout.stroke(lower);
            return stroke.map(|stroke| Held::Key(stroke.scancode)).or(place);
        }
        if !self.has_unicode {
            return self
                .layout
                .stroke(character)
                .map(|stroke| Held::Key(stroke.scancode))
                .or(place);
        }
        if alt_graph {
            // The target must not take the text for a command with Alt.
            self.let_go(&["AltRight", "ControlLeft"], events);
        }
        self.as_text(character)
    }

    fn as_text(&self, character: char) -> Option<Held> {
        self.has_unicode.then(|| Held::Text(units_of(character)))
    }

    fn holds(&self, codes: &[&str]) -> bool {
        codes.iter().any(|code| self.held.contains_key(*code))
    }

    fn let_go(&mut self, codes: &[&str], events: &mut Vec<FastPathInputEvent>) {
        for code in codes {
            if let Some(held) = self.held.remove(*code) {
                events.extend(events_of(&held, false));
            }
        }
    }

    /// Types a character with the keys of the layout.
    fn strike(&self, character: char, events: &mut Vec<FastPathInputEvent>) {
        let Some(stroke) = self.layout.stroke(character) else {
            return;
        };
        let shift = scancode("ShiftLeft").filter(|_| stroke.shift);
        let alt_graph = scancode("AltRight").filter(|_| stroke.alt_graph);
        let modifiers = shift.into_iter().chain(alt_graph);
        events.extend(modifiers.clone().map(|key| key_event(key, true)));
        events.push(key_event(stroke.scancode, true));
        events.push(key_event(stroke.scancode, false));
        events.extend(modifiers.map(|key| key_event(key, false)));
    }

    fn press(&mut self, buttons: u8, events: &mut Vec<FastPathInputEvent>) {
        let changed = self.buttons ^ buttons;
        self.buttons = buttons;
        let plain = [
            PointerFlags::LEFT_BUTTON,
            PointerFlags::MIDDLE_BUTTON_OR_WHEEL,
            PointerFlags::RIGHT_BUTTON,
        ];
        for (bit, button) in plain.into_iter().enumerate() {
            if changed & 1 << bit != 0 {
                let down = buttons & 1 << bit != 0;
                let held = if down {
                    PointerFlags::DOWN
                } else {
                    PointerFlags::empty()
                };
                events.push(self.mouse(button | held, 0));
            }
        }
        if !self.has_extended_buttons {
            return;
        }
        let extended = [(3, PointerXFlags::BUTTON1), (4, PointerXFlags::BUTTON2)];
        for (bit, button) in extended {
            if changed & 1 << bit != 0 {
                let down = buttons & 1 << bit != 0;
                let held = if down {
                    PointerXFlags::DOWN
                } else {
                    PointerXFlags::empty()
                };
                events.push(FastPathInputEvent::MouseEventEx(MouseXPdu {
                    flags: button | held,
                    x_position: self.position.0,
                    y_position: self.position.1,
                }));
            }
        }
    }

    fn wheel(&self, axis: PointerFlags, turn: i32, events: &mut Vec<FastPathInputEvent>) {
        let mut rest = turn;
        for _ in 0..WHEEL_EVENTS_MAX {
            if rest == 0 {
                return;
            }
            let part = rest.clamp(-WHEEL_MAX, WHEEL_MAX);
            rest -= part;
            events.push(self.mouse(axis, i16::try_from(part).unwrap_or(0)));
        }
    }

    fn mouse(&self, flags: PointerFlags, rotation: i16) -> FastPathInputEvent {
        FastPathInputEvent::MouseEvent(MousePdu {
            flags,
            number_of_wheel_rotation_units: rotation,
            x_position: self.position.0,
            y_position: self.position.1,
        })
    }
}

fn sole_character(key: &str) -> Option<char> {
    let mut characters = key.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

fn units_of(character: char) -> Vec<u16> {
    character.encode_utf16(&mut [0; 2]).to_vec()
}

fn events_of(held: &Held, down: bool) -> Vec<FastPathInputEvent> {
    let release = if down {
        KeyboardFlags::empty()
    } else {
        KeyboardFlags::RELEASE
    };
    match held {
        Held::Key(key) => vec![key_event(*key, down)],
        Held::Text(units) => text_events(units, down),
        // Pause has no scancode but this sequence.
        Held::Pause => vec![
            FastPathInputEvent::KeyboardEvent(KeyboardFlags::EXTENDED1 | release, 0x1d),
            FastPathInputEvent::KeyboardEvent(release, 0x45),
        ],
    }
}

fn key_event(key: Scancode, down: bool) -> FastPathInputEvent {
    let mut flags = KeyboardFlags::empty();
    flags.set(KeyboardFlags::RELEASE, !down);
    flags.set(KeyboardFlags::EXTENDED, key.extended);
    FastPathInputEvent::KeyboardEvent(flags, key.code)
}

fn text_events(units: &[u16], down: bool) -> Vec<FastPathInputEvent> {
    let mut flags = KeyboardFlags::empty();
    flags.set(KeyboardFlags::RELEASE, !down);
    let event = |unit: &u16| FastPathInputEvent::UnicodeKeyboardEvent(flags, *unit);
    units.iter().map(event).collect()
}

#[cfg(test)]
mod tests;
