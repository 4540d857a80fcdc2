//! What is typed and clicked, and what becomes of it.

use super::*;

fn input(layout: &str) -> Input {
    Input::new(Layout::named(layout))
}

fn down(code: u8) -> FastPathInputEvent {
    FastPathInputEvent::KeyboardEvent(KeyboardFlags::empty(), code)
}

fn up(code: u8) -> FastPathInputEvent {
    FastPathInputEvent::KeyboardEvent(KeyboardFlags::RELEASE, code)
}

fn text(character: char, flags: KeyboardFlags) -> FastPathInputEvent {
    let mut units = [0; 2];
    character.encode_utf16(&mut units);
    FastPathInputEvent::UnicodeKeyboardEvent(flags, units[0])
}

#[test]
fn the_same_layout_on_both_sides_types_by_place() {
    let mut us = input("en-us-qwerty");
    assert_eq!(us.key("KeyA", "a", true), [down(0x1e)]);
    assert_eq!(us.key("KeyA", "a", false), [up(0x1e)]);
    assert_eq!(us.key("ShiftLeft", "Shift", true), [down(0x2a)]);
    assert_eq!(us.key("Digit2", "@", true), [down(0x03)]);
    let mut german = input("de-de-qwertz");
    assert_eq!(german.key("KeyY", "z", true), [down(0x15)]);
    assert_eq!(german.key("AltRight", "AltGraph", true).len(), 1);
    assert_eq!(german.key("KeyQ", "@", true), [down(0x10)]);
}

#[test]
fn what_the_targets_layout_lacks_is_sent_as_text() {
    let mut us = input("en-us-qwerty");
    assert_eq!(
        us.key("Semicolon", "ö", true),
        [text('ö', KeyboardFlags::empty())]
    );
    // A dead key gave another character meanwhile; up goes what went down.
    assert_eq!(
        us.key("Semicolon", "Ö", false),
        [text('ö', KeyboardFlags::RELEASE)]
    );
    assert_eq!(
        us.key("KeyY", "z", true),
        [text('z', KeyboardFlags::empty())]
    );
}

#[test]
fn text_by_alt_graph_is_no_command() {
    let mut us = input("en-us-qwerty");
    us.key("ControlLeft", "Control", true);
    us.key("AltRight", "AltGraph", true);
    let events = us.key("KeyQ", "@", true);
    assert_eq!(events.len(), 3, "{events:?}");
    assert_eq!(events[2], text('@', KeyboardFlags::empty()));
    assert!(us.key("AltRight", "AltGraph", false).is_empty());
}

#[test]
fn a_shortcut_is_known_by_its_letter() {
    let mut us = input("en-us-qwerty");
    us.key("ControlLeft", "Control", true);
    // Ctrl+Z on a German keyboard, where the key is that of an American Y.
    assert_eq!(us.key("KeyY", "z", true), [down(0x2c)]);
    assert_eq!(us.key("KeyY", "z", false), [up(0x2c)]);
}

#[test]
fn a_layout_without_a_table_is_typed_by_place_and_failsafe_as_text() {
    let mut japanese = input("ja-jp-qwerty");
    assert_eq!(japanese.key("KeyQ", "た", true), [down(0x10)]);
    let mut failsafe = input("failsafe");
    assert_eq!(
        failsafe.key("KeyQ", "q", true),
        [text('q', KeyboardFlags::empty())]
    );
    assert_eq!(failsafe.key("Enter", "Enter", true), [down(0x1c)]);
}

#[test]
fn a_target_without_unicode_gets_the_keys_that_give_it() {
    let mut german = input("de-de-qwertz");
    german.set_abilities(false, true, true);
    assert_eq!(german.key("KeyZ", "z", true), [down(0x15)]);
    let typed = german.text("@");
    assert_eq!(typed.len(), 4, "{typed:?}");
    assert!(german.text("日").is_empty());
}

#[test]
fn pause_and_extended_keys() {
    let mut us = input("en-us-qwerty");
    let pause = us.key("Pause", "Pause", true);
    assert_eq!(pause.len(), 2);
    let arrow = FastPathInputEvent::KeyboardEvent(KeyboardFlags::EXTENDED, 0x48);
    assert_eq!(us.key("ArrowUp", "ArrowUp", true), [arrow]);
    assert!(us.key("Unidentified", "Unidentified", true).is_empty());
}

#[test]
fn everything_that_is_held_goes_up() {
    let mut us = input("en-us-qwerty");
    us.key("ShiftLeft", "Shift", true);
    us.key("KeyÄ", "ä", true);
    us.pointer(Pointer {
        x: 5,
        y: 6,
        buttons: 0b1_0001,
        ..Pointer::default()
    });
    let events = us.release_all();
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(us.release_all().is_empty());
}

#[test]
fn the_pointer_moves_presses_and_turns() {
    let mut us = input("en-us-qwerty");
    let moved = us.pointer(Pointer {
        x: 10,
        y: 20,
        ..Pointer::default()
    });
    assert_eq!(moved.len(), 1);
    let pressed = us.pointer(Pointer {
        x: 10,
        y: 20,
        buttons: 0b10,
        ..Pointer::default()
    });
    let FastPathInputEvent::MouseEvent(pdu) = &pressed[0] else {
        panic!("{pressed:?}");
    };
    assert_eq!(
        pdu.flags,
        PointerFlags::MIDDLE_BUTTON_OR_WHEEL | PointerFlags::DOWN
    );
    assert_eq!((pdu.x_position, pdu.y_position), (10, 20));
    let turned = us.pointer(Pointer {
        x: 10,
        y: 20,
        buttons: 0b10,
        wheel_x: 120,
        wheel_y: 600,
    });
    let turns: Vec<i16> = turned
        .iter()
        .filter_map(|event| match event {
            FastPathInputEvent::MouseEvent(pdu) => Some(pdu.number_of_wheel_rotation_units),
            _ => None,
        })
        .collect();
    assert_eq!(turns, [-255, -255, -90, 120]);
    let endless = us.pointer(Pointer {
        wheel_y: i32::MAX,
        x: 10,
        y: 20,
        buttons: 0b10,
        wheel_x: 0,
    });
    assert_eq!(endless.len(), WHEEL_EVENTS_MAX);
}
