//! What scenarios of desktops share: an endpoint, a viewer with a window, and
//! looks at both ends.

use std::net::SocketAddr;

use anyhow::Result;
use causeway_tests::display::{Desk, Display, TERMINAL_AT};
use causeway_tests::session::Viewer;
use causeway_tests::sshd::USERNAME;
use causeway_tests::stack::{Launched, Stack};
use causeway_tests::vnc::{PASSWORD, Xtigervnc};
use causeway_wire::message::Failure;
use serde_json::{Value, json};

use crate::lab::{LAB, eventually};

/// The viewer's window unless a scenario is about it; the servers' first size.
pub(crate) const WINDOW: (u32, u32) = (1024, 768);

/// Name of the endpoint that [`endpoint`] makes.
const DESKTOP: &str = "desktop";

/// A point within the terminal of the desk.
pub(crate) const IN_TERMINAL: (usize, usize) = (TERMINAL_AT.0 + 100, TERMINAL_AT.1 + 100);

/// Makes the lab's endpoint for a desktop.
pub(crate) async fn endpoint(
    stack: &Stack,
    protocol: &str,
    host: SocketAddr,
    settings: Value,
) -> Result<()> {
    let fields = json!({ "protocol": protocol, "settings": settings });
    stack
        .endpoint_with(LAB, DESKTOP, &host.to_string(), fields)
        .await
        .map(drop)
}

/// Launches the endpoint and attaches with a window of [`WINDOW`].
pub(crate) async fn launch(stack: &Stack) -> Result<(Launched, Viewer)> {
    let launched = stack.admin.launch(LAB, DESKTOP).await?;
    let viewer = Viewer::open_desktop(&launched.entry, WINDOW.0, WINDOW.1).await?;
    Ok((launched, viewer))
}

/// Makes the endpoint, launches it and waits for the first picture.
pub(crate) async fn open_desktop(
    stack: &Stack,
    protocol: &str,
    host: SocketAddr,
    settings: Value,
) -> Result<(Launched, Viewer)> {
    endpoint(stack, protocol, host, settings).await?;
    let (launched, mut viewer) = launch(stack).await?;
    viewer.next_frame().await?;
    Ok((launched, viewer))
}

/// Launches the endpoint once more, which is to fail.
pub(crate) async fn fails(stack: &Stack) -> Result<Failure> {
    launch(stack).await?.1.failure().await
}

/// Waits until exactly this was typed into the desk.
pub(crate) async fn typed(desk: &Desk, expected: &str) -> Result<()> {
    typed_so_that(desk, |typed| typed == expected).await
}

/// Waits until what was typed into the desk is as wanted.
pub(crate) async fn typed_so_that(desk: &Desk, holds: impl Fn(&str) -> bool) -> Result<()> {
    eventually("the right text in the terminal", || async {
        let typed = desk.typed();
        Ok(if holds(&typed) {
            Ok(())
        } else {
            Err(format!("{typed:?}"))
        })
    })
    .await
}

/// Waits until a text is on the display's clipboard.
pub(crate) async fn has_clipboard(display: &Display, expected: &str) -> Result<()> {
    eventually("the text on the target's clipboard", || async {
        Ok(match display.clipboard().await {
            // xrdp leaves the NUL of RDP at the end of a long text.
            Ok(Some(text)) if text.trim_end_matches('\0') == expected => Ok(()),
            Ok(Some(text)) => Err(format!(
                "{} bytes: {:.80?}",
                text.len(),
                text.chars().take(80).collect::<String>()
            )),
            Ok(None) => Err("nothing".to_owned()),
            // xrdp forgets who asked when a new text comes meanwhile.
            Err(error) => Err(format!("{error:#}")),
        })
    })
    .await
}

/// Waits until the display is of a size.
pub(crate) async fn has_size(display: &Display, expected: (usize, usize)) -> Result<()> {
    eventually("the display's size", || async {
        let size = display.size().await?;
        Ok(if size == expected {
            Ok(())
        } else {
            Err(format!("{size:?}"))
        })
    })
    .await
}

/// Waits for a text on the viewer's clipboard, the next one that comes.
pub(crate) async fn copied(viewer: &mut Viewer) -> Result<String> {
    viewer
        .wait_until("a text for the clipboard", |viewer| {
            !viewer.heard.clipboard.is_empty()
        })
        .await?;
    Ok(viewer.heard.clipboard.remove(0))
}

/// A text of about so many bytes, with characters of every length in UTF-8.
pub(crate) fn long_text(bytes: usize) -> String {
    let line = "0123456789 äöü ß → 日本語 ✓ 🙂 marker\n";
    line.repeat(bytes / line.len() + 1)
}

/// Settings that let somebody in to a server, whatever it asks for.
pub(crate) fn vnc_credentials(server: &Xtigervnc) -> Value {
    if server.account().is_some() {
        json!({ "username": USERNAME, "password": vnc_password(server) })
    } else {
        json!({ "password": PASSWORD })
    }
}

/// The password that goes with [`vnc_credentials`].
pub(crate) fn vnc_password(server: &Xtigervnc) -> &str {
    server
        .account()
        .map_or(PASSWORD, |account| account.password())
}

/// Both ends show the same, pixel for pixel.
pub(crate) async fn is_the_same(viewer: &mut Viewer, display: &Display) -> Result<()> {
    if viewer.view().traffic.frames == 0 {
        viewer.next_frame().await?;
    }
    // TigerVNC draws the pointer into the picture for who has not moved it;
    // to where it was already is no move.
    viewer.point(9, 9, 0).await?;
    // Moves that wait together are one.
    eventually("the pointer aside", || async {
        let at = display.pointer().await?;
        Ok(if at == (9, 9) {
            Ok(())
        } else {
            Err(format!("at {at:?}"))
        })
    })
    .await?;
    viewer.point(1, 1, 0).await?;
    let expected = display.at_rest().await?;
    viewer.shows_exactly(&expected).await
}
