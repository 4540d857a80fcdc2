//! RDP through the whole path, against xrdp and FreeRDP's shadow server: what
//! is seen, typed, clicked, copied, heard and resized at one end is so at the
//! other.

use std::time::Duration;

use anyhow::{Context, Result};
use causeway_tests::display::Display;
use causeway_tests::rdp::{PASSWORD, Shadow, ShadowSecurity, Sine, USERNAME, Xrdp};
use causeway_tests::session::Viewer;
use causeway_tests::session::desktop::button;
use causeway_wire::message::{Fault, Step, TargetProtocol};
use serde_json::{Value, json};

use crate::desktop_lab::{
    IN_TERMINAL, copied, endpoint, fails, has_clipboard, has_size, launch, long_text, open_desktop,
    typed, typed_so_that,
};
use crate::lab::{connection_in, lab};

/// How alike a picture is that the server itself compressed with loss
/// (RemoteFX): text is sharp, its edges ring a little.
const LIKE: f64 = 0.97;

#[tokio::test]
async fn xrdp_is_seen_typed_to_and_clicked() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "rdp", server.address(), credentials(&server)).await?;
    let display = session(&mut server).await?;
    let welcome = viewer.heard.welcome.as_ref().unwrap();
    assert_eq!(welcome.protocol(), TargetProtocol::Rdp);
    is_alike(&mut viewer, &display).await?;
    assert!(viewer.view().state.as_ref().unwrap().resizable);

    let text = r#"The 5 boxing wizards' {jump} & "dance": ~/a_b\c|d <x>=2^3?"#;
    viewer.type_on_desktop(text).await?;
    typed(server.desk(), text).await?;
    viewer.press("ArrowUp", "ArrowUp").await?;
    viewer.press("Backspace", "Backspace").await?;
    viewer.key("ControlLeft", "Control", true).await?;
    viewer.press("KeyC", "c").await?;
    viewer.key("ControlLeft", "Control", false).await?;
    let with_keys = format!("{text}\x1b[A\x7f\x03");
    typed(server.desk(), &with_keys).await?;

    let (x, y) = IN_TERMINAL;
    viewer.click(x, y, button::LEFT).await?;
    viewer.click(x, y, button::RIGHT).await?;
    viewer.turn_wheel(x, y, 1).await?;
    typed_so_that(server.desk(), |typed| {
        let clicks = typed.strip_prefix(&with_keys).unwrap_or_default();
        ["\x1b[<0;", "\x1b[<2;", "\x1b[<65;"]
            .iter()
            .all(|click| clicks.contains(click))
    })
    .await?;
    assert_eq!(display.pointer().await?, (x as i32, y as i32));
    is_alike(&mut viewer, &display).await
}

#[tokio::test]
async fn xrdp_text_is_copied_both_ways() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let mut settings = credentials(&server);
    settings["clipboard-buffer-size"] = json!(4 * 1024 * 1024);
    let (_, mut viewer) = open_desktop(&stack, "rdp", server.address(), settings).await?;
    let display = session(&mut server).await?;
    for text in [
        "plain".to_owned(),
        "zażółć → 日本語 ✓\nnext".to_owned(),
        "0123456789 marker\n".repeat(1_000_000 / 18),
    ] {
        viewer.offer_clipboard(&text).await?;
        has_clipboard(&display, &text)
            .await
            .with_context(|| format!("{} bytes", text.len()))?;
    }
    for text in [
        "back".to_owned(),
        "änd → 日本語 ✓\nnext".to_owned(),
        within_a_plane(&long_text(1_000_000)),
    ] {
        let owner = display.copy(&text).await?;
        let copied = copied(&mut viewer).await?;
        assert!(
            copied == text,
            "{} of {} bytes came",
            copied.len(),
            text.len()
        );
        drop(owner);
    }
    Ok(())
}

#[tokio::test]
async fn xrdp_follows_the_window() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "rdp", server.address(), credentials(&server)).await?;
    let display = session(&mut server).await?;
    for (width, height) in [(1280, 720), (800, 600)] {
        viewer.resize_desktop(width as u32, height as u32).await?;
        viewer
            .shows("the new size", |picture| picture.size() == (width, height))
            .await?;
        has_size(&display, (width, height)).await?;
        is_alike(&mut viewer, &display).await?;
    }
    viewer.type_on_desktop("still here").await?;
    typed(server.desk(), "still here").await
}

#[tokio::test]
async fn a_sine_that_xrdp_plays_is_heard() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "rdp", server.address(), credentials(&server)).await?;
    session(&mut server).await?;
    let sine = Sine {
        hertz: 440.0,
        duration: Duration::from_secs(2),
    };
    let (played, heard) = tokio::join!(
        server.play(sine),
        viewer.wait_until("a second of sound", |viewer| {
            viewer.view().sound.audible_seconds() >= 1.0
        })
    );
    played.with_context(|| server.last_words())?;
    heard?;
    assert_eq!(viewer.view().sound.dominant_hertz(), Some(440));
    Ok(())
}

#[tokio::test]
async fn sound_that_is_not_allowed_is_not_heard() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let mut settings = credentials(&server);
    settings["disable-audio"] = json!(true);
    let (_, mut viewer) = open_desktop(&stack, "rdp", server.address(), settings).await?;
    session(&mut server).await?;
    let policy = viewer.heard.welcome.as_ref().unwrap().data_policy.unwrap();
    assert!(!policy.audio_allowed);
    let sine = Sine {
        hertz: 440.0,
        duration: Duration::from_millis(500),
    };
    // The server may not even take it when nobody listens.
    drop(tokio::time::timeout(Duration::from_secs(2), server.play(sine)).await);
    viewer.type_on_desktop("after").await?;
    typed(server.desk(), "after").await?;
    viewer.is_heard().await?;
    assert_eq!(viewer.view().sound.seconds(), 0.0);
    Ok(())
}

#[tokio::test]
async fn what_xrdp_may_not_copy_stays_where_it_is() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let mut settings = credentials(&server);
    settings["disable-copy"] = json!(true);
    settings["disable-paste"] = json!(true);
    let (_, mut viewer) = open_desktop(&stack, "rdp", server.address(), settings).await?;
    let display = session(&mut server).await?;
    let owner = display.copy("marker-from-target").await?;
    has_clipboard(&display, "marker-from-target").await?;
    viewer.offer_clipboard("marker-from-viewer").await?;
    viewer
        .wait_until("a notice", |viewer| !viewer.heard.notices.is_empty())
        .await?;
    viewer.type_on_desktop("typed").await?;
    typed(server.desk(), "typed").await?;
    has_clipboard(&display, "marker-from-target").await?;
    viewer.is_heard().await?;
    assert!(viewer.heard.clipboard.is_empty(), "{:?}", viewer.heard);
    drop(owner);
    Ok(())
}

#[tokio::test]
async fn who_may_only_watch_xrdp_does_nothing() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let mut settings = credentials(&server);
    settings["read-only"] = json!(true);
    let (_, mut viewer) = open_desktop(&stack, "rdp", server.address(), settings).await?;
    let display = session(&mut server).await?;
    let before = display.pointer().await?;
    viewer.type_on_desktop("marker").await?;
    viewer.click(300, 300, button::LEFT).await?;
    viewer.is_heard().await?;
    let window = ["search", "--name", "desk", "windowmove", "200", "150"];
    display.run("xdotool", &window).await?;
    is_alike(&mut viewer, &display).await?;
    assert_eq!(server.desk().typed(), "");
    assert_eq!(display.pointer().await?, before);
    Ok(())
}

#[tokio::test]
async fn who_comes_back_finds_the_desktop_of_xrdp_as_it_is_now() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let (launched, mut viewer) =
        open_desktop(&stack, "rdp", server.address(), credentials(&server)).await?;
    let display = session(&mut server).await?;
    viewer.type_on_desktop("before ").await?;
    typed(server.desk(), "before ").await?;
    drop(viewer);
    connection_in(&stack, &launched.connection, "detached").await?;
    let window = ["search", "--name", "desk", "windowmove", "200", "150"];
    display.run("xdotool", &window).await?;
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut viewer = Viewer::open_desktop(&entry, 1024, 768).await?;
    assert!(viewer.heard.welcome.as_ref().unwrap().resumed);
    is_alike(&mut viewer, &display).await?;
    viewer.type_on_desktop("after").await?;
    typed(server.desk(), "before after").await?;
    assert_eq!(server.accepted(), 1, "the same connection all the time");
    Ok(())
}

#[tokio::test]
async fn xrdp_with_a_wrong_password() -> Result<()> {
    let stack = lab().await?;
    let server = Xrdp::start().await?;
    let wrong = json!({ "username": server.username(), "password": "marker-wrong" });
    endpoint(&stack, "rdp", server.address(), wrong).await?;
    let (_, mut viewer) = launch(&stack).await?;
    // xrdp has no word for it in the protocol: it shows its own sign-in page
    // with an error on it, as it would to any client. Nobody is signed in.
    viewer.next_frame().await?;
    assert!(!server.desk().is_ready());
    assert!(!stack.logs().contains("marker-wrong"));
    Ok(())
}

#[tokio::test]
async fn xrdp_that_dies_ends_the_session() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xrdp::start().await?;
    let (launched, mut viewer) =
        open_desktop(&stack, "rdp", server.address(), credentials(&server)).await?;
    server.kill();
    viewer
        .wait_until("a last word", |viewer| {
            viewer.heard.ended.is_some() || viewer.heard.failure.is_some()
        })
        .await?;
    let ended = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(ended["end_reason"], "closed_by_target");
    Ok(())
}

#[tokio::test]
async fn nla_signs_in_and_shows_the_display() -> Result<()> {
    let stack = lab().await?;
    let server = Shadow::start(1024, 768, ShadowSecurity::Nla).await?;
    let settings = json!({ "username": USERNAME, "password": PASSWORD });
    let (launched, mut viewer) = open_desktop(&stack, "rdp", server.address(), settings).await?;
    is_alike(&mut viewer, server.display()).await?;
    viewer.type_on_desktop("Hello, NLA!").await?;
    typed(server.desk(), "Hello, NLA!").await?;
    let (x, y) = IN_TERMINAL;
    viewer.click(x, y, button::LEFT).await?;
    typed_so_that(server.desk(), |typed| typed.contains("\x1b[<0;")).await?;
    is_alike(&mut viewer, server.display()).await?;
    stack.admin.terminate(&launched.connection).await?;
    assert_eq!(viewer.ended().await?.reason, "terminated");
    Ok(())
}

#[tokio::test]
async fn nla_with_a_wrong_password() -> Result<()> {
    let stack = lab().await?;
    let server = Shadow::start(640, 480, ShadowSecurity::Nla).await?;
    let wrong = json!({ "username": USERNAME, "password": "marker-wrong" });
    endpoint(&stack, "rdp", server.address(), wrong).await?;
    let failure = fails(&stack).await?;
    assert_eq!(
        (&*failure.code, failure.step(), failure.fault()),
        ("auth_failed", Step::Authenticate, Fault::Configuration),
        "{failure:?}"
    );
    assert!(
        !stack.logs().contains("marker-wrong"),
        "a password is in a log"
    );
    Ok(())
}

#[tokio::test]
async fn what_nla_misses_is_asked_for() -> Result<()> {
    let stack = lab().await?;
    let server = Shadow::start(640, 480, ShadowSecurity::Nla).await?;
    endpoint(&stack, "rdp", server.address(), json!({})).await?;
    let (_, mut viewer) = launch(&stack).await?;
    let request = viewer.request().await?;
    assert!(request.prompts.iter().any(|prompt| !prompt.echo));
    let answers: Vec<&str> = request
        .prompts
        .iter()
        .map(|prompt| match (prompt.echo, &*prompt.label) {
            (false, _) => PASSWORD,
            (true, label) if label.to_lowercase().contains("domain") => "",
            (true, _) => USERNAME,
        })
        .collect();
    viewer.answer(&answers).await?;
    is_alike(&mut viewer, server.display()).await
}

#[tokio::test]
async fn an_rdp_certificate_is_trusted_at_first_and_refused_when_it_changed() -> Result<()> {
    let stack = lab().await?;
    let server = Shadow::start(640, 480, ShadowSecurity::Tls).await?;
    let settings = json!({ "username": USERNAME, "password": PASSWORD });
    open_desktop(&stack, "rdp", server.address(), settings).await?;
    let (_, mut viewer) = launch(&stack).await?;
    viewer.next_frame().await?;
    // Another server, with a certificate of its own, in the same place.
    let other = Shadow::start(640, 480, ShadowSecurity::Tls).await?;
    assert_ne!(
        other.certificate_sha256_hex()?,
        server.certificate_sha256_hex()?
    );
    server.lead_to(&other);
    let failure = fails(&stack).await?;
    assert_eq!(
        (&*failure.code, failure.step(), failure.fault()),
        ("certificate_changed", Step::VerifyHost, Fault::Target),
        "{failure:?}"
    );
    Ok(())
}

/// Settings that let somebody in to xrdp.
fn credentials(server: &Xrdp) -> Value {
    json!({ "username": server.username(), "password": server.password() })
}

/// xrdp's clipboard loses characters beyond the first 65536, and stops
/// answering when it is given some.
fn within_a_plane(text: &str) -> String {
    text.replace('🙂', "~")
}

/// The session's display once its desk is there.
async fn session(server: &mut Xrdp) -> Result<Display> {
    let session = server.session().await;
    session.with_context(|| server.last_words())
}

/// Both ends show the same, but for what the server's compression lost.
async fn is_alike(viewer: &mut Viewer, display: &Display) -> Result<()> {
    let expected = display.at_rest().await?;
    viewer.shows_like(&expected, LIKE).await
}
