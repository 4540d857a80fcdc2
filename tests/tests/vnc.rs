//! VNC through the whole path, against TigerVNC and libvncserver: what is seen,
//! typed, clicked, copied and resized at one end is so at the other.

use anyhow::{Context, Result};
use causeway_tests::session::Viewer;
use causeway_tests::session::desktop::{ABILITIES, button};
use causeway_tests::vnc::{X11vnc, Xtigervnc};
use causeway_wire::message::{Capability, TargetProtocol};
use serde_json::json;

use crate::desktop_lab::{
    IN_TERMINAL, copied, endpoint, has_clipboard, has_size, is_the_same, long_text, open_desktop,
    typed, typed_so_that, vnc_credentials as credentials,
};
use crate::lab::{LAB, connection_in, eventually, lab};

#[tokio::test]
async fn the_picture_is_the_servers_own_with_every_security_type() -> Result<()> {
    let stack = lab().await?;
    for types in [
        "None",
        "VncAuth",
        "Plain",
        "TLSNone",
        "TLSVnc",
        "TLSPlain",
        "X509None",
        "X509Vnc",
        "X509Plain",
    ] {
        let server = Xtigervnc::builder().security_types(types).start().await?;
        let settings = credentials(&server);
        let fields = json!({ "protocol": "vnc", "settings": settings });
        let host = server.address().to_string();
        stack.endpoint_with(LAB, types, &host, fields).await?;
        let launched = stack.admin.launch(LAB, types).await?;
        let mut viewer = Viewer::open_desktop(&launched.entry, 1024, 768).await?;
        is_the_same(&mut viewer, server.display())
            .await
            .with_context(|| format!("{types}: {}", server.last_words()))?;
        let welcome = viewer.heard.welcome.as_ref().unwrap();
        assert_eq!(welcome.protocol(), TargetProtocol::Vnc);
        let state = viewer.view().state.as_ref().unwrap();
        assert_eq!((state.resizable, &*state.name), (true, "marker desk"));
    }
    Ok(())
}

#[tokio::test]
async fn a_photo_is_exact_once_it_is_calm() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    is_the_same(&mut viewer, server.display()).await
}

#[tokio::test]
async fn windows_that_move_leave_nothing_behind() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    for (x, y) in [("200", "150"), ("17", "301"), ("333", "5")] {
        let window = ["search", "--name", "desk", "windowmove", x, y];
        server.display().run("xdotool", &window).await?;
        viewer.next_frame().await?;
    }
    is_the_same(&mut viewer, server.display()).await
}

#[tokio::test]
async fn a_viewer_without_jpeg_or_zstd_is_shown_the_same() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    endpoint(&stack, "vnc", server.address(), credentials(&server)).await?;
    let without = |unable: Capability| -> Vec<Capability> {
        ABILITIES.iter().copied().filter(|a| *a != unable).collect()
    };
    for abilities in [without(Capability::TileJpeg), without(Capability::AudioPcm)] {
        let launched = stack.admin.launch(LAB, "desktop").await?;
        let mut viewer = Viewer::open_desktop_with(&launched.entry, 1024, 768, &abilities).await?;
        is_the_same(&mut viewer, server.display()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn old_servers_and_few_colours() -> Result<()> {
    let stack = lab().await?;
    for (name, server) in [
        ("3.3", Xtigervnc::builder().argument("-Protocol3.3=1")),
        ("16 bits", Xtigervnc::builder().depth(16)),
    ] {
        let server = server.start().await?;
        let fields = json!({ "protocol": "vnc", "settings": credentials(&server) });
        let slug = name.replace([' ', '.'], "-");
        let host = server.address().to_string();
        stack.endpoint_with(LAB, &slug, &host, fields).await?;
        let launched = stack.admin.launch(LAB, &slug).await?;
        let mut viewer = Viewer::open_desktop(&launched.entry, 1024, 768).await?;
        viewer.next_frame().await?;
        viewer.point(1, 1, 0).await?;
        let expected = server.display().at_rest().await?;
        // Sixteen bits are widened to 24 by each in its own way.
        viewer
            .shows("nearly the same", |picture| {
                matches!(picture.differing_pixels(&expected, 8), Ok(0))
            })
            .await
            .with_context(|| name)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_typed_and_clicked_arrives() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    let text = r#"The 5 boxing wizards' {jump} & "dance": ~/a_b\c|d <x>=2^3?"#;
    viewer.type_on_desktop(text).await?;
    typed(server.desk(), text).await?;
    viewer.type_on_desktop("\r\t").await?;
    viewer.press("ArrowUp", "ArrowUp").await?;
    viewer.press("Backspace", "Backspace").await?;
    viewer.press("F5", "F5").await?;
    viewer.key("ControlLeft", "Control", true).await?;
    viewer.press("KeyC", "c").await?;
    viewer.key("ControlLeft", "Control", false).await?;
    let with_keys = format!("{text}\r\t\x1b[A\x7f\x1b[15~\x03");
    typed(server.desk(), &with_keys).await?;
    // Neither of these is on a keyboard of the United States.
    viewer.type_on_desktop("äß€ñ").await?;
    viewer.say("日本 ok").await?;
    let with_text = format!("{with_keys}äß€ñ日本 ok");
    typed(server.desk(), &with_text).await?;

    let (x, y) = IN_TERMINAL;
    viewer.click(x, y, button::LEFT).await?;
    viewer.click(x, y, button::RIGHT).await?;
    viewer.turn_wheel(x, y, 2).await?;
    // xterm's codes: 0 left, 2 right, 65 a notch down.
    typed_so_that(server.desk(), |typed| {
        let clicks = typed.strip_prefix(&with_text).unwrap_or_default();
        clicks.contains("\x1b[<0;")
            && clicks.contains("\x1b[<2;")
            && clicks.matches("\x1b[<65;").count() == 2
    })
    .await?;
    assert_eq!(server.display().pointer().await?, (x as i32, y as i32));
    // What was echoed is seen, too.
    is_the_same(&mut viewer, server.display()).await
}

#[tokio::test]
async fn text_is_copied_to_the_target() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let (_, mut viewer) = open_desktop(&stack, "vnc", server.address(), roomy(&server)).await?;
    for text in [
        "plain".to_owned(),
        "zażółć → 日本語 ✓ 🙂\nnext".to_owned(),
        long_text(1_000_000),
    ] {
        viewer.offer_clipboard(&text).await?;
        has_clipboard(server.display(), &text).await?;
    }
    Ok(())
}

#[tokio::test]
async fn text_is_copied_from_the_target() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let (_, mut viewer) = open_desktop(&stack, "vnc", server.address(), roomy(&server)).await?;
    for text in [
        "plain".to_owned(),
        "zażółć → 日本語 ✓ 🙂\nnext".to_owned(),
        long_text(1_000_000),
    ] {
        let owner = server.display().copy(&text).await?;
        let copied = copied(&mut viewer).await?;
        assert!(
            copied == text,
            "{} of {} bytes came",
            copied.len(),
            text.len()
        );
        drop(owner);
    }
    // What the viewer offered last does not stand in the way.
    viewer.offer_clipboard("from here").await?;
    has_clipboard(server.display(), "from here").await?;
    let owner = server.display().copy("from there").await?;
    assert_eq!(copied(&mut viewer).await?, "from there");
    drop(owner);
    Ok(())
}

#[tokio::test]
async fn the_desktop_follows_the_window() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    let (_, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    for (width, height) in [(1280, 720), (800, 600), (1600, 900)] {
        viewer.resize_desktop(width as u32, height as u32).await?;
        viewer
            .shows("the new size", |picture| picture.size() == (width, height))
            .await?;
        has_size(server.display(), (width, height)).await?;
        is_the_same(&mut viewer, server.display()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_ends_the_session() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xtigervnc::start().await?;
    let (launched, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
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
async fn who_comes_back_finds_the_desktop_as_it_is_now() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder().photo().start().await?;
    let (launched, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    viewer.key("ShiftLeft", "Shift", true).await?;
    viewer.press("KeyB", "B").await?;
    typed(server.desk(), "B").await?;
    drop(viewer);
    connection_in(&stack, &launched.connection, "detached").await?;
    let window = ["search", "--name", "desk", "windowmove", "200", "150"];
    server.display().run("xdotool", &window).await?;
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut viewer = Viewer::open_desktop(&entry, 1024, 768).await?;
    assert!(viewer.heard.welcome.as_ref().unwrap().resumed);
    is_the_same(&mut viewer, server.display()).await?;
    // Shift was not left held by the viewer that was lost.
    viewer.press("KeyX", "x").await?;
    typed(server.desk(), "Bx").await?;
    is_the_same(&mut viewer, server.display()).await
}

#[tokio::test]
async fn ending_the_session_frees_the_server() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let (launched, mut viewer) =
        open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    stack.admin.terminate(&launched.connection).await?;
    assert_eq!(viewer.ended().await?.reason, "terminated");
    eventually("the server's good-bye", || async {
        let log = server.last_words();
        Ok(if log.contains("Connections: closed") {
            Ok(())
        } else {
            Err(log)
        })
    })
    .await
}

#[tokio::test]
async fn another_make_of_server() -> Result<()> {
    let stack = lab().await?;
    let mut server = X11vnc::start(1024, 768).await?;
    let settings = json!({ "password": server.password() });
    let (launched, mut viewer) = open_desktop(&stack, "vnc", server.address(), settings).await?;
    is_the_same(&mut viewer, server.display()).await?;
    viewer.type_on_desktop("Hello, 2!").await?;
    typed(server.desk(), "Hello, 2!").await?;
    let (x, y) = IN_TERMINAL;
    viewer.click(x, y, button::LEFT).await?;
    typed_so_that(server.desk(), |typed| typed.contains("\x1b[<0;")).await?;
    is_the_same(&mut viewer, server.display()).await?;
    server.kill();
    connection_in(&stack, &launched.connection, "ended").await?;
    Ok(())
}

/// Settings that let somebody in, and texts of some megabytes pass.
fn roomy(server: &Xtigervnc) -> serde_json::Value {
    let mut settings = credentials(server);
    settings["clipboard-buffer-size"] = json!(4 * 1024 * 1024);
    settings
}
