//! When the server is asked for pictures.
//!
//! While somebody could take one, the next update is asked for as soon as the
//! one before begins to arrive, so that the way there and back costs no time.
//! A server that knows continuous updates is let run once it has proved that
//! its pictures find takers, and is stopped as soon as one does not.

use causeway_screen::{Rect, Size};

use crate::client::outbox::Outbox;

/// Updates in a row that found a taker before the server is let run.
const STEADY_UPDATES: u8 = 4;

/// When the server is asked for pictures.
#[derive(Debug)]
pub(crate) struct Pace {
    wanted: bool,
    /// An update was asked for and has not begun.
    asked: bool,
    /// What is on the screen cannot be relied on: all of it is asked for.
    whole: bool,
    continuous: Continuous,
    /// Updates in a row that found a taker.
    steady: u8,
}

/// Whether the server sends updates without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Continuous {
    /// It does not know how, as far as is known.
    Unknown,
    Off,
    /// The size that it was told.
    On(Size),
    /// Told to stop, and has not confirmed.
    Ending,
}

impl Pace {
    pub(crate) const fn new() -> Self {
        Self {
            wanted: true,
            asked: false,
            whole: true,
            continuous: Continuous::Unknown,
            steady: 0,
        }
    }

    /// Somebody could take a picture, or nobody can.
    pub(crate) const fn set_wanted(&mut self, wanted: bool) {
        self.wanted = wanted;
    }

    pub(crate) const fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// An update begins.
    pub(crate) const fn handle_begin(&mut self) {
        self.asked = false;
        self.steady = if self.wanted {
            self.steady.saturating_add(1)
        } else {
            0
        };
    }

    /// The screen has another size: nothing on it is known.
    pub(crate) const fn handle_resize(&mut self) {
        self.whole = true;
    }

    /// The server says that it has stopped, or that it knows how to run.
    pub(crate) const fn handle_continuous_end(&mut self) {
        self.continuous = Continuous::Off;
        self.asked = false;
    }

    /// Asks for what should be asked for now.
    pub(crate) fn poll(&mut self, size: Size, outbox: &mut Outbox) {
        if size.width == 0 || size.height == 0 {
            return;
        }
        self.poll_continuous(size, outbox);
        if !self.wanted {
            return;
        }
        let runs = matches!(self.continuous, Continuous::On(_));
        if self.whole || !(self.asked || runs) {
            outbox.request_update(!self.whole, whole(size));
            self.whole = false;
            self.asked = true;
        }
    }

    fn poll_continuous(&mut self, size: Size, outbox: &mut Outbox) {
        match self.continuous {
            Continuous::Off if self.steady >= STEADY_UPDATES => {
                outbox.continuous_updates(true, size);
                self.continuous = Continuous::On(size);
            }
            // Steady is zero once an update began that nobody wanted.
            Continuous::On(_) if self.steady == 0 => {
                outbox.continuous_updates(false, size);
                self.continuous = Continuous::Ending;
                self.asked = false;
            }
            Continuous::On(told) if told != size => {
                outbox.continuous_updates(true, size);
                self.continuous = Continuous::On(size);
            }
            Continuous::Unknown | Continuous::Off | Continuous::On(_) | Continuous::Ending => {}
        }
    }
}

/// All of a screen.
const fn whole(Size { width, height }: Size) -> Rect {
    Rect {
        x: 0,
        y: 0,
        width,
        height,
    }
}
