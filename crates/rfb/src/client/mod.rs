//! The client, from the initialisation messages on.

mod command;
mod config;
mod event;
mod layout;
mod lossy;
mod motion;
pub(crate) mod outbox;
mod pace;
mod receive;
mod refine;
mod update;

use std::time::Instant;

use bytes::Bytes;
use causeway_screen::{Canvas, Size};

pub use config::ClientConfig;
pub use event::Event;

use crate::client::event::Events;
use crate::client::layout::Layout;
use crate::client::motion::Motion;
use crate::client::outbox::Outbox;
use crate::client::pace::Pace;
use crate::client::receive::Phase;
use crate::client::refine::{Refine, Refinement};
use crate::client::update::Update;
use crate::clipboard::Clipboard;
use crate::decode::Workbench;
use crate::encoding::{Extras, announce};
use crate::error::RfbError;
use crate::established::Established;
use crate::input::{Keyboard, LockState, Pointer};
use crate::limits::{KEPT_BYTES, PIXELS_AT_ONCE};
use crate::pixel::{PixelCodec, PixelFormat};
use crate::reader::{Reader, Stop};

/// One connection to an RFB server whose security handshake succeeded.
///
/// Bytes from the server go into [`Client::handle_input`], which draws.
/// Afterwards, and after every command, [`Client::poll_output`] and
/// [`Client::poll_event`] are called until they give nothing. Whoever does not
/// send what [`Client::poll_output`] gave stops handing in more: answers to
/// the server pile up there.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    phase: Phase,
    has_tight_capabilities: bool,
    /// Bytes that end within a unit; less than the largest unit and one input.
    pending: Vec<u8>,
    /// Bytes to come that mean nothing to us.
    skip: u64,
    size: Size,
    bench: Workbench,
    update: Update,
    /// Updates that are over.
    updates: u64,
    /// One of them had pixels.
    has_picture: bool,
    /// Pixels that this call has drawn.
    drawn: u64,
    /// The last call drew all that one may, and stopped.
    has_more: bool,
    pace: Pace,
    refine: Refine,
    motion: Motion,
    /// The server may lose something at the moment.
    may_lose: bool,
    layout: Layout,
    keyboard: Keyboard,
    pointer: Pointer,
    locks: LockState,
    clipboard: Clipboard,
    abilities: Abilities,
    outbox: Outbox,
    events: Events,
}

/// What the server said that it knows.
#[derive(Debug, Clone, Copy, Default)]
struct Abilities {
    /// QEMU's extended key events.
    qemu_keys: bool,
    /// Nine mouse buttons.
    mouse_buttons: bool,
}

impl Client {
    /// Begins: the first message is in [`Client::poll_output`].
    #[must_use]
    pub fn new(established: Established, config: ClientConfig) -> Self {
        let may_lose = config.quality.is_some() && !config.quality_in_motion_only;
        let mut outbox = Outbox::default();
        outbox.client_init(config.shared);
        let codec = PixelCodec::new(&PixelFormat::RGBX, config.swap_red_and_blue);
        let clipboard = Clipboard::new(config.copy, config.paste, config.clipboard_bytes_max);
        Self {
            config,
            phase: Phase::ServerInit,
            has_tight_capabilities: established.tight_capabilities,
            pending: Vec::new(),
            skip: 0,
            size: Size::default(),
            bench: Workbench::new(codec),
            update: Update::default(),
            updates: 0,
            has_picture: false,
            drawn: 0,
            has_more: false,
            pace: Pace::new(),
            refine: Refine::default(),
            motion: Motion::default(),
            may_lose,
            layout: Layout::default(),
            keyboard: Keyboard::default(),
            pointer: Pointer::default(),
            locks: LockState::default(),
            clipboard,
            abilities: Abilities::default(),
            outbox,
            events: Events::default(),
        }
    }

    /// Takes bytes from the server, however they are cut, and draws. If there
    /// was more to draw than [`PIXELS_AT_ONCE`],
    /// the rest is kept: see [`Client::has_more`].
    ///
    /// # Errors
    /// [`RfbError`] when the server broke the protocol or a limit: the
    /// connection is over, and every later call fails the same way.
    pub fn handle_input(&mut self, bytes: &[u8], canvas: &mut impl Canvas) -> Result<(), RfbError> {
        self.drawn = 0;
        self.has_more = false;
        self.motion.handle_bytes(bytes.len());
        if self.pending.is_empty() {
            let left = self.advance(bytes, canvas)?;
            self.pending.extend_from_slice(&bytes[bytes.len() - left..]);
            return Ok(());
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let left = self.advance(&pending, canvas)?;
        pending.drain(..pending.len() - left);
        if pending.is_empty() && pending.capacity() > KEPT_BYTES {
            // A picture file of megabytes may have waited here.
            pending = Vec::new();
        }
        self.pending = pending;
        Ok(())
    }

    /// Whether bytes that were taken wait to be drawn: call
    /// [`Client::handle_input`] again, without bytes, before any are handed in.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// The next bytes for the server.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        if self.is_ready() {
            self.clipboard.poll(&mut self.outbox);
            self.layout.poll(self.size, &mut self.outbox);
            self.pace.poll(self.size, &mut self.outbox);
        }
        self.outbox.take()
    }

    /// Allows loss while the picture moves, and has what JPEG lost sent again,
    /// without loss, once it is calm.
    /// To be called before [`Client::poll_output`], and at the time that it
    /// gives.
    pub fn poll_refinement(&mut self, now: Instant) -> Option<Instant> {
        if !self.is_ready() || self.config.quality.is_none() {
            return None;
        }
        let motion_ends_at = self.poll_motion(now);
        if !self.pace.is_wanted() {
            return motion_ends_at;
        }
        match self.refine.poll(now) {
            Refinement::Wait(until) => Some(motion_ends_at.map_or(until, |at| at.min(until))),
            Refinement::Nothing => motion_ends_at,
            Refinement::Ask(rect) => {
                self.announce(false);
                self.outbox.request_update(false, rect);
                motion_ends_at
            }
        }
    }

    fn poll_motion(&mut self, now: Instant) -> Option<Instant> {
        if !self.config.quality_in_motion_only {
            return None;
        }
        // What is asked for again must not be lost again.
        let may_lose = self.motion.poll(now) && !self.refine.is_asking();
        if self.may_lose != may_lose {
            self.may_lose = may_lose;
            self.announce(may_lose);
        }
        self.motion.calm_at()
    }

    /// Tells the server what it may send.
    fn announce(&mut self, may_lose: bool) {
        let extras = Extras {
            quality: self.config.quality.filter(|_| may_lose),
            ..self.config.extras()
        };
        let numbers = announce(&self.config.encodings, extras);
        self.outbox.set_encodings(&numbers);
    }

    /// What the server did next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// The size of the server's screen.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// How many updates are over, with pixels or without.
    #[must_use]
    pub const fn updates(&self) -> u64 {
        self.updates
    }

    /// Whether an update that had pixels is over.
    #[must_use]
    pub const fn has_picture(&self) -> bool {
        self.has_picture
    }

    /// Bytes that wait in [`Client::poll_output`], as far as they are known.
    #[must_use]
    pub fn output_bytes(&self) -> usize {
        self.outbox.len()
    }

    const fn is_ready(&self) -> bool {
        !matches!(
            self.phase,
            Phase::ServerInit | Phase::TightCapabilities | Phase::Failed(_)
        )
    }

    /// Goes on as far as `bytes` reach; says how many are left.
    fn advance(&mut self, bytes: &[u8], canvas: &mut impl Canvas) -> Result<usize, RfbError> {
        let mut reader = Reader::new(bytes);
        loop {
            if self.skip > 0 {
                let most = usize::try_from(self.skip).unwrap_or(usize::MAX);
                self.skip -= reader.skip_up_to(most) as u64;
                if self.skip > 0 {
                    return Ok(0);
                }
            }
            if self.drawn >= PIXELS_AT_ONCE {
                self.has_more = true;
                return Ok(reader.len());
            }
            match self.step(&mut reader, canvas) {
                Ok(()) => {}
                Err(Stop::Incomplete) => return Ok(reader.len()),
                Err(Stop::Failed(error)) => {
                    self.phase = Phase::Failed(error.clone());
                    return Err(error);
                }
            }
        }
    }
}
