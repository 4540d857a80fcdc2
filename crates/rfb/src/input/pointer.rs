//! The pointer: buttons, and a wheel that is buttons too.

use causeway_screen::Size;

use crate::limits::NOTCHES_MAX;

/// What the wheel turns for one notch.
const NOTCH: i32 = 120;

const WHEEL_UP: u16 = 1 << 3;
const WHEEL_DOWN: u16 = 1 << 4;
const WHEEL_LEFT: u16 = 1 << 5;
const WHEEL_RIGHT: u16 = 1 << 6;

/// Where the viewer's pointer is, and what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PointerState {
    /// From the left, in pixels of the screen.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Bit 0 left, 1 middle, 2 right, 3 back, 4 forward.
    pub buttons: u8,
    /// How far the wheel turned, 120 a notch, positive to the right.
    pub wheel_x: i32,
    /// 120 a notch, positive down.
    pub wheel_y: i32,
}

/// The pointer as the server is told: bit 0 to 8 are its nine buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PointerEvent {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) buttons: u16,
}

/// What the server knows of the pointer, and what the wheel has left over.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    told: PointerEvent,
    rest_x: i32,
    rest_y: i32,
}

impl Pointer {
    /// The events that tell of a change, on a screen of `size`.
    pub(crate) fn handle(&mut self, state: PointerState, size: Size) -> Vec<PointerEvent> {
        let held = PointerEvent {
            x: state.x.min(size.width.saturating_sub(1)),
            y: state.y.min(size.height.saturating_sub(1)),
            buttons: buttons(state.buttons),
        };
        let mut events = Vec::new();
        if held != self.told {
            events.push(held);
            self.told = held;
        }
        let turns = [
            (
                notches(&mut self.rest_y, state.wheel_y),
                WHEEL_UP,
                WHEEL_DOWN,
            ),
            (
                notches(&mut self.rest_x, state.wheel_x),
                WHEEL_LEFT,
                WHEEL_RIGHT,
            ),
        ];
        for (notches, back, forth) in turns {
            let wheel = if notches < 0 { back } else { forth };
            for _ in 0..notches.abs().min(NOTCHES_MAX) {
                events.push(PointerEvent {
                    buttons: held.buttons | wheel,
                    ..held
                });
                events.push(held);
            }
        }
        events
    }

    /// The event that lets go of every button, if one is held.
    pub(crate) fn release(&mut self) -> Option<PointerEvent> {
        (self.rest_x, self.rest_y) = (0, 0);
        if self.told.buttons == 0 {
            return None;
        }
        self.told.buttons = 0;
        Some(self.told)
    }
}

/// Our five buttons at their places among RFB's nine: 4 to 7 are the wheel.
fn buttons(held: u8) -> u16 {
    let held = u16::from(held);
    held & 0b111 | (held >> 3 & 0b11) << 7
}

/// Adds a turn of the wheel to what was left over; says how many notches are
/// full. Turning back begins anew.
fn notches(rest: &mut i32, turn: i32) -> i32 {
    if turn.signum() * rest.signum() < 0 {
        *rest = 0;
    }
    let whole = rest.saturating_add(turn);
    *rest = whole % NOTCH;
    whole / NOTCH
}
