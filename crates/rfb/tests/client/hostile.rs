//! Servers that lie: each gets an error of its own, and no memory.

use causeway_rfb::{PixelFormat, RfbError};

use crate::encode::{Stream, compact_length};
use crate::server::{Session, in_every_cut, init, rect, rectangle, update};

fn check(bytes: &[u8], expected: &RfbError) {
    let result = in_every_cut(|| Session::new(100, 100), bytes, 2).map(|_| ());
    assert_eq!(result.as_ref(), Err(expected));
}

fn check_body(encoding: i32, body: &[u8], expected: &RfbError) {
    check(
        &update(&[rectangle(rect(10, 10, 20, 20), encoding, body)]),
        expected,
    );
}

fn packed(plain: &[u8]) -> Vec<u8> {
    Stream::default().section(plain)
}

#[test]
fn an_error_stays() {
    let mut session = Session::new(4, 4);
    let error = session.hear(&[77]).unwrap_err();
    assert_eq!(error, RfbError::UnknownMessage(77));
    assert_eq!(session.hear(&[2]), Err(error.clone()));
    assert_eq!(session.hear(&[]), Err(error));
    session.output();
    session.client.key("KeyA", "a", true);
    assert_eq!(session.output(), []);
}

#[test]
fn messages_and_encodings_that_nobody_knows() {
    check(&[4], &RfbError::UnknownMessage(4));
    check_body(8, &[], &RfbError::UnknownEncoding(8));
    check_body(-1000, &[], &RfbError::UnknownEncoding(-1000));
    check_body(-314, &[0, 0, 0, 7], &RfbError::UnknownEncoding(7));
    check_body(0x574d_5664, &[2, 0], &RfbError::CursorKind(2));
}

#[test]
fn rectangles_outside_of_the_screen() {
    for place in [
        rect(0, 0, 101, 1),
        rect(100, 0, 1, 1),
        rect(0, 65535, 1, 65535),
    ] {
        let outside = RfbError::OutsideScreen {
            x: place.x,
            y: place.y,
            width: place.width,
            height: place.height,
        };
        for encoding in [0, 1, 2, 4, 5, 6, 7, 15, 16] {
            check(&update(&[rectangle(place, encoding, &[])]), &outside);
        }
    }
    let source = RfbError::OutsideScreen {
        x: 90,
        y: 0,
        width: 20,
        height: 20,
    };
    check_body(1, &[0, 90, 0, 0], &source);
}

#[test]
fn a_first_screen_that_is_too_large() {
    let mut client = causeway_rfb::Client::new(Default::default(), Default::default());
    let bytes = init(u16::MAX, u16::MAX, &PixelFormat::RGBX);
    let result = client.handle_input(&bytes, &mut crate::canvas::Picture::default());
    let (width, height) = (u16::MAX, u16::MAX);
    assert_eq!(result, Err(RfbError::ScreenTooLarge { width, height }));
}

#[test]
fn parts_outside_of_their_rectangle() {
    let part = |numbers: [u8; 8]| [&[0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1], &numbers[..]].concat();
    check_body(2, &part([0, 19, 0, 0, 0, 2, 0, 1]), &RfbError::PartOutside);
    check_body(
        2,
        &part([255, 255, 0, 0, 255, 255, 0, 1]),
        &RfbError::PartOutside,
    );
    check_body(
        4,
        &[0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 21],
        &RfbError::PartOutside,
    );
    check_body(2, &[0, 0, 1, 145], &RfbError::TooManyParts(401));
    // The second tile of hextile is four pixels wide.
    check_body(5, &[0, 8, 1, 0x00, 0x40], &RfbError::PartOutside);
}

#[test]
fn parts_that_cover_their_rectangle_over_and_over() {
    let part = [9, 9, 9, 9, 0, 0, 0, 0, 0, 20, 0, 20];
    let body = |count: u8| {
        [
            &[0, 0, 0, count, 0, 0, 0, 0],
            &part.repeat(count.into())[..],
        ]
        .concat()
    };
    check_body(2, &body(5), &RfbError::PartsOverlap);
    let four = update(&[rectangle(rect(10, 10, 20, 20), 2, &body(4))]);
    in_every_cut(|| Session::new(100, 100), &four, 2).unwrap();
}

#[test]
fn few_bytes_that_draw_much_are_drawn_by_and_by() {
    let mut session = Session::new(8192, 1024);
    let fill = rectangle(rect(0, 0, 8192, 1024), 7, &[0x80, 1, 2, 3]);
    let last = rectangle(rect(0, 0, 1, 1), 7, &[0x80, 7, 7, 7]);
    let fills = [vec![fill; 20], vec![last]].concat();
    session.hear(&update(&fills)).unwrap();
    let mut calls = 1;
    while session.client.has_more() {
        assert_eq!(session.picture.frames, 0);
        session.hear(&[]).unwrap();
        calls += 1;
    }
    assert_eq!((calls, session.picture.frames), (3, 1));
    assert_eq!(session.picture.at(0, 0), [7, 7, 7]);
}

#[test]
fn tiles_of_types_that_do_not_exist_and_runs_without_end() {
    for kind in [17, 126] {
        check_body(15, &[kind], &RfbError::TileType(kind));
        check_body(16, &packed(&[kind]), &RfbError::TileType(kind));
    }
    let endless = [vec![128, 1, 2, 3], vec![255; 100]].concat();
    check_body(15, &endless, &RfbError::RunTooLong);
    check_body(16, &packed(&endless), &RfbError::RunTooLong);
    let indexed = [vec![130, 1, 2, 3, 4, 5, 6, 0x80], vec![255; 100]].concat();
    check_body(16, &packed(&indexed), &RfbError::RunTooLong);
}

#[test]
fn palettes_that_are_too_short() {
    check_body(
        16,
        &packed(&[130, 1, 2, 3, 4, 5, 6, 2]),
        &RfbError::PaletteIndex(2),
    );
    let three = [vec![3], vec![0; 9], vec![0xff; 100]].concat();
    check_body(16, &packed(&three), &RfbError::PaletteIndex(3));
    check_body(
        15,
        &[vec![127], vec![0; 32]].concat(),
        &RfbError::PaletteIndex(0),
    );
    let tight = |count: u8, rows: &[u8]| {
        let rows = Stream::default().pack(rows);
        let entries = vec![0; 3 * (usize::from(count) + 1)];
        [
            vec![0x40, 1, count],
            entries,
            compact_length(rows.len()),
            rows,
        ]
        .concat()
    };
    check_body(7, &tight(2, &[3; 400]), &RfbError::PaletteIndex(3));
    check_body(7, &tight(0, &[0xff; 60]), &RfbError::PaletteIndex(1));
}

#[test]
fn kinds_and_filters_of_tight_that_do_not_exist() {
    for control in [0xa0, 0xb0, 0xf0] {
        check_body(7, &[control], &RfbError::TightKind(control));
    }
    check_body(7, &[0x40, 3], &RfbError::TightFilter(3));
}

#[test]
fn compressed_bytes_that_are_none_or_too_few_or_too_many() {
    let plain = vec![7; 20 * 20 * 4];
    let damaged = [vec![0, 0, 0, 100], vec![0xee; 100]].concat();
    for encoding in [6, 16] {
        check_body(encoding, &damaged, &RfbError::Zlib);
        check_body(encoding, &packed(&[]), &RfbError::ZlibShort);
        check_body(encoding, &[0, 0, 0, 0], &RfbError::ZlibShort);
    }
    check_body(6, &packed(&plain[1..]), &RfbError::ZlibShort);
    check_body(
        6,
        &packed(&[plain.clone(), vec![0]].concat()),
        &RfbError::ZlibLong,
    );
    check_body(16, &packed(&[1, 2, 3, 4, 0]), &RfbError::ZlibLong);
    let rows = Stream::default().pack(&vec![7; 20 * 20 * 3 + 1]);
    let body = [vec![0x00], compact_length(rows.len()), rows].concat();
    check_body(7, &body, &RfbError::ZlibLong);
}

#[test]
fn a_stream_that_unpacks_to_much_more_is_stopped() {
    let bomb = packed(&vec![0; 50_000_000]);
    assert!(bomb.len() < 400_000);
    let mut session = Session::new(100, 100);
    let result = session.hear(&update(&[rectangle(rect(10, 10, 20, 20), 6, &bomb)]));
    assert_eq!(result, Err(RfbError::ZlibLong));
}

#[test]
fn an_update_without_end_takes_no_memory() {
    let mut session = Session::new(4, 4).quiet();
    session.hear(&[0, 0, 0xff, 0xff]).unwrap();
    let bell_like = rectangle(rect(0, 0, 1, 1), 0, &[1, 2, 3, 4]);
    for _ in 0..200_000 {
        session.hear(&bell_like).unwrap();
    }
    assert_eq!(session.picture.frames, 0);
    assert_eq!(session.output().len(), 10, "one request");
    let (events, noise) = (session.events(), vec![2; 100_000]);
    assert_eq!(events, []);
    let mut session = Session::new(4, 4).quiet();
    session.hear(&noise).unwrap();
    assert_eq!(session.events().len(), 1);
}

#[test]
fn colours_beyond_the_end_of_the_map() {
    let format = PixelFormat {
        bits_per_pixel: 8,
        depth: 8,
        true_colour: false,
        ..PixelFormat::RGBX
    };
    let bytes = [vec![1, 0, 0, 255, 0, 2], vec![0; 12]].concat();
    let start = || Session::of_format(4, 4, &format);
    let result = in_every_cut(start, &bytes, 1).map(|_| ());
    assert_eq!(result, Err(RfbError::ColourMap));
    // Of true colours it is noise.
    Session::new(4, 4).hear(&bytes).unwrap();
}
