//! Scenes as a viewer gets them.

use std::time::Duration;

use causeway_screen::Canvas;
use causeway_screen::corpus::Scene;

use crate::reference::{Counts, psnr};
use crate::show::{ALL, EXACT, Show};

const FRAME: Duration = Duration::from_millis(33);
const FRAMES: u32 = 8;

/// Plays a scene; gives what its frames after the first took, and the least
/// PSNR of any frame.
fn play(scene: Scene, abilities: causeway_screen::ViewerAbilities) -> (Counts, f64) {
    let mut show = Show::with_viewer(1280, 720, abilities);
    let mut worst = f64::INFINITY;
    let mut first = Counts::default();
    for frame in 0..FRAMES {
        show.draw(|canvas| scene.draw(canvas, frame));
        show.flush();
        let ratio = psnr(&show.truth(), &show.viewer().rgb);
        worst = worst.min(ratio);
        if frame == 0 {
            show.settle();
            show.assert_exact();
            first = show.viewer().counts;
        }
        show.pass(FRAME);
        show.flush();
    }
    let last = show.viewer().counts;
    show.settle();
    show.assert_exact();
    let counts = Counts {
        copies: last.copies - first.copies,
        solids: last.solids - first.solids,
        exact: last.exact - first.exact,
        photos: last.photos - first.photos,
        bytes: (last.bytes - first.bytes) / (FRAMES as usize - 1),
    };
    (counts, worst)
}

#[test]
fn text_is_exact_at_once() {
    for scene in [Scene::Text, Scene::Typing, Scene::Terminal] {
        let (counts, worst) = play(scene, ALL);
        assert_eq!(counts.photos, 0, "{}", scene.name());
        assert!(worst.is_infinite(), "{}: {worst} dB", scene.name());
    }
}

#[test]
fn interfaces_are_exact_at_once_but_for_pictures() {
    for scene in [Scene::Interface, Scene::Drag, Scene::Page, Scene::CleanVideo] {
        let (counts, worst) = play(scene, ALL);
        assert!(worst > 38.0, "{}: {worst} dB, {counts:?}", scene.name());
    }
}

#[test]
fn photographs_are_close_at_once_and_exact_when_calm() {
    for scene in [Scene::Photo, Scene::Video, Scene::FullVideo] {
        let (counts, worst) = play(scene, ALL);
        assert!(counts.photos > 0, "{}", scene.name());
        assert!(worst > 31.0, "{}: {worst} dB", scene.name());
    }
}

#[test]
fn a_viewer_without_jpeg_sees_every_frame_exactly() {
    for scene in Scene::ALL {
        let (counts, worst) = play(scene, EXACT);
        assert_eq!(counts.photos, 0, "{}", scene.name());
        assert!(worst.is_infinite(), "{}: {worst} dB", scene.name());
    }
}

#[test]
fn a_letter_costs_little() {
    let (counts, _) = play(Scene::Typing, ALL);
    assert!(counts.bytes < 300, "{counts:?}");
}

#[test]
fn scrolling_is_found_without_being_told() {
    for scene in [Scene::Terminal, Scene::Page] {
        let (counts, _) = play(scene, EXACT);
        assert!(counts.copies >= FRAMES as usize - 1, "{}: {counts:?}", scene.name());
        let whole = play(Scene::Text, EXACT).0.bytes;
        assert!(counts.bytes < whole / 2, "{}: {counts:?}", scene.name());
    }
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    for scene in [Scene::Text, Scene::Photo] {
        show.draw(|canvas| scene.draw(canvas, 0));
        show.settle();
        let before = show.viewer().frame;
        for _ in 0..3 {
            show.draw(|canvas| scene.draw(canvas, 0));
            show.settle();
        }
        assert_eq!(show.viewer().frame, before, "{}", scene.name());
    }
}

#[test]
fn one_colour_is_a_fill() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    let whole = show.screen.size().whole();
    show.draw(|canvas| {
        canvas.fill(whole, [10, 20, 30]);
        canvas.end_frame();
    });
    show.settle();
    show.assert_exact();
    let counts = show.viewer().counts;
    assert_eq!((counts.solids, counts.exact, counts.photos), (1, 0, 0));
}

#[test]
fn a_copy_that_the_target_tells_is_handed_on() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    show.draw(|canvas| Scene::Photo.draw(canvas, 0));
    show.settle();
    let before = show.viewer().counts;
    let whole = show.screen.size().whole();
    // Another direction than what is looked for.
    show.draw(|canvas| {
        canvas.copy(whole, 100, 37);
        canvas.end_frame();
    });
    show.settle();
    show.assert_exact();
    let after = show.viewer().counts;
    assert_eq!(after.copies, before.copies + 1);
    assert_eq!((after.exact, after.photos), (before.exact, before.photos));
}
