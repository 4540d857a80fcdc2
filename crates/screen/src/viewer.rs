//! One viewer: which frames it was given, which it has shown, and whether it
//! can take another. Frames are never queued for it: what it is late for is
//! damage, and goes with the next one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{CursorMoved, FrameMark};

use crate::canvas::Size;
use crate::cursor::Cursor;
use crate::job::{JobId, Jobs, data_bytes};
use crate::link::{Departure, Link};
use crate::plan::Policy;
use crate::screen::{ViewerAbilities, ViewerKey};
use crate::view::View;

/// Frames of a viewer are at least so far apart: no screen shows more than
/// sixty a second.
pub(crate) const FRAME_INTERVAL_MIN: Duration = Duration::from_millis(15);
/// What a message costs besides its pixels, in bytes; to estimate bandwidth.
const MESSAGE_OVERHEAD: usize = 24;

/// A frame that is encoded, or waits to be fetched.
#[derive(Debug)]
struct Planned {
    frame: u64,
    job: JobId,
}

/// A viewer of the screen.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) key: ViewerKey,
    pub(crate) view: View,
    pub(crate) link: Link,
    abilities: ViewerAbilities,
    /// The number of the last frame planned.
    frames: u64,
    planned: VecDeque<Planned>,
    flying: VecDeque<(u64, Departure)>,
    next_frame_at: Option<Instant>,
    shape_due: bool,
    place_due: bool,
}

impl Viewer {
    pub(crate) fn new(key: ViewerKey, abilities: ViewerAbilities, size: Size) -> Self {
        // Exact pixels are what everything else rests on.
        let zstd = abilities.zstd || !abilities.jpeg;
        Self {
            key,
            view: View::nothing(size),
            link: Link::default(),
            abilities: ViewerAbilities { zstd, ..abilities },
            frames: 0,
            planned: VecDeque::new(),
            flying: VecDeque::new(),
            next_frame_at: None,
            shape_due: true,
            place_due: true,
        }
    }

    /// What it can and may be sent.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            abilities: self.abilities,
            quality: self.link.quality(),
            refined_pixels_max: self.link.refined_pixels_max(),
        }
    }

    /// Whether another frame may be on its way besides those that are.
    fn has_room(&self) -> bool {
        let bytes = self.flying.iter().map(|(_, departure)| departure.bytes);
        self.planned.len() + self.flying.len() < self.link.frames_max()
            && self.link.has_room(bytes.sum())
    }

    /// Whether it could take a new frame now.
    pub(crate) fn is_ready(&self, now: Instant) -> bool {
        self.has_room() && self.next_frame_at.is_none_or(|at| at <= now)
    }

    /// When time alone gives it something to do, after `now`.
    pub(crate) fn next_timeout(&self, now: Instant) -> Option<Instant> {
        if !self.has_room() {
            return None;
        }
        let spaced = self.next_frame_at.filter(|at| *at > now);
        match (spaced, self.view.refine_at) {
            (Some(spaced), _) => Some(spaced),
            (None, refine) => refine,
        }
    }

    /// A frame was planned for it.
    pub(crate) fn give(&mut self, job: JobId, now: Instant) {
        self.frames += 1;
        self.planned.push_back(Planned {
            frame: self.frames,
            job,
        });
        self.next_frame_at = Some(now + FRAME_INTERVAL_MIN);
    }

    pub(crate) fn waits_for(&self, job: JobId) -> bool {
        self.planned.iter().any(|planned| planned.job == job)
    }

    /// It presented a frame, and with it all before. A frame that it does not
    /// have is nothing.
    pub(crate) fn handle_ack(&mut self, frame: u64, present: Duration, now: Instant) {
        let Some(at) = self.flying.iter().position(|(number, _)| *number == frame) else {
            return;
        };
        if let Some((_, departure)) = self.flying.drain(..=at).next_back() {
            self.link.handle_ack(departure, present, now);
        }
    }

    /// The pointer has another shape.
    pub(crate) const fn shape_changed(&mut self) {
        self.shape_due = true;
    }

    /// The target moved the pointer.
    pub(crate) const fn place_changed(&mut self) {
        self.place_due = true;
    }

    /// Whether [`Self::poll_frame`] would give something.
    pub(crate) fn has_messages(&self, jobs: &Jobs, cursor: &Cursor) -> bool {
        self.shape_due
            || (self.place_due && cursor.place().is_some())
            || self
                .planned
                .front()
                .is_some_and(|planned| jobs.is_whole(planned.job))
    }

    /// The next frame, or what changed about the pointer.
    pub(crate) fn poll_frame(
        &mut self,
        jobs: &Jobs,
        cursor: &Cursor,
        now: Instant,
    ) -> Option<Vec<Body>> {
        let mut bodies = Vec::new();
        let mut mark = None;
        if let Some(planned) = self.planned.front()
            && let Some(frame) = jobs.frame(planned.job)
        {
            bodies = frame;
            mark = Some(planned.frame);
            self.planned.pop_front();
        }
        if std::mem::take(&mut self.shape_due) {
            bodies.push(Body::CursorShape(cursor.shape()));
        }
        if std::mem::take(&mut self.place_due)
            && let Some((x, y)) = cursor.place()
        {
            bodies.push(Body::CursorMoved(CursorMoved {
                x: x.into(),
                y: y.into(),
            }));
        }
        if let Some(frame) = mark {
            let bytes = bodies
                .iter()
                .map(|body| data_bytes(body) + MESSAGE_OVERHEAD)
                .sum();
            self.flying.push_back((frame, Departure { at: now, bytes }));
            bodies.push(Body::FrameMark(FrameMark { frame }));
        }
        (!bodies.is_empty()).then_some(bodies)
    }
}
