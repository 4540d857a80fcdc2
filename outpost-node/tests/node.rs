//! The node as a whole: heartbeats, tickets, orders, and an orderly end.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use causeway_fleet::{Attach, ReportEvent};
use causeway_model::id::{EdgeId, NodeId};
use causeway_model::object::EndReason;
use causeway_tests::silent::Silent;
use causeway_tests::sshd::Sshd;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use crate::support::{Answer, NodeUnderTest, Setup, within_patience};

const AT_ONCE: Duration = Duration::ZERO;

#[tokio::test]
async fn a_viewer_with_a_ticket_gets_a_shell() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    assert_eq!(viewer.run("echo here").await, "here\r\n");
    let beat = node
        .control_plane
        .beat(|beat| !beat.connections.is_empty())
        .await;
    assert_eq!(beat.connections[0].id, node.ticket(1).connection);
    assert_eq!(beat.edges.iter().next(), Some(&node.edge));
    // Who claims says where the edge saw the browser.
    let came_from = node.control_plane.came_from.lock().unwrap().clone();
    assert_eq!(came_from, [Some(Ipv4Addr::LOCALHOST.into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_fails_at_once_is_told_to_its_viewer() {
    let node = NodeUnderTest::start(AT_ONCE).await;
    for connection in 1..20 {
        node.grant(connection, Setup::host("web-01").set("port", "many"));
        let mut viewer = node.viewer(connection).await;
        assert_eq!(viewer.failure().await.code, "settings_invalid");
        viewer.closed().await;
    }
}

#[tokio::test]
async fn it_is_ready_when_answered_and_in_touch_with_an_edge() {
    let mut node = NodeUnderTest::start(AT_ONCE).await;
    let ready = node
        .status
        .wait_for(|status| status.ready && status.tunnels == 1);
    within_patience("readiness", ready).await.unwrap();
}

#[tokio::test]
async fn a_ticket_that_is_not_for_here_is_refused_before_any_work() {
    let node = NodeUnderTest::start(AT_ONCE).await;
    let good = node.ticket(1);
    let mut other_node = good.clone();
    other_node.node = NodeId::new(Uuid::from_u128(99));
    let mut other_edge = good.clone();
    other_edge.edge = EdgeId::new(Uuid::from_u128(99));
    let mut expired = good.clone();
    expired.expires_at = Timestamp::now() - 1.second();
    for (ticket, code) in [
        (other_node, "ticket_for_other_node"),
        (other_edge, "ticket_for_other_edge"),
        (expired, "ticket_expired"),
    ] {
        let refusal = node.offer(&ticket).await.unwrap_err();
        assert_eq!((refusal.status(), refusal.code()), (401, code));
    }
    let refusal = node.offer_text("v1.nonsense").await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (401, "ticket_invalid"));
}

#[tokio::test]
async fn a_ticket_is_used_once() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let ticket = node.ticket(1);
    node.offer(&ticket).await.unwrap();
    let refusal = node.offer(&ticket).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (401, "ticket_used"));
}

#[tokio::test]
async fn a_refused_claim_is_told_as_it_is() {
    let node = NodeUnderTest::start(AT_ONCE).await;
    let refusal = node.offer(&node.ticket(1)).await.unwrap_err();
    assert_eq!(
        (refusal.status(), refusal.code()),
        (409, "connection_ended")
    );
}

#[tokio::test]
async fn a_session_that_is_not_here_any_more_is_told_and_reported() {
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::host("web-01").attach(Attach::Again));
    let refusal = node.offer(&node.ticket(1)).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (410, "session_lost"));
    let lost = ReportEvent::Ended {
        reason: EndReason::NodeLost,
        code: Some("session_lost".to_owned()),
    };
    node.control_plane.reported(|event| *event == lost).await;
}

#[tokio::test]
async fn a_full_node_takes_nobody_more_but_lets_back_in() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    for connection in [1, 2] {
        node.grant(connection, Setup::signed_in(&sshd));
        node.viewer(connection).await.prompt().await;
    }
    node.grant(3, Setup::signed_in(&sshd));
    let refusal = node.offer(&node.ticket(3)).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (503, "node_full"));
    node.grant(2, Setup::signed_in(&sshd).attach(Attach::Again));
    node.viewer(2).await.prompt().await;
}

#[tokio::test]
async fn an_order_ends_a_session() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    let other = NodeId::new(Uuid::from_u128(99));
    node.order_end(other, 1, EndReason::SignedOut).await;
    node.order_end(node.node, 1, EndReason::Terminated).await;
    assert_eq!(viewer.ended().await.reason, "terminated");
    node.has_sessions(0).await;
}

#[tokio::test]
async fn the_heartbeats_answer_ends_a_session() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    node.tell_end(1, EndReason::SignedOut);
    assert_eq!(viewer.ended().await.reason, "signed_out");
}

#[tokio::test]
async fn a_stopping_node_ends_and_reports_its_sessions() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    node.stop();
    assert_eq!(viewer.ended().await.reason, "node_shutdown");
    let ended = ReportEvent::Ended {
        reason: EndReason::NodeShutdown,
        code: None,
    };
    node.control_plane.reported(|event| *event == ended).await;
    node.stopped().await;
}

#[tokio::test]
async fn a_draining_node_takes_nobody_new_and_waits_for_the_others() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(Duration::from_secs(60)).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    node.stop();
    node.control_plane.beat(|beat| beat.draining).await;
    let refusal = node.offer(&node.ticket(2)).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.code()), (503, "node_draining"));
    viewer.type_in("exit\n").await;
    assert_eq!(viewer.ended().await.reason, "exited");
    node.stopped().await;
}

#[tokio::test]
async fn a_draining_node_gives_away_what_it_has_not_opened() {
    let silent = Silent::start().await.unwrap();
    let node = NodeUnderTest::start_with(Duration::from_secs(60), true).await;
    node.grant(1, Setup::at(silent.address()));
    let mut viewer = node.viewer(1).await;
    node.stop();
    assert_eq!(viewer.ended().await.reason, "moved");
    let given_away = ReportEvent::ConnectFailed {
        code: "node_draining".to_owned(),
    };
    let reports = node.control_plane.reports();
    node.stopped().await;
    assert_eq!(reports, [given_away]);
}

#[tokio::test]
async fn what_nobody_takes_from_a_draining_node_is_opened_there() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(Duration::from_secs(60)).await;
    // It asks for the password: the opening lasts.
    node.grant(1, Setup::sshd(&sshd));
    let mut viewer = node.viewer(1).await;
    let question = viewer.question().await;
    node.stop();
    let asked = |event: &ReportEvent| matches!(event, ReportEvent::ConnectFailed { .. });
    node.control_plane.reported(asked).await;
    let password = Answer::Texts(&[sshd.password()]);
    viewer.answer(&question, password).await;
    viewer.prompt().await;
    viewer.type_in("exit\n").await;
    assert_eq!(viewer.ended().await.reason, "exited");
    node.stopped().await;
}

/// Where who leaves may not come back, who is sent on by the edge still may.
#[tokio::test]
async fn an_edge_that_stops_ends_no_session() {
    let sshd = Sshd::with_password().unwrap();
    let node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd).resume_grace_s(0));
    let stream = node.offer(&node.ticket(1)).await.unwrap();
    node.has_sessions(1).await;
    NodeUnderTest::send_on(stream);
    let again = Setup::signed_in(&sshd).resume_grace_s(0);
    node.grant(1, again.attach(Attach::Again));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    let reports = node.control_plane.reports();
    assert!(!reports.contains(&ReportEvent::Detached), "{reports:?}");
    drop(viewer);
    let left = ReportEvent::Ended {
        reason: EndReason::Abandoned,
        code: None,
    };
    node.control_plane.reported(|event| *event == left).await;
}

/// No order reaches a node without an edge; it must not wait for its interval.
#[tokio::test]
async fn without_an_edge_what_is_to_end_is_asked_for_often() {
    let sshd = Sshd::with_password().unwrap();
    let mut node = NodeUnderTest::start(AT_ONCE).await;
    node.grant(1, Setup::signed_in(&sshd));
    let mut viewer = node.viewer(1).await;
    viewer.prompt().await;
    node.has_sessions(1).await;
    node.beat_every(Duration::from_secs(60));
    node.lose_edge();
    let lost = node.status.wait_for(|status| status.tunnels == 0);
    within_patience("the tunnel's end", lost).await.unwrap();
    node.control_plane.beat(|beat| beat.edges.is_empty()).await;
    let told_at = Instant::now();
    node.tell_end(1, EndReason::Terminated);
    let ended = |event: &ReportEvent| matches!(event, ReportEvent::Ended { .. });
    node.control_plane.reported(ended).await;
    let took = told_at.elapsed();
    assert!(took < Duration::from_secs(10), "took {took:?}");
}
