//! A screen with viewers, and a clock that the test turns.

use std::time::{Duration, Instant};

use causeway_screen::{Canvas, Drawing, Screen, Size, ViewerAbilities, ViewerKey};

use crate::reference::{Reference, rgb};

pub(crate) const ALL: ViewerAbilities = ViewerAbilities {
    zstd: true,
    jpeg: true,
};
pub(crate) const EXACT: ViewerAbilities = ViewerAbilities {
    zstd: true,
    jpeg: false,
};
/// Rounds after which a screen that does not come to rest never will.
const ROUNDS_MAX: usize = 10_000;

/// A screen and its viewers.
pub(crate) struct Show {
    pub(crate) screen: Screen,
    pub(crate) viewers: Vec<(ViewerKey, Reference)>,
    pub(crate) now: Instant,
    pub(crate) works: usize,
}

impl Show {
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut show = Self {
            screen: Screen::new(),
            viewers: Vec::new(),
            now: Instant::now(),
            works: 0,
        };
        show.draw(|canvas| canvas.set_size(Size { width, height }));
        show
    }

    pub(crate) fn with_viewer(width: u16, height: u16, abilities: ViewerAbilities) -> Self {
        let mut show = Self::new(width, height);
        show.attach(abilities);
        show
    }

    pub(crate) fn attach(&mut self, abilities: ViewerAbilities) -> ViewerKey {
        let key = ViewerKey(self.viewers.len() as u64);
        self.screen.attach(key, abilities, self.now);
        self.viewers.push((key, Reference::default()));
        key
    }

    pub(crate) fn draw<T>(&mut self, draw: impl FnOnce(&mut Drawing<'_>) -> T) -> T {
        draw(&mut self.screen.draw(self.now))
    }

    pub(crate) fn viewer(&mut self) -> &mut Reference {
        &mut self.viewers[0].1
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.screen.handle_timeout(self.now);
    }

    /// Encodes what waits, shows it, and acknowledges it; no time passes.
    /// Tells whether there was anything.
    pub(crate) fn run(&mut self) -> bool {
        let mut did = false;
        while let Some(work) = self.screen.poll_work(self.now) {
            self.works += 1;
            did = true;
            self.screen.handle_encoded(work.encode(), self.now);
        }
        for (key, reference) in &mut self.viewers {
            while let Some(bodies) = self.screen.poll_frame(*key) {
                did = true;
                if let Some(frame) = reference.apply(&bodies) {
                    self.screen
                        .handle_ack(*key, frame, Duration::ZERO, self.now);
                }
            }
        }
        assert!(did || !self.screen.has_work());
        did
    }

    /// Runs, and lets time pass, until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if self.run() {
                continue;
            }
            let Some(next) = self.screen.next_timeout() else {
                return;
            };
            self.now = self.now.max(next);
            self.screen.handle_timeout(self.now);
        }
        panic!("the screen does not come to rest");
    }

    /// Runs until nothing is left to do now, without refinement.
    pub(crate) fn flush(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if !self.run() {
                return;
            }
        }
        panic!("the screen does not come to rest");
    }

    /// What the screen shows, three bytes a pixel.
    pub(crate) fn truth(&self) -> Vec<u8> {
        rgb(self.screen.pixels())
    }

    /// Every viewer shows exactly what the screen does.
    #[track_caller]
    pub(crate) fn assert_exact(&self) {
        let truth = self.truth();
        for (key, reference) in &self.viewers {
            assert_eq!(reference.size, self.screen.size(), "{key:?}");
            let wrong = truth
                .iter()
                .zip(&reference.rgb)
                .position(|(wanted, shown)| wanted != shown);
            let place = wrong.map(|at| {
                let pixel = at / 3;
                let width = usize::from(reference.size.width);
                (pixel % width, pixel / width)
            });
            assert_eq!(place, None, "{key:?} shows a wrong pixel there");
        }
    }
}
