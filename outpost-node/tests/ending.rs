//! Every way a session ends, and what is told of it.

use std::sync::Arc;

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_tests::sshd::Sshd;
use causeway_wire::message::Leave;
use causeway_wire::message::to_node::Body as ToNodeBody;
use jiff::{Timestamp, ToSpan as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::{Running, Setup, left};

async fn check_report(running: Running, reason: EndReason) {
    let control_plane = Arc::clone(&running.control_plane);
    running.over().await;
    let expected = ReportEvent::Ended { reason, code: None };
    assert_eq!(control_plane.reports().last(), Some(&expected));
}

#[tokio::test]
async fn leaving_the_shell_ends_it_with_its_status() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer.type_in("echo bye; exit 3\n").await;
    let ended = viewer.ended().await;
    assert_eq!(
        (ended.reason.as_str(), ended.exit_status),
        ("exited", Some(3))
    );
    assert!(viewer.output.contains("bye\r\n"));
    viewer.closed().await;
    check_report(running, EndReason::Exited).await;
}

#[tokio::test]
async fn a_signal_is_told() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd).set("command", "kill -KILL $$");
    let (running, mut viewer) = setup.open().await;
    let ended = viewer.ended().await;
    assert_eq!(ended.exit_signal, "KILL");
    assert!(ended.message.contains("KILL"), "{}", ended.message);
    check_report(running, EndReason::Exited).await;
}

#[tokio::test]
async fn the_last_output_comes_before_the_end() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd).set("command", "seq 1 200000; echo all''done");
    let (_running, mut viewer) = setup.open().await;
    viewer.ended().await;
    assert!(viewer.output.ends_with("alldone\r\n"));
}

#[tokio::test]
async fn a_target_that_dies_closes_the_session() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    sshd.end_connections();
    assert_eq!(viewer.ended().await.reason, "closed_by_target");
    check_report(running, EndReason::ClosedByTarget).await;
}

#[tokio::test]
async fn an_order_ends_it_at_once() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer.type_in("yes\n").await;
    viewer.output_with("y\r\ny\r\n").await;
    running.handle.end(EndReason::SignedOut);
    assert_eq!(viewer.ended().await.reason, "signed_out");
    check_report(running, EndReason::SignedOut).await;
    left(&sshd).await;
}

#[tokio::test]
async fn leaving_for_good_ends_it() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer.send(ToNodeBody::Leave(Leave {})).await;
    assert_eq!(viewer.ended().await.reason, "left");
    check_report(running, EndReason::Left).await;
}

#[tokio::test]
async fn its_time_ends_it() {
    let sshd = Sshd::with_password().unwrap();
    let ends_at = Timestamp::now() + 2.seconds();
    let (running, mut viewer) = Setup::signed_in(&sshd).ending_at(ends_at).open().await;
    let welcome = viewer.welcome().await;
    assert_eq!(welcome.ends_at_unix_ms, ends_at.as_millisecond() as u64);
    assert_eq!(viewer.ended().await.reason, "expired");
    check_report(running, EndReason::Expired).await;
}

/// Stands in front of a server and passes bytes until it freezes.
async fn freezing_proxy(sshd: &Sshd, freeze: CancellationToken) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, target) = (listener.local_addr().unwrap(), sshd.address());
    tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(target).await.unwrap();
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
            () = freeze.cancelled() => {}
        }
        std::future::pending::<()>().await;
    });
    address
}

#[tokio::test]
async fn a_target_that_freezes_is_given_up() {
    let sshd = Sshd::with_password().unwrap();
    let freeze = CancellationToken::new();
    let address = freezing_proxy(&sshd, freeze.clone()).await;
    let setup = Setup::at(address)
        .set("username", sshd.username())
        .set("password", sshd.password())
        .set("server-alive-interval", 1);
    let (running, mut viewer) = setup.open().await;
    viewer.prompt().await;
    freeze.cancel();
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "target_timed_out");
    assert_eq!(failure.details["deadline"], "keep_alive");
    let control_plane = Arc::clone(&running.control_plane);
    running.over().await;
    let expected = ReportEvent::Ended {
        reason: EndReason::ClosedByTarget,
        code: Some("target_timed_out".to_owned()),
    };
    assert_eq!(control_plane.reports().last(), Some(&expected));
}
