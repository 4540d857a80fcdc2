//! Whatever a decoder draws, however wrong, nothing panics and viewers see it
//! right.

use bytes::Bytes;
use causeway_screen::{Canvas, CursorImage, Rect, Screen, Size};

use crate::show::{ALL, Show};

#[test]
fn rectangles_are_clipped() {
    let mut show = Show::with_viewer(200, 100, ALL);
    let max = u16::MAX;
    let odd = [
        Rect::new(0, 0, 0, 0),
        Rect::new(190, 90, 50, 50),
        Rect::new(199, 99, 1, 1),
        Rect::new(200, 100, 10, 10),
        Rect::new(max, max, max, max),
        Rect::new(0, 0, max, 3),
        Rect::new(5, 5, 0, 9),
    ];
    for rect in odd {
        let pixels = vec![0x77; rect.pixels().min(400_000) * 4];
        show.draw(|canvas| {
            canvas.put(rect, &pixels);
            canvas.put(rect, &pixels[..pixels.len() / 2]);
            canvas.put(rect, &[]);
            canvas.fill(rect, [1, 2, 3]);
            canvas.put_jpeg(rect, &Bytes::from_static(b"no jpeg"), &pixels);
            canvas.copy(rect, 20, 20);
            canvas.copy(rect, max, max);
            canvas.copy(Rect::new(10, 10, 100, 80), rect.x, rect.y);
            let mut read = Vec::new();
            canvas.read(rect, &mut read);
            assert!(read.len() <= 200 * 100 * 4);
            canvas.move_cursor(rect.x, rect.y);
            canvas.end_frame();
        });
        show.settle();
        show.assert_exact();
    }
}

#[test]
fn a_screen_without_pixels_shows_nothing() {
    for (width, height) in [(0, 0), (0, 50), (50, 0)] {
        let mut show = Show::with_viewer(width, height, ALL);
        show.draw(|canvas| {
            canvas.fill(Rect::new(0, 0, 10, 10), [1, 2, 3]);
            canvas.copy(Rect::new(0, 0, 10, 10), 5, 5);
            canvas.end_frame();
        });
        show.settle();
        assert_eq!(show.viewer().frame, 0);
    }
}

#[test]
fn a_screen_is_never_larger_than_the_most() {
    let mut screen = Screen::new();
    let now = std::time::Instant::now();
    screen.draw(now).set_size(Size {
        width: u16::MAX,
        height: u16::MAX,
    });
    assert!(screen.size().pixels() <= Screen::PIXELS_MAX);
    assert_eq!(screen.pixels().len(), screen.size().pixels() * 4);
}

#[test]
fn a_file_that_is_not_the_rectangle_is_not_handed_on() {
    let mut show = Show::with_viewer(256, 256, ALL);
    let image = turbojpeg::Image {
        pixels: &[200_u8; 64 * 64 * 3][..],
        width: 64,
        pitch: 64 * 3,
        height: 64,
        format: turbojpeg::PixelFormat::RGB,
    };
    let file = turbojpeg::compress(image, 80, turbojpeg::Subsamp::Sub2x2).unwrap();
    let file = Bytes::copy_from_slice(&file);
    let rect = Rect::new(0, 0, 256, 256);
    show.draw(|canvas| {
        canvas.put_jpeg(rect, &file, &[9; 256 * 256 * 4]);
        canvas.end_frame();
    });
    show.settle();
    show.assert_exact();
    assert_eq!(show.viewer().counts.photos, 0);
}

#[test]
fn a_cursor_that_fits_nothing_is_the_arrow() {
    let mut show = Show::with_viewer(64, 64, ALL);
    let shape = |width, height, bytes: usize| CursorImage::Shape {
        size: Size { width, height },
        hotspot_x: u16::MAX,
        hotspot_y: u16::MAX,
        rgba: vec![0xff; bytes].into(),
    };
    for (cursor, width, hotspot_x) in [
        (CursorImage::Hidden, 0, 0),
        (CursorImage::Default, 0, 1),
        (shape(8, 8, 8 * 8 * 4), 8, 7),
        (shape(8, 8, 8), 0, 1),
        (shape(2000, 2000, 2000 * 2000 * 4), 0, 1),
        (shape(0, 0, 0), 0, 0),
    ] {
        show.draw(|canvas| canvas.set_cursor(cursor.clone()));
        show.settle();
        let shown = show.viewer().cursor.clone().unwrap();
        assert_eq!(
            (shown.width, shown.hotspot_x),
            (width, hotspot_x),
            "{cursor:?}"
        );
    }
}

#[test]
fn acknowledgements_of_nothing_are_nothing() {
    let mut show = Show::with_viewer(64, 64, ALL);
    let key = show.viewers[0].0;
    let mut frames = 0;
    for round in 0..20_u8 {
        show.draw(|canvas| {
            canvas.fill(Rect::new(0, 0, 64, 64), [round, 2, 3]);
            canvas.end_frame();
        });
        while let Some(work) = show.screen.poll_work(show.now) {
            show.screen.handle_encoded(work.encode(), show.now);
        }
        while let Some(bodies) = show.screen.poll_frame(key) {
            frames += usize::from(show.viewers[0].1.apply(&bodies).is_some());
        }
        for frame in [0, 99, u64::MAX] {
            let present = std::time::Duration::MAX;
            show.screen.handle_ack(key, frame, present, show.now);
            let nobody = causeway_screen::ViewerKey(99);
            show.screen.handle_ack(nobody, frame, present, show.now);
        }
        show.pass(std::time::Duration::from_millis(50));
    }
    assert_eq!(frames, 2, "frames on their way unacknowledged");
    let last = show.viewers[0].1.frame;
    show.screen
        .handle_ack(key, last, std::time::Duration::MAX, show.now);
    show.settle();
    show.assert_exact();
}
