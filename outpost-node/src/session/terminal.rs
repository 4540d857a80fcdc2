//! A session about a terminal: what the shell puts out on its way to viewers,
//! kept, paced, and rid of clipboard traffic, which is answered here; what
//! viewers put in on its way to the shell.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use causeway_wire::ClipboardAssembly;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    Capability, Clipboard, Hello, TargetProtocol, TerminalInput, TerminalOutput,
};

use super::clipboard_outbox::ClipboardOutbox;
use super::common::Common;
use super::content::{Content, Greeting};
use super::core::Core;
use super::ending::Ending;
use super::notices::Notice;
use super::viewer_state::ViewerId;
use crate::ssh::{Exit, TargetCommand};
use crate::terminal::{
    AckWindow, ClipboardRequest, InputQueue, Osc52Scanner, OutputRing, Refusal, TerminalSize,
    osc52_answer,
};

/// Output in one message, in bytes.
pub const OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// What this node can do in a terminal session.
const CAPABILITIES: &[Capability] = &[
    Capability::Terminal,
    Capability::ClipboardText,
    Capability::Resume,
];

/// A terminal and its viewers' places in it.
#[derive(Debug)]
pub struct Terminal {
    ring: OutputRing,
    scanner: Osc52Scanner,
    input: InputQueue,
    size: Option<TerminalSize>,
    resizes: VecDeque<TerminalSize>,
    /// What the viewer last put on its side of the clipboard.
    viewer_clipboard: String,
    /// Output that some viewer has drawn: what is before it was answered.
    drawn: u64,
    viewers: BTreeMap<ViewerId, TerminalViewer>,
}

#[derive(Debug)]
struct TerminalViewer {
    window: AckWindow,
    clipboard: ClipboardOutbox,
    assembly: ClipboardAssembly,
}

impl Terminal {
    /// A terminal whose clipboard carries texts up to `clipboard_bytes_max`.
    #[must_use]
    pub fn new(clipboard_bytes_max: usize) -> Self {
        Self {
            ring: OutputRing::default(),
            scanner: Osc52Scanner::new(clipboard_bytes_max),
            input: InputQueue::default(),
            size: None,
            resizes: VecDeque::new(),
            viewer_clipboard: String::new(),
            drawn: 0,
            viewers: BTreeMap::new(),
        }
    }

    /// Output from there on must be kept for a viewer that is attached.
    fn needed(&self) -> Option<u64> {
        let viewers = self.viewers.values();
        viewers.map(|viewer| viewer.window.acked()).min()
    }

    fn handle_clipboard_request(
        &mut self,
        request: ClipboardRequest,
        common: &mut Common,
        now: Instant,
    ) {
        let policy = &common.facts().policy;
        match request {
            ClipboardRequest::Set(_) | ClipboardRequest::TooLong if !policy.copy_allowed => {
                common.give(Notice::CopyRefused, now);
            }
            ClipboardRequest::Set(text) if text.len() > policy.clipboard_bytes_max as usize => {
                common.give(Notice::ClipboardTooLong, now);
            }
            ClipboardRequest::TooLong => common.give(Notice::ClipboardTooLong, now),
            ClipboardRequest::Set(text) => {
                for viewer in self.viewers.values_mut() {
                    viewer.clipboard.push(&text);
                }
            }
            ClipboardRequest::Query => {
                if policy.paste_allowed && !policy.read_only {
                    let answer = osc52_answer(&self.viewer_clipboard);
                    if self.input.push(answer.into()).is_err() {
                        tracing::debug!("clipboard answer dropped, the target reads too slowly");
                    }
                }
            }
            ClipboardRequest::Unreadable => common.give(Notice::ClipboardUnreadable, now),
        }
    }

    fn handle_size(&mut self, size: TerminalSize, is_active: bool) {
        if self.size.replace(size) == Some(size) {
            return;
        }
        if is_active {
            // A size that was not told yet is outdated by this one.
            self.resizes.clear();
            self.resizes.push_back(size);
        }
    }

    fn handle_ack(&mut self, id: ViewerId, offset: u64) {
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        viewer.window.handle_ack(offset);
        self.drawn = self.drawn.max(viewer.window.acked());
        let needed = self.needed();
        self.ring.trim(needed);
    }

    fn handle_input(&mut self, input: TerminalInput, common: &mut Common, now: Instant) {
        if !common.is_active() {
            return;
        }
        let refusal = self.input.handle_input(input, &common.facts().policy);
        match refusal {
            Ok(_) => {}
            Err(Refusal::ReadOnly) => common.give(Notice::ReadOnly, now),
            Err(Refusal::Paste) => common.give(Notice::PasteRefused, now),
            Err(Refusal::QueueFull) => common.give(Notice::InputDropped, now),
        }
    }

    fn handle_viewer_clipboard(
        &mut self,
        id: ViewerId,
        clipboard: Clipboard,
        common: &mut Common,
        now: Instant,
    ) {
        let policy = common.facts().policy;
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        if !policy.paste_allowed || policy.read_only {
            return common.give(Notice::PasteRefused, now);
        }
        let bytes_max = policy.clipboard_bytes_max as usize;
        match viewer.assembly.handle_piece(clipboard, bytes_max) {
            Ok(None) => {}
            Ok(Some(text)) => self.viewer_clipboard = text,
            Err(_) => common.give(Notice::ClipboardTooLong, now),
        }
    }
}

impl Content for Terminal {
    fn greet(&mut self, id: ViewerId, hello: &Hello, common: &Common) -> Greeting {
        let asked = hello.resume.map(|resume| resume.output_offset);
        let from = self.ring.resume_from(asked);
        let viewer = TerminalViewer {
            window: AckWindow::new(from, hello.terminal_window_bytes),
            clipboard: ClipboardOutbox::default(),
            assembly: ClipboardAssembly::default(),
        };
        self.viewers.insert(id, viewer);
        Greeting {
            protocol: TargetProtocol::Ssh,
            capabilities: CAPABILITIES,
            terminal: Some(common.facts().presentation.clone()),
            output_offset: from,
            replayed_until_offset: self.drawn.max(from),
        }
    }

    fn handle_attached(&mut self, id: ViewerId, hello: &Hello, common: &mut Common, _: Instant) {
        if let Some(size) = &hello.size {
            self.handle_size(TerminalSize::of_viewer(size), common.is_active());
        }
        let asked = hello.resume.map(|resume| resume.output_offset);
        let from = self.viewers.get(&id).map(|viewer| viewer.window.sent());
        let missed = asked != from && self.ring.start() > 0;
        if let (true, true, Some(size)) = (missed, common.is_active(), self.size) {
            // Makes a full-screen program draw itself anew.
            self.resizes.clear();
            self.resizes.extend([size.nudged(), size]);
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
            ToNodeBody::TerminalInput(input) => self.handle_input(input, common, now),
            ToNodeBody::TerminalAck(ack) => self.handle_ack(id, ack.output_offset),
            ToNodeBody::TerminalResize(resize) => {
                if let Some(size) = resize.size {
                    self.handle_size(TerminalSize::of_viewer(&size), common.is_active());
                }
            }
            ToNodeBody::Clipboard(clipboard) => {
                self.handle_viewer_clipboard(id, clipboard, common, now);
            }
            // Of a desktop; a viewer that sends them here means no harm.
            _ => {}
        }
    }

    fn retain(&mut self, is_attached: impl Fn(ViewerId) -> bool) {
        self.viewers.retain(|id, _| is_attached(*id));
    }

    fn poll_viewer(&mut self, id: ViewerId) -> Option<Body> {
        let viewer = self.viewers.get_mut(&id)?;
        if let Some(piece) = viewer.clipboard.pop() {
            return Some(Body::Clipboard(piece));
        }
        let data = next_output(&mut viewer.window, &self.ring)?.into();
        Some(Body::TerminalOutput(TerminalOutput { data }))
    }

    fn has_shown(&self) -> bool {
        self.ring.end() > 0
    }

    fn has_drawn_all(&self, id: ViewerId) -> bool {
        let viewer = self.viewers.get(&id);
        viewer.is_none_or(|viewer| viewer.window.sent() >= self.ring.end())
    }

    fn next_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _: Instant) {}
}

/// The next output that a window takes.
fn next_output(window: &mut AckWindow, ring: &OutputRing) -> Option<Vec<u8>> {
    let length = window.allowance().min(OUTPUT_BYTES_MAX);
    if length == 0 || window.sent() >= ring.end() {
        return None;
    }
    let data = ring.read(window.sent(), length);
    window.handle_sent(data.len());
    (!data.is_empty()).then_some(data)
}

impl Core<Terminal> {
    /// The shell runs, opened at the size that was known then.
    pub fn handle_opened(&mut self, opened_at: TerminalSize) {
        if self.common.activate() {
            let terminal = &mut self.content;
            terminal.resizes.clear();
            let changed = terminal.size.filter(|size| *size != opened_at);
            terminal.resizes.extend(changed);
        }
    }

    /// The shell put something out.
    pub fn handle_output(&mut self, output: &[u8], now: Instant) {
        let terminal = &mut self.content;
        let needed = terminal.needed();
        if terminal.scanner.passes_whole(output) {
            terminal.ring.push(output, needed);
            return;
        }
        let mut passed = Vec::with_capacity(output.len());
        let requests = terminal.scanner.handle_output(output, &mut passed);
        terminal.ring.push(&passed, needed);
        for request in requests {
            terminal.handle_clipboard_request(request, &mut self.common, now);
        }
    }

    /// The shell is over.
    pub fn handle_exit(&mut self, exit: Exit, now: Instant) {
        self.common.end(Ending::of_exit(exit), now);
    }

    /// Whether the shell's output is to be held back.
    #[must_use]
    pub fn holds_back(&self) -> bool {
        let end = self.content.ring.end();
        let mut viewers = self.content.viewers.values();
        self.common.is_active() && viewers.any(|viewer| viewer.window.is_filled_by(end))
    }

    /// What the shell is to be told next.
    pub fn poll_command(&mut self) -> Option<TargetCommand> {
        if !self.common.is_active() {
            return None;
        }
        let terminal = &mut self.content;
        if let Some(size) = terminal.resizes.pop_front() {
            return Some(TargetCommand::Resize(size));
        }
        terminal.input.pop().map(TargetCommand::Input)
    }

    /// The size that a viewer told last.
    #[must_use]
    pub const fn size(&self) -> Option<TerminalSize> {
        self.content.size
    }
}
