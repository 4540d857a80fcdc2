//! Viewers near and far, in simulated time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use causeway_screen::corpus::Scene;
use causeway_screen::{Canvas, Rect, ViewerKey};

use crate::reference::psnr;
use crate::show::{ALL, Show};

/// A way to a viewer.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// Bytes a second.
    bandwidth: f64,
    /// From one end to the other.
    delay: Duration,
    /// What the viewer takes to show a frame.
    present: Duration,
    /// When it stops to answer.
    lost_after: Option<Duration>,
}

const NEAR: Way = Way {
    bandwidth: 200e6,
    delay: Duration::from_micros(200),
    present: Duration::from_millis(8),
    lost_after: None,
};

/// What a viewer saw.
#[derive(Debug, Default)]
struct Seen {
    frames: usize,
    /// Most frames on their way at once.
    flying_max: usize,
    /// How old each frame was when it was shown, from being fetched.
    ages: Vec<Duration>,
    bytes: usize,
}

impl Seen {
    fn age_median(&self) -> Duration {
        let mut ages = self.ages.clone();
        ages.sort();
        ages[ages.len() / 2]
    }
}

/// A frame that is on its way, and when it will have been acknowledged.
#[derive(Debug, Clone, Copy)]
struct Flying {
    frame: u64,
    fetched: Instant,
    acknowledged: Instant,
}

/// Plays a scene at 30 frames a second for a time; every viewer has its way.
fn play(scene: Scene, ways: &[Way], time: Duration) -> (Show, Vec<Seen>) {
    const TICK: Duration = Duration::from_millis(1);
    let mut show = Show::new(1280, 720);
    let start = show.now;
    let mut seen: Vec<Seen> = ways.iter().map(|_| Seen::default()).collect();
    let mut free: Vec<Instant> = ways.iter().map(|_| start).collect();
    let mut flying: Vec<VecDeque<Flying>> = ways.iter().map(|_| VecDeque::new()).collect();
    for _ in ways {
        show.attach(ALL);
    }
    let mut frame = 0;
    while show.now - start < time {
        if show.now - start >= Duration::from_millis(33) * frame {
            show.draw(|canvas| scene.draw(canvas, frame));
            frame += 1;
        }
        while let Some(work) = show.screen.poll_work(show.now) {
            show.works += 1;
            show.screen.handle_encoded(work.encode(), show.now);
        }
        for (at, way) in ways.iter().enumerate() {
            let lost = way
                .lost_after
                .is_some_and(|after| show.now - start >= after);
            let (key, reference) = &mut show.viewers[at];
            while let Some(bodies) = show.screen.poll_frame(*key) {
                let before = reference.counts.bytes;
                let mark = reference.apply(&bodies);
                let bytes = reference.counts.bytes - before;
                seen[at].bytes += bytes;
                let carried = Duration::from_secs_f64(bytes as f64 / way.bandwidth);
                free[at] = free[at].max(show.now) + carried;
                if let Some(frame) = mark {
                    flying[at].push_back(Flying {
                        frame,
                        fetched: show.now,
                        acknowledged: free[at] + way.delay * 2 + way.present,
                    });
                }
            }
            seen[at].flying_max = seen[at].flying_max.max(flying[at].len());
            while let Some(first) = flying[at].front().copied()
                && first.acknowledged <= show.now
                && !lost
            {
                flying[at].pop_front();
                seen[at].frames += 1;
                seen[at].ages.push(show.now - first.fetched - way.delay);
                let key = ViewerKey(at as u64);
                show.screen
                    .handle_ack(key, first.frame, way.present, show.now);
            }
        }
        show.pass(TICK);
    }
    for (key, reference) in &show.viewers {
        if ways[key.0 as usize].lost_after.is_none() {
            let frame = reference.frame;
            show.screen
                .handle_ack(*key, frame, Duration::ZERO, show.now);
        }
    }
    (show, seen)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_near_viewer_sees_every_frame() {
    for scene in [Scene::Video, Scene::Terminal, Scene::Typing] {
        let (_, seen) = play(scene, &[NEAR], SECOND * 2);
        assert!(
            seen[0].frames >= 58,
            "{}: {:?}",
            scene.name(),
            seen[0].frames
        );
        assert!(seen[0].flying_max <= 2);
    }
}

#[test]
fn a_far_viewer_on_a_wide_link_is_not_held_back() {
    let far = Way {
        delay: Duration::from_millis(40),
        bandwidth: 12e6,
        ..NEAR
    };
    let (_, seen) = play(Scene::Video, &[far], SECOND * 4);
    assert!(seen[0].frames >= 80, "{} frames", seen[0].frames);
    assert!(seen[0].flying_max <= 3);
}

#[test]
fn a_slow_viewer_sees_fewer_frames_but_never_older_ones() {
    // 4 Mbit/s: a frame of this film would take 150 ms and more.
    let slow = Way {
        bandwidth: 0.5e6,
        delay: Duration::from_millis(10),
        ..NEAR
    };
    let (mut show, seen) = play(Scene::Video, &[slow], SECOND * 5);
    let seen = &seen[0];
    assert!(seen.frames >= 30, "{} frames", seen.frames);
    assert!(
        seen.age_median() < Duration::from_millis(250),
        "{:?}",
        seen.age_median()
    );
    assert!(seen.bytes < 5 * 600_000, "{} bytes", seen.bytes);
    let worst = psnr(&show.truth(), &show.viewer().rgb);
    assert!(worst > 22.0, "{worst} dB");
    show.settle();
    show.assert_exact();
}

#[test]
fn a_slow_viewer_does_not_slow_the_others() {
    let slow = Way {
        bandwidth: 0.15e6,
        delay: Duration::from_millis(10),
        ..NEAR
    };
    let (mut show, seen) = play(Scene::Video, &[slow, NEAR], SECOND * 4);
    assert!(seen[1].frames >= 110, "{} frames", seen[1].frames);
    assert!(seen[0].frames < 80, "{} frames", seen[0].frames);
    show.settle();
    show.assert_exact();
}

#[test]
fn a_lost_viewer_is_given_no_more_and_asks_for_nothing() {
    let lost = Way {
        lost_after: Some(SECOND),
        ..NEAR
    };
    let (show, seen) = play(Scene::Video, &[lost], SECOND * 3);
    assert!((28..=36).contains(&seen[0].frames), "{}", seen[0].frames);
    assert!(!show.screen.wants_picture());
    assert!(!show.screen.has_work());
    assert_eq!(show.screen.next_timeout(), None);
}

#[test]
fn viewers_that_want_the_same_share_the_work() {
    let (one, _) = play(Scene::Video, &[NEAR], SECOND);
    let (three, seen) = play(Scene::Video, &[NEAR, NEAR, NEAR], SECOND);
    assert_eq!(one.works, three.works);
    assert!(seen.iter().all(|seen| seen.frames >= 28));
}

#[test]
fn a_viewer_that_joins_gets_the_whole_picture_and_then_shares() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    show.draw(|canvas| Scene::Interface.draw(canvas, 0));
    show.settle();
    show.attach(ALL);
    show.settle();
    show.assert_exact();
    show.draw(|canvas| Scene::Interface.draw(canvas, 1));
    show.flush();
    let works = show.works;
    show.settle();
    show.draw(|canvas| canvas.fill(Rect::new(5, 5, 9, 9), [1, 2, 3]));
    show.draw(|canvas| canvas.end_frame());
    show.pass(SECOND);
    show.settle();
    assert!(show.works > works);
    show.assert_exact();
    let before = show.works;
    show.draw(|canvas| canvas.fill(Rect::new(5, 5, 9, 9), [3, 2, 1]));
    show.draw(|canvas| canvas.end_frame());
    show.settle();
    assert_eq!(show.works, before + 1, "two viewers, one work");
}

#[test]
fn nobody_wants_a_picture_of_nobody() {
    let mut show = Show::new(640, 480);
    show.draw(|canvas| Scene::Video.draw(canvas, 0));
    assert!(!show.screen.wants_picture());
    assert!(!show.screen.has_work());
    assert_eq!(show.screen.next_timeout(), None);
}

#[test]
fn refinement_waits_for_calm_and_goes_in_pieces() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    show.draw(|canvas| Scene::Photo.draw(canvas, 0));
    show.flush();
    assert!(psnr(&show.truth(), &show.viewer().rgb).is_finite());
    let before = show.viewer().frame;
    show.pass(Duration::from_millis(250));
    assert!(!show.run(), "refined before it was calm");
    let due = show.screen.next_timeout().unwrap();
    assert!(due - show.now <= Duration::from_millis(51));
    show.pass(Duration::from_millis(51));
    assert!(show.run());
    assert_eq!(show.viewer().frame, before + 1);
    assert!(
        psnr(&show.truth(), &show.viewer().rgb).is_finite(),
        "all at once"
    );
    show.settle();
    show.assert_exact();
}

#[test]
fn what_moves_is_not_refined_and_what_rests_beside_it_is() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    show.draw(|canvas| Scene::Photo.draw(canvas, 0));
    show.flush();
    for frame in 0..40 {
        show.draw(|canvas| {
            Scene::Video.draw(&mut Moving(canvas), frame);
        });
        show.pass(Duration::from_millis(33));
        show.flush();
    }
    let truth = show.truth();
    let shown = &show.viewer().rgb;
    let calm = 1280 * 3 * 600..;
    assert_eq!(truth[calm.clone()], shown[calm]);
}

/// Lets only the film through, not the desktop around it.
struct Moving<'a, C>(&'a mut C);

impl<C: Canvas> Canvas for Moving<'_, C> {
    fn set_size(&mut self, size: causeway_screen::Size) {
        self.0.set_size(size);
    }
    fn size(&self) -> causeway_screen::Size {
        self.0.size()
    }
    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        if rect != self.size().whole() {
            self.0.put(rect, pixels);
        }
    }
    fn fill(&mut self, rect: Rect, rgb: [u8; 3]) {
        self.0.fill(rect, rgb);
    }
    fn copy(&mut self, source: Rect, x: u16, y: u16) {
        self.0.copy(source, x, y);
    }
    fn put_jpeg(&mut self, rect: Rect, jpeg: &bytes::Bytes, pixels: &[u8]) {
        self.0.put_jpeg(rect, jpeg, pixels);
    }
    fn read(&self, rect: Rect, into: &mut Vec<u8>) {
        self.0.read(rect, into);
    }
    fn end_frame(&mut self) {
        self.0.end_frame();
    }
    fn set_cursor(&mut self, cursor: causeway_screen::CursorImage) {
        self.0.set_cursor(cursor);
    }
    fn move_cursor(&mut self, x: u16, y: u16) {
        self.0.move_cursor(x, y);
    }
}
