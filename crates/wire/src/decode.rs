//! The one way in for bytes from a peer, and the one way out.

use bytes::{Buf, Bytes};
use prost::Message;

use crate::limits::{
    CAPABILITIES_MAX, CLIPBOARD_PIECE_BYTES_MAX, CREDENTIAL_ANSWER_BYTES_MAX,
    CREDENTIAL_ANSWERS_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX, TERMINAL_INPUT_BYTES_MAX,
    TEXT_BYTES_MAX,
};
use crate::message::{ToNode, ToViewer, to_node, to_viewer};

/// Why bytes from a peer are no message. The peer is at fault; the same bytes
/// will never be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than any message may have.
    #[error("a message of {bytes} bytes is longer than {MESSAGE_BYTES_MAX}")]
    TooLong {
        /// Length of the refused message.
        bytes: usize,
    },
    /// Not the schema's encoding.
    #[error("malformed message")]
    Malformed(#[source] prost::DecodeError),
    /// A field holds more than its limit.
    #[error("{field} holds {found}, more than {limit}")]
    OverLimit {
        /// The field, as the schema names it.
        field: &'static str,
        /// Bytes or elements found.
        found: usize,
        /// The limit that they exceed.
        limit: usize,
    },
}

/// Reads what a viewer sent.
///
/// `None` is a message of a newer version, to be ignored.
///
/// # Errors
/// When the bytes are too long, malformed, or exceed one of the
/// [`limits`](crate::limits).
pub fn decode_to_node(message: impl Buf) -> Result<Option<to_node::Body>, DecodeError> {
    let envelope: ToNode = decode(message)?;
    if let Some(body) = &envelope.body {
        check_to_node(body)?;
    }
    Ok(envelope.body)
}

/// Reads what a node sent.
///
/// `None` is a message of a newer version, to be ignored. A viewer trusts its
/// node, so only the length of the whole is bounded.
///
/// # Errors
/// When the bytes are too long or malformed.
pub fn decode_to_viewer(message: impl Buf) -> Result<Option<to_viewer::Body>, DecodeError> {
    let envelope: ToViewer = decode(message)?;
    Ok(envelope.body)
}

/// Writes one envelope ([`ToNode`] or [`ToViewer`]).
#[must_use]
pub fn encode(envelope: &impl Message) -> Bytes {
    envelope.encode_to_vec().into()
}

impl From<to_node::Body> for ToNode {
    fn from(body: to_node::Body) -> Self {
        Self { body: Some(body) }
    }
}

impl From<to_viewer::Body> for ToViewer {
    fn from(body: to_viewer::Body) -> Self {
        Self { body: Some(body) }
    }
}

fn decode<M: Message + Default>(message: impl Buf) -> Result<M, DecodeError> {
    let bytes = message.remaining();
    if bytes > MESSAGE_BYTES_MAX {
        return Err(DecodeError::TooLong { bytes });
    }
    M::decode(message).map_err(DecodeError::Malformed)
}

fn check_to_node(body: &to_node::Body) -> Result<(), DecodeError> {
    use to_node::Body;
    match body {
        Body::Hello(hello) => {
            bound(
                "Hello.capabilities",
                hello.capabilities.len(),
                CAPABILITIES_MAX,
            )?;
            bound("Hello.language", hello.language.len(), NAME_BYTES_MAX)?;
            bound("Hello.time_zone", hello.time_zone.len(), NAME_BYTES_MAX)
        }
        Body::CredentialAnswer(answer) => {
            let field = "CredentialAnswer.answers";
            bound(field, answer.answers.len(), CREDENTIAL_ANSWERS_MAX)?;
            answer
                .answers
                .iter()
                .try_for_each(|text| bound(field, text.len(), CREDENTIAL_ANSWER_BYTES_MAX))
        }
        Body::TerminalInput(input) => bound(
            "TerminalInput.data",
            input.data.len(),
            TERMINAL_INPUT_BYTES_MAX,
        ),
        Body::Clipboard(clipboard) => bound(
            "Clipboard.text",
            clipboard.text.len(),
            CLIPBOARD_PIECE_BYTES_MAX,
        ),
        Body::Text(text) => bound("Text.text", text.text.len(), TEXT_BYTES_MAX),
        Body::Key(key) => {
            bound("Key.code", key.code.len(), NAME_BYTES_MAX)?;
            bound("Key.key", key.key.len(), NAME_BYTES_MAX)
        }
        Body::Ping(_)
        | Body::Leave(_)
        | Body::TerminalAck(_)
        | Body::TerminalResize(_)
        | Body::Pointer(_)
        | Body::DesktopResize(_)
        | Body::FrameAck(_)
        | Body::LockKeys(_) => Ok(()),
    }
}

fn bound(field: &'static str, found: usize, limit: usize) -> Result<(), DecodeError> {
    if found > limit {
        return Err(DecodeError::OverLimit {
            field,
            found,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::message::{Clipboard, CredentialAnswer, Hello, Key, Ping, TerminalInput, Text};

    fn check(body: to_node::Body, expected: Result<(), &str>) {
        let bytes = encode(&ToNode::from(body));
        let found = decode_to_node(bytes);
        match (found, expected) {
            (Ok(Some(_)), Ok(())) => {}
            (Err(DecodeError::OverLimit { field, .. }), Err(wanted)) => assert_eq!(field, wanted),
            (found, expected) => panic!("expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let input = |bytes| {
            to_node::Body::TerminalInput(TerminalInput {
                data: vec![b'x'; bytes].into(),
                origin: 0,
            })
        };
        check(input(TERMINAL_INPUT_BYTES_MAX), Ok(()));
        check(
            input(TERMINAL_INPUT_BYTES_MAX + 1),
            Err("TerminalInput.data"),
        );

        let answers = |count, bytes| {
            to_node::Body::CredentialAnswer(CredentialAnswer {
                id: 1,
                answers: vec!["x".repeat(bytes); count],
                cancelled: false,
            })
        };
        check(answers(CREDENTIAL_ANSWERS_MAX, 1), Ok(()));
        check(
            answers(CREDENTIAL_ANSWERS_MAX + 1, 1),
            Err("CredentialAnswer.answers"),
        );
        check(answers(1, CREDENTIAL_ANSWER_BYTES_MAX), Ok(()));
        check(
            answers(1, CREDENTIAL_ANSWER_BYTES_MAX + 1),
            Err("CredentialAnswer.answers"),
        );

        let clipboard = |bytes| {
            to_node::Body::Clipboard(Clipboard {
                text: "x".repeat(bytes),
                more: true,
            })
        };
        check(clipboard(CLIPBOARD_PIECE_BYTES_MAX), Ok(()));
        check(
            clipboard(CLIPBOARD_PIECE_BYTES_MAX + 1),
            Err("Clipboard.text"),
        );

        let text = |bytes| {
            to_node::Body::Text(Text {
                text: "x".repeat(bytes),
            })
        };
        check(text(TEXT_BYTES_MAX), Ok(()));
        check(text(TEXT_BYTES_MAX + 1), Err("Text.text"));

        let hello = |capabilities, language| {
            to_node::Body::Hello(Hello {
                capabilities: vec![1; capabilities],
                language: "x".repeat(language),
                ..Hello::default()
            })
        };
        check(hello(CAPABILITIES_MAX, NAME_BYTES_MAX), Ok(()));
        check(hello(CAPABILITIES_MAX + 1, 0), Err("Hello.capabilities"));
        check(hello(0, NAME_BYTES_MAX + 1), Err("Hello.language"));

        let key = to_node::Body::Key(Key {
            code: "x".repeat(NAME_BYTES_MAX + 1),
            ..Key::default()
        });
        check(key, Err("Key.code"));
    }

    #[test]
    fn a_message_over_the_limit_is_not_read() {
        let bytes = vec![0; MESSAGE_BYTES_MAX + 1];
        let expected = DecodeError::TooLong {
            bytes: MESSAGE_BYTES_MAX + 1,
        };
        assert_eq!(decode_to_node(&bytes[..]), Err(expected.clone()));
        assert_eq!(decode_to_viewer(&bytes[..]), Err(expected));
    }

    #[test]
    fn a_message_of_a_newer_version_is_none() {
        // Field 500, length-delimited, one byte.
        assert_eq!(decode_to_node(&b"\xa2\x1f\x01x"[..]), Ok(None));
        assert_eq!(decode_to_viewer(&b"\xa2\x1f\x01x"[..]), Ok(None));
        assert_eq!(decode_to_node(&b""[..]), Ok(None));
    }

    #[test]
    fn the_payload_of_an_input_is_not_copied() {
        let body = to_node::Body::TerminalInput(TerminalInput {
            data: "abc".into(),
            origin: 0,
        });
        let bytes = encode(&ToNode::from(body));
        let range = bytes.as_ptr_range();
        let Some(to_node::Body::TerminalInput(input)) = decode_to_node(bytes.clone()).unwrap()
        else {
            panic!("not an input");
        };
        assert!(range.contains(&input.data.as_ptr()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = decode_to_node(&bytes[..]);
            let _ = decode_to_viewer(&bytes[..]);
        }

        #[test]
        fn a_ping_reads_back(nonce in any::<u64>()) {
            let body = to_node::Body::Ping(Ping { nonce });
            let bytes = encode(&ToNode::from(body.clone()));
            prop_assert_eq!(decode_to_node(bytes), Ok(Some(body)));
        }
    }
}
