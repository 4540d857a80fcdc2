//! Where a key is: `KeyboardEvent.code` (W3C "UI Events KeyboardEvent code
//! Values") to the scan codes of XT keyboards, as QEMU's extended key event
//! has them: bit 7 stands for the prefix E0.

/// The scan code of a key.
pub(super) fn scancode(code: &str) -> Option<u8> {
    let place = SCANCODES
        .binary_search_by_key(&code, |(name, _)| name)
        .ok()?;
    Some(SCANCODES[place].1)
}

/// Sorted by name.
#[rustfmt::skip]
const SCANCODES: [(&str, u8); 159] = [
    ("AltLeft", 0x38), ("AltRight", 0xb8), ("ArrowDown", 0xd0), ("ArrowLeft", 0xcb),
    ("ArrowRight", 0xcd), ("ArrowUp", 0xc8), ("AudioVolumeDown", 0xae), ("AudioVolumeMute", 0xa0),
    ("AudioVolumeUp", 0xb0), ("Backquote", 0x29), ("Backslash", 0x2b), ("Backspace", 0x0e),
    ("BracketLeft", 0x1a), ("BracketRight", 0x1b), ("BrowserBack", 0xea),
    ("BrowserFavorites", 0xe6), ("BrowserForward", 0xe9), ("BrowserHome", 0xb2),
    ("BrowserRefresh", 0xe7), ("BrowserSearch", 0xe5), ("BrowserStop", 0xe8), ("CapsLock", 0x3a),
    ("Comma", 0x33), ("ContextMenu", 0xdd), ("ControlLeft", 0x1d), ("ControlRight", 0x9d),
    ("Convert", 0x79), ("Copy", 0xf8), ("Cut", 0xbc), ("Delete", 0xd3), ("Digit0", 0x0b),
    ("Digit1", 0x02), ("Digit2", 0x03), ("Digit3", 0x04), ("Digit4", 0x05), ("Digit5", 0x06),
    ("Digit6", 0x07), ("Digit7", 0x08), ("Digit8", 0x09), ("Digit9", 0x0a), ("Eject", 0xfd),
    ("End", 0xcf), ("Enter", 0x1c), ("Equal", 0x0d), ("Escape", 0x01), ("F1", 0x3b), ("F10", 0x44),
    ("F11", 0x57), ("F12", 0x58), ("F13", 0x5d), ("F14", 0x5e), ("F15", 0x5f), ("F16", 0x55),
    ("F17", 0x83), ("F18", 0xf7), ("F19", 0x84), ("F2", 0x3c), ("F20", 0x5a), ("F21", 0x74),
    ("F22", 0xf9), ("F23", 0x6d), ("F24", 0x6f), ("F3", 0x3d), ("F4", 0x3e), ("F5", 0x3f),
    ("F6", 0x40), ("F7", 0x41), ("F8", 0x42), ("F9", 0x43), ("Find", 0xc1), ("Help", 0xf5),
    ("Home", 0xc7), ("Insert", 0xd2), ("IntlBackslash", 0x56), ("IntlRo", 0x73), ("IntlYen", 0x7d),
    ("KanaMode", 0x70), ("KeyA", 0x1e), ("KeyB", 0x30), ("KeyC", 0x2e), ("KeyD", 0x20),
    ("KeyE", 0x12), ("KeyF", 0x21), ("KeyG", 0x22), ("KeyH", 0x23), ("KeyI", 0x17), ("KeyJ", 0x24),
    ("KeyK", 0x25), ("KeyL", 0x26), ("KeyM", 0x32), ("KeyN", 0x31), ("KeyO", 0x18), ("KeyP", 0x19),
    ("KeyQ", 0x10), ("KeyR", 0x13), ("KeyS", 0x1f), ("KeyT", 0x14), ("KeyU", 0x16), ("KeyV", 0x2f),
    ("KeyW", 0x11), ("KeyX", 0x2d), ("KeyY", 0x15), ("KeyZ", 0x2c), ("Lang1", 0x72),
    ("Lang2", 0x71), ("LaunchApp1", 0xeb), ("LaunchApp2", 0xa1), ("LaunchMail", 0xec),
    ("MediaPlayPause", 0xa2), ("MediaSelect", 0xed), ("MediaStop", 0xa4), ("MediaTrackNext", 0x99),
    ("MediaTrackPrevious", 0x90), ("MetaLeft", 0xdb), ("MetaRight", 0xdc), ("Minus", 0x0c),
    ("NonConvert", 0x7b), ("NumLock", 0x45), ("Numpad0", 0x52), ("Numpad1", 0x4f),
    ("Numpad2", 0x50), ("Numpad3", 0x51), ("Numpad4", 0x4b), ("Numpad5", 0x4c), ("Numpad6", 0x4d),
    ("Numpad7", 0x47), ("Numpad8", 0x48), ("Numpad9", 0x49), ("NumpadAdd", 0x4e),
    ("NumpadComma", 0x7e), ("NumpadDecimal", 0x53), ("NumpadDivide", 0xb5), ("NumpadEnter", 0x9c),
    ("NumpadEqual", 0x59), ("NumpadMultiply", 0x37), ("NumpadSubtract", 0x4a), ("OSLeft", 0xdb),
    ("OSRight", 0xdc), ("PageDown", 0xd1), ("PageUp", 0xc9), ("Paste", 0x65), ("Pause", 0xc6),
    ("Period", 0x34), ("Power", 0xde), ("PrintScreen", 0x54), ("Quote", 0x28), ("ScrollLock", 0x46),
    ("Semicolon", 0x27), ("ShiftLeft", 0x2a), ("ShiftRight", 0x36), ("Slash", 0x35),
    ("Sleep", 0xdf), ("Space", 0x39), ("Tab", 0x0f), ("Undo", 0x87), ("VolumeDown", 0xae),
    ("VolumeMute", 0xa0), ("VolumeUp", 0xb0), ("WakeUp", 0xe3),
];
