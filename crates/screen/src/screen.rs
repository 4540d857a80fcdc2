//! The screen: framebuffer, pointer, and the viewers that are shown them.

use std::fmt::{Debug, Formatter};
use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_wire::message::to_viewer::Body;

use crate::canvas::{CursorImage, Rect, Size};
use crate::cursor::Cursor;
use crate::drawing::Drawing;
use crate::framebuffer::Framebuffer;
use crate::job::{Jobs, Outcome};
use crate::plan::{self, Scene};
use crate::target_jpeg::TargetJpegs;
use crate::viewer::Viewer;
use crate::work::{Encoded, Work};

/// Pixels that may be out for encoding; more frames wait until some are back.
const ENCODING_PIXELS_MAX: usize = 8 * 1024 * 1024;

/// Names a viewer; the caller chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewerKey(pub u64);

/// What a viewer can decode, from its `Hello`. One that names neither is taken
/// to know zstd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewerAbilities {
    /// Exact pixels in zstd.
    pub zstd: bool,
    /// JPEG files.
    pub jpeg: bool,
}

/// A screen and its viewers.
///
/// Pixels leave it whole pictures at a time: when a frame of the target ends
/// and a viewer is ready, or when a viewer becomes ready between two frames.
pub struct Screen {
    framebuffer: Framebuffer,
    jpegs: TargetJpegs,
    cursor: Cursor,
    /// Something was drawn that is no whole picture yet.
    is_drawing: bool,
    viewers: Vec<Viewer>,
    jobs: Jobs,
    /// The latest time that it was told.
    now: Option<Instant>,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

// What is on somebody's screen is nobody's business in a log.
impl Debug for Screen {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen")
            .field("size", &self.size())
            .field("viewers", &self.viewers.len())
            .finish_non_exhaustive()
    }
}

impl Screen {
    /// Most pixels of a screen: 8192x4608, a little more than 8K. A larger
    /// size is cut at the bottom; protocols refuse it before.
    pub const PIXELS_MAX: usize = 8192 * 4608;

    /// A screen without a size yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            framebuffer: Framebuffer::default(),
            jpegs: TargetJpegs::default(),
            cursor: Cursor::default(),
            is_drawing: true,
            viewers: Vec::new(),
            jobs: Jobs::default(),
            now: None,
        }
    }

    /// What a decoder draws on.
    pub fn draw(&mut self, now: Instant) -> Drawing<'_> {
        self.pass_to(now);
        Drawing { screen: self, now }
    }

    /// Shows the screen to a viewer, from the whole picture on. A viewer of
    /// the same key is forgotten.
    pub fn attach(&mut self, key: ViewerKey, abilities: ViewerAbilities, now: Instant) {
        self.detach(key);
        let size = self.size();
        self.viewers.push(Viewer::new(key, abilities, size));
        self.advance(now);
    }

    /// Shows a viewer nothing more.
    pub fn detach(&mut self, key: ViewerKey) {
        self.viewers.retain(|viewer| viewer.key != key);
        if self.viewers.is_empty() {
            self.jpegs.clear();
        }
        self.forget_unneeded();
    }

    /// A viewer presented a frame, `present` after all of it had arrived. A
    /// frame that it was never given is nothing.
    pub fn handle_ack(&mut self, key: ViewerKey, frame: u64, present: Duration, now: Instant) {
        if let Some(viewer) = self.viewer(key) {
            viewer.handle_ack(frame, present, now);
        }
        self.advance(now);
    }

    /// The next pixels to encode. All there are may be encoded at once.
    pub fn poll_work(&mut self, now: Instant) -> Option<Work> {
        self.pass_to(now);
        self.jobs.poll_work()
    }

    /// Takes what became of [`Work`].
    pub fn handle_encoded(&mut self, encoded: Encoded, now: Instant) {
        match self.jobs.finish(encoded) {
            Outcome::Partly | Outcome::Unknown => {}
            Outcome::Whole(job) => {
                let (pixels, bytes) = self.jobs.photographs(job);
                for viewer in &mut self.viewers {
                    if pixels > 0 && viewer.waits_for(job) {
                        viewer.link.handle_photographs(pixels, bytes);
                    }
                }
            }
            Outcome::Broken(job) => {
                let size = self.size();
                for viewer in &mut self.viewers {
                    if viewer.waits_for(job) {
                        viewer.view.lose(size);
                    }
                }
            }
        }
        self.advance(now);
    }

    /// The next messages for a viewer, to be sent in their order: a picture,
    /// which ends with a `FrameMark`, or without one only `CursorShape` and
    /// `CursorMoved`, which wait for no picture.
    pub fn poll_frame(&mut self, key: ViewerKey) -> Option<Vec<Body>> {
        let now = self.now?;
        let viewer = self.viewers.iter_mut().find(|viewer| viewer.key == key)?;
        let bodies = viewer.poll_frame(&self.jobs, &self.cursor, now);
        self.forget_unneeded();
        bodies
    }

    /// When [`Self::handle_timeout`] has something to do.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let now = self.now?;
        let memory = self.jobs.next_timeout();
        if self.is_drawing || self.jobs.pixels() > ENCODING_PIXELS_MAX {
            // For viewers only the end of the frame, or of the work, will do.
            return memory;
        }
        let times = self.viewers.iter().map(|viewer| viewer.next_timeout(now));
        times.flatten().chain(memory).min()
    }

    /// Time passed: a viewer may be given its next frame, or a better picture
    /// of what is calm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.jobs.handle_timeout(now);
        self.advance(now);
    }

    /// Whether some viewer could take a new picture now.
    #[must_use]
    pub fn wants_picture(&self) -> bool {
        let is_ready = |viewer: &Viewer| self.now.is_some_and(|now| viewer.is_ready(now));
        self.jobs.pixels() <= ENCODING_PIXELS_MAX && self.viewers.iter().any(is_ready)
    }

    /// Whether [`Self::poll_work`] or [`Self::poll_frame`] would give
    /// something.
    #[must_use]
    pub fn has_work(&self) -> bool {
        let has_messages = |viewer: &Viewer| viewer.has_messages(&self.jobs, &self.cursor);
        self.jobs.has_work() || self.viewers.iter().any(has_messages)
    }

    /// How large it is.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.framebuffer.size()
    }

    /// What it shows: four bytes a pixel, red, green, blue, and one that means
    /// nothing; rows without gaps.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        self.framebuffer.pixels()
    }

    /// What the pointer looks like.
    #[must_use]
    pub const fn cursor(&self) -> &CursorImage {
        self.cursor.image()
    }

    pub(crate) fn set_size(&mut self, size: Size) {
        let rows = Self::PIXELS_MAX / usize::from(size.width.max(1));
        let size = Size {
            height: size.height.min(u16::try_from(rows).unwrap_or(u16::MAX)),
            ..size
        };
        self.is_drawing = true;
        self.framebuffer.set_size(size);
        self.jpegs.clear();
        for viewer in &mut self.viewers {
            viewer.view.lose(size);
        }
    }

    pub(crate) fn put(&mut self, rect: Rect, pixels: &[u8]) {
        let drawn = self.framebuffer.put(rect, pixels);
        self.drawn(&drawn);
    }

    pub(crate) fn fill(&mut self, rect: Rect, rgb: [u8; 3]) {
        let drawn = self.framebuffer.fill(rect, rgb);
        self.drawn(&drawn);
    }

    pub(crate) fn copy(&mut self, source: Rect, x: u16, y: u16) {
        let Some(copy) = self.framebuffer.copy(source, x, y) else {
            return;
        };
        self.is_drawing = true;
        self.jpegs.drawn_over(&copy.target);
        for viewer in &mut self.viewers {
            viewer.view.copy(copy);
        }
    }

    pub(crate) fn put_jpeg(&mut self, rect: Rect, jpeg: &Bytes, pixels: &[u8]) {
        let drawn = self.framebuffer.put(rect, pixels);
        self.drawn(&drawn);
        if drawn == rect && !self.viewers.is_empty() {
            self.jpegs.add(rect, jpeg);
        }
    }

    pub(crate) fn read(&self, rect: Rect, into: &mut Vec<u8>) {
        self.framebuffer.read(rect, into);
    }

    pub(crate) fn end_frame(&mut self, now: Instant) {
        self.is_drawing = false;
        self.advance(now);
    }

    pub(crate) fn set_cursor(&mut self, cursor: CursorImage) {
        if self.cursor.set_image(cursor) {
            self.viewers.iter_mut().for_each(Viewer::shape_changed);
        }
    }

    pub(crate) fn move_cursor(&mut self, x: u16, y: u16) {
        if self.cursor.move_to(x, y, self.framebuffer.size()) {
            self.viewers.iter_mut().for_each(Viewer::place_changed);
        }
    }

    fn drawn(&mut self, rect: &Rect) {
        if rect.is_empty() {
            return;
        }
        self.is_drawing = true;
        self.jpegs.drawn_over(rect);
        for viewer in &mut self.viewers {
            viewer.view.damage(rect);
        }
    }

    fn viewer(&mut self, key: ViewerKey) -> Option<&mut Viewer> {
        self.viewers.iter_mut().find(|viewer| viewer.key == key)
    }

    fn pass_to(&mut self, now: Instant) {
        self.now = Some(self.now.map_or(now, |last| last.max(now)));
    }

    /// Gives every viewer that is ready and lacks something its next frame.
    fn advance(&mut self, now: Instant) {
        self.pass_to(now);
        if self.is_drawing || self.size().is_empty() {
            return;
        }
        let mut ready: Vec<usize> = (0..self.viewers.len())
            .filter(|at| self.viewers[*at].is_ready(now) && self.viewers[*at].view.lacks(now))
            .collect();
        while let Some(first) = ready.pop() {
            if self.jobs.pixels() > ENCODING_PIXELS_MAX {
                return;
            }
            let alike: Vec<usize> = ready
                .extract_if(.., |at| self.are_alike(first, *at))
                .collect();
            self.give(first, &alike, now);
        }
        if self
            .viewers
            .iter()
            .all(|viewer| viewer.view.damage.is_empty())
        {
            self.jpegs.clear();
        }
    }

    /// Whether two viewers show, lack and are to be sent the same.
    fn are_alike(&self, first: usize, second: usize) -> bool {
        let (first, second) = (&self.viewers[first], &self.viewers[second]);
        first.policy() == second.policy() && first.view.is_like(&second.view)
    }

    /// Plans a frame for a viewer, and gives it to those that are alike too.
    fn give(&mut self, first: usize, alike: &[usize], now: Instant) {
        let scene = Scene {
            framebuffer: &self.framebuffer,
            jpegs: &self.jpegs,
            now,
        };
        let viewer = &mut self.viewers[first];
        let policy = viewer.policy();
        let plan = plan::plan(scene, &mut viewer.view, &policy);
        let job = plan.map(|plan| self.jobs.begin(plan, &self.framebuffer, now));
        for at in alike {
            let view = self.viewers[first].view.clone();
            self.viewers[*at].view = view;
        }
        if let Some(job) = job {
            for at in alike.iter().chain([&first]) {
                self.viewers[*at].give(job, now);
            }
        }
    }

    fn forget_unneeded(&mut self) {
        let viewers = &self.viewers;
        self.jobs
            .retain(|job| viewers.iter().any(|viewer| viewer.waits_for(job)));
    }
}
