//! What was lost to JPEG is asked for again, without loss, once the picture is
//! calm.
//!
//! Servers that send JPEG leave it at that, or mend it bit by bit. So while
//! nothing moves they are told that loss is not wanted, asked for what was
//! lost, and told again that it may be once that has come.

use std::time::{Duration, Instant};

use causeway_screen::{Rect, Size};

use crate::client::lossy::{Heals, Lossy};

/// How long nothing may be lost for a picture to be calm.
const CALM: Duration = Duration::from_millis(300);
/// Updates within which a server has to send what it was asked for.
const PATIENCE_UPDATES: u8 = 16;
/// How often a server may fail to before it is left alone.
const FAILURES_MAX: u8 = 3;

/// What was lost, and what is done about it.
#[derive(Debug, Default)]
pub(crate) struct Refine {
    lossy: Lossy,
    state: State,
    failures: u8,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    /// Nothing was lost.
    #[default]
    Whole,
    /// Something was, since the clock was looked at.
    Moving,
    /// Nothing was since then.
    Calming(Instant),
    /// This was asked for, so many updates ago.
    Asked(Rect, u8),
}

/// What to tell the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refinement {
    /// Nothing before then.
    Wait(Instant),
    /// Nothing.
    Nothing,
    /// Loss is not wanted; this is, all of it.
    Ask(Rect),
}

impl Refine {
    pub(crate) fn handle_resize(&mut self, size: Size) {
        self.lossy.resize(size);
    }

    /// A rectangle was drawn.
    pub(crate) fn handle_rect(&mut self, rect: Rect, is_lossy: bool) {
        let asked = matches!(self.state, State::Asked(..));
        if is_lossy {
            self.lossy.lose(rect);
            if !asked {
                self.state = State::Moving;
            }
        } else {
            // What was asked for may come in rectangles that cover no tile.
            let heals = if asked {
                Heals::Touched
            } else {
                Heals::Covered
            };
            self.lossy.heal(rect, heals);
        }
    }

    /// A rectangle was moved: what was lost may have moved with it.
    pub(crate) fn handle_copy(&mut self, rect: Rect) {
        if self.lossy.bounds().is_some() {
            self.handle_rect(rect, true);
        }
    }

    /// An update is over. True if the server is to be told that it may lose
    /// something again.
    pub(crate) fn handle_update(&mut self) -> bool {
        let State::Asked(rect, updates) = self.state else {
            return false;
        };
        let came = !self.lossy.is_lost(rect);
        if !came && updates < PATIENCE_UPDATES {
            self.state = State::Asked(rect, updates + 1);
            return false;
        }
        self.failures = if came { 0 } else { self.failures + 1 };
        self.state = State::Moving;
        true
    }

    /// Whether something was asked for that has not come.
    pub(crate) const fn is_asking(&self) -> bool {
        matches!(self.state, State::Asked(..))
    }

    /// What to tell the server now.
    pub(crate) fn poll(&mut self, now: Instant) -> Refinement {
        if self.failures >= FAILURES_MAX {
            return Refinement::Nothing;
        }
        let since = match self.state {
            State::Whole | State::Asked(..) => return Refinement::Nothing,
            State::Moving => now,
            State::Calming(since) => since,
        };
        let Some(bounds) = self.lossy.bounds() else {
            self.state = State::Whole;
            return Refinement::Nothing;
        };
        if now < since + CALM {
            self.state = State::Calming(since);
            return Refinement::Wait(since + CALM);
        }
        self.state = State::Asked(bounds, 0);
        Refinement::Ask(bounds)
    }
}
