//! A session about a desktop: its screen, sound and clipboard on their way to
//! viewers, their keys, pointer and clipboard on the way to the target.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use causeway_model::object::EndReason;
use causeway_screen::{Encoded, Size, ViewerKey, Work};
use causeway_target::desktop::{DesktopCommand, DesktopEvent, DesktopSize, SharedScreen, Sound};
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{Capability, Hello, LockKeys, TargetProtocol, ViewerSize};

use super::common::Common;
use super::content::{Content, Greeting};
use super::core::Core;
use super::desktop_viewer::{DesktopViewer, Due, Shown};
use super::ending::Ending;
use super::notices::Notice;
use super::viewer_state::ViewerId;
use crate::desktop::{InputQueue, ResizeQueue, SoundClock, size_of_viewer};

/// What this node can do in a desktop session.
const CAPABILITIES: &[Capability] = &[
    Capability::TileZstd,
    Capability::TileJpeg,
    Capability::ClipboardText,
    Capability::Resume,
    Capability::AudioPcm,
];
/// Longest name of a desktop that is told, in characters.
const NAME_CHARS_MAX: usize = 200;

/// A desktop and the viewers that look at it.
#[derive(Debug)]
pub struct Desktop {
    protocol: TargetProtocol,
    pub(super) screen: Option<SharedScreen>,
    /// As large as the screen was when it was last looked at.
    pub(super) screen_size: Size,
    screen_timeout: Option<Instant>,
    pub(super) viewers: BTreeMap<ViewerId, DesktopViewer>,
    pub(super) input: InputQueue,
    resizes: ResizeQueue,
    shown: Shown,
    /// What the target copied while nobody looked.
    unseen_clipboard: Option<String>,
    sound: SoundClock,
    tally: Tally,
    has_shown: bool,
}

/// What was done for viewers since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Whole frames that went out.
    pub frames: u64,
    /// Bytes of messages that went out.
    pub bytes: u64,
    /// Pieces of sound that were dropped because they were late.
    pub sounds_dropped: u64,
}

impl Desktop {
    /// A desktop whose clipboard carries texts up to `clipboard_bytes_max`.
    #[must_use]
    pub fn new(protocol: TargetProtocol, clipboard_bytes_max: usize) -> Self {
        Self {
            protocol,
            screen: None,
            screen_size: Size::default(),
            screen_timeout: None,
            viewers: BTreeMap::new(),
            input: InputQueue::new(clipboard_bytes_max),
            resizes: ResizeQueue::default(),
            shown: Shown::default(),
            unseen_clipboard: None,
            sound: SoundClock::default(),
            tally: Tally::default(),
            has_shown: false,
        }
    }

    pub(super) fn handle_size(&mut self, size: Option<ViewerSize>) {
        if let Some(size) = size.as_ref().and_then(size_of_viewer) {
            self.resizes.push(size);
        }
    }

    /// Has every viewer shown something.
    fn owe(&mut self, what: impl Fn(&mut Due)) {
        for viewer in self.viewers.values_mut() {
            what(&mut viewer.due);
        }
    }

    fn handle_copied(&mut self, text: String, common: &mut Common, now: Instant) {
        let policy = common.facts().policy;
        if text.is_empty() {
            // Some servers say so of a clipboard that nobody has used yet; the
            // viewer's own is worth more.
            return;
        }
        if !policy.copy_allowed {
            return common.give(Notice::CopyRefused, now);
        }
        if text.len() > policy.clipboard_bytes_max as usize {
            return common.give(Notice::ClipboardTooLong, now);
        }
        for viewer in self.viewers.values_mut() {
            viewer.clipboard.push(&text);
        }
        if self.viewers.is_empty() {
            self.unseen_clipboard = Some(text);
        }
    }

    fn handle_sound(&mut self, sound: &Sound, now: Instant) {
        for chunk in self.sound.chunks(sound, now) {
            for viewer in self.viewers.values_mut() {
                self.tally.sounds_dropped += viewer.hear(chunk.clone()) as u64;
            }
        }
    }
}

impl Content for Desktop {
    fn greet(&mut self, id: ViewerId, hello: &Hello, common: &Common) -> Greeting {
        self.viewers
            .insert(id, DesktopViewer::new(hello, common.facts()));
        Greeting {
            protocol: self.protocol,
            capabilities: CAPABILITIES,
            terminal: None,
            output_offset: 0,
            replayed_until_offset: 0,
        }
    }

    fn handle_attached(&mut self, id: ViewerId, hello: &Hello, common: &mut Common, now: Instant) {
        self.handle_size(hello.size);
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        viewer.due.state = common.is_active();
        viewer.due.lock_keys = true;
        if let Some(text) = self.unseen_clipboard.take() {
            viewer.clipboard.push(&text);
        }
        if let Some(screen) = &self.screen {
            screen.lock().attach(key(id), viewer.abilities, now);
        }
    }

    fn handle_message(
        &mut self,
        id: ViewerId,
        message: ToNodeBody,
        common: &mut Common,
        now: Instant,
    ) {
        match message {
            ToNodeBody::FrameAck(ack) => {
                if let Some(screen) = &self.screen {
                    let present = Duration::from_micros(ack.present_us.into());
                    screen.lock().handle_ack(key(id), ack.frame, present, now);
                }
            }
            ToNodeBody::DesktopResize(resize) => self.handle_size(resize.size),
            ToNodeBody::Clipboard(piece) => self.handle_pasted(id, piece, common, now),
            // Anything else is input, or of a terminal.
            message => self.handle_input(message, common, now),
        }
    }

    fn retain(&mut self, is_attached: impl Fn(ViewerId) -> bool) {
        let departed: Vec<ViewerId> = self
            .viewers
            .keys()
            .copied()
            .filter(|id| !is_attached(*id))
            .collect();
        for id in departed {
            self.viewers.remove(&id);
            if let Some(screen) = &self.screen {
                screen.lock().detach(key(id));
                self.input.release_all();
            }
        }
    }

    fn poll_viewer(&mut self, id: ViewerId) -> Option<Body> {
        let viewer = self.viewers.get_mut(&id)?;
        let screen = self.screen.as_ref();
        let body = viewer.poll(&self.shown, || screen?.lock().poll_frame(key(id)))?;
        let is_frame = matches!(body, Body::FrameMark(_));
        self.has_shown |= is_frame;
        self.tally.frames += u64::from(is_frame);
        self.tally.bytes += body.encoded_len() as u64;
        Some(body)
    }

    fn has_shown(&self) -> bool {
        self.has_shown
    }

    fn has_drawn_all(&self, _: ViewerId) -> bool {
        true
    }

    fn next_timeout(&self) -> Option<Instant> {
        let resize_at = self.screen.as_ref().and(self.resizes.next_timeout());
        self.screen_timeout.into_iter().chain(resize_at).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.screen_timeout.is_some_and(|at| now >= at)
            && let Some(screen) = &self.screen
        {
            let mut screen = screen.lock();
            screen.handle_timeout(now);
            self.screen_timeout = screen.next_timeout();
        }
    }
}

impl Core<Desktop> {
    /// The desktop is there.
    pub fn handle_opened(&mut self, screen: SharedScreen, now: Instant) {
        if !self.common.activate() {
            return;
        }
        let desktop = &mut self.content;
        desktop.resizes.handle_opened();
        let mut locked = screen.lock();
        for (id, viewer) in &mut desktop.viewers {
            locked.attach(key(*id), viewer.abilities, now);
            viewer.due.state = true;
        }
        drop(locked);
        desktop.screen = Some(screen);
    }

    /// The desktop did something. What becomes of [`DesktopEvent::Changed`] is
    /// told by [`Core::poll_work`] and [`Core::poll_viewer`].
    pub fn handle_event(&mut self, event: DesktopEvent, now: Instant) {
        let (desktop, common) = (&mut self.content, &mut self.common);
        match event {
            DesktopEvent::Changed => {}
            DesktopEvent::Resizable(resizable) => {
                desktop.shown.state.resizable = resizable;
                desktop.owe(|due| due.state = true);
            }
            DesktopEvent::Named(name) => {
                let shown = name.chars().filter(|c| !c.is_control());
                desktop.shown.state.name = shown.take(NAME_CHARS_MAX).collect();
                desktop.owe(|due| due.state = true);
            }
            DesktopEvent::Clipboard(text) => desktop.handle_copied(text, common, now),
            DesktopEvent::ClipboardTooLong if !common.facts().policy.copy_allowed => {
                common.give(Notice::CopyRefused, now);
            }
            DesktopEvent::ClipboardTooLong => common.give(Notice::ClipboardTooLong, now),
            DesktopEvent::Audio(sound) => desktop.handle_sound(&sound, now),
            DesktopEvent::LockKeys(keys) => {
                desktop.shown.lock_keys = Some(LockKeys {
                    caps: keys.caps,
                    num: keys.num,
                    scroll: keys.scroll,
                });
                desktop.owe(|due| due.lock_keys = true);
            }
            DesktopEvent::Bell => desktop.owe(|due| due.bell = true),
            DesktopEvent::Closed(Ok(())) => {
                common.end(Ending::of(EndReason::ClosedByTarget), now);
            }
            DesktopEvent::Closed(Err(failure)) => common.end(Ending::of_loss(&failure), now),
        }
    }

    /// The next pixels to encode.
    pub fn poll_work(&mut self, now: Instant) -> Option<Work> {
        let desktop = &mut self.content;
        let mut screen = desktop.screen.as_ref()?.lock();
        let work = screen.poll_work(now);
        desktop.screen_size = screen.size();
        desktop.screen_timeout = screen.next_timeout();
        work
    }

    /// Pixels were encoded.
    pub fn handle_encoded(&mut self, encoded: Encoded, now: Instant) {
        if let Some(screen) = &self.content.screen {
            screen.lock().handle_encoded(encoded, now);
        }
    }

    /// Whether some viewer could take a new picture.
    #[must_use]
    pub fn wants_picture(&self) -> bool {
        let screen = self.content.screen.as_ref();
        !self.content.viewers.is_empty()
            && screen.is_some_and(|screen| screen.lock().wants_picture())
    }

    /// What the desktop is to be told next.
    pub fn poll_command(&mut self, now: Instant) -> Option<DesktopCommand> {
        if !self.common.is_active() {
            return None;
        }
        let resize = self.content.resizes.pop(now).map(DesktopCommand::Resize);
        resize.or_else(|| self.content.input.pop())
    }

    /// The size that a viewer told last.
    #[must_use]
    pub const fn size(&self) -> Option<DesktopSize> {
        self.content.resizes.latest()
    }

    /// What was done for viewers since the last time.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.content.tally)
    }
}

/// A viewer by the screen's name for it.
const fn key(id: ViewerId) -> ViewerKey {
    ViewerKey(id.0)
}
