//! What a VNC server may send on the way to the security result: nothing
//! panics, and how the bytes were cut makes no difference to what is answered.
#![no_main]

use bytes::BytesMut;
use causeway_rfb::security::{Credentials, Handshake, Layer, SecurityConfig, Step};
use libfuzzer_sys::fuzz_target;

fn config() -> SecurityConfig {
    let mut state = 1_u8;
    SecurityConfig {
        credentials: Credentials {
            username: Some("ada".to_owned()),
            password: Some("hunter2".to_owned().into()),
        },
        allowed: Vec::new(),
        random: Box::new(move |bytes| {
            for byte in bytes {
                state = state.wrapping_mul(37).wrapping_add(11);
                *byte = state;
            }
        }),
    }
}

/// What is answered before a layer of ours begins, and whether it failed.
fn run(input: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let mut handshake = Handshake::new(config());
    let (mut waiting, mut output) = (Vec::new(), Vec::new());
    for bytes in input.chunks(piece) {
        waiting.extend_from_slice(bytes);
        loop {
            let Ok(taken) = handshake.handle_input(&waiting) else {
                return (Vec::new(), true);
            };
            waiting.drain(..taken);
            while let Some(bytes) = handshake.poll_output() {
                output.extend_from_slice(&bytes);
            }
            match handshake.poll_step() {
                Some(Step::VerifyServerKey(_)) => handshake.handle_server_key_trusted(),
                Some(Step::Layer(mut layer)) => {
                    feed(&mut layer, &waiting);
                    return (output, false);
                }
                Some(Step::NeedTls | Step::RemoveLayer) => handshake.handle_layered(),
                Some(Step::NeedClientKey | Step::NeedCredentials(_) | Step::Done(_)) => {
                    return (output, false);
                }
                None => break,
            }
        }
    }
    (output, false)
}

fn feed(layer: &mut Layer, wire: &[u8]) {
    let mut plain = BytesMut::new();
    let _ = layer.handle_input(wire, &mut plain);
    while layer.poll_output().is_some() {}
}

fuzz_target!(|data: (u8, &[u8])| {
    let (piece, input) = data;
    let piece = usize::from(piece).max(1);
    let (whole, failed) = run(input, input.len().max(1));
    let (pieces, failed_in_pieces) = run(input, piece);
    assert_eq!((&whole, failed), (&pieces, failed_in_pieces));
});
