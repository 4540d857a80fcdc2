//! Keys and pointer, as the server is told of them.

use causeway_rfb::PointerState;

use crate::server::{Session, rect, rectangle, update};

fn session() -> Session {
    let mut session = Session::new(100, 100);
    session.client.set_wanted(false);
    session.quiet()
}

/// A session whose server said that it knows these.
fn knowing(pseudo: i32) -> Session {
    let mut session = session();
    session
        .hear(&update(&[rectangle(rect(0, 0, 0, 0), pseudo, &[])]))
        .unwrap();
    session.quiet()
}

fn plain(keysym: u32, down: bool) -> Vec<u8> {
    [&[4, u8::from(down), 0, 0], &keysym.to_be_bytes()[..]].concat()
}

fn extended(keysym: u32, scancode: u8, down: bool) -> Vec<u8> {
    [
        &[255, 0, 0, u8::from(down)],
        &keysym.to_be_bytes()[..],
        &[0, 0, 0, scancode],
    ]
    .concat()
}

fn check_key(code: &str, key: &str, keysym: u32) {
    let mut session = session();
    session.client.key(code, key, true);
    assert_eq!(session.output(), plain(keysym, true), "{code} {key}");
    session.client.key(code, key, false);
    assert_eq!(session.output(), plain(keysym, false), "{code} {key}");
}

#[test]
fn keys_mean_what_x11_calls_them() {
    for (code, key, keysym) in [
        ("KeyA", "a", 0x61),
        ("KeyA", "A", 0x41),
        ("Quote", "ä", 0xe4),
        ("KeyQ", "@", 0x40),
        ("KeyE", "€", 0x20ac),
        ("KeyF", "а", 0x6c1),
        ("KeyA", "α", 0x7e1),
        ("KeyL", "ł", 0x1b3),
        ("KeyA", "あ", 0x0100_3042),
        ("", "😀", 0x0101_f600),
        ("Enter", "Enter", 0xff0d),
        ("NumpadEnter", "Enter", 0xff8d),
        ("Numpad7", "7", 0xffb7),
        ("Numpad7", "Home", 0xff95),
        ("NumpadDecimal", ",", 0xffac),
        ("NumpadDecimal", "Delete", 0xff9f),
        ("Delete", "Delete", 0xffff),
        ("F1", "F1", 0xffbe),
        ("F24", "F24", 0xffd5),
        ("KeyF", "F", 0x46),
        ("ShiftLeft", "Shift", 0xffe1),
        ("ShiftRight", "Shift", 0xffe2),
        ("ControlRight", "Control", 0xffe4),
        ("AltRight", "Alt", 0xffea),
        ("AltRight", "AltGraph", 0xfe03),
        ("MetaLeft", "Meta", 0xffeb),
        ("AudioVolumeUp", "AudioVolumeUp", 0x1008_ff13),
        ("", "ArrowLeft", 0xff51),
        ("BracketLeft", "\u{301}", 0xfe51),
    ] {
        check_key(code, key, keysym);
    }
}

#[test]
fn a_key_without_a_meaning_is_told_only_by_its_place() {
    let mut session = session();
    for key in ["Dead", "Process", "Unidentified", ""] {
        session.client.key("BracketLeft", key, true);
        session.client.key("BracketLeft", key, false);
    }
    assert_eq!(session.output(), []);
    let mut session = knowing(-258);
    session.client.key("BracketLeft", "Dead", true);
    assert_eq!(session.output(), extended(0, 0x1a, true));
}

#[test]
fn a_server_that_knows_is_told_where_a_key_is() {
    let mut session = knowing(-258);
    for (code, key, keysym, scancode) in [
        ("KeyQ", "q", 0x71, 0x10),
        ("ArrowUp", "ArrowUp", 0xff52, 0xc8),
        ("ControlRight", "Control", 0xffe4, 0x9d),
        ("IntlBackslash", "<", 0x3c, 0x56),
        ("Pause", "Pause", 0xff13, 0xc6),
    ] {
        session.client.key(code, key, true);
        session.client.key(code, key, false);
        let expected = [
            extended(keysym, scancode, true),
            extended(keysym, scancode, false),
        ];
        assert_eq!(session.output(), expected.concat(), "{code}");
    }
    session.client.key("", "x", true);
    assert_eq!(session.output(), plain(0x78, true), "a key without a place");
}

#[test]
fn a_key_goes_up_as_what_it_went_down() {
    let mut session = session();
    session.client.key("Digit1", "!", true);
    session.client.key("Digit1", "!", true);
    session.client.key("Digit1", "1", false);
    session.client.key("Digit1", "1", false);
    let expected = [plain(0x21, true), plain(0x21, true), plain(0x21, false)].concat();
    assert_eq!(session.output(), expected);
}

#[test]
fn alt_graph_of_windows_is_freed_from_its_control() {
    let mut session = session();
    session.client.key("ControlLeft", "Control", true);
    session.client.key("AltRight", "AltGraph", true);
    session.client.key("KeyQ", "@", true);
    session.client.key("KeyQ", "@", false);
    session.client.key("ControlLeft", "Control", false);
    session.client.key("AltRight", "AltGraph", false);
    let expected = [
        plain(0xffe3, true),
        plain(0xffe3, false),
        plain(0xfe03, true),
        plain(0x40, true),
        plain(0x40, false),
        plain(0xfe03, false),
    ];
    assert_eq!(session.output(), expected.concat());
}

#[test]
fn all_that_is_held_is_let_go() {
    let mut session = session();
    session.client.key("ShiftLeft", "Shift", true);
    session.client.key("KeyA", "A", true);
    session.client.pointer(PointerState {
        x: 5,
        y: 6,
        buttons: 1,
        ..Default::default()
    });
    session.output();
    session.client.release_all();
    let expected = [
        plain(0x41, false),
        plain(0xffe1, false),
        vec![5, 0, 0, 5, 0, 6],
    ];
    assert_eq!(session.output(), expected.concat());
    session.client.release_all();
    session.client.key("KeyA", "A", false);
    assert_eq!(session.output(), []);
}

#[test]
fn keys_that_are_never_let_go_are_let_go_by_and_by() {
    let mut session = session();
    for number in 0..1000 {
        session.client.key(&format!("Key{number}"), "x", true);
    }
    session.output();
    session.client.release_all();
    assert_eq!(session.output().len(), 64 * 8);
}

#[test]
fn text_is_typed_letter_by_letter() {
    let mut session = session();
    session.client.text("é\n");
    let expected = [
        plain(0xe9, true),
        plain(0xe9, false),
        plain(0xff0d, true),
        plain(0xff0d, false),
    ];
    assert_eq!(session.output(), expected.concat());
}

#[test]
fn the_pointer_stays_on_the_screen_and_is_told_once() {
    let mut session = session();
    let state = PointerState {
        x: 500,
        y: 7,
        ..Default::default()
    };
    session.client.pointer(state);
    session.client.pointer(state);
    assert_eq!(session.output(), [5, 0, 0, 99, 0, 7]);
}

#[test]
fn the_wheel_is_buttons_once_a_notch_is_full() {
    let turn = |wheel_x, wheel_y| PointerState {
        wheel_x,
        wheel_y,
        ..Default::default()
    };
    let notch = |button: u8| [[5, button, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0]].concat();
    let mut session = session();
    session.client.pointer(turn(0, 60));
    assert_eq!(session.output(), []);
    session.client.pointer(turn(0, 60));
    assert_eq!(session.output(), notch(16));
    session.client.pointer(turn(0, 100));
    session.client.pointer(turn(0, -120));
    assert_eq!(session.output(), notch(8), "turning back begins anew");
    session.client.pointer(turn(-120, 0));
    session.client.pointer(turn(240, 0));
    assert_eq!(session.output(), [notch(32), notch(64), notch(64)].concat());
    session.client.pointer(turn(0, i32::MAX));
    session.client.pointer(turn(0, i32::MAX));
    assert_eq!(
        session.output().len(),
        2 * 32 * 12,
        "no more than a bound at once"
    );
}

#[test]
fn back_and_forward_are_buttons_eight_and_nine() {
    let held = |buttons| PointerState {
        buttons,
        ..Default::default()
    };
    let mut before_any_update = session();
    before_any_update.client.pointer(held(0b01001));
    assert_eq!(before_any_update.output(), [5, 1, 0, 0, 0, 0]);
    let mut plain = knowing(-258);
    plain.client.pointer(held(0b01001));
    plain.client.pointer(held(0b10000));
    assert_eq!(plain.output(), [5, 0x81, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0]);
    let mut extended = knowing(-316);
    extended.client.pointer(held(0b01001));
    extended.client.pointer(held(0b10000));
    extended.client.pointer(held(0b00010));
    let expected = [
        5, 0x81, 0, 0, 0, 0, 1, 5, 0x80, 0, 0, 0, 0, 2, 5, 2, 0, 0, 0, 0,
    ];
    assert_eq!(extended.output(), expected);
}
