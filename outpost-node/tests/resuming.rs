//! Browsers that vanish and come back.

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_tests::sshd::Sshd;
use causeway_wire::message::to_viewer::Body;

use crate::support::{Setup, TestViewer, left};

#[tokio::test]
async fn a_viewer_goes_on_where_it_was() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    assert!(!viewer.welcome().await.resumed);
    viewer.prompt().await;
    viewer.run("x=before").await;
    viewer.prompt().await;
    viewer.type_in("read line; echo missed; echo $line\n").await;
    viewer.output_with("$line\r\n").await;
    let drawn = viewer.offset;
    drop(viewer);
    running
        .control_plane
        .reported(|event| *event == ReportEvent::Detached)
        .await;

    let mut viewer = TestViewer::attach(&running.handle).await;
    viewer.hello(Some(drawn)).await;
    let welcome = viewer.welcome().await;
    assert!(welcome.resumed);
    assert_eq!(welcome.output_offset, drawn);
    running
        .control_plane
        .reported(|event| *event == ReportEvent::Attached)
        .await;
    viewer.type_in("typed\n").await;
    viewer.output_with("missed\r\ntyped\r\n").await;
    viewer.prompt().await;
    assert_eq!(viewer.run("echo $x").await, "before\r\n");
}

#[tokio::test]
async fn a_viewer_without_memory_sees_what_was_there() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer.run("echo history").await;
    let drawn = viewer.prompt().await.len();
    assert!(drawn > 0);
    drop(viewer);

    let mut viewer = running.viewer().await;
    let welcome = viewer.welcome().await;
    assert_eq!(welcome.output_offset, 0);
    assert!(welcome.replayed_until_offset > 0);
    viewer.output_with("history\r\n").await;
}

#[tokio::test]
async fn a_detached_program_is_not_held_up() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer
        .type_in("read line; seq 1 300000; echo finished\n")
        .await;
    viewer.output_with("finished\r\n").await;
    viewer.type_in("\n").await;
    viewer.output_with("1000\r\n").await;
    drop(viewer);
    running
        .control_plane
        .reported(|event| *event == ReportEvent::Detached)
        .await;

    let mut viewer = running.viewer().await;
    let welcome = viewer.welcome().await;
    viewer.output_with("finished\r\n").await;
    assert!(welcome.output_offset > 0 || viewer.offset < 256 * 1024);
}

#[tokio::test]
async fn another_viewer_takes_the_place() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut first) = Setup::signed_in(&sshd).open().await;
    first.prompt().await;
    let mut second = running.viewer().await;
    second.prompt().await;
    assert_eq!(first.ended().await.reason, "replaced");
    first.closed().await;
    assert_eq!(second.run("echo here").await, "here\r\n");
    let reports = running.control_plane.reports();
    assert!(!reports.contains(&ReportEvent::Detached), "{reports:?}");
}

#[tokio::test]
async fn without_a_grace_period_a_lost_viewer_ends_the_session() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).resume_grace_s(0).open().await;
    viewer.prompt().await;
    drop(viewer);
    let reports = std::sync::Arc::clone(&running.control_plane);
    running.over().await;
    let expected = ReportEvent::Ended {
        reason: EndReason::Abandoned,
        code: None,
    };
    assert_eq!(reports.reports().last(), Some(&expected));
    left(&sshd).await;
}

#[tokio::test]
async fn nobody_coming_back_ends_the_session() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).resume_grace_s(1).open().await;
    viewer.prompt().await;
    drop(viewer);
    let ended = |event: &ReportEvent| matches!(event, ReportEvent::Ended { .. });
    let expected = ReportEvent::Ended {
        reason: EndReason::Abandoned,
        code: None,
    };
    assert_eq!(running.control_plane.reported(ended).await, expected);
}

#[tokio::test]
async fn what_is_no_protocol_of_ours_is_refused() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    viewer.send_raw(b"\xff\xff\xff".as_slice().into()).await;
    assert_eq!(viewer.failure().await.code, "viewer_protocol_error");

    let mut viewer = running.viewer().await;
    viewer.welcome().await;
    viewer.send_text("hello").await;
    assert_eq!(viewer.failure().await.code, "viewer_protocol_error");

    let mut viewer = TestViewer::attach(&running.handle).await;
    viewer.type_in("early").await;
    assert_eq!(viewer.failure().await.code, "viewer_protocol_error");

    // The session itself takes no harm.
    let mut viewer = running.viewer().await;
    viewer.prompt().await;
    assert!(
        !viewer
            .heard
            .iter()
            .any(|body| matches!(body, Body::Failure(_)))
    );
}
