//! Desktops, from a viewer's socket to the port of a target that the test
//! plays itself.

use bytes::Bytes;
use causeway_model::object::EndReason;
use causeway_screen::Size;
use causeway_target::desktop::{DesktopCommand, DesktopEvent, DesktopSize, LockKeys, Sound};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::clipboard_pieces;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{self, Key, Step, TargetProtocol};

use crate::support::{FakeDesktop, Running, Setup, TestViewer, noise, start_desktop};

const SIZE: Size = Size {
    width: 320,
    height: 200,
};

const SMALL: Size = Size {
    width: 64,
    height: 48,
};

fn setup() -> Setup {
    Setup::host("desk-01")
}

/// A session with a viewer and a first picture.
async fn desktop(setup: Setup) -> (Running, FakeDesktop, TestViewer) {
    let (running, awaited) = start_desktop(setup);
    let mut viewer = running.desktop_viewer().await;
    let desktop = awaited.opened().await;
    desktop.show(SIZE, &noise(SIZE, 1));
    viewer.frame().await;
    (running, desktop, viewer)
}

fn key(down: bool) -> ToNodeBody {
    ToNodeBody::Key(Key {
        code: "KeyA".to_owned(),
        key: "ä".to_owned(),
        down,
    })
}

#[tokio::test]
async fn a_desktop_opens_with_the_viewers_size_and_shows_its_picture() {
    let (running, awaited) = start_desktop(setup());
    let mut viewer = running.desktop_viewer().await;
    let welcome = viewer.welcome().await;
    assert_eq!(welcome.protocol(), TargetProtocol::Vnc);
    let desktop = awaited.opened().await;
    assert_eq!(desktop.opened_with, DesktopSize::clamped(1280, 720, 100));
    desktop.show(SIZE, &noise(SIZE, 1));
    assert_eq!(viewer.frame().await, 1);
    let surface = viewer.heard.iter().find_map(|body| match body {
        Body::SurfaceCreated(surface) => Some((surface.width, surface.height)),
        _ => None,
    });
    assert_eq!(surface, Some((320, 200)));
    let tiles = viewer.heard.iter();
    assert!(tiles.filter(|body| matches!(body, Body::Tile(_))).count() > 0);
    assert_eq!(running.control_plane.host_keys().len(), 1);
}

#[tokio::test]
async fn the_next_picture_follows_the_acknowledgement() {
    let (_running, mut desktop, mut viewer) = desktop(setup()).await;
    for round in 2..6 {
        desktop.wanted(true).await;
        desktop.draw(SIZE, &noise(SIZE, round));
        assert_eq!(viewer.frame().await, round);
    }
}

#[tokio::test]
async fn what_is_typed_arrives_and_what_changed_is_told() {
    let (_running, mut desktop, mut viewer) = desktop(setup()).await;
    viewer.send(key(true)).await;
    let text = "你好".to_owned();
    viewer.send(ToNodeBody::Text(message::Text { text })).await;
    let pressed = DesktopCommand::Key {
        code: "KeyA".to_owned(),
        key: "ä".to_owned(),
        down: true,
    };
    assert_eq!(desktop.told().await, pressed);
    assert_eq!(
        desktop.told().await,
        DesktopCommand::Text("你好".to_owned())
    );

    let caps = LockKeys {
        caps: true,
        ..LockKeys::default()
    };
    desktop.happen(DesktopEvent::LockKeys(caps)).await;
    viewer
        .wait_for("lock keys", |body| match body {
            Body::LockKeys(keys) if keys.caps => Some(()),
            _ => None,
        })
        .await;
    desktop
        .happen(DesktopEvent::Named("ada's".to_owned()))
        .await;
    viewer
        .wait_for("a name", |body| match body {
            Body::DesktopState(state) if state.name == "ada's" => Some(()),
            _ => None,
        })
        .await;
    desktop.happen(DesktopEvent::Bell).await;
    viewer
        .wait_for("a bell", |body| matches!(body, Body::Bell(_)).then_some(()))
        .await;
}

#[tokio::test]
async fn a_read_only_desktop_takes_no_keys() {
    let (_running, mut desktop, mut viewer) = desktop(setup().set("read-only", true)).await;
    viewer.send(key(true)).await;
    viewer.notice("read_only").await;
    viewer.resize_desktop(900, 600).await;
    // Nothing came before the size, which only the viewer's own window needs.
    let size = DesktopSize::clamped(900, 600, 100);
    assert_eq!(desktop.told().await, DesktopCommand::Resize(size));
}

#[tokio::test]
async fn a_megabyte_of_unicode_goes_both_ways() {
    let setup = setup().set("clipboard-buffer-size", 4 * 1024 * 1024);
    let (_running, mut desktop, mut viewer) = desktop(setup).await;
    let text = "grüß 你好 🦀\r\n".repeat(60_000);
    assert!(text.len() > 1024 * 1024);
    desktop.happen(DesktopEvent::Clipboard(text.clone())).await;
    assert!(viewer.clipboard().await == text);
    for piece in clipboard_pieces(&text) {
        viewer.send(ToNodeBody::Clipboard(piece)).await;
    }
    assert!(desktop.told().await == DesktopCommand::Clipboard(text));
}

#[tokio::test]
async fn the_default_limit_and_the_policy_hold() {
    let (_running, desktop, mut viewer) = desktop(setup().set("disable-paste", true)).await;
    let long = "x".repeat(262_145);
    desktop.happen(DesktopEvent::Clipboard(long)).await;
    viewer.notice("clipboard_too_long").await;
    for piece in clipboard_pieces("secret") {
        viewer.send(ToNodeBody::Clipboard(piece)).await;
    }
    viewer.notice("paste_refused").await;
}

#[tokio::test]
async fn sound_reaches_the_viewer_if_it_may() {
    let sound = || {
        DesktopEvent::Audio(Sound {
            sample_rate: 44_100,
            channels: 2,
            pcm: Bytes::from_static(&[1; 400]),
        })
    };
    let (_running, desktop, mut viewer) = desktop(setup().set("enable-audio", true)).await;
    desktop.happen(sound()).await;
    let heard = viewer
        .wait_for("sound", |body| match body {
            Body::AudioChunk(chunk) => Some(chunk.clone()),
            _ => None,
        })
        .await;
    assert_eq!((heard.sample_rate, heard.channels), (44_100, 2));
    assert_eq!(heard.data, Bytes::from_static(&[1; 400]));
}

#[tokio::test]
async fn sound_does_not_reach_the_viewer_if_it_may_not() {
    let (_running, desktop, mut viewer) = desktop(setup()).await;
    desktop
        .happen(DesktopEvent::Audio(Sound {
            sample_rate: 44_100,
            channels: 1,
            pcm: Bytes::from_static(&[1; 400]),
        }))
        .await;
    // The events come in order, so that the bell is behind the sound.
    desktop.happen(DesktopEvent::Bell).await;
    let is_bell = |body: &Body| matches!(body, Body::Bell(_)).then_some(());
    viewer.wait_for("a bell", is_bell).await;
    let is_sound = |body: &Body| matches!(body, Body::AudioChunk(_));
    assert!(!viewer.heard.iter().any(is_sound));
}

#[tokio::test]
async fn the_desktop_stays_for_an_owner_who_comes_back() {
    let (running, mut desktop, mut viewer) = desktop(setup()).await;
    viewer.send(key(true)).await;
    assert!(matches!(desktop.told().await, DesktopCommand::Key { .. }));
    drop(viewer);
    assert_eq!(desktop.told().await, DesktopCommand::ReleaseAll);
    desktop.wanted(false).await;
    desktop.draw(SIZE, &noise(SIZE, 2));

    let mut viewer = running.desktop_viewer().await;
    assert!(viewer.welcome().await.resumed);
    assert_eq!(viewer.frame().await, 1);
    let is_surface = |body: &Body| matches!(body, Body::SurfaceCreated(_));
    assert!(viewer.heard.iter().any(is_surface));
    desktop.wanted(true).await;

    running.end(EndReason::Terminated).await;
    desktop.closed().await;
    assert_eq!(viewer.ended().await.reason, "terminated");
}

#[tokio::test]
async fn a_desktop_that_is_lost_says_why() {
    let (running, desktop, mut viewer) = desktop(setup()).await;
    let failure = Failure::new(FailureCode::TargetClosed, Step::Active);
    desktop.happen(DesktopEvent::Closed(Err(failure))).await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "target_closed");
    viewer.closed().await;
    running.over().await;
}

#[tokio::test]
async fn a_desktop_that_closes_says_so() {
    let (running, desktop, mut viewer) = desktop(setup()).await;
    desktop.happen(DesktopEvent::Closed(Ok(()))).await;
    assert_eq!(viewer.ended().await.reason, "closed_by_target");
    viewer.closed().await;
    running.over().await;
}

#[tokio::test]
async fn a_slow_viewer_gets_the_latest_picture_and_no_backlog() {
    let (_running, mut desktop, mut viewer) = desktop(setup()).await;
    viewer.acknowledges = false;
    // More than the pipe to the viewer and every buffer on the way hold.
    let rounds = 200;
    for round in 2..rounds {
        desktop.draw(SIZE, &noise(SIZE, round));
        tokio::task::yield_now().await;
    }
    desktop.wanted(false).await;
    let mut frames = vec![viewer.frame().await];
    viewer.acknowledges = true;
    viewer.acknowledge_frame(frames[0]).await;
    desktop.show(SMALL, &noise(SMALL, 1));
    // The small picture is the last: what comes until then was not more than
    // a few frames.
    loop {
        let begun = viewer.heard.len();
        frames.push(viewer.frame().await);
        if viewer.heard[begun..].iter().any(is_small) {
            break;
        }
    }
    assert!(frames.len() < 12, "{} frames were queued", frames.len());
}

fn is_small(body: &Body) -> bool {
    matches!(body, Body::SurfaceCreated(surface) if surface.width == u32::from(SMALL.width))
}

#[tokio::test]
async fn a_viewer_that_hears_nothing_but_frames_can_still_type() {
    let (_running, mut desktop, mut viewer) = desktop(setup()).await;
    for round in 2..50 {
        desktop.draw(SIZE, &noise(SIZE, round));
        viewer.send(key(round % 2 == 0)).await;
        assert!(matches!(desktop.told().await, DesktopCommand::Key { .. }));
    }
    viewer.frame().await;
}
