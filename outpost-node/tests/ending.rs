//! Every way a session ends, and what is told of it.

use std::sync::Arc;

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_tests::sshd::Sshd;
use causeway_wire::message::Leave;
use causeway_wire::message::to_node::Body as ToNodeBody;
use jiff::{Timestamp, ToSpan as _};

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
