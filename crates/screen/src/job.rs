//! Frames while they are encoded. One job serves every viewer that wants the
//! same.

use std::collections::VecDeque;
use std::time::Instant;

use causeway_wire::message::to_viewer::Body;

use crate::buffers::Buffers;
use crate::canvas::Rect;
use crate::framebuffer::{Framebuffer, PIXEL_BYTES};
use crate::plan::Plan;
use crate::work::{Encoded, Part, Work};

/// Names a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobId(u64);

/// A frame of which parts are missing, or none any longer.
#[derive(Debug)]
struct Job {
    id: JobId,
    head: Vec<Body>,
    /// Photographs come first; the fills go before the part at `exact_from`.
    parts: Vec<Option<Vec<Body>>>,
    exact_from: usize,
    solids: Vec<Body>,
    missing: usize,
    photo_pixels: usize,
    failed: bool,
}

/// What came of an encoded part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Other parts are missing.
    Partly,
    /// The frame is whole.
    Whole(JobId),
    /// The frame is whole, but parts of the picture are not in it.
    Broken(JobId),
    /// Nobody waits for it.
    Unknown,
}

/// All jobs.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    next: u64,
    jobs: Vec<Job>,
    waiting: VecDeque<Work>,
    /// Pixels in works that have not come back.
    pixels: usize,
    buffers: Buffers,
}

impl Jobs {
    /// Begins the frame of a plan: takes its pixels out of the framebuffer.
    pub(crate) fn begin(&mut self, plan: Plan, framebuffer: &Framebuffer, now: Instant) -> JobId {
        let id = JobId(self.next);
        self.next += 1;
        let exact_from = plan
            .cuts
            .iter()
            .position(|cut| cut.coding.is_exact())
            .unwrap_or(plan.cuts.len());
        self.jobs.push(Job {
            id,
            head: plan.head,
            parts: vec![None; plan.cuts.len()],
            exact_from,
            solids: plan.solids,
            missing: plan.cuts.len(),
            photo_pixels: plan.photo_pixels,
            failed: false,
        });
        for (index, cut) in plan.cuts.into_iter().enumerate() {
            let bytes = cut.rects.iter().map(Rect::pixels).sum::<usize>() * PIXEL_BYTES;
            let mut pixels = self.buffers.take(bytes, now);
            for rect in &cut.rects {
                framebuffer.read(*rect, &mut pixels);
            }
            let work = Work {
                part: Part { job: id, index },
                coding: cut.coding,
                rects: cut.rects,
                pixels,
            };
            self.pixels += work.pixels();
            self.waiting.push_back(work);
        }
        id
    }

    /// The next work to be done.
    pub(crate) fn poll_work(&mut self) -> Option<Work> {
        self.waiting.pop_front()
    }

    pub(crate) fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Pixels that were taken out and are not encoded yet.
    pub(crate) const fn pixels(&self) -> usize {
        self.pixels
    }

    /// A part came back.
    pub(crate) fn finish(&mut self, encoded: Encoded) -> Outcome {
        self.pixels = self.pixels.saturating_sub(encoded.pixels);
        let Encoded {
            part,
            bodies,
            buffer,
            ..
        } = encoded;
        self.buffers.give(buffer);
        let Some(job) = self.jobs.iter_mut().find(|job| job.id == part.job) else {
            return Outcome::Unknown;
        };
        let Some(place) = job.parts.get_mut(part.index).filter(|part| part.is_none()) else {
            return Outcome::Unknown;
        };
        job.failed |= bodies.is_none();
        *place = Some(bodies.unwrap_or_default());
        job.missing -= 1;
        match (job.missing, job.failed) {
            (0, false) => Outcome::Whole(job.id),
            (0, true) => Outcome::Broken(job.id),
            _ => Outcome::Partly,
        }
    }

    /// The messages of a frame, once it is whole, in their order.
    pub(crate) fn frame(&self, id: JobId) -> Option<Vec<Body>> {
        let job = self.find(id).filter(|job| job.missing == 0)?;
        let (photos, exact) = job.parts.split_at(job.exact_from);
        let bodies = job
            .head
            .iter()
            .chain(photos.iter().flatten().flatten())
            .chain(&job.solids)
            .chain(exact.iter().flatten().flatten());
        Some(bodies.cloned().collect())
    }

    pub(crate) fn is_whole(&self, id: JobId) -> bool {
        self.find(id).is_some_and(|job| job.missing == 0)
    }

    /// Pixels that went as photographs, and the bytes that became of them.
    pub(crate) fn photographs(&self, id: JobId) -> (usize, usize) {
        self.find(id).map_or((0, 0), |job| {
            let parts = job.parts[..job.exact_from].iter().flatten().flatten();
            (job.photo_pixels, parts.map(data_bytes).sum())
        })
    }

    /// Forgets the jobs that nobody needs.
    pub(crate) fn retain(&mut self, needed: impl Fn(JobId) -> bool) {
        self.jobs.retain(|job| needed(job.id));
        let jobs = &self.jobs;
        let pixels = &mut self.pixels;
        self.waiting.retain(|work| {
            let stays = jobs.iter().any(|job| job.id == work.part.job);
            if !stays {
                *pixels = pixels.saturating_sub(work.pixels());
            }
            stays
        });
    }

    /// When memory can be given back.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.buffers.next_timeout()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.buffers.handle_timeout(now);
    }

    fn find(&self, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }
}

/// Bytes of a message that come from pixels.
pub(crate) fn data_bytes(body: &Body) -> usize {
    match body {
        Body::Tile(tile) => tile.data.len(),
        Body::CursorShape(shape) => shape.rgba.len(),
        _ => 0,
    }
}
