//! Targets that cannot be reached or do not speak SSH as expected.

use std::time::Instant;

use causeway_fleet::ReportEvent;
use causeway_model::object::{EndReason, Protocol};
use causeway_tests::silent::{Deaf, Silent, refusing_address};
use causeway_tests::sshd::Sshd;
use causeway_wire::message::{Fault, Step};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::support::Setup;

async fn check(setup: Setup, code: &str, fault: Fault, step: Step) {
    let (running, mut viewer) = setup.open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, code);
    assert_eq!((failure.fault(), failure.step()), (fault, step), "{code}");
    assert!(failure.message.ends_with('.'), "{}", failure.message);
    let ended = running
        .control_plane
        .reported(|event| matches!(event, ReportEvent::Ended { .. }))
        .await;
    let expected = ReportEvent::Ended {
        reason: EndReason::ConnectFailed,
        code: Some(code.to_owned()),
    };
    assert_eq!(ended, expected);
    running.over().await;
}

#[tokio::test]
async fn an_unknown_name() {
    let running = Setup::host("nowhere.invalid").start();
    let mut viewer = running.viewer().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.step(), Step::Resolve);
    let codes = ["target_name_not_found", "target_name_lookup_failed"];
    assert!(codes.contains(&failure.code.as_str()), "{failure:?}");
}

#[tokio::test]
async fn a_refused_connection() {
    let address = refusing_address().await.unwrap();
    check(
        Setup::at(address),
        "target_refused",
        Fault::Target,
        Step::Connect,
    )
    .await;
}

/// TCP goes to one machine: the kernel has no way to all of them.
#[tokio::test]
async fn a_target_that_no_way_leads_to() {
    let everybody = "255.255.255.255:22".parse().unwrap();
    check(
        Setup::at(everybody),
        "target_unreachable",
        Fault::Target,
        Step::Connect,
    )
    .await;
}

#[tokio::test]
async fn a_connection_that_is_not_answered_is_given_up_after_its_time() {
    let deaf = Deaf::start().unwrap();
    let begun = Instant::now();
    let (_running, mut viewer) = Setup::at(deaf.address()).set("timeout", 1).open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "target_timed_out");
    assert_eq!(failure.step(), Step::Connect);
    assert_eq!(failure.details["deadline"], "connect");
    let took = begun.elapsed();
    assert!((1..3).contains(&took.as_secs()), "it took {took:?}");
}

#[tokio::test]
async fn a_viewer_is_sent_on_when_another_node_takes_over() {
    let address = refusing_address().await.unwrap();
    let (running, mut viewer) = Setup::at(address).taken_over().open().await;
    assert_eq!(viewer.ended().await.reason, "moved");
    let control_plane = std::sync::Arc::clone(&running.control_plane);
    running.over().await;
    let failed = ReportEvent::ConnectFailed {
        code: "target_refused".to_owned(),
    };
    assert_eq!(control_plane.reports(), [failed]);
}

#[tokio::test]
async fn a_target_that_never_says_a_word() {
    let silent = Silent::start().await.unwrap();
    check(
        Setup::at(silent.address()),
        "target_timed_out",
        Fault::Target,
        Step::Handshake,
    )
    .await;
}

#[tokio::test]
async fn a_target_that_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    check(
        Setup::at(address),
        "target_closed",
        Fault::Target,
        Step::Handshake,
    )
    .await;
}

#[tokio::test]
async fn a_target_that_speaks_something_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(
                stream
                    .write_all(&b"HTTP/1.1 400 Bad Request\r\n".repeat(100))
                    .await,
            );
        }
    });
    check(
        Setup::at(address),
        "ssh_protocol_error",
        Fault::Target,
        Step::Handshake,
    )
    .await;
}

#[tokio::test]
async fn a_target_with_old_algorithms_only() {
    let sshd = Sshd::builder()
        .password()
        .line("KexAlgorithms diffie-hellman-group1-sha1")
        .start()
        .unwrap();
    let (_running, mut viewer) = Setup::signed_in(&sshd).open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "ssh_no_common_algorithm");
    assert_eq!(failure.details["kind"], "key exchange");
    assert!(failure.details["theirs"].contains("group1"), "{failure:?}");
}

#[tokio::test]
async fn a_target_that_gives_no_terminal() {
    let sshd = Sshd::builder()
        .password()
        .line("PermitTTY no")
        .start()
        .unwrap();
    check(
        Setup::signed_in(&sshd),
        "pty_refused",
        Fault::Target,
        Step::Open,
    )
    .await;
}

#[tokio::test]
async fn a_target_that_gives_no_session() {
    let sshd = Sshd::builder()
        .password()
        .line("MaxSessions 0")
        .start()
        .unwrap();
    check(
        Setup::signed_in(&sshd),
        "channel_refused",
        Fault::Target,
        Step::Open,
    )
    .await;
}

#[tokio::test]
async fn settings_that_cannot_be_used() {
    let setup = Setup::host("web-01").set("port", "many");
    check(setup, "settings_invalid", Fault::Configuration, Step::Claim).await;
    for protocol in [Protocol::Vnc, Protocol::Rdp] {
        let setup = Setup::host("desk-01").set("port", "many");
        let setup = setup.protocol(protocol);
        check(setup, "settings_invalid", Fault::Configuration, Step::Claim).await;
    }
}

#[tokio::test]
async fn a_desktop_that_is_not_there() {
    for protocol in [Protocol::Vnc, Protocol::Rdp] {
        let setup = Setup::at(refusing_address().await.unwrap()).protocol(protocol);
        let setup = setup.set("username", "ada").set("password", "hunter2");
        check(setup, "target_refused", Fault::Target, Step::Connect).await;
    }
}
