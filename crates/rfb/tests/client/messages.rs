//! The first messages, and those that carry no picture.

use causeway_rfb::{Client, ClientConfig, ColourDepth, Encoding, Established, Event, LockKeys};
use causeway_rfb::{PixelFormat, RfbError};

use crate::canvas::Picture;
use crate::server::{NAME, Session, in_every_cut, init, rect, rectangle, update};

#[test]
fn the_client_introduces_itself() {
    let config = ClientConfig {
        encodings: vec![Encoding::Zrle, Encoding::CopyRect],
        quality: Some(7),
        compression: Some(3),
        ..ClientConfig::default()
    };
    let mut client = Client::new(Established::default(), config);
    assert_eq!(client.poll_output().unwrap()[..], [1], "shared");
    assert_eq!(client.poll_output(), None);
    let mut picture = Picture::default();
    client
        .handle_input(&init(640, 480, &PixelFormat::BGR233), &mut picture)
        .unwrap();
    let sent = client.poll_output().unwrap();
    let format = [
        0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0,
    ];
    assert_eq!(sent[..20], format);
    assert_eq!(sent[20], 2, "SetEncodings");
    let numbers: Vec<i32> = sent[24..sent.len() - 10]
        .chunks_exact(4)
        .map(|number| i32::from_be_bytes(number.try_into().unwrap()))
        .collect();
    assert_eq!(
        u16::from_be_bytes([sent[22], sent[23]]),
        u16::try_from(numbers.len()).unwrap()
    );
    assert_eq!(numbers[..5], [16, 1, 0, -25, -253]);
    for pseudo in [
        -223, -224, -239, -258, -261, -307, -308, -312, -313, -314, -316,
    ] {
        assert!(numbers.contains(&pseudo), "{pseudo}");
    }
    assert_eq!(sent[sent.len() - 10..], [3, 0, 0, 0, 0, 0, 2, 128, 1, 224]);
    assert_eq!(client.poll_event(), Some(Event::Ready));
    assert_eq!(client.poll_event(), Some(Event::Name(NAME.to_owned())));
    assert_eq!(client.poll_event(), None);
    assert_eq!(picture.size, client.size());
}

#[test]
fn nothing_is_said_to_a_server_that_has_not_introduced_itself() {
    let mut client = Client::new(Established::default(), ClientConfig::default());
    client.key("KeyA", "a", true);
    client.text("text");
    client.pointer(causeway_rfb::PointerState {
        x: 1,
        ..Default::default()
    });
    client.resize(100, 100);
    client.clipboard("text");
    client.lock_keys(LockKeys::default());
    client.release_all();
    assert_eq!(client.poll_output().unwrap()[..], [1]);
    assert_eq!(client.poll_output(), None);
}

#[test]
fn fewer_colours_are_asked_for() {
    for (colour_depth, format) in [
        (ColourDepth::Bits16, PixelFormat::RGB565),
        (ColourDepth::Bits8, PixelFormat::BGR233),
    ] {
        let config = ClientConfig {
            colour_depth,
            ..ClientConfig::default()
        };
        let mut session = Session::with(4, 4, &PixelFormat::RGBX, config);
        assert_eq!(
            session.output()[5..21],
            crate::server::format_bytes(&format)
        );
    }
    let mut session = Session::of_format(4, 4, &PixelFormat::RGB565);
    assert_eq!(session.output()[1], 2, "no SetPixelFormat");
}

#[test]
fn a_format_that_no_pixel_has_is_refused_where_it_is_used() {
    let invalid = PixelFormat {
        bits_per_pixel: 24,
        ..PixelFormat::RGBX
    };
    for format in [
        invalid,
        PixelFormat {
            shift: [0, 8, 25],
            ..PixelFormat::RGBX
        },
        PixelFormat {
            shift: [0, 8, 255],
            max: [255, 255, 0],
            ..PixelFormat::RGBX
        },
        PixelFormat {
            max: [255, 255, 200],
            ..PixelFormat::RGBX
        },
        PixelFormat {
            true_colour: false,
            ..PixelFormat::RGBX
        },
    ] {
        let config = ClientConfig {
            colour_depth: ColourDepth::Server,
            ..ClientConfig::default()
        };
        let mut client = Client::new(Established::default(), config);
        let result = client.handle_input(&init(4, 4, &format), &mut Picture::default());
        assert_eq!(result, Err(RfbError::PixelFormat), "{format:?}");
    }
    Session::with(4, 4, &invalid, ClientConfig::default());
}

#[test]
fn lists_after_the_security_type_tight_are_passed_over() {
    let established = Established {
        tight_capabilities: true,
    };
    let mut client = Client::new(established, ClientConfig::default());
    let mut picture = Picture::default();
    let mut bytes = init(4, 4, &PixelFormat::RGBX);
    bytes.extend([0, 1, 0, 2, 0, 1, 0, 0]);
    bytes.extend([0xee; 4 * 16]);
    bytes.push(2);
    for byte in bytes {
        client.handle_input(&[byte], &mut picture).unwrap();
    }
    let events: Vec<_> = std::iter::from_fn(|| client.poll_event()).collect();
    assert_eq!(events.last(), Some(&Event::Bell));
}

#[test]
fn a_long_name_is_cut_and_a_longer_one_refused() {
    let mut bytes = 5000_u32.to_be_bytes().to_vec();
    bytes.extend([b'n'; 5000]);
    let renamed = update(&[rectangle(rect(0, 0, 0, 0), -307, &bytes)]);
    let start = || Session::new(4, 4).quiet();
    let mut session = in_every_cut(start, &[renamed, vec![2]].concat(), 1).unwrap();
    assert_eq!(
        session.events(),
        [Event::Name("n".repeat(1024)), Event::Bell]
    );
    let endless = rectangle(rect(0, 0, 0, 0), -307, &u32::MAX.to_be_bytes());
    assert_eq!(
        session.hear(&update(&[endless])),
        Err(RfbError::NameTooLong(u32::MAX))
    );
}

#[test]
fn bells_are_told_once() {
    let mut session = Session::new(4, 4).quiet();
    session.hear(&[2, 2, 2]).unwrap();
    assert_eq!(session.events(), [Event::Bell]);
}

#[test]
fn an_update_may_say_itself_when_it_is_over() {
    let pixel = rectangle(rect(1, 0, 1, 1), 0, &[9, 9, 9, 0]);
    let last = rectangle(rect(0, 0, 0, 0), -224, &[]);
    let bytes = [vec![0, 0, 0xff, 0xff], pixel, last, vec![2]].concat();
    let session = in_every_cut(|| Session::new(4, 4), &bytes, 1).unwrap();
    assert_eq!(session.picture.frames, 1);
    assert_eq!(session.picture.at(1, 0), [9, 9, 9]);
}

#[test]
fn an_update_without_pixels_is_no_picture() {
    let mut session = Session::new(4, 4);
    session
        .hear(&update(&[rectangle(rect(0, 0, 0, 0), -258, &[])]))
        .unwrap();
    assert_eq!(
        (session.client.updates(), session.client.has_picture()),
        (1, false)
    );
    let pixel = update(&[rectangle(rect(1, 0, 1, 1), 0, &[9, 9, 9, 0])]);
    let (begin, end) = pixel.split_at(pixel.len() - 1);
    session.hear(begin).unwrap();
    assert!(!session.client.has_picture());
    session.hear(end).unwrap();
    assert_eq!(
        (session.client.updates(), session.client.has_picture()),
        (2, true)
    );
}

#[test]
fn a_fence_is_answered_in_kind() {
    let mut session = Session::new(4, 4).quiet();
    let fence = |flags: u32, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [
            &[248, 0, 0, 0],
            &flags.to_be_bytes()[..],
            &[length],
            payload,
        ]
        .concat()
    };
    session.client.set_wanted(false);
    session.hear(&fence(0x8000_0007, b"payload")).unwrap();
    assert_eq!(session.output(), fence(3, b"payload"));
    session.hear(&fence(0x0000_0001, b"no question")).unwrap();
    assert_eq!(session.output(), []);
    session.hear(&fence(0x8000_0000, &[7; 200])).unwrap();
    assert_eq!(session.output(), [], "too long to be a fence");
}

#[test]
fn lock_keys_are_told_and_set_right() {
    let mut session = Session::new(4, 4).quiet();
    session.client.set_wanted(false);
    let on = LockKeys {
        caps: true,
        num: true,
        scroll: false,
    };
    // As long as nothing is known nothing is pressed.
    session.client.lock_keys(on);
    assert_eq!(session.output(), []);
    session
        .hear(&update(&[rectangle(rect(0, 0, 0, 0), -261, &[0b010])]))
        .unwrap();
    let told = LockKeys {
        caps: false,
        num: true,
        scroll: false,
    };
    assert_eq!(session.events(), [Event::LockKeys(told)]);
    session.client.lock_keys(on);
    let caps = |down| [4, down, 0, 0, 0, 0, 0xff, 0xe5];
    assert_eq!(session.output(), [caps(1), caps(0)].concat());
    // It was pressed: whether it is on is for the server to say.
    session.client.lock_keys(on);
    assert_eq!(session.output(), []);
    let vmware = rectangle(rect(0, 0, 0, 0), 0x574d_5668, &[0, 0, 0, 0b110]);
    session.hear(&update(&[vmware])).unwrap();
    session.client.lock_keys(on);
    assert_eq!(session.output(), []);
}
