//! What viewers do to a session: attach, speak, vanish.

use std::time::Instant;

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_model::secret::Secret;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    Capability, Clipboard, CredentialAnswer, Hello, Pong, Progress, Step, TargetProtocol,
    TerminalInput, Welcome,
};
use causeway_wire::{DecodeError, VERSION};

use super::core::{Core, Phase, credential_request};
use super::ending::{Ending, replaced};
use super::viewer_state::{CloseReason, Viewer, ViewerId};
use crate::failure::{Failure, FailureCode};
use crate::terminal::{AckWindow, Refusal, TerminalSize};

/// What this node can do in a terminal session.
const CAPABILITIES: [Capability; 3] = [
    Capability::Terminal,
    Capability::ClipboardText,
    Capability::Resume,
];

impl Core {
    /// A viewer's socket is there; it has not said hello yet.
    pub fn handle_viewer_came(&mut self, id: ViewerId, now: Instant) {
        self.viewer_came = true;
        self.viewers.insert(id, Viewer::new(now));
    }

    /// A viewer's socket is gone.
    pub fn handle_viewer_gone(&mut self, id: ViewerId, now: Instant) {
        self.viewers.remove(&id);
        self.after_departure(now);
    }

    /// A viewer gave a sign of life.
    pub fn handle_viewer_heard(&mut self, id: ViewerId, now: Instant) {
        if let Some(viewer) = self.viewers.get_mut(&id) {
            viewer.heard_at = now;
        }
    }

    /// A viewer sent a message.
    pub fn handle_viewer_message(
        &mut self,
        id: ViewerId,
        message: Result<Option<ToNodeBody>, DecodeError>,
        now: Instant,
    ) {
        self.handle_viewer_heard(id, now);
        let Some(viewer) = self
            .viewers
            .get(&id)
            .filter(|viewer| viewer.close.is_none())
        else {
            return;
        };
        match (message, viewer.window.is_some()) {
            (Ok(Some(ToNodeBody::Hello(hello))), false) => self.handle_hello(id, &hello, now),
            (Ok(Some(body)), true) => self.handle_body(id, body, now),
            (Ok(None), _) => {}
            (Ok(Some(_)), false) => {
                self.refuse(
                    id,
                    &Failure::new(FailureCode::ViewerProtocolError, Step::Claim),
                    now,
                );
            }
            (Err(error), _) => {
                let failure = Failure::new(FailureCode::ViewerProtocolError, Step::Claim);
                self.refuse(id, &failure.because(error), now);
            }
        }
    }

    /// A viewer sent something that is no message of the protocol.
    pub fn handle_viewer_nonsense(&mut self, id: ViewerId, now: Instant) {
        self.refuse(
            id,
            &Failure::new(FailureCode::ViewerProtocolError, Step::Claim),
            now,
        );
    }

    fn handle_body(&mut self, id: ViewerId, body: ToNodeBody, now: Instant) {
        match body {
            ToNodeBody::Hello(_) => {
                self.refuse(
                    id,
                    &Failure::new(FailureCode::ViewerProtocolError, Step::Claim),
                    now,
                );
            }
            ToNodeBody::CredentialAnswer(answer) => self.handle_answer(answer),
            ToNodeBody::Ping(ping) => {
                if let Some(viewer) = self.viewers.get_mut(&id) {
                    viewer.send(Body::Pong(Pong { nonce: ping.nonce }));
                }
            }
            ToNodeBody::Leave(_) => self.end(Ending::of(EndReason::Left), now),
            ToNodeBody::TerminalInput(input) => self.handle_input(input, now),
            ToNodeBody::TerminalAck(ack) => self.handle_ack(id, ack.output_offset),
            ToNodeBody::TerminalResize(resize) => {
                if let Some(size) = resize.size {
                    self.handle_size(TerminalSize::of_viewer(&size));
                }
            }
            ToNodeBody::Clipboard(clipboard) => self.handle_viewer_clipboard(clipboard, now),
            // Of a desktop; a viewer that sends them here means no harm.
            ToNodeBody::Key(_)
            | ToNodeBody::Pointer(_)
            | ToNodeBody::DesktopResize(_)
            | ToNodeBody::FrameAck(_)
            | ToNodeBody::LockKeys(_) => {}
        }
    }

    fn handle_hello(&mut self, id: ViewerId, hello: &Hello, now: Instant) {
        if hello.version != VERSION {
            let failure = Failure::new(FailureCode::VersionUnsupported, Step::Claim)
                .with("version", hello.version)
                .with("supported", VERSION);
            return self.refuse(id, &failure, now);
        }
        self.replace_others(id);
        let asked = hello.resume.map(|resume| resume.output_offset);
        let from = self.ring.resume_from(asked);
        let resumed = std::mem::replace(&mut self.was_attached, true);
        let welcome = self.welcome(from, resumed);
        let progress = self.current_progress();
        let question = self.question.as_ref();
        let question = question.map(|(id, question)| credential_request(*id, question));
        let Some(viewer) = self.viewers.get_mut(&id) else {
            return;
        };
        viewer.window = Some(AckWindow::new(from, hello.terminal_window_bytes));
        viewer.send(Body::Welcome(welcome));
        progress.into_iter().for_each(|body| viewer.send(body));
        question
            .into_iter()
            .for_each(|request| viewer.send(Body::CredentialRequest(request)));

        if let Some(size) = &hello.size {
            self.handle_size(TerminalSize::of_viewer(size));
        }
        if asked != Some(from) && self.ring.start() > 0 {
            self.redraw();
        }
        self.abandoned_at = None;
        if std::mem::take(&mut self.detached_reported) {
            self.reports.push_back(ReportEvent::Attached);
        }
    }

    fn welcome(&self, from: u64, resumed: bool) -> Welcome {
        let ends_at = self
            .facts
            .ends_at
            .map_or(0, jiff::Timestamp::as_millisecond);
        Welcome {
            version: VERSION,
            capabilities: CAPABILITIES.map(i32::from).to_vec(),
            protocol: TargetProtocol::Ssh.into(),
            connection_id: self.facts.connection.to_string(),
            endpoint_name: self.facts.endpoint.clone(),
            data_policy: Some(self.facts.policy),
            terminal: Some(self.facts.presentation.clone()),
            ends_at_unix_ms: u64::try_from(ends_at).unwrap_or(0),
            resume_grace_s: u32::try_from(self.facts.resume_grace.as_secs()).unwrap_or(u32::MAX),
            resumed,
            output_offset: from,
            replayed_until_offset: self.drawn.max(from),
        }
    }

    fn current_progress(&self) -> Option<Body> {
        let step = match &self.phase {
            Phase::Opening { step } => *step,
            Phase::Active => Step::Active,
            Phase::Over { .. } => return None,
        };
        Some(Body::Progress(Progress { step: step.into() }))
    }

    /// A session has one owner, who looks at it in one place.
    fn replace_others(&mut self, id: ViewerId) {
        for (other, viewer) in &mut self.viewers {
            if *other != id && viewer.is_attached() {
                viewer.finish(replaced(), CloseReason::Done);
            }
        }
    }

    /// Makes a full-screen program draw itself anew.
    fn redraw(&mut self) {
        if let (Phase::Active, Some(size)) = (&self.phase, self.size) {
            self.resizes.clear();
            self.resizes.extend([size.nudged(), size]);
        }
    }

    fn handle_size(&mut self, size: TerminalSize) {
        if self.size.replace(size) == Some(size) {
            return;
        }
        if matches!(self.phase, Phase::Active) {
            // A size that was not told yet is outdated by this one.
            self.resizes.clear();
            self.resizes.push_back(size);
        }
    }

    fn handle_ack(&mut self, id: ViewerId, offset: u64) {
        let Some(window) = self
            .viewers
            .get_mut(&id)
            .and_then(|viewer| viewer.window.as_mut())
        else {
            return;
        };
        window.handle_ack(offset);
        self.drawn = self.drawn.max(window.acked());
        let needed = self.needed();
        self.ring.trim(needed);
    }

    fn handle_input(&mut self, input: TerminalInput, now: Instant) {
        if !matches!(self.phase, Phase::Active) {
            return;
        }
        let refusal = self.input.handle_input(input, &self.facts.policy);
        match refusal {
            Ok(_) => {}
            Err(Refusal::ReadOnly) => self.notify("read_only", "This session is read-only.", now),
            Err(Refusal::Paste) => {
                self.notify(
                    "paste_refused",
                    "Pasting into this session is not allowed.",
                    now,
                );
            }
            Err(Refusal::QueueFull) => self.notify(
                "input_dropped",
                "The target machine reads too slowly; some input was dropped.",
                now,
            ),
        }
    }

    fn handle_viewer_clipboard(&mut self, clipboard: Clipboard, now: Instant) {
        let policy = &self.facts.policy;
        if !policy.paste_allowed || policy.read_only {
            self.notify(
                "paste_refused",
                "Pasting into this session is not allowed.",
                now,
            );
        } else if clipboard.text.len() > policy.clipboard_bytes_max as usize {
            self.notify("clipboard_too_long", "The copied text is too long.", now);
        } else {
            self.viewer_clipboard = clipboard.text;
        }
    }

    fn handle_answer(&mut self, answer: CredentialAnswer) {
        // An answer to an earlier question, asked again in the meantime.
        let Some((_, question)) = self.question.take_if(|(id, _)| *id == answer.id) else {
            return;
        };
        let answers = answer.answers.into_iter().map(Secret::new).collect();
        let told = (!answer.cancelled).then_some(answers);
        if question.answer.send(told).is_err() {
            tracing::debug!("an answer came too late");
        }
    }

    fn refuse(&mut self, id: ViewerId, failure: &Failure, now: Instant) {
        tracing::info!(code = failure.code.as_str(), cause = ?failure.source, "viewer refused");
        if let Some(viewer) = self.viewers.get_mut(&id) {
            viewer.control.clear();
            viewer.finish(
                Body::Failure(failure.to_message()),
                CloseReason::ProtocolError,
            );
        }
        self.after_departure(now);
    }

    /// Nobody looks any more: the session waits, or ends.
    pub(super) fn after_departure(&mut self, now: Instant) {
        let nobody = self.attached().next().is_none();
        let awaited = self.viewers.values().any(|viewer| viewer.close.is_none());
        let over = matches!(self.phase, Phase::Over { .. });
        if !nobody || awaited || over || self.abandoned_at.is_some() {
            return;
        }
        if self.facts.resume_grace.is_zero() {
            return self.end(Ending::of(EndReason::Abandoned), now);
        }
        self.abandoned_at = Some(now + self.facts.resume_grace);
        self.detached_reported = true;
        self.reports.push_back(ReportEvent::Detached);
    }
}
