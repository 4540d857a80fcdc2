//! A desktop without a protocol: the test is its target.

use causeway_fleet::HostKey;
use causeway_model::object::Protocol;
use causeway_outpost_node::session::{Opening, SessionTask, read_claim};
use causeway_screen::{Canvas as _, Rect, Screen, Size};
use causeway_target::desktop::{
    Desktop, DesktopCommand, DesktopEvent, DesktopSide, DesktopSize, SharedScreen,
};
use causeway_target::opening::{OpenEvent, begin, remember};
use causeway_wire::message::Step;
use tokio::sync::oneshot;

use super::session::{Running, Setup};
use super::viewer::within_patience;

/// The target's end of a running desktop session.
pub(crate) struct FakeDesktop {
    side: DesktopSide,
    /// The size that it was opened with.
    pub(crate) opened_with: DesktopSize,
}

/// A desktop that is still to be opened by its session.
pub(crate) struct Awaited(oneshot::Receiver<FakeDesktop>);

impl Awaited {
    /// Waits until the session has opened it.
    pub(crate) async fn opened(self) -> FakeDesktop {
        within_patience("the desktop to be opened", self.0)
            .await
            .unwrap()
    }
}

/// Starts a session on a desktop of `setup`'s settings.
pub(crate) fn start_desktop(setup: Setup) -> (Running, Awaited) {
    let (opened, awaited) = oneshot::channel();
    let opening: Opening = Box::new(move |mut size, events| {
        Box::pin(async move {
            begin(&events, Step::Connect).await;
            remember(&events, certificate()).await?;
            let size = size.wait_for(Option::is_some).await.unwrap().unwrap();
            drop::<tokio::sync::mpsc::Sender<OpenEvent>>(events);
            let screen = SharedScreen::new(Screen::new());
            Ok(Desktop::start(screen, |side| async move {
                let closing = side.closing.clone();
                let desktop = FakeDesktop {
                    side,
                    opened_with: size,
                };
                drop(opened.send(desktop));
                closing.cancelled().await;
            }))
        })
    });
    let setup = setup.protocol(Protocol::Vnc);
    let running = setup.start_with(|claimed, services| {
        let (facts, target) = read_claim(claimed);
        drop(target.unwrap());
        SessionTask::desktop(facts, opening, services)
    });
    (running, Awaited(awaited))
}

fn certificate() -> HostKey {
    HostKey {
        algorithm: "x509".to_owned(),
        key: "AAAA".to_owned(),
        fingerprint: "SHA256:fake".to_owned(),
    }
}

impl FakeDesktop {
    /// Shows a picture of this size.
    pub(crate) fn show(&self, size: Size, picture: &[u8]) {
        self.side.screen.draw(|canvas| {
            canvas.set_size(size);
            canvas.put(whole(size), picture);
            canvas.end_frame();
        });
    }

    /// Shows another picture of the same size.
    pub(crate) fn draw(&self, size: Size, picture: &[u8]) {
        self.side.screen.draw(|canvas| {
            canvas.put(whole(size), picture);
            canvas.end_frame();
        });
    }

    pub(crate) async fn happen(&self, event: DesktopEvent) {
        within_patience("room for an event", self.side.events.send(event))
            .await
            .unwrap();
    }

    /// The next command.
    pub(crate) async fn told(&mut self) -> DesktopCommand {
        within_patience("a command", self.side.commands.recv())
            .await
            .unwrap()
    }

    /// Waits until pictures are wanted, or not.
    pub(crate) async fn wanted(&mut self, wanted: bool) {
        let known = self.side.wanted.wait_for(|known| *known == wanted);
        within_patience("pictures to be wanted or not", known)
            .await
            .unwrap();
    }

    /// Waits until the session closes it.
    pub(crate) async fn closed(&self) {
        within_patience("the desktop to be closed", self.side.closing.cancelled()).await;
    }
}

fn whole(size: Size) -> Rect {
    Rect {
        x: 0,
        y: 0,
        width: size.width,
        height: size.height,
    }
}

/// A picture that no encoder makes small.
pub(crate) fn noise(size: Size, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let bytes = usize::from(size.width) * usize::from(size.height) * 4;
    (0..bytes)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}
