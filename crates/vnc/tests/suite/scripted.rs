//! Servers that say what real ones rarely do.

use std::time::Duration;

use anyhow::Result;
use causeway_target::failure::FailureCode;
use causeway_tests::hostile::{Act, Hostile};

use crate::support::Opening;

const VERSION: &[u8] = b"RFB 003.008\n";

fn refusal(reason: &str) -> Vec<u8> {
    let length = u32::try_from(reason.len()).unwrap().to_be_bytes();
    [VERSION, &[0], &length[..], reason.as_bytes()].concat()
}

async fn check(acts: Vec<Act>, expected: FailureCode) -> Result<()> {
    let server = Hostile::start(acts).await?;
    Opening::at(server.address())
        .set("password", "secret")
        .fails(expected)
        .await;
    Ok(())
}

#[tokio::test]
async fn what_is_no_vnc_server_is_found_out() -> Result<()> {
    let send = |bytes: &[u8]| vec![Act::Send(bytes.to_vec()), Act::Hold];
    check(
        send(b"SSH-2.0-OpenSSH_9.6\r\n"),
        FailureCode::VncProtocolError,
    )
    .await?;
    check(send(b"RFB 003.00x\n"), FailureCode::VncProtocolError).await?;
    check(vec![Act::Send(b"RFB".to_vec())], FailureCode::TargetClosed).await?;
    check(vec![], FailureCode::TargetClosed).await
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason() -> Result<()> {
    let server = Hostile::start(vec![Act::Send(refusal("no\x07 viewers")), Act::Hold]).await?;
    let failure = Opening::at(server.address())
        .fails(FailureCode::VncRefused)
        .await;
    assert_eq!(failure.details["reason"], "no viewers");
    let many = vec![Act::Send(refusal("Too many security failures")), Act::Hold];
    check(many, FailureCode::VncTooManyAttempts).await?;
    // A reason of 4 GiB is read as far as anybody wants to.
    let long = [VERSION, &[0], &[0xff; 4], &[b'x'; 4096]].concat();
    check(vec![Act::Send(long), Act::Hold], FailureCode::VncRefused).await
}

#[tokio::test]
async fn endless_nonsense_does_no_harm() -> Result<()> {
    let begun = [VERSION, &[1, 2]].concat();
    let flood = vec![Act::Send(begun), Act::Flood(vec![0xff; 65536])];
    check(flood, FailureCode::VncProtocolError).await
}

#[tokio::test]
async fn a_failed_connection_is_tried_again_where_it_is_set_to() -> Result<()> {
    let server = Hostile::start(vec![]).await?;
    Opening::at(server.address())
        .set("autoretry", "2")
        .fails(FailureCode::TargetClosed)
        .await;
    assert_eq!(server.accepted(), 3);
    Ok(())
}

#[tokio::test]
async fn a_repeater_is_told_where_to_lead() -> Result<()> {
    let leads = vec![
        Act::Send(b"RFB 000.000\n".to_vec()),
        Act::Take(250),
        Act::Send(refusal("led")),
        Act::Hold,
    ];
    let server = Hostile::start(leads).await?;
    let opening = || {
        Opening::at(server.address())
            .set("dest-host", "desk-02")
            .set("dest-port", "5901")
    };
    let failure = opening().fails(FailureCode::VncRefused).await;
    assert_eq!(failure.details["reason"], "led");
    let none = Hostile::start(vec![
        Act::Send(VERSION.to_vec()),
        Act::Drip(vec![0], Duration::from_secs(1)),
    ])
    .await?;
    Opening::at(none.address())
        .set("dest-host", "desk-02")
        .fails(FailureCode::VncRepeaterFailed)
        .await;
    Ok(())
}

/// A server with an RSA key of 1024 bits, which has the first byte `first`,
/// and no more to say than the key.
async fn rsa_aes(first: u8) -> Result<Hostile> {
    let mut key = vec![0, 0, 4, 0, first];
    key.extend([0xff; 127]);
    key.extend([0; 127]);
    key.push(3);
    Hostile::start(vec![
        Act::Send([VERSION, &[1, 5]].concat()),
        Act::Take(13),
        Act::Send(key),
        // The client's key and its random number.
        Act::Take(4 + 512 + 2 + 128),
    ])
    .await
}

#[tokio::test]
async fn the_key_of_rsa_aes_is_remembered_and_a_changed_one_is_refused() -> Result<()> {
    let (server, other) = (rsa_aes(0xc1).await?, rsa_aes(0xc3).await?);
    let opening = |server: &Hostile| Opening::at(server.address()).set("password", "secret");
    let (opened, heard) = opening(&server).open().await;
    assert_eq!(opened.unwrap_err().code, FailureCode::TargetClosed);
    let [key] = heard.keys.as_slice() else {
        panic!("not one key: {heard:?}");
    };
    assert_eq!(key.algorithm, "ra2-rsa");

    let known = || opening(&other).remembered(&heard.keys);
    let failure = known().fails(FailureCode::HostKeyChanged).await;
    assert_eq!(failure.details["expected_fingerprint"], key.fingerprint);
    assert_ne!(failure.details["presented_fingerprint"], key.fingerprint);
    known()
        .set("ignore-cert", "true")
        .fails(FailureCode::TargetClosed)
        .await;
    opening(&server)
        .forgetful()
        .fails(FailureCode::HostKeyNotRemembered)
        .await;
    opening(&server)
        .set("cert-tofu", "false")
        .fails(FailureCode::CertificateUntrusted)
        .await;
    opening(&server)
        .set("cert-fingerprints", &key.fingerprint)
        .fails(FailureCode::TargetClosed)
        .await;
    opening(&other)
        .set("cert-fingerprints", &key.fingerprint)
        .fails(FailureCode::HostKeyMismatch)
        .await;
    Ok(())
}
