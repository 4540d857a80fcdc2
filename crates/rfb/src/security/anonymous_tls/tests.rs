//! Nonsense only; against real servers it is proven where there are sockets.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn tls() -> AnonymousTls {
    let mut random: Random = Box::new(|bytes| bytes.fill(7));
    AnonymousTls::new(&mut random)
}

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3], &length[..], content].concat()
}

fn check(wire: &[u8], expected: LayerError) {
    let mut plain = BytesMut::new();
    assert_eq!(tls().handle_input(wire, &mut plain), Err(expected));
    assert!(plain.is_empty());
}

#[test]
fn it_speaks_first() {
    let hello = tls().poll_output().unwrap();
    assert_eq!(hello[..3], [22, 3, 3]);
    assert_eq!(
        usize::from(u16::from_be_bytes([hello[3], hello[4]])),
        hello.len() - 5
    );
}

#[test]
fn what_is_out_of_turn_is_refused() {
    let hello_done = [14, 0, 0, 0];
    let out_of_turn = LayerError::Protocol("a message of the handshake out of turn");
    check(&record(22, &hello_done), out_of_turn);
    let data = LayerError::Protocol("data before the handshake is over");
    check(&record(23, b"data"), data);
    let change = LayerError::Protocol("a change of keys out of turn");
    check(&record(20, &[1]), change);
    check(b"HTTP/1.1 400", LayerError::Protocol("what came is no TLS"));
    check(&record(21, &[2, 40]), LayerError::Alert(40));
}

#[test]
fn nothing_grows_without_bound() {
    let long = [22, 3, 3, 0xff, 0xff];
    check(&long, LayerError::TooMuch("a record is too long"));
    let long = record(22, &[2, 0xff, 0xff, 0xff]);
    check(
        &long,
        LayerError::TooMuch("a message of the handshake is too long"),
    );
    let empty = record(22, &[]).repeat(100);
    check(&empty, LayerError::TooMuch("nothing, over and over"));
    let mut tls = tls();
    tls.seal(&[0; WAITING_BYTES_MAX]).unwrap();
    assert!(tls.seal(&[0]).is_err());
}

#[test]
fn the_end_is_told() {
    let mut tls = tls();
    let wire = record(21, &[1, 0]);
    tls.handle_input(&wire, &mut BytesMut::new()).unwrap();
    assert!(tls.is_closed());
}

proptest! {
    #[test]
    fn bytes_of_any_kind_do_no_harm(
        content_type in 20_u8..24,
        messages in prop::collection::vec(
            (0_u8..24, prop::collection::vec(any::<u8>(), 0..120)), 0..4),
    ) {
        let mut tls = tls();
        for (kind, body) in messages {
            let length = u32::try_from(body.len()).unwrap().to_be_bytes();
            let message = [&[kind], &length[1..], &body].concat();
            let _ = tls.handle_input(&record(content_type, &message), &mut BytesMut::new());
        }
    }
}
