//! The pointer's shape and place.

use bytes::Bytes;
use causeway_rfb::{ClientConfig, PixelFormat, RfbError};
use causeway_screen::{CursorImage, Size};

use crate::server::{Session, in_every_cut, rect, rectangle, update};

const CURSOR: i32 = -239;
const X_CURSOR: i32 = -240;
const ALPHA_CURSOR: i32 = -314;
const VMWARE_CURSOR: i32 = 0x574d_5664;

fn shape(width: u16, height: u16, hotspot: (u16, u16), rgba: Vec<u8>) -> CursorImage {
    CursorImage::Shape {
        size: Size { width, height },
        hotspot_x: hotspot.0,
        hotspot_y: hotspot.1,
        rgba: Bytes::from(rgba),
    }
}

fn check(encoding: i32, place: (u16, u16, u16, u16), body: &[u8], expected: CursorImage) {
    let (x, y, width, height) = place;
    let bytes = update(&[rectangle(rect(x, y, width, height), encoding, body)]);
    let session = in_every_cut(|| Session::new(10, 10), &bytes, 1).unwrap();
    assert_eq!(session.picture.cursor, Some(expected));
}

#[test]
fn a_cursor_is_pixels_and_a_mask() {
    let body = [
        1,
        2,
        3,
        0,
        4,
        5,
        6,
        0,
        7,
        8,
        9,
        0,
        10,
        11,
        12,
        0,
        0b0100_0000,
        0b1000_0000,
    ];
    let rgba = vec![1, 2, 3, 0, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 0];
    check(CURSOR, (1, 0, 2, 2), &body, shape(2, 2, (1, 0), rgba));
}

#[test]
fn a_cursor_without_pixels_is_hidden() {
    check(CURSOR, (0, 0, 0, 0), &[], CursorImage::Hidden);
    check(X_CURSOR, (0, 0, 0, 5), &[], CursorImage::Hidden);
    check(ALPHA_CURSOR, (0, 0, 0, 0), &[0; 4], CursorImage::Hidden);
}

#[test]
fn an_x_cursor_has_two_colours() {
    let body = [1, 2, 3, 7, 8, 9, 0b0100_0000, 0b1100_0000];
    check(
        X_CURSOR,
        (0, 0, 3, 1),
        &body,
        shape(3, 1, (0, 0), vec![7, 8, 9, 255, 1, 2, 3, 255, 7, 8, 9, 0]),
    );
}

#[test]
fn an_alpha_cursor_is_made_straight() {
    let body = [0, 0, 0, 0, 64, 0, 128, 128, 9, 9, 9, 0];
    check(
        ALPHA_CURSOR,
        (0, 0, 2, 1),
        &body,
        shape(2, 1, (0, 0), vec![128, 0, 255, 128, 0, 0, 0, 0]),
    );
}

#[test]
fn a_vmware_cursor_is_masks_or_alpha() {
    let set = [255; 4];
    let and = [[0; 4], set, set].concat();
    let xor = [[1, 2, 3, 0], [0; 4], set].concat();
    let body = [vec![0, 0], and, xor].concat();
    let rgba = vec![1, 2, 3, 255, 0, 0, 0, 0, 0, 0, 0, 255];
    check(
        VMWARE_CURSOR,
        (2, 0, 3, 1),
        &body,
        shape(3, 1, (2, 0), rgba),
    );
    check(
        VMWARE_CURSOR,
        (0, 0, 1, 1),
        &[1, 0, 1, 2, 3, 4],
        shape(1, 1, (0, 0), vec![1, 2, 3, 4]),
    );
}

#[test]
fn a_hot_spot_outside_is_moved_in() {
    let body = [1, 2, 3, 0, 0x80];
    check(
        CURSOR,
        (40, 50, 1, 1),
        &body,
        shape(1, 1, (0, 0), vec![1, 2, 3, 255]),
    );
}

#[test]
fn a_cursor_of_a_screens_size_is_refused() {
    let bytes = update(&[rectangle(rect(0, 0, 1000, 1000), CURSOR, &[])]);
    assert_eq!(
        Session::new(10, 10).hear(&bytes),
        Err(RfbError::CursorTooLarge)
    );
}

#[test]
fn the_target_moves_the_pointer() {
    let bytes = update(&[rectangle(rect(3, 4, 0, 0), -232, &[])]);
    let session = in_every_cut(|| Session::new(10, 10), &bytes, 1).unwrap();
    assert_eq!(session.picture.pointer, Some((3, 4)));
}

#[test]
fn a_pointer_that_the_server_draws_hides_ours() {
    let config = ClientConfig {
        cursor: false,
        ..ClientConfig::default()
    };
    let mut session = Session::with(10, 10, &PixelFormat::RGBX, config);
    assert_eq!(session.picture.cursor, Some(CursorImage::Hidden));
    let sent = session.output();
    assert!(!sent.windows(4).any(|number| number == CURSOR.to_be_bytes()));
    assert_eq!(Session::new(10, 10).picture.cursor, None);
}
