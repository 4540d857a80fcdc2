//! The clipboard, plain and extended.

use causeway_rfb::{ClientConfig, Event, PixelFormat, RfbError};

use crate::encode::Stream;
use crate::server::{Session, in_every_cut};

const TEXT: u32 = 1;
const CAPS: u32 = 1 << 24;
const REQUEST: u32 = 1 << 25;
const PEEK: u32 = 1 << 26;
const NOTIFY: u32 = 1 << 27;
const PROVIDE: u32 = 1 << 28;
/// Bytes of text that the sessions here take.
const BYTES_MAX: usize = 1000;

fn session_with(copy: bool, paste: bool) -> Session {
    let config = ClientConfig {
        copy,
        paste,
        clipboard_bytes_max: BYTES_MAX,
        ..ClientConfig::default()
    };
    let mut session = Session::with(4, 4, &PixelFormat::RGBX, config);
    session.client.set_wanted(false);
    session.quiet()
}

fn session() -> Session {
    session_with(true, true)
}

fn plain(latin1: &[u8]) -> Vec<u8> {
    let length = u32::try_from(latin1.len()).unwrap();
    [&[3, 0, 0, 0], &length.to_be_bytes()[..], latin1].concat()
}

fn extended(kind: u8, flags: u32, payload: &[u8]) -> Vec<u8> {
    let length = -i32::try_from(payload.len() + 4).unwrap();
    [
        &[kind, 0, 0, 0],
        &length.to_be_bytes()[..],
        &flags.to_be_bytes(),
        payload,
    ]
    .concat()
}

/// What a server says.
fn said(flags: u32, payload: &[u8]) -> Vec<u8> {
    extended(3, flags, payload)
}

/// What a client says.
fn answer(flags: u32, payload: &[u8]) -> Vec<u8> {
    extended(6, flags, payload)
}

fn provided(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    said(
        PROVIDE | TEXT,
        &Stream::default().pack(&[&length, text].concat()),
    )
}

fn caps(takes: u32) -> Vec<u8> {
    said(
        CAPS | TEXT | REQUEST | PEEK | NOTIFY | PROVIDE,
        &takes.to_be_bytes(),
    )
}

/// A session whose server knows the extended clipboard.
fn acquainted(takes: u32) -> Session {
    let mut session = session();
    session.hear(&caps(takes)).unwrap();
    session.quiet()
}

/// The text of a message that provides the clipboard.
fn text_of(message: &[u8]) -> Vec<u8> {
    let length = -i32::from_be_bytes(message[4..8].try_into().unwrap());
    assert_eq!(message.len(), 8 + usize::try_from(length).unwrap());
    assert_eq!(message[8..12], (PROVIDE | TEXT).to_be_bytes());
    let mut plain = vec![0; 100_000];
    let mut stream = flate2::Decompress::new(true);
    stream
        .decompress(&message[12..], &mut plain, flate2::FlushDecompress::Sync)
        .unwrap();
    plain.truncate(usize::try_from(stream.total_out()).unwrap());
    let (length, text) = plain.split_at(4);
    assert_eq!(
        u32::from_be_bytes(length.try_into().unwrap()),
        u32::try_from(text.len()).unwrap()
    );
    text.to_vec()
}

fn check_heard(bytes: &[u8], expected: &[Event]) {
    let mut session = in_every_cut(session, bytes, 3).unwrap();
    assert_eq!(session.events(), expected);
}

#[test]
fn plain_text_is_latin_1() {
    check_heard(
        &plain(b"caf\xe9\r\nau lait"),
        &[Event::Clipboard("café\nau lait".to_owned())],
    );
    check_heard(&plain(b""), &[]);
}

#[test]
fn provided_text_is_utf_8_and_its_stream_need_not_end() {
    let text = "naïve → 日本 😀\r\nline\0";
    check_heard(
        &provided(text.as_bytes()),
        &[Event::Clipboard("naïve → 日本 😀\nline".to_owned())],
    );
    check_heard(&provided(b""), &[]);
}

#[test]
fn text_of_the_limit_is_taken_and_one_byte_more_is_not() {
    let (most, more) = ("x".repeat(BYTES_MAX), "x".repeat(BYTES_MAX + 1));
    let long = [Event::ClipboardTooLong];
    check_heard(&plain(most.as_bytes()), &[Event::Clipboard(most.clone())]);
    check_heard(&plain(more.as_bytes()), &long);
    check_heard(&plain(&[0xe9; BYTES_MAX]), &long);
    check_heard(
        &provided(most.as_bytes()),
        &[Event::Clipboard(most.clone())],
    );
    check_heard(&provided(more.as_bytes()), &long);
    check_heard(&provided(&[b'x'; 1_000_000]), &long);
    let lines = "\r\n".repeat(BYTES_MAX);
    check_heard(
        &provided(lines.as_bytes()),
        &[Event::Clipboard("\n".repeat(BYTES_MAX))],
    );
}

#[test]
fn messages_after_one_that_was_too_long_are_heard() {
    let bytes = [plain(&[b'x'; 200_000]), plain(b"short")].concat();
    check_heard(
        &bytes,
        &[
            Event::ClipboardTooLong,
            Event::Clipboard("short".to_owned()),
        ],
    );
}

#[test]
fn text_that_is_announced_is_asked_for() {
    let mut session = session();
    session.hear(&caps(100)).unwrap();
    let takes = u32::try_from(BYTES_MAX).unwrap().to_be_bytes();
    let known = CAPS | TEXT | REQUEST | PEEK | NOTIFY | PROVIDE;
    assert_eq!(session.output(), answer(known, &takes));
    session.hear(&said(NOTIFY | TEXT, &[])).unwrap();
    assert_eq!(session.output(), answer(REQUEST | TEXT, &[]));
    session.hear(&said(NOTIFY, &[])).unwrap();
    assert_eq!(session.output(), []);
}

#[test]
fn a_server_without_the_extension_gets_latin_1() {
    let mut session = session();
    session.client.clipboard("café → x\r\ny");
    assert_eq!(
        session.output(),
        [&[6, 0, 0, 0, 0, 0, 0, 10], &b"caf\xe9 ? x\ny"[..]].concat()
    );
}

#[test]
fn short_text_is_provided_at_once_and_long_text_when_it_is_asked_for() {
    let mut session = acquainted(20);
    session.client.clipboard("日本\n");
    assert_eq!(text_of(&session.output()), "日本\r\n\0".as_bytes());
    let long = "long ".repeat(5000);
    session.client.clipboard(&long);
    assert_eq!(session.output(), answer(NOTIFY | TEXT, &[]));
    session
        .hear(&said(REQUEST | TEXT, &[]).repeat(500))
        .unwrap();
    assert_eq!(text_of(&session.output()), [long.as_bytes(), &[0]].concat());
    assert_eq!(session.output(), []);
}

/// libvncserver 0.9.14 says that it knows the extended clipboard for programs
/// that do not, and closes the connection at the end of a stream.
#[test]
fn a_server_that_does_not_hear_of_text_gets_both_and_a_stream_without_end() {
    let mut session = session();
    session
        .hear(&said(
            CAPS | TEXT | REQUEST | PEEK | PROVIDE,
            &100_u32.to_be_bytes(),
        ))
        .unwrap();
    let mut session = session.quiet();
    session.client.clipboard("é");
    let sent = session.output();
    let (plain, provided) = sent.split_at(9);
    assert_eq!(plain, [6, 0, 0, 0, 0, 0, 0, 1, 0xe9]);
    assert_eq!(text_of(provided), "é\0".as_bytes());
    assert_eq!(
        provided[provided.len() - 5..],
        [0, 0, 0, 0xff, 0xff],
        "flushed, not ended"
    );
    session.client.clipboard(&"x".repeat(101));
    assert_eq!(
        session.output().len(),
        8 + 101,
        "too long to be provided unasked"
    );
}

#[test]
fn a_server_that_looks_is_told_whether_there_is_text() {
    let mut session = acquainted(0);
    session.hear(&said(PEEK, &[])).unwrap();
    assert_eq!(session.output(), answer(NOTIFY, &[]));
    session.hear(&said(REQUEST | TEXT, &[])).unwrap();
    assert_eq!(session.output(), [], "there is nothing to provide");
    session.client.clipboard("text");
    assert_eq!(session.output(), answer(NOTIFY | TEXT, &[]));
    session.hear(&said(PEEK, &[])).unwrap();
    assert_eq!(session.output(), answer(NOTIFY | TEXT, &[]));
}

#[test]
fn a_side_that_is_not_wanted_is_neither_heard_nor_told() {
    let mut no_copy = session_with(false, true);
    no_copy.hear(&plain(b"secret")).unwrap();
    no_copy.hear(&plain(&[b'x'; 5000])).unwrap();
    no_copy.hear(&caps(100)).unwrap();
    no_copy.output();
    no_copy.hear(&said(NOTIFY | TEXT, &[])).unwrap();
    no_copy.hear(&provided(b"secret")).unwrap();
    assert_eq!(no_copy.events(), []);
    assert_eq!(no_copy.output(), []);
    no_copy.client.clipboard("told");
    assert_eq!(text_of(&no_copy.output()), b"told\0");

    let mut no_paste = session_with(true, false);
    no_paste.client.clipboard("secret");
    no_paste.hear(&caps(100)).unwrap();
    no_paste.output();
    no_paste.client.clipboard("secret");
    no_paste.hear(&said(REQUEST | TEXT, &[])).unwrap();
    assert_eq!(no_paste.output(), []);
    no_paste.hear(&plain(b"heard")).unwrap();
    assert_eq!(no_paste.events(), [Event::Clipboard("heard".to_owned())]);
}

#[test]
fn messages_that_make_no_sense_are_refused() {
    let too_short = [3, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1];
    let announces_more = Stream::default().pack(&[0, 0, 0, 9, b'x']);
    for bytes in [
        too_short.to_vec(),
        said(PROVIDE | TEXT, b"no stream at all"),
        said(PROVIDE | TEXT, &[]),
        said(PROVIDE | TEXT, &announces_more),
    ] {
        let result = in_every_cut(session, &bytes, 1).map(|_| ());
        assert_eq!(result, Err(RfbError::Clipboard));
    }
}

#[test]
fn clipboards_do_not_show_in_what_is_printed() {
    let mut session = session();
    session.client.clipboard("hunter2");
    session.client.key("KeyH", "hunter2", true);
    let message = plain(b"hunter2");
    session.hear(&message[..message.len() - 1]).unwrap();
    assert!(!format!("{:?}", session.client).contains("hunter2"));
}
