//! Against xrdp: TLS, RemoteFX, clipboard, sound, display control.

mod support;

use std::time::{Duration, Instant};

use anyhow::Result;
use causeway_target::desktop::{DesktopCommand, DesktopEvent, DesktopSize, Pointer};
use causeway_target::failure::FailureCode;
use causeway_tests::rdp::{Sine, Xrdp};
use support::{Attempt, Viewer};

fn attempt(server: &Xrdp) -> Attempt {
    Attempt::to(server.address()).signing_in(server.username(), server.password())
}

/// Waits until the viewer sees the desk as the server has it.
async fn settled(server: &mut Xrdp, viewer: &mut Viewer) -> Result<()> {
    let display = server.session().await?;
    let there = display.at_rest().await?;
    viewer
        .shows("the server's own picture", |here| {
            // RemoteFX loses a little.
            here.ssim(&there).is_ok_and(|likeness| likeness > 0.97)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_seen_typed_on_and_clicked() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let began = Instant::now();
    let german = attempt(&server).with("server-layout", "de-de-qwertz");
    let mut viewer = german.open().await?;
    viewer
        .shows("anything", |picture| {
            picture.rgb().iter().any(|byte| *byte != 0)
        })
        .await?;
    println!(
        "first picture after {:?}, open {:?}",
        began.elapsed(),
        viewer.opened_in
    );
    settled(&mut server, &mut viewer).await?;
    assert_eq!(viewer.size(), (1024, 768));

    viewer.key("KeyH", "h").await;
    viewer.key("KeyI", "i").await;
    viewer.key("Semicolon", "ö").await;
    viewer.key("KeyY", "z").await;
    // No such key: text, of which xrdp takes what its layout has.
    viewer.tell(DesktopCommand::Text("äß".to_owned())).await;
    viewer.key("Enter", "Enter").await;
    let began = Instant::now();
    while !server.desk().typed().contains("\r") && !server.desk().typed().contains("\n") {
        assert!(
            began.elapsed() < support::DEADLINE,
            "{:?}",
            server.desk().typed()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The session's terminal speaks Latin-1.
    let typed = std::fs::read(server.desk().typed_file())?;
    assert!(typed.starts_with(b"hi\xf6z\xe4\xdf"), "{typed:?}");

    let at = Pointer {
        x: 300,
        y: 200,
        buttons: 0,
        wheel_x: 0,
        wheel_y: 0,
    };
    viewer.tell(DesktopCommand::Pointer(at)).await;
    viewer
        .tell(DesktopCommand::Pointer(Pointer { buttons: 1, ..at }))
        .await;
    viewer.tell(DesktopCommand::Pointer(at)).await;
    let began = Instant::now();
    while !server.desk().typed().contains("[<0;") {
        assert!(
            began.elapsed() < support::DEADLINE,
            "{:?}",
            server.desk().typed()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.display().pointer().await?, (300, 200));
    settled(&mut server, &mut viewer).await?;
    viewer.desktop.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clipboard_goes_both_ways() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server).open().await?;
    settled(&mut server, &mut viewer).await?;
    let display = server.display();

    // xrdp 0.9 cuts what is beyond the basic plane.
    let text = "→日本 ✓ é\nsecond line";
    let _owner = display.copy(text).await?;
    assert_eq!(viewer.clipboard().await?, text);

    let text = "ä → ✓\nzweite Zeile";
    viewer
        .tell(DesktopCommand::Clipboard(text.to_owned()))
        .await;
    let began = Instant::now();
    loop {
        let there = display.clipboard().await?;
        if there.as_deref() == Some(text) {
            break;
        }
        assert!(began.elapsed() < support::DEADLINE, "{there:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let long: String = (0..60_000).map(|line| format!("line {line} ✓\n")).collect();
    assert!(long.len() > 800_000);
    let _owner = display.copy(&long).await?;
    assert!(
        viewer.clipboard().await? == long,
        "a long text is another one"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_forbids_does_not_pass() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut attempt = attempt(&server);
    attempt.policy.copy_allowed = false;
    attempt.policy.paste_allowed = false;
    attempt.policy.audio_allowed = false;
    let mut viewer = attempt.open().await?;
    settled(&mut server, &mut viewer).await?;
    let _owner = server.display().copy("secret").await?;
    viewer
        .tell(DesktopCommand::Clipboard("not for you".to_owned()))
        .await;
    let heard = tokio::time::timeout(Duration::from_secs(2), viewer.clipboard()).await;
    assert!(heard.is_err(), "{heard:?}");
    assert_eq!(
        server.display().clipboard().await?.as_deref(),
        Some("secret")
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_follows_the_viewers_size() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server).open().await?;
    settled(&mut server, &mut viewer).await?;
    let resizable = viewer
        .until("resizable", |event| match event {
            DesktopEvent::Resizable(resizable) => Some(*resizable),
            _ => None,
        })
        .await?;
    assert!(resizable);
    for (width, height) in [(1280, 800), (900, 700)] {
        let began = Instant::now();
        viewer
            .tell(DesktopCommand::Resize(DesktopSize::clamped(
                width, height, 100,
            )))
            .await;
        let (wide, high) = (width as usize, height as usize);
        let screen = viewer.desktop.screen().clone();
        viewer
            .shows("the new size", |_| {
                let size = screen.lock().size();
                (usize::from(size.width), usize::from(size.height)) == (wide, high)
            })
            .await?;
        println!("size after {:?}", began.elapsed());
        viewer
            .shows("a picture of the new size", |picture| {
                picture.rgb().iter().any(|byte| *byte != 0)
            })
            .await?;
        println!("picture after {:?}", began.elapsed());
        settled(&mut server, &mut viewer).await?;
        println!("settled after {:?}", began.elapsed());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sine_sounds_as_it_was_played() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server).open().await?;
    settled(&mut server, &mut viewer).await?;
    let play = server.play(Sine {
        hertz: 440.0,
        duration: Duration::from_secs(3),
    });
    let (played, heard) = tokio::join!(play, viewer.hears(1.5));
    played?;
    let hertz = heard?.dominant_hertz();
    assert!(
        hertz.is_some_and(|hertz| (430..=450).contains(&hertz)),
        "{hertz:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_ends_the_desktop() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server).open().await?;
    settled(&mut server, &mut viewer).await?;
    server.kill();
    assert_eq!(viewer.closed().await?, Err(FailureCode::TargetClosed));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_trusted_once_and_no_other_after() -> Result<()> {
    let server = Xrdp::start().await?;
    let (opened, opening) = attempt(&server).try_open().await;
    assert!(opened.is_ok());
    assert_eq!(opening.seen.len(), 1);
    assert!(opening.asked.is_empty());
    assert_eq!(
        opening.steps,
        [
            "STEP_RESOLVE",
            "STEP_CONNECT",
            "STEP_HANDSHAKE",
            "STEP_VERIFY_HOST",
            "STEP_AUTHENTICATE",
            "STEP_OPEN"
        ]
    );
    let mut known = attempt(&server);
    known.remembered = opening.seen;
    let (opened, opening) = known.try_open().await;
    assert!(opened.is_ok() && opening.seen.is_empty());
    let mut changed = attempt(&server);
    changed.remembered = vec![causeway_target::certificate::describe(b"another")];
    assert_eq!(changed.refused().await.0, FailureCode::CertificateChanged);
    let pinned = attempt(&server).with("cert-fingerprints", &server.certificate().sha256_hex()?);
    assert!(pinned.try_open().await.0.is_ok());
    let other = attempt(&server).with("cert-fingerprints", &"ab".repeat(32));
    assert_eq!(other.refused().await.0, FailureCode::CertificateMismatch);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_asked_for() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let whole = Attempt::to(server.address());
    let answers = [server.username().to_owned(), server.password().to_owned()];
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let (opened, opening) = whole.answering(&answers).try_open().await;
    assert_eq!(opening.asked, ["User name", "Password"]);
    let mut viewer = opened.map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    settled(&mut server, &mut viewer).await?;
    let declined = Attempt::to(server.address()).refused().await;
    assert_eq!(declined.0, FailureCode::AuthCancelled);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nla_that_is_not_offered_is_not_done_without() -> Result<()> {
    let server = Xrdp::start().await?;
    let refused = attempt(&server).with("security", "nla").refused().await;
    assert_eq!(refused.0, FailureCode::RdpNlaNotOffered);
    let rc4 = attempt(&server).with("security", "rdp").refused().await;
    assert_eq!(rc4.0, FailureCode::RdpSecurityUnsupported);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_connection_has_the_new_size_and_the_same_session() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server)
        .with("resize-method", "reconnect")
        .open()
        .await?;
    settled(&mut server, &mut viewer).await?;
    let began = Instant::now();
    viewer
        .tell(DesktopCommand::Resize(DesktopSize::clamped(1280, 800, 100)))
        .await;
    let screen = viewer.desktop.screen().clone();
    viewer
        .shows("the new size", |picture| {
            let size = screen.lock().size();
            (size.width, size.height) == (1280, 800) && picture.rgb().iter().any(|byte| *byte != 0)
        })
        .await?;
    println!("reconnected picture after {:?}", began.elapsed());
    settled(&mut server, &mut viewer).await?;
    viewer.key("KeyO", "o").await;
    viewer.key("KeyK", "k").await;
    let began = Instant::now();
    while !server.desk().typed().contains("ok") {
        assert!(
            began.elapsed() < support::DEADLINE,
            "{:?}",
            server.desk().typed()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.accepted(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_nobody_looked_at_is_shown_as_it_is() -> Result<()> {
    let mut server = Xrdp::start().await?;
    let mut viewer = attempt(&server).open().await?;
    settled(&mut server, &mut viewer).await?;
    viewer.desktop.set_wanted(false);
    // Longer than it takes until the target is told.
    let unseen = tokio::time::timeout(Duration::from_secs(3), viewer.closed()).await;
    assert!(unseen.is_err());
    let display = server.session().await?;
    display.run("xsetroot", &["-solid", "#204060"]).await?;
    display.run("xrefresh", &[]).await?;
    viewer.desktop.set_wanted(true);
    settled(&mut server, &mut viewer).await
}
