//! Lock keys, of which viewer and target have one of each.

/// Which lock keys are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockKeys {
    /// Caps Lock.
    pub caps: bool,
    /// Num Lock.
    pub num: bool,
    /// Scroll Lock.
    pub scroll: bool,
}

/// What is known of the target's lock keys: nothing until it tells, and
/// nothing from a press on until it tells again.
#[derive(Debug, Default)]
pub(crate) struct LockState {
    caps: Option<bool>,
    num: Option<bool>,
    scroll: Option<bool>,
}

impl LockState {
    /// The target told.
    pub(crate) const fn learn(&mut self, keys: LockKeys) {
        self.caps = Some(keys.caps);
        self.num = Some(keys.num);
        self.scroll = Some(keys.scroll);
    }

    /// The key of this `KeyboardEvent.code` was pressed.
    pub(crate) fn handle_press(&mut self, code: &str) {
        match code {
            "CapsLock" => self.caps = None,
            "NumLock" => self.num = None,
            "ScrollLock" => self.scroll = None,
            _ => {}
        }
    }

    /// The codes of the keys to press so that the target's are as `wanted`.
    pub(crate) fn differences(&self, wanted: LockKeys) -> impl Iterator<Item = &'static str> {
        [
            (self.caps, wanted.caps, "CapsLock"),
            (self.num, wanted.num, "NumLock"),
            (self.scroll, wanted.scroll, "ScrollLock"),
        ]
        .into_iter()
        .filter(|(known, wanted, _)| known.is_some_and(|known| known != *wanted))
        .map(|(_, _, code)| code)
    }
}
