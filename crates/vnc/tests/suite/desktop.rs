//! What an open desktop does, against TigerVNC.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use causeway_screen::{Size, ViewerAbilities, ViewerKey};
use causeway_target::desktop::{Desktop, DesktopCommand, DesktopEvent, DesktopSize, Pointer};
use causeway_target::failure::{Failure, FailureCode};
use causeway_tests::display::TERMINAL_AT;
use causeway_tests::picture::Area;
use causeway_tests::vnc::{PASSWORD, Xtigervnc};

use crate::support::{Opening, hears, shown, shows, until};

fn opening(server: &Xtigervnc) -> Opening {
    Opening::at(server.address())
        .set("password", PASSWORD)
        .set("force-lossless", "true")
}

fn tell(desktop: &Desktop, command: DesktopCommand) {
    desktop.teller().try_tell(command).unwrap();
}

fn press(desktop: &Desktop, code: &str, key: &str) {
    for down in [true, false] {
        let (code, key) = (code.to_owned(), key.to_owned());
        tell(desktop, DesktopCommand::Key { code, key, down });
    }
}

fn has_size(desktop: &Desktop, width: u16, height: u16) -> Result<()> {
    let size = desktop.screen().lock().size();
    ensure!(size == Size { width, height }, "{size:?}");
    Ok(())
}

#[tokio::test]
async fn keys_and_clicks_arrive() -> Result<()> {
    let server = Xtigervnc::start().await?;
    let desktop = opening(&server).opens().await?;
    press(&desktop, "KeyA", "a");
    press(&desktop, "KeyY", "z");
    tell(&desktop, DesktopCommand::Text("ä€".to_owned()));
    let desk = server.desk();
    until("it is typed", || {
        let typed = desk.typed();
        ensure!(typed.contains("azä€"), "{typed:?}");
        Ok(())
    })
    .await?;
    let (x, y) = (TERMINAL_AT.0 + 30, TERMINAL_AT.1 + 30);
    for buttons in [0, 1, 0] {
        let (x, y) = (u16::try_from(x)?, u16::try_from(y)?);
        let pointer = Pointer {
            x,
            y,
            buttons,
            ..Pointer::default()
        };
        tell(&desktop, DesktopCommand::Pointer(pointer));
    }
    until("it is clicked", || {
        let typed = desk.typed();
        ensure!(typed.contains("\u{1b}[<0;"), "{typed:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_desktop_follows_the_viewers_size() -> Result<()> {
    let server = Xtigervnc::builder().size(800, 600).start().await?;
    let mut desktop = opening(&server).size(1000, 700).opens().await?;
    let resizable = |event: &DesktopEvent| match event {
        DesktopEvent::Resizable(resizable) => Some(*resizable),
        _ => None,
    };
    assert!(hears(&mut desktop, resizable).await?);
    until("the first size is told", || has_size(&desktop, 1000, 700)).await?;

    let began = Instant::now();
    let size = DesktopSize::clamped(900, 650, 100);
    tell(&desktop, DesktopCommand::Resize(size));
    until("the size follows", || has_size(&desktop, 900, 650)).await?;
    println!("resized within {:?}", began.elapsed());
    shows(&desktop, server.display()).await?;

    for width in 400..500 {
        let size = DesktopSize::clamped(2 * width, 500, 100);
        desktop
            .teller()
            .try_tell(DesktopCommand::Resize(size))
            .unwrap();
        tokio::task::yield_now().await;
    }
    until("the last size is told", || has_size(&desktop, 998, 500)).await
}

#[tokio::test]
async fn a_first_size_that_comes_late_is_told_too() -> Result<()> {
    let server = Xtigervnc::builder().size(800, 600).start().await?;
    let desktop = opening(&server).size(1000, 700).late().opens().await?;
    until("the size is told", || has_size(&desktop, 1000, 700)).await
}

#[tokio::test]
async fn the_target_keeps_its_size_where_it_is_set_to() -> Result<()> {
    let server = Xtigervnc::builder().size(800, 600).start().await?;
    let mut desktop = opening(&server)
        .size(1000, 700)
        .set("disable-display-resize", "true")
        .opens()
        .await?;
    let resizable = |event: &DesktopEvent| match event {
        DesktopEvent::Resizable(resizable) => Some(*resizable),
        _ => None,
    };
    assert!(!hears(&mut desktop, resizable).await?);
    let size = DesktopSize::clamped(900, 650, 100);
    tell(&desktop, DesktopCommand::Resize(size));
    press(&desktop, "KeyA", "a");
    until("it is typed", || {
        ensure!(server.desk().typed().contains('a'));
        Ok(())
    })
    .await?;
    has_size(&desktop, 800, 600)
}

#[tokio::test]
async fn text_is_copied_both_ways() -> Result<()> {
    let server = Xtigervnc::start().await?;
    let mut desktop = opening(&server).opens().await?;
    let resizable =
        |event: &DesktopEvent| matches!(event, DesktopEvent::Resizable(_)).then_some(());
    hears(&mut desktop, resizable).await?;
    let long = "Grüße, Welt \u{1f30d} ".repeat(10_000);
    tell(&desktop, DesktopCommand::Clipboard(long.clone()));
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.display().clipboard().await?.as_deref() != Some(long.as_str()) {
        ensure!(Instant::now() < deadline, "the text did not arrive");
    }
    let _owner = server.display().copy("vom Ziel: \u{20ac}").await?;
    let text = |event: &DesktopEvent| match event {
        DesktopEvent::Clipboard(text) if text.contains("Ziel") => Some(text.clone()),
        _ => None,
    };
    assert_eq!(hears(&mut desktop, text).await?, "vom Ziel: \u{20ac}");
    Ok(())
}

#[tokio::test]
async fn nobody_who_looks_away_is_sent_pictures() -> Result<()> {
    let server = Xtigervnc::start().await?;
    let desktop = opening(&server).opens().await?;
    shows(&desktop, server.display()).await?;
    desktop.set_wanted(false);
    press(&desktop, "KeyA", "a");
    until("it is typed", || {
        ensure!(server.desk().typed().contains('a'));
        Ok(())
    })
    .await?;
    desktop.set_wanted(true);
    shows(&desktop, server.display()).await
}

#[tokio::test]
async fn a_server_that_is_killed_ends_the_desktop() -> Result<()> {
    let mut server = Xtigervnc::start().await?;
    let mut desktop = opening(&server).opens().await?;
    server.kill();
    let closed = |event: &DesktopEvent| match event {
        DesktopEvent::Closed(Err(Failure { code, .. })) => Some(*code),
        _ => None,
    };
    assert_eq!(
        hears(&mut desktop, closed).await?,
        FailureCode::TargetClosed
    );
    Ok(())
}

#[tokio::test]
async fn the_first_picture_comes_quickly() -> Result<()> {
    let server = Xtigervnc::builder().size(1280, 720).start().await?;
    let before = opening(&server).opens().await?;
    shows(&before, server.display()).await?;
    before.close().await;
    // The pointer is in the corner, and drawn until the viewer's moves there.
    let below = Area {
        x: 0,
        y: 40,
        width: 1280,
        height: 680,
    };
    let expected = server.display().at_rest().await?.crop(below)?;
    let began = Instant::now();
    let mut desktop = opening(&server).opens().await?;
    let opened = began.elapsed();
    let screen = desktop.screen().clone();
    let show = || shown(&screen)?.crop(below)?.must_equal(&expected);
    let viewer = ViewerAbilities {
        zstd: true,
        jpeg: true,
    };
    screen.lock().attach(ViewerKey(1), viewer, Instant::now());
    let changed = |event: &DesktopEvent| matches!(event, DesktopEvent::Changed).then_some(());
    while show().is_err() {
        hears(&mut desktop, changed).await?;
    }
    println!(
        "open after {opened:?}, first picture after {:?}",
        began.elapsed()
    );
    Ok(())
}
