#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn text() -> impl Strategy<Value = Text> {
    "\\PC{0,400}".prop_map(|text| Text::new(&text).unwrap())
}

fn frame() -> impl Strategy<Value = Frame> {
    let preamble =
        (text(), any::<IpAddr>(), "[A-Za-z0-9._-]{1,64}").prop_map(|(ticket, address, id)| {
            Preamble {
                ticket,
                client_address: address,
                request_id: id.parse().unwrap(),
            }
        });
    prop_oneof![
        text().prop_map(Frame::Greeting),
        Just(Frame::Accepted),
        (400_u16..600, "[a-z0-9_]{1,64}")
            .prop_map(|(status, code)| Frame::Refused(Refusal::new(status, &code))),
        preamble.prop_map(Frame::Preamble),
        text().prop_map(Frame::Order),
    ]
}

fn read(bytes: &[u8]) -> Result<Frame, FrameError> {
    let (length, rest) = bytes.split_first_chunk::<2>().unwrap();
    assert_eq!(Frame::decode_length(*length), Ok(rest.len()));
    Frame::decode(rest)
}

proptest! {
    #[test]
    fn a_frame_reads_back_what_it_writes(frame in frame()) {
        prop_assert_eq!(read(&frame.encode()), Ok(frame));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(frame) = Frame::decode(&bytes) {
            prop_assert_eq!(read(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn bodies_near_the_truth_do_not_panic(frame in frame(), cut in 0_usize..500, flip in 0_usize..500, to in any::<u8>()) {
        let mut bytes = frame.encode()[2..].to_vec();
        bytes.truncate(bytes.len().saturating_sub(cut % 8));
        if let Some(byte) = bytes.get_mut(flip) {
            *byte = to;
        }
        let _verdict = Frame::decode(&bytes);
    }

    #[test]
    fn a_refusal_is_always_sendable(status in any::<u16>(), code in "\\PC{0,100}") {
        let frame = Frame::Refused(Refusal::new(status, &code));
        prop_assert_eq!(read(&frame.encode()), Ok(frame));
    }
}

#[test]
fn the_longest_frame_fits() {
    let frame = Frame::Preamble(Preamble {
        ticket: Text::new(&"t".repeat(TOKEN_LEN_MAX)).unwrap(),
        client_address: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap(),
        request_id: "r".repeat(REQUEST_ID_LEN_MAX).parse().unwrap(),
    });
    assert!(frame.encode().len() <= FRAME_LEN_MAX);
    assert_eq!(read(&frame.encode()), Ok(frame));
}

#[test]
fn a_preamble_looks_like_this() {
    let frame = Frame::Preamble(Preamble {
        ticket: Text::new("tt").unwrap(),
        client_address: "192.0.2.1".parse().unwrap(),
        request_id: "r-1".parse().unwrap(),
    });
    let expected = [&[0, 19, 4, 1, 0, 2][..], b"tt", &[9], b"192.0.2.1", b"r-1"].concat();
    assert_eq!(frame.encode(), expected);
}

#[test]
fn what_breaks_the_rules_is_refused() {
    let check = |bytes: &[u8], error| assert_eq!(Frame::decode(bytes), Err(error), "{bytes:?}");
    check(&[], FrameError::Length(0));
    check(&[0], FrameError::Type(0));
    check(&[6], FrameError::Type(6));
    check(&[2, 0], FrameError::Malformed("accepted"));
    check(&[3, 1], FrameError::Malformed("refused"));
    check(b"\x03\x01\x91", FrameError::Malformed("refused"));
    check(b"\x03\x00\xc8ok", FrameError::Malformed("refused"));
    check(b"\x03\x01\x91UPPER", FrameError::Malformed("refused"));
    check(&[4], FrameError::Malformed("preamble"));
    check(&[4, 2], FrameError::Version(2));
    check(&[4, 1, 0, 9, b't'], FrameError::Malformed("preamble"));
    check(
        b"\x04\x01\x00\x00\x03::1",
        FrameError::Malformed("preamble"),
    );
    check(
        b"\x04\x01\x00\x00\x04nope-id",
        FrameError::Malformed("preamble"),
    );
    check(&[5, 0xff], FrameError::Malformed("order"));
    check(&[1; TOKEN_LEN_MAX + 2], FrameError::Malformed("greeting"));
    check(
        &[1; FRAME_LEN_MAX + 1],
        FrameError::Length(FRAME_LEN_MAX + 1),
    );
    assert_eq!(Frame::decode_length([0, 0]), Err(FrameError::Length(0)));
    assert_eq!(
        Frame::decode_length([0xff, 0xff]),
        Err(FrameError::Length(65535))
    );
}

#[test]
fn tokens_are_not_shown() {
    let shown = format!("{:?}", Frame::Greeting(Text::new("secret").unwrap()));
    assert!(!shown.contains("secret"), "{shown}");
}
