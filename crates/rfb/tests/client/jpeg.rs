//! JPEG files in Tight rectangles.

use causeway_rfb::{ClientConfig, PixelFormat, RfbError};
use turbojpeg::{Compressor, Image, Subsamp};

use crate::canvas::Picture;
use crate::encode::compact_length;
use crate::server::{Session, in_every_cut, rect, rectangle, update};

pub(crate) fn file(width: usize, height: usize, change: impl FnOnce(&mut Compressor)) -> Vec<u8> {
    let mut compressor = Compressor::new().unwrap();
    compressor.set_quality(95).unwrap();
    compressor.set_subsamp(Subsamp::None).unwrap();
    change(&mut compressor);
    let picture = smooth(width, height);
    let pixels: Vec<u8> = picture.pixels.concat();
    let image = Image {
        pixels: pixels.as_slice(),
        width,
        pitch: width * 3,
        height,
        format: turbojpeg::PixelFormat::RGB,
    };
    compressor.compress_to_vec(image).unwrap()
}

fn smooth(width: usize, height: usize) -> Picture {
    let (width, height) = (
        u16::try_from(width).unwrap(),
        u16::try_from(height).unwrap(),
    );
    Picture::new(width, height, |x, y| {
        let part = |number: u16| u8::try_from(number.min(255)).unwrap();
        [part(x * 4), part(y * 5), 128]
    })
}

pub(crate) fn rectangle_of(file: &[u8], width: u16, height: u16) -> Vec<u8> {
    let body = [vec![0x90], compact_length(file.len()), file.to_vec()].concat();
    rectangle(rect(0, 0, width, height), 7, &body)
}

/// Colours differ by no more than compression at this quality makes them.
fn assert_near(seen: &Picture, sent: &Picture) {
    let far = seen.pixels.iter().zip(&sent.pixels).filter(|(seen, sent)| {
        seen.iter()
            .zip(*sent)
            .any(|(seen, sent)| seen.abs_diff(*sent) > 6)
    });
    assert_eq!(far.count(), 0);
}

#[test]
fn a_file_is_drawn_and_handed_on() {
    let file = file(48, 40, |_| ());
    let bytes = update(&[rectangle_of(&file, 48, 40)]);
    let session = in_every_cut(|| Session::new(48, 40), &bytes, 11).unwrap();
    assert_near(&session.picture, &smooth(48, 40));
    let files = &session.picture.files;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0], (rect(0, 0, 48, 40), file.into()));
}

#[test]
fn a_file_whose_colours_change_places_is_not_handed_on() {
    let config = ClientConfig {
        swap_red_and_blue: true,
        ..ClientConfig::default()
    };
    let mut session = Session::with(48, 40, &PixelFormat::RGBX, config);
    session
        .hear(&update(&[rectangle_of(&file(48, 40, |_| ()), 48, 40)]))
        .unwrap();
    assert_near(&session.picture, &smooth(48, 40).map(|[r, g, b]| [b, g, r]));
    assert!(session.picture.files.is_empty());
}

#[test]
fn a_file_that_browsers_do_not_read_is_not_handed_on() {
    let file = file(48, 40, |compressor| {
        compressor.set_arithmetic(true).unwrap()
    });
    let mut session = Session::new(48, 40);
    session
        .hear(&update(&[rectangle_of(&file, 48, 40)]))
        .unwrap();
    assert_near(&session.picture, &smooth(48, 40));
    assert!(session.picture.files.is_empty());
}

#[test]
fn a_file_that_browsers_would_turn_or_tint_is_not_handed_on() {
    let file = file(48, 40, |_| ());
    for marker in [0xe1, 0xe2] {
        let segment = [0xff, marker, 0, 6, b'E', b'x', b'i', b'f'];
        let told = [&file[..2], &segment, &file[2..]].concat();
        let mut session = Session::new(48, 40);
        session
            .hear(&update(&[rectangle_of(&told, 48, 40)]))
            .unwrap();
        assert_near(&session.picture, &smooth(48, 40));
        assert!(session.picture.files.is_empty());
    }
}

#[test]
fn a_file_of_another_size_is_refused() {
    let file = file(48, 40, |_| ());
    for (width, height) in [(47, 40), (48, 41), (60, 60), (0, 0)] {
        let mut session = Session::new(60, 60);
        let result = session.hear(&update(&[rectangle_of(&file, width, height)]));
        assert_eq!(
            result,
            Err(RfbError::JpegSize {
                width: 48,
                height: 40
            })
        );
    }
}

#[test]
fn a_file_that_is_cut_or_is_none_is_refused() {
    let whole = file(48, 40, |_| ());
    for file in [
        &whole[..whole.len() / 2],
        &whole[..20],
        b"no picture at all",
        b"",
    ] {
        let mut session = Session::new(48, 40);
        let result = session.hear(&update(&[rectangle_of(file, 48, 40)]));
        assert!(matches!(result, Err(RfbError::Jpeg(_))), "{result:?}");
    }
}

#[test]
fn a_file_that_lies_about_its_size_is_refused_before_it_is_decoded() {
    let mut file = file(48, 40, |_| ());
    let head = file
        .windows(2)
        .position(|bytes| bytes == [0xff, 0xc0])
        .unwrap();
    file[head + 5..head + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
    let mut session = Session::new(48, 40);
    let result = session.hear(&update(&[rectangle_of(&file, 48, 40)]));
    assert_eq!(
        result,
        Err(RfbError::JpegSize {
            width: 16384,
            height: 16384
        })
    );
}
