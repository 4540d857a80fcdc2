//! A desktop's task: bytes from the target are drawn, commands go to it.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use causeway_rfb::{Client, Event, LockKeys as RfbLockKeys, PointerState};
use causeway_target::desktop::{
    DesktopCommand, DesktopEvent, DesktopSide, DesktopSize, LockKeys, Pointer, SharedScreen,
};
use causeway_target::failure::Failure;
use causeway_wire::message::Step;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::failure::{of_client, of_transport};
use crate::resize::Resizes;
use crate::transport::{Transport, TransportError};

/// Bytes that may wait for a target that does not read; no command is taken
/// beyond that.
const QUEUED_BYTES_MAX: usize = 256 * 1024;
/// How long the target may take to read what is left; less than a session
/// waits for its close.
const GOOD_BYE_DEADLINE: Duration = Duration::from_secs(1);
/// Commands that are taken before the target's bytes get their turn.
const COMMANDS_AT_ONCE: usize = 64;

/// A connection that is open.
pub(crate) struct Session {
    client: Client,
    transport: Transport,
    screen: SharedScreen,
    /// What came from the target and is to be drawn.
    plain: BytesMut,
    resizes: Resizes,
    /// Whether the target is to follow the viewer's size.
    follows: bool,
    /// Where the viewer's first size is found, until it is: a target is often
    /// open before the viewer has said a word.
    first_size: Option<watch::Receiver<Option<DesktopSize>>>,
}

/// What woke the task.
enum Wake {
    Closing,
    Progress(Result<(), TransportError>),
    Command(Option<DesktopCommand>),
    Wanted,
    FirstSize(Option<DesktopSize>),
    Resize,
    /// The picture may be calm.
    Calm,
}

impl Session {
    /// `size` is where the viewer's size is found, unless the target is to
    /// keep its own.
    pub(crate) fn new(
        client: Client,
        transport: Transport,
        screen: SharedScreen,
        size: Option<watch::Receiver<Option<DesktopSize>>>,
    ) -> Self {
        let follows = size.is_some();
        Self {
            client,
            transport,
            screen,
            plain: BytesMut::new(),
            resizes: Resizes::default(),
            follows,
            first_size: size,
        }
    }

    pub(crate) const fn screen(&self) -> &SharedScreen {
        &self.screen
    }

    /// Runs until the target or the session closes.
    pub(crate) async fn run(mut self, mut side: DesktopSide) {
        let result = self.serve(&mut side).await;
        if result.is_ok() {
            self.say_good_bye().await;
        }
        self.transport.shut_down().await;
        let event = DesktopEvent::Closed(result);
        if side.events.send(event).await.is_err() {
            tracing::debug!("nobody waits for the end of the desktop");
        }
    }

    /// Leaves no key or button down at the target.
    async fn say_good_bye(&mut self) {
        self.client.release_all();
        while let Some(output) = self.client.poll_output() {
            if self.transport.queue(&output).is_err() {
                return;
            }
        }
        match timeout(GOOD_BYE_DEADLINE, self.transport.write()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the target was gone already"),
            Err(_) => tracing::debug!("the target did not read to the end"),
        }
    }

    async fn serve(&mut self, side: &mut DesktopSide) -> Result<(), Failure> {
        let active = |error| of_transport(error, Step::Active);
        let wanted = *side.wanted.borrow_and_update();
        self.client.set_wanted(wanted);
        loop {
            let calm_at = self.client.poll_refinement(Instant::now());
            while let Some(output) = self.client.poll_output() {
                self.transport.queue(&output).map_err(active)?;
            }
            while let Some(event) = self.next_event() {
                if !tell(side, event).await {
                    return Ok(());
                }
            }
            match self.wait(side, calm_at).await {
                Wake::Closing => return Ok(()),
                Wake::Progress(result) => {
                    result.map_err(active)?;
                    self.draw()?;
                    self.take_commands(side);
                    while self.client.has_more() {
                        tokio::task::yield_now().await;
                        self.draw()?;
                        self.take_commands(side);
                    }
                    // Decoding takes its time, and others live here too.
                    tokio::task::yield_now().await;
                }
                Wake::Command(None) => return Ok(()),
                Wake::Command(Some(command)) => self.handle_command(command),
                Wake::Wanted => {
                    let wanted = *side.wanted.borrow_and_update();
                    self.client.set_wanted(wanted);
                }
                Wake::FirstSize(size) => {
                    self.first_size = None;
                    if let Some(size) = size {
                        self.resizes.want(size);
                    }
                }
                // The client is asked above what it makes of that.
                Wake::Calm => {}
                Wake::Resize => {
                    if let Some(size) = self.resizes.poll(Instant::now()) {
                        self.client.resize(size.width, size.height);
                    }
                }
            }
        }
    }

    async fn wait(&mut self, side: &mut DesktopSide, calm_at: Option<Instant>) -> Wake {
        let takes_commands = self.has_room();
        let resize_at = self.resizes.due();
        tokio::select! {
            biased;
            () = side.closing.cancelled() => Wake::Closing,
            size = known(self.first_size.as_mut()) => Wake::FirstSize(size),
            () = sleep_until(resize_at) => Wake::Resize,
            command = side.commands.recv(), if takes_commands => Wake::Command(command),
            Ok(()) = side.wanted.changed() => Wake::Wanted,
            result = self.transport.progress(&mut self.plain) => Wake::Progress(result),
            () = sleep_until(calm_at) => Wake::Calm,
        }
    }

    /// Whether the target reads what it is told.
    fn has_room(&self) -> bool {
        self.transport.queued() + self.client.output_bytes() < QUEUED_BYTES_MAX
    }

    fn draw(&mut self) -> Result<(), Failure> {
        if self.plain.is_empty() && !self.client.has_more() {
            return Ok(());
        }
        let drawn = self
            .screen
            .draw(|canvas| self.client.handle_input(&self.plain, canvas));
        self.plain.clear();
        drawn.map_err(|error| of_client(error, Step::Active))
    }

    /// Takes the commands that wait, so that a flood of pictures does not
    /// stand between a key and the target.
    fn take_commands(&mut self, side: &mut DesktopSide) {
        for _ in 0..COMMANDS_AT_ONCE {
            if !self.has_room() {
                return;
            }
            let Ok(command) = side.commands.try_recv() else {
                return;
            };
            self.handle_command(command);
        }
    }

    fn handle_command(&mut self, command: DesktopCommand) {
        match command {
            DesktopCommand::Key { code, key, down } => self.client.key(&code, &key, down),
            DesktopCommand::Text(text) => self.client.text(&text),
            DesktopCommand::Pointer(pointer) => self.client.pointer(pointer_state(pointer)),
            DesktopCommand::LockKeys(locks) => self.client.lock_keys(RfbLockKeys {
                caps: locks.caps,
                num: locks.num,
                scroll: locks.scroll,
            }),
            DesktopCommand::Clipboard(text) => self.client.clipboard(&text),
            DesktopCommand::Resize(size) if self.follows => self.resizes.want(size),
            DesktopCommand::Resize(_) => {}
            DesktopCommand::ReleaseAll => self.client.release_all(),
        }
    }

    fn next_event(&mut self) -> Option<DesktopEvent> {
        loop {
            return Some(match self.client.poll_event()? {
                Event::Ready => continue,
                Event::Resizable(resizable) => {
                    let resizable = resizable && self.follows;
                    self.resizes.set_allowed(resizable);
                    DesktopEvent::Resizable(resizable)
                }
                Event::Name(name) => DesktopEvent::Named(name),
                Event::Bell => DesktopEvent::Bell,
                Event::Clipboard(text) => DesktopEvent::Clipboard(text),
                Event::ClipboardTooLong => DesktopEvent::ClipboardTooLong,
                Event::LockKeys(locks) => DesktopEvent::LockKeys(LockKeys {
                    caps: locks.caps,
                    num: locks.num,
                    scroll: locks.scroll,
                }),
            });
        }
    }
}

/// Tells the session; false when it closes or is gone.
async fn tell(side: &DesktopSide, event: DesktopEvent) -> bool {
    tokio::select! {
        biased;
        () = side.closing.cancelled() => false,
        sent = side.events.send(event) => sent.is_ok(),
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The viewer's first size; `None` when there will never be one.
async fn known(size: Option<&mut watch::Receiver<Option<DesktopSize>>>) -> Option<DesktopSize> {
    match size {
        Some(size) => *size.wait_for(Option::is_some).await.ok()?,
        None => std::future::pending().await,
    }
}

const fn pointer_state(pointer: Pointer) -> PointerState {
    PointerState {
        x: pointer.x,
        y: pointer.y,
        buttons: pointer.buttons,
        wheel_x: pointer.wheel_x,
        wheel_y: pointer.wheel_y,
    }
}
