//! One viewer's side of the screen: what it shows, and what it lacks.

use std::time::Instant;

use crate::canvas::{Rect, Size};
use crate::damage::Damage;
use crate::framebuffer::Framebuffer;
use crate::shown::Shown;

/// Copies that wait to be sent; what is moved after that is sent as pixels.
const COPIES_MAX: usize = 16;
/// A smaller copy is not worth its message, in pixels.
const COPY_PIXELS_MIN: usize = 1024;

/// A rectangle whose content moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) source: Rect,
    /// Where to; as large as the source.
    pub(crate) target: Rect,
}

/// What a viewer shows once all that was sent to it, and then `copies`, is
/// done: the framebuffer, except where there is damage.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// It does not have a surface of this size yet.
    pub(crate) fresh: bool,
    pub(crate) damage: Damage,
    pub(crate) copies: Vec<Move>,
    pub(crate) shown: Shown,
    /// When an approximation has been calm for long enough to be refined.
    pub(crate) refine_at: Option<Instant>,
}

impl View {
    /// A viewer that lacks everything.
    pub(crate) fn nothing(size: Size) -> Self {
        let mut damage = Damage::none(size);
        damage.add(&size.whole());
        Self {
            fresh: true,
            damage,
            copies: Vec::new(),
            shown: Shown::nothing(size),
            refine_at: None,
        }
    }

    /// Whether another viewer shows and lacks the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.fresh == other.fresh
            && self.copies == other.copies
            && self.damage == other.damage
            && self.shown == other.shown
    }

    /// What it shows can not be relied on any longer.
    pub(crate) fn lose(&mut self, size: Size) {
        *self = Self::nothing(size);
    }

    /// Whether there is something to send.
    pub(crate) fn lacks(&self, now: Instant) -> bool {
        !self.damage.is_empty()
            || !self.copies.is_empty()
            || self.refine_at.is_some_and(|at| at <= now)
    }

    /// The framebuffer changed there.
    pub(crate) fn damage(&mut self, rect: &Rect) {
        self.damage.add(rect);
    }

    /// The framebuffer's content moved. The viewer can move what it shows as
    /// well; what of the source it lacks, it lacks at the target afterwards.
    pub(crate) fn copy(&mut self, copy: Move) {
        let Move { source, target } = copy;
        let lacking: Vec<Rect> = if self.damage.is_empty() {
            Vec::new()
        } else {
            self.damage.within(&source).collect()
        };
        let pixels: usize = lacking.iter().map(Rect::pixels).sum();
        let worth = source.pixels() >= COPY_PIXELS_MIN && pixels * 2 < source.pixels();
        if !worth || self.copies.len() >= COPIES_MAX {
            self.damage.add(&target);
            return;
        }
        self.damage.cover(&target);
        for rect in lacking {
            self.damage.add(&Rect {
                x: rect.x - source.x + target.x,
                y: rect.y - source.y + target.y,
                ..rect
            });
        }
        self.shown.carry(&source, &target, None);
        self.shown.forget(&target);
        self.copies.push(copy);
    }

    /// Knows again what copies made unknown.
    pub(crate) fn learn(&mut self, framebuffer: &Framebuffer) {
        self.shown.learn(framebuffer, &self.damage);
    }
}
