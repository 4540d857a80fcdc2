//! Every encoding, in every pixel format, however the bytes are cut.

use causeway_rfb::{ClientConfig, PixelFormat};
use causeway_screen::Rect;
use proptest::prelude::*;

use crate::canvas::Picture;
use crate::encode::{How, Streams, all, encode};
use crate::pixels::{Writer, formats};
use crate::server::{Session, in_every_cut, rect, rectangle, update};

/// One colour, a few, runs of them, and as many as pixels.
fn scenes(width: u16, height: u16) -> [Picture; 5] {
    let noise = |x: u16, y: u16, salt: u32| {
        let number =
            (u32::from(x) * 7919 + u32::from(y) * 104_729 + salt).wrapping_mul(2_654_435_761);
        number.to_be_bytes()[0]
    };
    [
        Picture::new(width, height, |_, _| [0x33, 0x66, 0x99]),
        Picture::new(width, height, |x, y| {
            if (x / 3 + y) % 5 == 0 {
                [0, 0, 0]
            } else {
                [255, 255, 255]
            }
        }),
        Picture::new(width, height, |x, y| {
            let step = u8::try_from((x / 9 + y / 4) % 13).unwrap();
            [step * 19, 255 - step * 19, step * 7]
        }),
        Picture::new(width, height, |x, y| {
            let part = |number: u16| u8::try_from(number * 5 % 256).unwrap();
            [part(x), part(y), part(x + y)]
        }),
        Picture::new(width, height, |x, y| {
            [noise(x, y, 1), noise(x, y, 2), noise(x, y, 3)]
        }),
    ]
}

/// Rectangles that cover a screen: not aligned to any tile.
fn cover(size: Rect) -> Vec<Rect> {
    let (left, top) = (size.width / 3, size.height / 2);
    vec![
        rect(0, 0, left, top),
        rect(left, 0, size.width - left, top),
        rect(0, top, size.width, size.height - top),
    ]
}

fn check(how: How, format: &PixelFormat, scene: &Picture) {
    let writer = Writer { format: *format };
    let mut streams = Streams::default();
    let rectangles: Vec<_> = cover(scene.whole())
        .into_iter()
        .map(|rect| encode(how, scene, rect, &writer, &mut streams))
        .collect();
    // Twice, since streams and palettes go on from update to update.
    let mut bytes = update(&rectangles[..2]);
    bytes.extend(update(&rectangles[2..]));
    let start = || Session::of_format(scene.size.width, scene.size.height, format);
    let session = in_every_cut(start, &bytes, 42).unwrap();
    let expected = scene.map(|rgb| writer.seen(rgb));
    assert!(
        session.picture.pixels == expected.pixels,
        "{how:?} in {format:?}"
    );
    assert_eq!(session.picture.frames, 2);
}

#[test]
fn every_encoding_draws_every_scene_in_the_usual_format() {
    for scene in scenes(150, 75) {
        for how in all() {
            check(how, &PixelFormat::RGBX, &scene);
        }
    }
}

#[test]
fn every_encoding_draws_in_every_format() {
    for format in formats() {
        for scene in scenes(37, 21) {
            for how in all() {
                check(how, &format, &scene);
            }
        }
    }
}

#[test]
fn rows_wider_than_a_band_are_drawn() {
    let [_, _, few, smooth, _] = scenes(5000, 6);
    for how in all().into_iter().filter(|how| *how != How::CoRre) {
        check(how, &PixelFormat::RGBX, &few);
        check(how, &PixelFormat::RGB565, &smooth);
    }
}

#[test]
fn red_and_blue_change_places_when_told() {
    let [.., few, smooth, _] = scenes(40, 30);
    for scene in [few, smooth] {
        for how in all() {
            let mut streams = Streams::default();
            let writer = Writer {
                format: PixelFormat::RGBX,
            };
            let body = encode(how, &scene, scene.whole(), &writer, &mut streams);
            let config = ClientConfig {
                swap_red_and_blue: true,
                ..ClientConfig::default()
            };
            let mut session = Session::with(40, 30, &PixelFormat::RGBX, config);
            session.hear(&update(&[body])).unwrap();
            let expected = scene.map(|[r, g, b]| [b, g, r]);
            assert!(session.picture.pixels == expected.pixels, "{how:?}");
        }
    }
}

#[test]
fn copy_rect_moves_what_overlaps() {
    let [.., smooth, _] = scenes(20, 20);
    let writer = Writer {
        format: PixelFormat::RGBX,
    };
    let picture = encode(
        How::Raw,
        &smooth,
        smooth.whole(),
        &writer,
        &mut Streams::default(),
    );
    let copy = rectangle(rect(3, 4, 15, 14), 1, &[0, 1, 0, 2]);
    let bytes = [update(&[picture]), update(&[copy])].concat();
    let session = in_every_cut(|| Session::new(20, 20), &bytes, 7).unwrap();
    let moved = Picture::new(20, 20, |x, y| {
        if (3..18).contains(&x) && (4..18).contains(&y) {
            smooth.at(x - 2, y - 2)
        } else {
            smooth.at(x, y)
        }
    });
    assert!(session.picture.pixels == moved.pixels);
}

#[test]
fn colours_of_a_map_are_looked_up() {
    let format = PixelFormat {
        bits_per_pixel: 8,
        depth: 8,
        true_colour: false,
        ..PixelFormat::RGBX
    };
    let mut bytes = vec![1, 0, 0, 7, 0, 2];
    bytes.extend([0xff, 0, 0x80, 0, 0x12, 0]);
    bytes.extend([1, 2, 3, 4, 5, 6]);
    bytes.extend(update(&[
        rectangle(rect(0, 0, 3, 1), 0, &[7, 8, 9]),
        rectangle(rect(0, 1, 3, 1), 7, &[0x80, 7]),
        rectangle(rect(0, 2, 3, 1), 15, &[1, 8]),
    ]));
    let session = in_every_cut(|| Session::of_format(3, 3, &format), &bytes, 3).unwrap();
    let (seven, eight) = ([0xff, 0x80, 0x12], [1, 3, 5]);
    let expected = [[seven, eight, [0; 3]], [seven; 3], [eight; 3]].concat();
    assert_eq!(session.picture.pixels, expected);
}

#[test]
fn a_tile_may_use_the_palette_before_it() {
    // Two colours, the same again as bits, and as runs.
    let mut body = vec![2, 255, 0, 0, 0, 0, 255];
    body.extend([0b0101_0101, 0b0101_0101].repeat(16));
    body.push(127);
    body.extend([0xff, 0x00].repeat(16));
    body.extend([129, 0x80, 254, 0x81, 0]);
    let whole = rect(0, 0, 48, 16);
    let bytes = update(&[rectangle(whole, 15, &body)]);
    let session = in_every_cut(|| Session::new(48, 16), &bytes, 9).unwrap();
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    let expected = Picture::new(48, 16, |x, y| match x {
        ..16 => [red, blue][usize::from(x % 2)],
        16..24 => blue,
        24..32 => red,
        _ => {
            if (x, y) == (47, 15) {
                blue
            } else {
                red
            }
        }
    });
    assert!(session.picture.pixels == expected.pixels);
}

#[test]
fn tight_streams_begin_anew_when_told() {
    let [.., noise] = scenes(16, 16);
    let writer = Writer {
        format: PixelFormat::RGBX,
    };
    let send = |streams: &mut Streams| {
        encode(
            How::Tight(crate::encode::Filter::None),
            &noise,
            noise.whole(),
            &writer,
            streams,
        )
    };
    let first = send(&mut Streams::default());
    let mut again = send(&mut Streams::default());
    let control = 12;
    again[control] |= 1;
    let mut session = Session::new(16, 16);
    session.hear(&update(&[first.clone(), again])).unwrap();
    assert!(session.picture.pixels == noise.pixels);
    assert!(
        session.hear(&update(&[first])).is_err(),
        "a second head within a stream"
    );
}

#[test]
fn rectangles_without_pixels_are_no_trouble() {
    let empty = rect(4, 4, 0, 3);
    let mut streams = Streams::default();
    let rectangles = [
        rectangle(empty, 0, &[]),
        rectangle(rect(4, 4, 3, 0), 0, &[]),
        rectangle(empty, 1, &[0, 1, 0, 1]),
        rectangle(empty, 2, &[0, 0, 0, 0, 1, 2, 3, 4]),
        rectangle(empty, 5, &[]),
        rectangle(empty, 6, &streams.zlib.section(&[])),
        rectangle(empty, 15, &[]),
        rectangle(empty, 16, &streams.zrle.section(&[])),
        rectangle(empty, 7, &[0x80, 1, 2, 3]),
        rectangle(empty, 7, &[0x00]),
        rectangle(empty, 7, &[0x40, 1, 1, 1, 2, 3, 4, 5, 6]),
        rectangle(empty, 7, &[0x40, 2]),
    ];
    let session = in_every_cut(|| Session::new(8, 8), &update(&rectangles), 5).unwrap();
    assert_eq!(session.client.updates(), 1);
}

fn any_picture() -> impl Strategy<Value = Picture> {
    (1..70_u16, 1..70_u16, 1..300_u16, any::<u32>()).prop_map(|(width, height, colours, salt)| {
        Picture::new(width, height, |x, y| {
            let place = u32::from(x / 2) * 31 + u32::from(y) * 17 + salt;
            let colour = place.wrapping_mul(2_654_435_761) >> 8;
            let [_, r, g, b] = (colour % u32::from(colours) * 0x0001_0903).to_be_bytes();
            [r, g, b]
        })
    })
}

proptest! {
    #[test]
    fn any_picture_arrives_whole(
        picture in any_picture(),
        how in prop::sample::select(all()),
        format in prop::sample::select(formats()),
        seed in any::<u64>(),
    ) {
        let writer = Writer { format };
        let mut streams = Streams::default();
        let body = encode(how, &picture, picture.whole(), &writer, &mut streams);
        let start = || Session::of_format(picture.size.width, picture.size.height, &format);
        let session = in_every_cut(start, &update(&[body]), seed).unwrap();
        prop_assert!(session.picture.pixels == picture.map(|rgb| writer.seen(rgb)).pixels);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600), seed in any::<u64>()) {
        let _ = in_every_cut(|| Session::new(64, 64), &bytes, seed);
    }

    #[test]
    fn any_rectangle_body_is_survived(
        encoding in prop::sample::select(vec![0, 1, 2, 4, 5, 6, 7, 15, 16, -239, -240, -314, -308, 0x574d_5664]),
        place in (0..70_u16, 0..70_u16, 0..70_u16, 0..70_u16),
        body in prop::collection::vec(any::<u8>(), 0..400),
        seed in any::<u64>(),
    ) {
        let (x, y, width, height) = place;
        let bytes = update(&[rectangle(rect(x, y, width, height), encoding, &body)]);
        let _ = in_every_cut(|| Session::new(100, 100), &bytes, seed);
    }

    #[test]
    fn any_tiles_are_survived(plain in prop::collection::vec(any::<u8>(), 0..9000), first in 0..=255_u8) {
        let mut plain = plain;
        if let Some(byte) = plain.first_mut() {
            *byte = first;
        }
        let mut streams = Streams::default();
        let whole = rect(0, 0, 100, 100);
        for (encoding, section) in [(16, streams.zrle.section(&plain)), (6, streams.zlib.section(&plain))] {
            let _ = Session::new(100, 100).hear(&update(&[rectangle(whole, encoding, &section)]));
        }
        let _ = Session::new(100, 100).hear(&update(&[rectangle(whole, 15, &plain)]));
        let _ = Session::new(100, 100).hear(&update(&[rectangle(whole, 5, &plain)]));
    }
}
