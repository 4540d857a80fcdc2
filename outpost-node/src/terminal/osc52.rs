//! Finds clipboard traffic (OSC 52) in a terminal's output and takes it out.
//!
//! `ESC ] 52 ; targets ; payload` ended by BEL or ST asks the terminal to set
//! its clipboard to the base64 payload, or with the payload `?` to tell it
//! (xterm control sequences, "Operating System Commands"). The node answers
//! such requests under the data policy, so they must not reach the viewer's
//! terminal as well. Everything else passes unchanged, at most one unfinished
//! introducer later: bytes that may be the beginning of such a sequence wait
//! for the next chunk, which shows nothing on a screen anyway.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Length of the list of selections before the payload, in bytes.
const TARGETS_BYTES_MAX: usize = 16;

/// The introducer: ESC `]`, the number, the separator.
const INTRODUCER: &[u8] = b"\x1b]52;";
/// The same with the 8-bit OSC, as UTF-8 writes it.
const INTRODUCER_8_BIT: &[u8] = b"\xc2\x9d52;";

const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// Programs differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a program on the target asked of the clipboard.
#[derive(Clone, PartialEq, Eq)]
pub enum ClipboardRequest {
    /// Put this text on it.
    Set(String),
    /// Tell what is on it.
    Query,
    /// A request whose text is longer than may be.
    TooLong,
    /// A request that is not readable.
    Unreadable,
}

impl std::fmt::Debug for ClipboardRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set(text) => write!(f, "Set({} bytes)", text.len()),
            Self::Query => f.write_str("Query"),
            Self::TooLong => f.write_str("TooLong"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// Why a sequence is not worth keeping; it is still read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    TooLong,
    Unreadable,
}

#[derive(Debug)]
enum State {
    /// Outside; this many bytes of `introducer` have matched.
    Outside {
        introducer: &'static [u8],
        matched: usize,
    },
    /// Inside a sequence, its introducer behind us.
    Inside { body: Vec<u8>, fault: Option<Fault> },
    /// Inside, and the last byte may begin the terminator.
    Ending {
        body: Vec<u8>,
        fault: Option<Fault>,
        first: u8,
    },
}

const OUTSIDE: State = State::Outside {
    introducer: INTRODUCER,
    matched: 0,
};

/// Takes clipboard requests out of a byte stream.
#[derive(Debug)]
pub struct Osc52Scanner {
    state: State,
    /// Longest sequence after its introducer, in bytes; a longer one is taken
    /// out and reported as such, whatever it holds.
    body_bytes_max: usize,
}

impl Osc52Scanner {
    /// Takes out requests for texts of up to `text_bytes_max` bytes.
    #[must_use]
    pub const fn new(text_bytes_max: usize) -> Self {
        Self {
            state: OUTSIDE,
            // Base64 makes four bytes of three.
            body_bytes_max: text_bytes_max.div_ceil(3) * 4 + TARGETS_BYTES_MAX,
        }
    }

    /// Appends what passes of `chunk` to `passed` and returns the requests
    /// that ended in it, in order.
    pub fn handle_output(&mut self, chunk: &[u8], passed: &mut Vec<u8>) -> Vec<ClipboardRequest> {
        let mut requests = Vec::new();
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            if matches!(self.state, State::Outside { matched: 0, .. }) {
                let plain = plain_length(rest);
                passed.extend_from_slice(&rest[..plain]);
                rest = &rest[plain..];
                if plain > 0 {
                    continue;
                }
            }
            rest = after;
            requests.extend(self.step(byte, passed));
        }
        requests
    }

    /// Whether a chunk would pass as it is: nothing is held back and no byte
    /// in it can begin a sequence.
    #[must_use]
    pub fn passes_whole(&self, chunk: &[u8]) -> bool {
        matches!(self.state, State::Outside { matched: 0, .. })
            && plain_length(chunk) == chunk.len()
    }

    fn step(&mut self, byte: u8, passed: &mut Vec<u8>) -> Option<ClipboardRequest> {
        match std::mem::replace(&mut self.state, OUTSIDE) {
            State::Outside {
                introducer,
                matched,
            } => {
                self.step_outside(introducer, matched, byte, passed);
                None
            }
            State::Inside { body, fault } => self.step_inside(body, fault, byte),
            State::Ending { body, fault, first } => {
                self.step_ending(body, fault, first, byte, passed)
            }
        }
    }

    fn step_outside(
        &mut self,
        introducer: &'static [u8],
        matched: usize,
        byte: u8,
        passed: &mut Vec<u8>,
    ) {
        if matched > 0 && introducer.get(matched) == Some(&byte) {
            self.state = if matched + 1 == introducer.len() {
                State::Inside {
                    body: Vec::new(),
                    fault: None,
                }
            } else {
                State::Outside {
                    introducer,
                    matched: matched + 1,
                }
            };
            return;
        }
        passed.extend_from_slice(&introducer[..matched]);
        let restarted = [INTRODUCER, INTRODUCER_8_BIT]
            .into_iter()
            .find(|introducer| introducer.first() == Some(&byte));
        match restarted {
            Some(introducer) => {
                self.state = State::Outside {
                    introducer,
                    matched: 1,
                };
            }
            None => passed.push(byte),
        }
    }

    fn step_inside(
        &mut self,
        mut body: Vec<u8>,
        mut fault: Option<Fault>,
        byte: u8,
    ) -> Option<ClipboardRequest> {
        match byte {
            BEL => Some(request(&body, fault)),
            // A cancelled sequence never happened.
            CAN | SUB => None,
            ESC | 0xc2 => {
                self.state = State::Ending {
                    body,
                    fault,
                    first: byte,
                };
                None
            }
            _ => {
                if body.len() >= self.body_bytes_max {
                    fault = fault.or(Some(Fault::TooLong));
                }
                if fault.is_some() {
                    body = Vec::new();
                } else {
                    body.push(byte);
                }
                self.state = State::Inside { body, fault };
                None
            }
        }
    }

    fn step_ending(
        &mut self,
        body: Vec<u8>,
        fault: Option<Fault>,
        first: u8,
        byte: u8,
        passed: &mut Vec<u8>,
    ) -> Option<ClipboardRequest> {
        match (first, byte) {
            (ESC, b'\\') | (0xc2, 0x9c) => Some(request(&body, fault)),
            // An ESC that begins something else cancels the sequence.
            (ESC, _) => {
                self.step_outside(INTRODUCER, 1, byte, passed);
                None
            }
            // No terminator and no base64 either: remember it as unreadable.
            (_, _) => {
                self.state = State::Inside {
                    body: Vec::new(),
                    fault: Some(Fault::Unreadable),
                };
                self.step(byte, passed)
            }
        }
    }
}

/// How many bytes at the front can begin no sequence.
fn plain_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| matches!(*byte, ESC | 0xc2))
        .unwrap_or(bytes.len())
}

fn request(body: &[u8], fault: Option<Fault>) -> ClipboardRequest {
    match fault {
        Some(Fault::TooLong) => return ClipboardRequest::TooLong,
        Some(Fault::Unreadable) => return ClipboardRequest::Unreadable,
        None => {}
    }
    let separator = body.iter().position(|byte| *byte == b';');
    let Some(separator) = separator.filter(|at| *at <= TARGETS_BYTES_MAX) else {
        return ClipboardRequest::Unreadable;
    };
    let payload = &body[separator + 1..];
    if payload == b"?" {
        return ClipboardRequest::Query;
    }
    BASE64
        .decode(payload)
        .ok()
        .and_then(|text| String::from_utf8(text).ok())
        .map_or(ClipboardRequest::Unreadable, ClipboardRequest::Set)
}

/// The answer to a [`ClipboardRequest::Query`].
#[must_use]
pub fn answer(text: &str) -> Vec<u8> {
    let payload = base64::engine::general_purpose::STANDARD.encode(text);
    format!("\x1b]52;c;{payload}\x1b\\").into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const TEXT_BYTES_MAX: usize = 10_000;

    fn scan(chunks: &[&[u8]]) -> (Vec<u8>, Vec<ClipboardRequest>) {
        let mut scanner = Osc52Scanner::new(TEXT_BYTES_MAX);
        let mut passed = Vec::new();
        let requests = chunks
            .iter()
            .flat_map(|chunk| scanner.handle_output(chunk, &mut passed))
            .collect();
        (passed, requests)
    }

    /// Checks a stream whole and split at every boundary.
    fn check(stream: &[u8], passed: &[u8], requests: &[ClipboardRequest]) {
        for at in 0..=stream.len() {
            let (front, back) = stream.split_at(at);
            let found = scan(&[front, back]);
            assert_eq!(found, (passed.to_vec(), requests.to_vec()), "split at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(
            scan(&bytes),
            (passed.to_vec(), requests.to_vec()),
            "by bytes"
        );
    }

    fn set(text: &str) -> ClipboardRequest {
        ClipboardRequest::Set(text.to_owned())
    }

    #[test]
    fn a_request_is_taken_out_wherever_it_is_split() {
        check(b"a\x1b]52;c;aGk=\x07b", b"ab", &[set("hi")]);
        check(b"a\x1b]52;c;aGk=\x1b\\b", b"ab", &[set("hi")]);
        check(b"\xc2\x9d52;c;aGk=\xc2\x9cb", b"b", &[set("hi")]);
        check(b"\x1b]52;;aGk\x07", b"", &[set("hi")]);
        check(b"\x1b]52;c;?\x07", b"", &[ClipboardRequest::Query]);
        check(
            b"\x1b]52;c;YQ==\x07\x1b]52;p;Yg==\x07",
            b"",
            &[set("a"), set("b")],
        );
        check(b"\x1b]52;c;\x07", b"", &[set("")]);
    }

    #[test]
    fn everything_else_passes_unchanged() {
        for stream in [
            &b"plain text\r\n"[..],
            b"\x1b]0;title\x07\x1b[31mred\x1b[0m",
            b"\x1b]5;c;aGk=\x07 \x1b]522;c;aGk=\x07 \x1b]520;x\x07",
            b"\x1b\x1b]0;x\x07",
            "ünïcödé → 你好 Â".as_bytes(),
            b"\xc2\xc2\x9d0;x\x07",
        ] {
            check(stream, stream, &[]);
        }
    }

    #[test]
    fn a_doubled_escape_still_begins_a_request() {
        check(b"\x1b\x1b]52;c;aGk=\x07", b"\x1b", &[set("hi")]);
        check(b"\x1b]5\x1b]52;c;aGk=\x07", b"\x1b]5", &[set("hi")]);
        check(b"\xc2\x1b]52;c;aGk=\x07", b"\xc2", &[set("hi")]);
    }

    #[test]
    fn a_cancelled_request_never_happened() {
        check(b"\x1b]52;c;aGk=\x18x", b"x", &[]);
        check(b"\x1b]52;c;aGk=\x1b[mx", b"\x1b[mx", &[]);
        check(b"\x1b]52;c;aG\x1b]52;c;YQ==\x07", b"", &[set("a")]);
    }

    #[test]
    fn an_unreadable_request_is_reported() {
        for stream in [
            &b"\x1b]52;c;***\x07"[..],
            b"\x1b]52;no separator\x07",
            b"\x1b]52;c;\xc2\xa0aGk=\x07",
            b"\x1b]52;c;/w==\x07",
        ] {
            check(stream, b"", &[ClipboardRequest::Unreadable]);
        }
    }

    #[test]
    fn an_endless_request_is_bounded() {
        let mut scanner = Osc52Scanner::new(TEXT_BYTES_MAX);
        let mut passed = Vec::new();
        scanner.handle_output(b"\x1b]52;c;", &mut passed);
        for _ in 0..3 {
            scanner.handle_output(&[b'A'; TEXT_BYTES_MAX], &mut passed);
        }
        let State::Inside { body, fault } = &scanner.state else {
            panic!("not inside");
        };
        assert_eq!((*fault, body.capacity()), (Some(Fault::TooLong), 0));
        let requests = scanner.handle_output(b"\x07after", &mut passed);
        assert_eq!(requests, [ClipboardRequest::TooLong]);
        assert_eq!(passed, b"after");
    }

    #[test]
    fn the_longest_text_is_taken() {
        let text = "x".repeat(TEXT_BYTES_MAX);
        let (_, requests) = scan(&[&answer(&text)]);
        assert_eq!(requests, [set(&text)]);
    }

    #[test]
    fn an_answer_reads_as_a_request() {
        check(&answer("grüß"), b"", &[set("grüß")]);
    }

    proptest! {
        #[test]
        fn how_a_stream_is_cut_changes_nothing(
            stream in "[a\\x1b\\]52;cA=?\\\\\\x07\\x18\u{9d}\u{9c}é]{0,60}",
            cuts in proptest::collection::vec(0_usize..60, 0..6),
        ) {
            let stream = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect();
            prop_assert_eq!(scan(&chunks), scan(&[stream]));
        }

        #[test]
        fn text_without_introducer_passes(text in "[ -~\u{e0}-\u{ff}]{0,80}") {
            prop_assert_eq!(scan(&[text.as_bytes()]), (text.into_bytes(), vec![]));
        }
    }
}
