//! What the shell puts out, on its way to viewers: kept, paced, and rid of
//! clipboard traffic, which is answered here.

use std::time::Instant;

use super::core::{Core, Phase};
use super::viewer_state::Viewer;
use crate::terminal::{ClipboardRequest, OutputRing, osc52_answer};

/// Output in one message, in bytes.
pub const OUTPUT_BYTES_MAX: usize = 64 * 1024;

impl Core {
    /// The shell put something out.
    pub fn handle_output(&mut self, output: &[u8], now: Instant) {
        let needed = self.needed();
        if self.scanner.passes_whole(output) {
            self.ring.push(output, needed);
            return;
        }
        let mut passed = Vec::with_capacity(output.len());
        let requests = self.scanner.handle_output(output, &mut passed);
        self.ring.push(&passed, needed);
        for request in requests {
            self.handle_clipboard_request(request, now);
        }
    }

    /// Whether the shell's output is to be held back.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        let end = self.ring.end();
        matches!(self.phase, Phase::Active)
            && self
                .attached()
                .any(|viewer| viewer.window.is_some_and(|window| window.is_filled_by(end)))
    }

    /// Output from there on must be kept for a viewer that is attached.
    pub(super) fn needed(&self) -> Option<u64> {
        self.attached()
            .filter_map(|viewer| viewer.window.map(|window| window.acked()))
            .min()
    }

    fn handle_clipboard_request(&mut self, request: ClipboardRequest, now: Instant) {
        let bytes_max = self.facts.policy.clipboard_bytes_max as usize;
        match request {
            ClipboardRequest::Set(_) if !self.facts.policy.copy_allowed => {
                self.notify(
                    "copy_refused",
                    "Copying from this session is not allowed.",
                    now,
                );
            }
            ClipboardRequest::Set(text) if text.len() > bytes_max => {
                self.notify("clipboard_too_long", "The copied text is too long.", now);
            }
            ClipboardRequest::Set(text) => {
                for viewer in self.attached_mut() {
                    viewer.clipboard = Some(text.clone());
                }
            }
            ClipboardRequest::Query => {
                if self.facts.policy.paste_allowed && !self.facts.policy.read_only {
                    let answer = osc52_answer(&self.viewer_clipboard);
                    if self.input.push(answer.into()).is_err() {
                        tracing::debug!("clipboard answer dropped, the target reads too slowly");
                    }
                }
            }
            ClipboardRequest::Unreadable => {
                self.notify(
                    "clipboard_unreadable",
                    "The copied text cannot be read.",
                    now,
                );
            }
        }
    }
}

impl Viewer {
    /// The next output that its window takes.
    pub(super) fn next_output(&mut self, ring: &OutputRing) -> Option<Vec<u8>> {
        let window = self.window.as_mut()?;
        let length = window.allowance().min(OUTPUT_BYTES_MAX);
        if length == 0 || window.sent() >= ring.end() {
            return None;
        }
        let data = ring.read(window.sent(), length);
        window.handle_sent(data.len());
        (!data.is_empty()).then_some(data)
    }
}
