//! The port of a desktop: how a session holds a target that has a screen.
//!
//! A protocol (VNC, RDP) opens a [`Desktop`]: a task of its own that draws on
//! the shared [`Screen`], tells [`DesktopEvent`]s and takes
//! [`DesktopCommand`]s. The session shows the screen to viewers. Nothing here
//! knows a protocol.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_screen::{Drawing, Screen};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// Events that wait for the session; the desktop's task waits when it is full.
pub const EVENTS_MAX: usize = 64;
/// Commands that wait in the channel to the target. Few: what waits before it
/// can still be merged, e.g. moves of the pointer.
pub const COMMANDS_MAX: usize = 16;
/// How long a target may take to say good-bye.
pub const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// What a desktop did.
#[derive(Debug)]
pub enum DesktopEvent {
    /// The screen has work for encoders or a frame for a viewer.
    Changed,
    /// The target can, or cannot, follow [`DesktopCommand::Resize`].
    Resizable(bool),
    /// What the target calls itself.
    Named(String),
    /// Text that the target put on its clipboard, already within the limit
    /// that the protocol was opened with.
    Clipboard(String),
    /// The target's clipboard held more than the limit, in bytes.
    ClipboardTooLong,
    /// Sound.
    Audio(Sound),
    /// The target's lock keys.
    LockKeys(LockKeys),
    /// The target rings.
    Bell,
    /// It is over: as it should be, or not.
    Closed(Result<(), Failure>),
}

/// What a desktop is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesktopCommand {
    /// A key goes down or up.
    Key {
        /// `KeyboardEvent.code` (W3C UI Events), e.g. `KeyA`.
        code: String,
        /// `KeyboardEvent.key`, e.g. `ä`.
        key: String,
        /// Down, else up.
        down: bool,
    },
    /// Text that no single key gave.
    Text(String),
    /// The pointer, in pixels of the screen, and its wheel.
    Pointer(Pointer),
    /// The viewer's lock keys.
    LockKeys(LockKeys),
    /// Text for the target's clipboard.
    Clipboard(String),
    /// The viewer's size.
    Resize(DesktopSize),
    /// Every key and button that is down goes up: the viewer looks away.
    ReleaseAll,
}

/// Where the pointer is and what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pointer {
    /// From the left, in pixels of the screen.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Bit 0 left, 1 middle, 2 right, 3 back, 4 forward.
    pub buttons: u8,
    /// 120 a notch, positive to the right.
    pub wheel_x: i32,
    /// 120 a notch, positive down.
    pub wheel_y: i32,
}

/// Which lock keys are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockKeys {
    /// Caps Lock.
    pub caps: bool,
    /// Num Lock.
    pub num: bool,
    /// Scroll Lock.
    pub scroll: bool,
}

/// The size that a viewer has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DesktopSize {
    /// Pixels across, 200 to 8192.
    pub width: u16,
    /// Pixels down, 200 to 8192.
    pub height: u16,
    /// Device pixels for a hundred CSS pixels.
    pub scale_percent: u16,
}

impl DesktopSize {
    /// Fewest pixels in a direction (MS-RDPEDISP 2.2.2.2.1).
    pub const PIXELS_MIN: u16 = 200;
    /// Most pixels in a direction (MS-RDPEDISP 2.2.2.2.1).
    pub const PIXELS_MAX: u16 = 8192;

    /// A size within the limits, and of an even width, as RDP wants it.
    #[must_use]
    pub fn clamped(width: u32, height: u32, scale_percent: u32) -> Self {
        let pixels = |count: u32| {
            let bounded = count.clamp(u32::from(Self::PIXELS_MIN), u32::from(Self::PIXELS_MAX));
            u16::try_from(bounded).unwrap_or(Self::PIXELS_MAX)
        };
        Self {
            width: pixels(width) & !1,
            height: pixels(height),
            scale_percent: u16::try_from(scale_percent.clamp(100, 500)).unwrap_or(100),
        }
    }
}

/// A piece of sound: 16-bit signed little-endian samples, interleaved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second of one channel.
    pub sample_rate: u32,
    /// 1 or 2.
    pub channels: u8,
    /// The samples.
    pub pcm: Bytes,
}

/// What the session and the desktop's task share.
#[derive(Debug, Clone)]
pub struct SharedScreen {
    screen: Arc<Mutex<Screen>>,
    changed: Arc<Notify>,
}

impl SharedScreen {
    /// Shares a screen.
    #[must_use]
    pub fn new(screen: Screen) -> Self {
        Self {
            screen: Arc::new(Mutex::new(screen)),
            changed: Arc::new(Notify::new()),
        }
    }

    /// The screen, for as long as the guard lives; never across an await.
    pub fn lock(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws what came from the target, and wakes the session if that gave it
    /// something to do.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Drawing<'_>) -> T) -> T {
        let mut screen = self.lock();
        let timeout = screen.next_timeout();
        let result = draw(&mut screen.draw(Instant::now()));
        let wakes = screen.has_work() || screen.next_timeout() != timeout;
        drop(screen);
        if wakes {
            self.changed.notify_one();
        }
        result
    }
}

/// A desktop that is open. Dropping it ends it at once.
#[derive(Debug)]
pub struct Desktop {
    screen: SharedScreen,
    events: mpsc::Receiver<DesktopEvent>,
    commands: mpsc::Sender<DesktopCommand>,
    wanted: watch::Sender<bool>,
    closing: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Tells a desktop something. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Teller {
    commands: mpsc::Sender<DesktopCommand>,
}

impl Teller {
    /// Tells it something without waiting. A text for the clipboard is only
    /// taken when nothing else waits, so that memory holds one at most.
    ///
    /// # Errors
    /// Gives the command back when the target does not take it at the moment;
    /// [`Teller::room_for`] waits until it does.
    pub fn try_tell(&self, command: DesktopCommand) -> Result<(), DesktopCommand> {
        if self.commands.capacity() < slots(&command) {
            return Err(command);
        }
        self.commands
            .try_send(command)
            .map_err(mpsc::error::TrySendError::into_inner)
    }

    /// Waits until [`Teller::try_tell`] would take `command`; for ever, if the
    /// desktop is over. Cancel-safe.
    pub async fn room_for(&self, command: &DesktopCommand) {
        if self.commands.reserve_many(slots(command)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// How much of the channel must be free for a command.
const fn slots(command: &DesktopCommand) -> usize {
    match command {
        DesktopCommand::Clipboard(_) => COMMANDS_MAX,
        _ => 1,
    }
}

/// The desktop's own end of the port.
#[derive(Debug)]
pub struct DesktopSide {
    /// What it draws on.
    pub screen: SharedScreen,
    /// Where it tells what happened.
    pub events: mpsc::Sender<DesktopEvent>,
    /// What it is told.
    pub commands: mpsc::Receiver<DesktopCommand>,
    /// Whether somebody could take a new picture; when not, the target is not
    /// asked for one, or not read.
    pub wanted: watch::Receiver<bool>,
    /// Cancelled when the session wants it closed.
    pub closing: CancellationToken,
}

impl Desktop {
    /// Starts `run` as the desktop's task, with its end of the port.
    pub fn start<F>(screen: SharedScreen, run: impl FnOnce(DesktopSide) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (event_sender, events) = mpsc::channel(EVENTS_MAX);
        let (commands, command_receiver) = mpsc::channel(COMMANDS_MAX);
        let (wanted, wanted_known) = watch::channel(true);
        let closing = CancellationToken::new();
        let side = DesktopSide {
            screen: screen.clone(),
            events: event_sender,
            commands: command_receiver,
            wanted: wanted_known,
            closing: closing.clone(),
        };
        Self {
            screen,
            events,
            commands,
            wanted,
            closing,
            task: Some(tokio::spawn(run(side))),
        }
    }

    /// What it draws on.
    #[must_use]
    pub const fn screen(&self) -> &SharedScreen {
        &self.screen
    }

    /// What it does next. Cancel-safe. After [`DesktopEvent::Closed`] nothing
    /// follows; a task that ended without a word is `Closed(Ok(()))`.
    pub async fn next_event(&mut self) -> DesktopEvent {
        tokio::select! {
            biased;
            event = self.events.recv() => event.unwrap_or(DesktopEvent::Closed(Ok(()))),
            () = self.screen.changed.notified() => DesktopEvent::Changed,
        }
    }

    /// What it is told by.
    #[must_use]
    pub fn teller(&self) -> Teller {
        Teller {
            commands: self.commands.clone(),
        }
    }

    /// Says whether somebody could take a new picture.
    pub fn set_wanted(&self, wanted: bool) {
        self.wanted
            .send_if_modified(|known| std::mem::replace(known, wanted) != wanted);
    }

    /// Closes it, politely for [`CLOSE_DEADLINE`], then at once.
    pub async fn close(mut self) {
        self.closing.cancel();
        let Some(mut task) = self.task.take() else {
            return;
        };
        if tokio::time::timeout(CLOSE_DEADLINE, &mut task)
            .await
            .is_err()
        {
            task.abort();
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.closing.cancel();
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
