//! The picture, and what stands beside it.

use super::*;

#[test]
fn a_viewer_is_welcomed_to_a_desktop_and_gets_its_picture() {
    let mut session = Session::active(open_policy());
    let welcome = session.attach(FIRST);
    assert_eq!(welcome.protocol(), TargetProtocol::Vnc);
    assert_eq!(welcome.terminal, None);
    for capability in [
        Capability::TileZstd,
        Capability::TileJpeg,
        Capability::AudioPcm,
        Capability::ClipboardText,
        Capability::Resume,
    ] {
        assert!(welcome.capabilities().any(|had| had == capability));
    }
    session.settle();
    let bodies = session.hear(FIRST);
    let Some(Body::SurfaceCreated(surface)) = bodies
        .iter()
        .find(|body| matches!(body, Body::SurfaceCreated(_)))
    else {
        panic!("no surface in {bodies:?}");
    };
    assert_eq!((surface.width, surface.height), (640, 480));
    assert_eq!(frames(&bodies), [1]);
}

#[test]
fn a_picture_that_came_before_the_viewer_or_after_it_is_the_same() {
    let mut session = Session::opening(open_policy());
    session.attach(FIRST);
    assert_eq!(frames(&session.hear(FIRST)), Vec::<u64>::new());
    session
        .core
        .handle_opened(session.screen.clone(), session.now);
    session.draw(|canvas| {
        canvas.set_size(SIZE);
        canvas.fill(whole(), [9, 9, 9]);
    });
    assert_eq!(frames(&session.hear(FIRST)), [1]);
}

#[test]
fn a_desktop_has_shown_something_once_a_viewer_has_a_whole_picture() {
    let mut session = Session::active(open_policy());
    assert_eq!(session.core.stage(), Stage::Opened);
    session.attach(FIRST);
    session.settle();
    assert_eq!(session.core.stage(), Stage::Opened);
    assert_eq!(frames(&session.hear(FIRST)), [1]);
    assert_eq!(session.core.stage(), Stage::Shown);
}

#[test]
fn a_desktop_without_loss_is_shown_without_photographs() {
    for (lossless, jpeg) in [(false, true), (true, false)] {
        let mut session = Session::opening(open_policy());
        session.core.common.facts.lossless = lossless;
        session.attach(FIRST);
        let abilities = session.core.content.viewers[&FIRST].abilities;
        assert_eq!((abilities.zstd, abilities.jpeg), (true, jpeg));
    }
}

#[test]
fn frames_that_are_not_acknowledged_merge() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    let mut shown = 0;
    for step in 0..100 {
        session.draw(|canvas| canvas.fill(whole(), [step, 0, 0]));
        session.pass(Duration::from_millis(20));
        shown += frames(&session.hear(FIRST)).len();
    }
    assert!((1..=4).contains(&shown), "{shown} frames are on their way");
    assert!(!session.core.wants_picture());
    session.say(FIRST, ack(shown as u64));
    session.pass(Duration::from_millis(20));
    let next = frames(&session.hear(FIRST));
    assert_eq!(next, [shown as u64 + 1]);
}

#[test]
fn nobody_wants_a_picture_of_a_desktop_that_nobody_looks_at() {
    let mut session = Session::active(open_policy());
    assert!(!session.core.wants_picture());
    session.attach(FIRST);
    session.hear(FIRST);
    session.say(FIRST, ack(1));
    session.pass(Duration::from_millis(20));
    assert!(session.core.wants_picture());
    session.core.handle_viewer_gone(FIRST, session.now);
    assert!(!session.core.wants_picture());
    assert!(session.core.poll_work(session.now).is_none());
}

#[test]
fn who_comes_back_gets_the_whole_picture_anew() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    session.core.handle_viewer_gone(FIRST, session.now);
    session.draw(|canvas| canvas.fill(whole(), [7, 7, 7]));
    assert!(session.attach(SECOND).resumed);
    session.settle();
    let bodies = session.hear(SECOND);
    assert!(
        bodies
            .iter()
            .any(|body| matches!(body, Body::SurfaceCreated(_)))
    );
    assert_eq!(frames(&bodies), [1]);
}

#[test]
fn a_target_that_changes_its_mind_all_the_time_drowns_nobody() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    for round in 0..10 * CONTROL_MESSAGES_MAX {
        session.happen(DesktopEvent::Bell);
        session.happen(DesktopEvent::Resizable(round % 2 == 1));
        session.happen(DesktopEvent::Named(format!("{round}\n{}", "x".repeat(999))));
    }
    let bodies = session.hear(FIRST);
    let [Body::DesktopState(state), Body::Bell(_)] = &bodies[..] else {
        panic!("{bodies:?}");
    };
    assert!(state.resizable);
    assert_eq!(state.name.chars().count(), 200);
    assert!(!state.name.contains('\n'));
}

#[test]
fn a_desktop_that_closes_ends_the_session() {
    let mut session = Session::active(open_policy());
    session.happen(DesktopEvent::Closed(Ok(())));
    let ending = session.core.ending().unwrap();
    assert_eq!(ending.reason, EndReason::ClosedByTarget);
    assert_eq!(ending.code, None);
}

#[test]
fn a_desktop_that_is_lost_says_why() {
    let mut session = Session::active(open_policy());
    session.attach(FIRST);
    session.hear(FIRST);
    let failure = Failure::new(FailureCode::TargetClosed, Step::Active);
    session.happen(DesktopEvent::Closed(Err(failure)));
    let bodies = session.hear(FIRST);
    let Some(Body::Failure(failure)) = bodies.last() else {
        panic!("{bodies:?}");
    };
    assert_eq!(failure.code, "target_closed");
    assert_eq!(session.commands(), []);
}
