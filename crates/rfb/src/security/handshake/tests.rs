//! The handshake against scripted servers, which check what they are told.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::security::LayerError;

mod server;

use server::{Broken, Server};

const PASSWORD: &str = "hunter2!";

fn config(username: Option<&str>, password: Option<&str>) -> SecurityConfig {
    let mut state = 1_u8;
    SecurityConfig {
        credentials: Credentials {
            username: username.map(str::to_owned),
            password: password.map(|password| password.to_owned().into()),
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

/// What the handshake says to all of `input`, given as it is and byte by byte.
fn run(config: impl Fn() -> SecurityConfig, input: &[u8]) -> Result<Vec<u8>, SecurityError> {
    let whole = run_in_pieces(config(), input, input.len().max(1));
    let pieces = run_in_pieces(config(), input, 1);
    assert_eq!(whole, pieces, "{}", input.escape_ascii());
    whole
}

fn run_in_pieces(
    config: SecurityConfig,
    input: &[u8],
    piece: usize,
) -> Result<Vec<u8>, SecurityError> {
    let mut handshake = Handshake::new(config);
    let (mut waiting, mut output) = (Vec::new(), Vec::new());
    for piece in input.chunks(piece) {
        waiting.extend_from_slice(piece);
        let taken = handshake.handle_input(&waiting)?;
        waiting.drain(..taken);
        while let Some(bytes) = handshake.poll_output() {
            output.extend_from_slice(&bytes);
        }
    }
    Ok(output)
}

fn both() -> SecurityConfig {
    config(Some("ada"), Some(PASSWORD))
}

#[test]
fn none_needs_a_result_from_3_8_on() {
    fn check(input: &[u8], expected: &[u8]) {
        let mut handshake = Handshake::new(both());
        let taken = handshake.handle_input(input).unwrap();
        assert_eq!(&input[taken..], b"rest", "{}", input.escape_ascii());
        let output = handshake.poll_output().unwrap();
        assert_eq!(*output, expected, "{}", input.escape_ascii());
        let step = handshake.poll_step();
        assert!(matches!(step, Some(Step::Done(established)) if !established.tight_capabilities));
    }
    check(b"RFB 003.003\n\0\0\0\x01rest", b"RFB 003.003\n");
    check(b"RFB 003.007\n\x01\x01rest", b"RFB 003.007\n\x01");
    check(b"RFB 003.008\n\x01\x01\0\0\0\0rest", b"RFB 003.008\n\x01");
    check(b"RFB 003.889\n\x01\x01\0\0\0\0rest", b"RFB 003.008\n\x01");
}

#[test]
fn the_challenge_is_answered() {
    // What libvncserver expects of "hunter2!" for this challenge.
    let challenge: Vec<u8> = (0..16).collect();
    let input = [b"RFB 003.008\n\x02\x01\x02", &challenge[..], &[0; 4]].concat();
    let output = run(both, &input).unwrap();
    assert_eq!(output[..13], *b"RFB 003.008\n\x02");
    assert_eq!(output.len(), 13 + 16);
    assert_eq!(output[13..], server::vnc_response(&challenge, PASSWORD));
}

#[test]
fn failures_are_told_apart() {
    fn check(input: &[u8], expected: &SecurityError) {
        assert_eq!(run(both, input).as_ref(), Err(expected));
    }
    let reason = || "no".to_owned();
    let challenge = [0; 16];
    let answered = [b"RFB 003.008\n\x01\x02", &challenge[..]].concat();
    let with = |end: &[u8]| [&answered[..], end].concat();
    check(
        &with(b"\0\0\0\x01\0\0\0\x02no"),
        &SecurityError::WrongCredentials { reason: reason() },
    );
    check(
        &with(b"\0\0\0\x02\0\0\0\x02no"),
        &SecurityError::TooManyAttempts { reason: reason() },
    );
    check(
        b"RFB 003.008\n\0\0\0\0\x02no",
        &SecurityError::Refused { reason: reason() },
    );
    check(
        b"RFB 003.003\n\0\0\0\0\0\0\0\x02no",
        &SecurityError::Refused { reason: reason() },
    );
    check(
        b"RFB 003.008\n\x01\x01\0\0\0\x01\0\0\0\x02no",
        &SecurityError::Refused { reason: reason() },
    );
    let old = [b"RFB 003.003\n\0\0\0\x02", &challenge[..], b"\0\0\0\x01"].concat();
    let silent = SecurityError::WrongCredentials {
        reason: String::new(),
    };
    check(&old, &silent);
    check(
        b"RFB 003.008\n\x03\xc8\x11\x14",
        &SecurityError::Unsupported {
            offered: "200, Ultra, SASL".to_owned(),
        },
    );
    let nonsense = SecurityError::Protocol("an unknown security result");
    check(&with(b"\0\0\0\x07"), &nonsense);
}

#[test]
fn a_server_that_closes_within_its_reason_has_failed_nevertheless() {
    let mut handshake = Handshake::new(both());
    handshake.handle_input(b"RFB 003.008\n\0\0\0").unwrap();
    let refused = SecurityError::Refused {
        reason: String::new(),
    };
    assert_eq!(handshake.handle_closed(), Some(refused));
}

#[test]
fn what_is_missing_is_asked_for_before_anything_is_taken() {
    let mut handshake = Handshake::new(config(None, None));
    let input = [b"RFB 003.008\n\x01\x02", &[7; 16][..]].concat();
    let taken = handshake.handle_input(&input).unwrap();
    assert_eq!(taken, 14);
    let step = handshake.poll_step();
    assert!(matches!(
        step,
        Some(Step::NeedCredentials(Wanted::PASSWORD))
    ));
    assert_eq!(handshake.handle_input(&input[taken..]).unwrap(), 0);
    assert!(handshake.poll_step().is_none(), "asked twice");
    handshake.handle_credentials(config(None, Some(PASSWORD)).credentials);
    assert_eq!(handshake.handle_input(&input[taken..]).unwrap(), 16);
}

#[test]
fn plain_is_told_inside_of_vencrypt() {
    let input = b"RFB 003.008\n\x01\x13\0\x02\0\x01\0\0\x01\0\0\0\0\0";
    let output = run(both, input).unwrap();
    let expected = b"RFB 003.008\n\x13\0\x02\0\0\x01\0\0\0\0\x03\0\0\0\x08adahunter2!";
    assert_eq!(output, expected);
}

#[test]
fn tight_leads_to_what_it_names() {
    let capability = |code: u8| [&[0, 0, 0, code][..], b"VENDSIGNATUR"].concat();
    let begun = b"RFB 003.008\n\x01\x10";
    // No tunnels, no authentication.
    let input = [&begun[..], &[0; 4], &[0; 4], &[0; 4]].concat();
    assert_eq!(run(both, &input).unwrap(), b"RFB 003.008\n\x10");
    let mut handshake = Handshake::new(both());
    handshake.handle_input(&input).unwrap();
    let step = handshake.poll_step();
    assert!(matches!(step, Some(Step::Done(established)) if established.tight_capabilities));
    // A tunnel that is none, and a Unix name and password.
    let lists = [
        &[0, 0, 0, 1],
        &capability(0)[..],
        &[0, 0, 0, 1],
        &capability(129),
    ]
    .concat();
    let output = run(both, &[&begun[..], &lists, &[0; 4]].concat()).unwrap();
    let expected = b"RFB 003.008\n\x10\0\0\0\0\0\0\0\x81\0\0\0\x03\0\0\0\x08adahunter2!";
    assert_eq!(output, expected);
    // A tunnel that is one.
    let lists = [&[0, 0, 0, 1], &capability(5)[..]].concat();
    let error = run(both, &[&begun[..], &lists].concat()).unwrap_err();
    assert!(matches!(error, SecurityError::Unsupported { .. }));
    let many = [&begun[..], &[0xff; 4]].concat();
    assert!(matches!(run(both, &many), Err(SecurityError::Protocol(_))));
}

#[test]
fn apples_server_reads_name_and_password() {
    let server = server::apple();
    let input = [
        b"RFB 003.889\n\x03\x1e\x21\x24",
        &server.hello()[..],
        &[0; 4],
    ]
    .concat();
    let output = run(both, &input).unwrap();
    assert_eq!(output[..13], *b"RFB 003.008\n\x1e");
    let read = server.read(&output[13..]);
    assert_eq!(read, ("ada".to_owned(), PASSWORD.to_owned()));
    let long = || config(Some(&"x".repeat(64)), Some(PASSWORD));
    let error = run(long, &input).unwrap_err();
    assert!(matches!(
        error,
        SecurityError::CredentialsTooLong {
            what: "user name",
            ..
        }
    ));
    let useless = b"RFB 003.889\n\x01\x1e\0\x02\0\x01\x05\x03";
    assert!(matches!(
        run(both, useless),
        Err(SecurityError::Cryptography(_))
    ));
}

#[test]
fn ultravncs_server_reads_name_and_password() {
    let server = server::UltraVnc;
    let input = [b"RFB 003.016\n\x01\x71", &server.hello()[..], &[0; 4]].concat();
    let output = run(both, &input).unwrap();
    let read = server.read(&output[13..]);
    assert_eq!(read, ("ada".to_owned(), PASSWORD.to_owned()));
}

#[test]
fn rsa_aes_signs_in_and_encrypts_what_it_says() {
    for (number, wants_username) in [(5, true), (6, true), (129, false), (130, true)] {
        let mut server = Server::new(number, wants_username);
        let result = server.serve(both());
        assert_eq!(result.unwrap(), number != 6 && number != 130, "{number}");
        let username = if wants_username { "ada" } else { "" };
        assert_eq!(server.read(), (username.to_owned(), PASSWORD.to_owned()));
    }
}

#[test]
fn rsa_aes_finds_out_who_stands_in_between() {
    let mut server = Server::new(5, true);
    server.lies_about_hash = true;
    let error = server.serve(both()).unwrap_err();
    let is_found = matches!(error, Broken::Handshake(SecurityError::Cryptography(_)));
    assert!(is_found, "{error}");
    let mut server = Server::new(5, true);
    server.changes_records = true;
    let error = server.serve(both()).unwrap_err();
    assert!(
        matches!(error, Broken::Layer(LayerError::Tampered)),
        "{error}"
    );
}

#[test]
fn keys_without_worth_are_refused() {
    let begun = b"RFB 003.008\n\x01\x05";
    for key in [
        // 512 bits; 16384 bits; an even modulus; an exponent of 1.
        [&[0, 0, 2, 0][..], &[0xff; 128]].concat(),
        [&[0, 0, 0x40, 0][..], &[0xff; 4096]].concat(),
        [&[0, 0, 4, 0][..], &[0xfe; 256]].concat(),
        [&[0, 0, 4, 0][..], &[0xff; 128], &[0; 127], &[1]].concat(),
    ] {
        let error = run(both, &[&begun[..], &key].concat()).unwrap_err();
        assert!(matches!(error, SecurityError::Cryptography(_)), "{error}");
    }
}

proptest! {
    #[test]
    fn bytes_of_any_kind_do_no_harm(
        number in prop::sample::select(vec![1_u8, 2, 5, 6, 16, 19, 30, 113, 129, 130]),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let input = [b"RFB 003.008\n\x01", &[number][..], &bytes].concat();
        let mut handshake = Handshake::new(both());
        let mut waiting = &input[..];
        for _ in 0..8 {
            let Ok(taken) = handshake.handle_input(waiting) else { return Ok(()) };
            waiting = &waiting[taken..];
            while let Some(step) = handshake.poll_step() {
                match step {
                    Step::VerifyServerKey(_) => handshake.handle_server_key_trusted(),
                    _ => handshake.handle_layered(),
                }
            }
        }
    }
}
