//! One viewer of a desktop: what is on its way to it.

use std::collections::VecDeque;

use causeway_screen::ViewerAbilities;
use causeway_wire::ClipboardAssembly;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{AudioChunk, Bell, Capability, DesktopState, Hello, LockKeys};

use super::clipboard_outbox::ClipboardOutbox;
use super::facts::Facts;
use crate::desktop::SoundQueue;

/// What every viewer of a desktop is shown besides its picture.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) state: DesktopState,
    pub(super) lock_keys: Option<LockKeys>,
}

/// What is to be shown to one viewer. However often the target changes its
/// mind, only its last word waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Due {
    pub(super) state: bool,
    pub(super) lock_keys: bool,
    pub(super) bell: bool,
}

/// One viewer of a desktop.
#[derive(Debug)]
pub(super) struct DesktopViewer {
    /// The pictures that it can decode.
    pub(super) abilities: ViewerAbilities,
    pub(super) due: Due,
    pub(super) clipboard: ClipboardOutbox,
    /// What it puts on the target's clipboard, as far as it has come.
    pub(super) assembly: ClipboardAssembly,
    hears: bool,
    sounds: SoundQueue,
    /// What is left of the frame that is going out.
    frame: VecDeque<Body>,
    /// Whether the last thing that went out was a piece for the clipboard:
    /// pieces and frames take turns.
    clipboard_went: bool,
}

impl DesktopViewer {
    pub(super) fn new(hello: &Hello, facts: &Facts) -> Self {
        let can = |capability: Capability| hello.capabilities.contains(&capability.into());
        Self {
            abilities: ViewerAbilities {
                zstd: can(Capability::TileZstd),
                jpeg: can(Capability::TileJpeg) && !facts.lossless,
            },
            due: Due::default(),
            clipboard: ClipboardOutbox::default(),
            assembly: ClipboardAssembly::default(),
            hears: facts.policy.audio_allowed && can(Capability::AudioPcm),
            sounds: SoundQueue::default(),
            frame: VecDeque::new(),
            clipboard_went: false,
        }
    }

    /// Takes sound for it. How many pieces were dropped because they were
    /// late.
    pub(super) fn hear(&mut self, chunk: AudioChunk) -> usize {
        if self.hears {
            self.sounds.push(chunk)
        } else {
            0
        }
    }

    /// The next message. A new frame is only taken when the one before is
    /// out, so that a slow viewer skips what it had no room for.
    pub(super) fn poll(
        &mut self,
        shown: &Shown,
        next_frame: impl FnOnce() -> Option<Vec<Body>>,
    ) -> Option<Body> {
        if let Some(body) = self.poll_due(shown) {
            return Some(body);
        }
        if let Some(chunk) = self.sounds.pop() {
            return Some(Body::AudioChunk(chunk));
        }
        if self.frame.is_empty() {
            if !self.clipboard_went
                && let Some(body) = self.poll_clipboard()
            {
                return Some(body);
            }
            self.clipboard_went = false;
            self.frame.extend(next_frame().unwrap_or_default());
        }
        let body = self.frame.pop_front();
        if self.frame.is_empty() {
            // The room that a large frame took is not kept.
            self.frame = VecDeque::new();
        }
        body.or_else(|| self.poll_clipboard())
    }

    fn poll_due(&mut self, shown: &Shown) -> Option<Body> {
        if std::mem::take(&mut self.due.state) {
            return Some(Body::DesktopState(shown.state.clone()));
        }
        if let Some(keys) = shown.lock_keys
            && std::mem::take(&mut self.due.lock_keys)
        {
            return Some(Body::LockKeys(keys));
        }
        std::mem::take(&mut self.due.bell).then_some(Body::Bell(Bell {}))
    }

    fn poll_clipboard(&mut self) -> Option<Body> {
        let piece = self.clipboard.pop()?;
        self.clipboard_went = true;
        Some(Body::Clipboard(piece))
    }
}
