//! Scenes as a viewer gets them.

use std::time::Duration;

use bytes::Bytes;
use causeway_screen::corpus::Scene;
use causeway_screen::{Canvas, Rect, Screen, ViewerAbilities, ViewerKey};
use causeway_wire::message::TileCodec;
use causeway_wire::message::to_viewer::Body;

use crate::reference::{Counts, psnr};
use crate::show::{ALL, EXACT, Show};

const FRAME: Duration = Duration::from_millis(33);
const FRAMES: u32 = 8;

/// Plays a scene; gives what its frames after the first took, and the least
/// PSNR of any frame.
fn play(scene: Scene, abilities: ViewerAbilities) -> (Counts, f64) {
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
    for scene in [
        Scene::Interface,
        Scene::Drag,
        Scene::Page,
        Scene::CleanVideo,
    ] {
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
        assert!(
            counts.copies >= FRAMES as usize - 1,
            "{}: {counts:?}",
            scene.name()
        );
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

/// A part of a photograph.
fn film(rect: Rect) -> Vec<u8> {
    let mut show = Show::new(1280, 720);
    show.draw(|canvas| Scene::Photo.draw(canvas, 0));
    let mut pixels = Vec::new();
    show.draw(|canvas| canvas.read(rect, &mut pixels));
    pixels
}

#[test]
fn an_approximation_that_was_moved_is_refined_where_it_went() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    show.draw(|canvas| Scene::Text.draw(canvas, 0));
    show.settle();
    let photo = Rect::new(0, 0, 640, 320);
    let film = film(photo);
    show.draw(|canvas| {
        canvas.put(photo, &film);
        canvas.end_frame();
    });
    show.flush();
    assert!(show.viewer().counts.photos > 0);
    show.draw(|canvas| {
        canvas.copy(photo, 600, 333);
        canvas.fill(photo, [0, 0, 0]);
        canvas.end_frame();
    });
    show.pass(FRAME);
    show.flush();
    assert!(show.viewer().counts.copies > 0);
    assert!(psnr(&show.truth(), &show.viewer().rgb).is_finite());
    show.settle();
    show.assert_exact();
}

/// A scene's photograph as files, a quarter of the screen each, with the pixels
/// that they decode to.
fn files(frame: u32) -> Vec<(Rect, Bytes, Vec<u8>)> {
    let mut show = Show::new(1280, 720);
    show.draw(|canvas| Scene::Photo.draw(canvas, frame));
    let quarters = [(0, 0), (640, 0), (0, 360), (640, 360)];
    let file = |(x, y)| {
        let rect = Rect::new(x, y, 640, 360);
        let mut pixels = Vec::new();
        show.draw(|canvas| canvas.read(rect, &mut pixels));
        let image = turbojpeg::Image {
            pixels: &pixels[..],
            width: 640,
            pitch: 640 * 4,
            height: 360,
            format: turbojpeg::PixelFormat::RGBX,
        };
        let file = turbojpeg::compress(image, 60, turbojpeg::Subsamp::Sub2x2).unwrap();
        let decoded = turbojpeg::decompress(&file, turbojpeg::PixelFormat::RGBX).unwrap();
        (rect, Bytes::copy_from_slice(&file), decoded.pixels)
    };
    quarters.map(file).to_vec()
}

/// The JPEG files of all frames that there are for a viewer.
fn photographs(screen: &mut Screen, show: impl Fn(&mut Screen)) -> Vec<Bytes> {
    show(screen);
    let mut files = Vec::new();
    while let Some(bodies) = screen.poll_frame(ViewerKey(0)) {
        for body in bodies {
            if let Body::Tile(tile) = body
                && tile.codec() == TileCodec::Jpeg
            {
                files.push(tile.data);
            }
        }
    }
    files
}

#[test]
fn files_of_the_target_are_handed_on_as_they_are() {
    let files = files(0);
    let mut show = Show::new(1280, 720);
    let now = show.now;
    show.screen.attach(ViewerKey(0), ALL, now);
    let sent = photographs(&mut show.screen, |screen| {
        let mut canvas = screen.draw(now);
        for (rect, file, pixels) in &files {
            canvas.put_jpeg(*rect, file, pixels);
        }
        canvas.end_frame();
        assert!(screen.poll_work(now).is_none(), "nothing is left to encode");
    });
    let expected: Vec<Bytes> = files.into_iter().map(|(_, file, _)| file).collect();
    assert_eq!(sent, expected);
}

#[test]
fn what_was_handed_on_waits_longer_for_its_refinement() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    let files = files(0);
    show.draw(|canvas| {
        for (rect, file, pixels) in &files {
            canvas.put_jpeg(*rect, file, pixels);
        }
        canvas.end_frame();
    });
    show.flush();
    show.pass(Duration::from_secs(1));
    assert!(!show.run(), "the target may yet send something better");
    // And it does: nothing is left to refine.
    let whole = show.screen.size().whole();
    let truth = film(whole);
    show.draw(|canvas| {
        for row in 0..whole.height / 20 {
            let band = Rect::new(0, row * 20, whole.width, 20);
            let bytes = band.pixels() * 4;
            let start = usize::from(row) * bytes;
            canvas.put(band, &truth[start..start + bytes]);
            canvas.end_frame();
        }
    });
    show.settle();
    show.assert_exact();
}

#[test]
fn a_file_that_was_drawn_over_is_not_handed_on() {
    let mut show = Show::with_viewer(1280, 720, ALL);
    let files = files(1);
    show.draw(|canvas| {
        for (rect, file, pixels) in &files {
            canvas.put_jpeg(*rect, file, pixels);
        }
        // Over the first, and from the second over the third.
        canvas.fill(Rect::new(100, 100, 30, 30), [255, 0, 0]);
        canvas.copy(Rect::new(700, 10, 200, 200), 20, 400);
        canvas.end_frame();
    });
    show.flush();
    let found = psnr(&show.truth(), &show.viewer().rgb);
    assert!(found > 30.0, "{found} dB");
    show.settle();
    show.assert_exact();
}

#[test]
fn a_viewer_that_knows_only_jpeg_sees_it_closely() {
    let only_jpeg = ViewerAbilities {
        zstd: false,
        jpeg: true,
    };
    for scene in [Scene::Text, Scene::Interface, Scene::Video] {
        let mut show = Show::with_viewer(640, 400, only_jpeg);
        show.draw(|canvas| scene.draw(canvas, 0));
        show.settle();
        let found = psnr(&show.truth(), &show.viewer().rgb);
        assert!(found > 26.0, "{}: {found} dB", scene.name());
        assert_eq!(show.viewer().counts.exact, 0);
    }
}

#[test]
fn a_change_of_size_begins_a_new_surface() {
    let mut show = Show::with_viewer(640, 480, ALL);
    show.draw(|canvas| Scene::Interface.draw(canvas, 0));
    show.settle();
    for (width, height) in [(800, 600), (320, 200), (1, 1), (1023, 767)] {
        show.draw(|canvas| {
            canvas.set_size(causeway_screen::Size { width, height });
            Scene::Interface.draw(canvas, 0);
        });
        show.settle();
        show.assert_exact();
    }
}

#[test]
fn an_8k_screen_is_shown_in_several_frames() {
    let mut show = Show::with_viewer(7680, 4320, ALL);
    let whole = show.screen.size().whole();
    let lines: Vec<u8> = (0..whole.pixels() as u32)
        .flat_map(|at| ((at / 7680 * 0x0001_0203) ^ (at / 300 % 25)).to_le_bytes())
        .collect();
    show.draw(|canvas| {
        canvas.put(whole, &lines);
        canvas.end_frame();
    });
    // No frame takes out more than a part of it.
    let mut pixels = 0;
    while let Some(work) = show.screen.poll_work(show.now) {
        pixels += work.pixels();
        show.screen.handle_encoded(work.encode(), show.now);
    }
    assert!(pixels < whole.pixels() / 2);
    // Something moves before the rest is there.
    show.draw(|canvas| {
        canvas.copy(Rect::new(0, 0, 7000, 4000), 300, 200);
        canvas.end_frame();
    });
    show.settle();
    assert!(show.viewer().frame > 2);
    show.assert_exact();
}
