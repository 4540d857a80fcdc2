//! What viewers do to a session: attach, speak, vanish.

use std::time::{Duration, Instant};

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_model::secret::Secret;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{CredentialAnswer, Hello, Pong, Progress, Step, Welcome};
use causeway_wire::{DecodeError, VERSION, input_part};

use super::common::{Phase, WAY_GRACE, credential_request};
use super::content::{Content, Greeting};
use super::core::Core;
use super::ending::{Ending, replaced};
use super::viewer_state::{CloseReason, Viewer, ViewerId};

impl<C: Content> Core<C> {
    /// A viewer's socket is there; it has not said hello yet.
    pub fn handle_viewer_came(&mut self, id: ViewerId, now: Instant) {
        self.common.viewer_came = true;
        self.common.viewers.insert(id, Viewer::new(now));
    }

    /// A viewer's socket is gone.
    pub fn handle_viewer_gone(&mut self, id: ViewerId, now: Instant) {
        self.common.viewers.remove(&id);
        self.after_departure(self.common.facts.resume_grace, now);
    }

    /// The edge or the tunnel is gone that a viewer came through; the viewer may
    /// come back through another, also where those who leave may not.
    pub fn handle_way_lost(&mut self, id: ViewerId, now: Instant) {
        self.common.viewers.remove(&id);
        let grace = self.common.facts.resume_grace;
        self.after_departure(if grace.is_zero() { WAY_GRACE } else { grace }, now);
    }

    /// A viewer gave a sign of life.
    pub fn handle_viewer_heard(&mut self, id: ViewerId, now: Instant) {
        if let Some(viewer) = self.common.viewers.get_mut(&id) {
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
            .common
            .viewers
            .get(&id)
            .filter(|viewer| viewer.close.is_none())
        else {
            return;
        };
        match (message, viewer.greeted) {
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
                let nonce = ping.nonce;
                self.common.send(id, Body::Pong(Pong { nonce }));
            }
            ToNodeBody::Leave(_) => self.common.end(Ending::of(EndReason::Left), now),
            body => {
                if let Some(part) = input_part(&body) {
                    self.common.input.handle_input(id, part, now);
                }
                self.content.handle_message(id, body, &mut self.common, now);
            }
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
        let greeting = self.content.greet(id, hello, &self.common);
        let resumed = std::mem::replace(&mut self.common.was_attached, true);
        let welcome = Welcome {
            input_taken: (hello.input).map(|stream| self.common.input.begin(id, &stream)),
            ..self.welcome(greeting, resumed)
        };
        let progress = self.current_progress();
        let question = self.common.question.as_ref();
        let question = question.map(|(id, question)| credential_request(*id, question));
        let Some(viewer) = self.common.viewers.get_mut(&id) else {
            return;
        };
        viewer.greeted = true;
        viewer.send(Body::Welcome(welcome));
        progress.into_iter().for_each(|body| viewer.send(body));
        question
            .into_iter()
            .for_each(|request| viewer.send(Body::CredentialRequest(request)));
        self.content
            .handle_attached(id, hello, &mut self.common, now);
        self.common.abandoned_at = None;
        if std::mem::take(&mut self.common.detached_reported) {
            self.common.reports.push_back(ReportEvent::Attached);
        }
    }

    fn welcome(&self, greeting: Greeting, resumed: bool) -> Welcome {
        let facts = &self.common.facts;
        let ends_at = facts.ends_at.map_or(0, jiff::Timestamp::as_millisecond);
        let capabilities = greeting.capabilities.iter().copied();
        Welcome {
            version: VERSION,
            capabilities: capabilities.map(i32::from).collect(),
            protocol: greeting.protocol.into(),
            connection_id: facts.connection.to_string(),
            endpoint_name: facts.endpoint.clone(),
            data_policy: Some(facts.policy),
            terminal: greeting.terminal,
            ends_at_unix_ms: u64::try_from(ends_at).unwrap_or(0),
            resume_grace_s: u32::try_from(facts.resume_grace.as_secs()).unwrap_or(u32::MAX),
            resumed,
            output_offset: greeting.output_offset,
            replayed_until_offset: greeting.replayed_until_offset,
            input_taken: None,
        }
    }

    fn current_progress(&self) -> Option<Body> {
        let step = match &self.common.phase {
            Phase::Opening { step } => *step,
            Phase::Active => Step::Active,
            Phase::HandingOver { .. } | Phase::Over { .. } => return None,
        };
        Some(Body::Progress(Progress { step: step.into() }))
    }

    /// A session has one owner, who looks at it in one place.
    fn replace_others(&mut self, id: ViewerId) {
        for (other, viewer) in &mut self.common.viewers {
            if *other != id && viewer.is_attached() {
                viewer.finish(replaced(), CloseReason::Done);
            }
        }
        self.release();
    }

    fn handle_answer(&mut self, answer: CredentialAnswer) {
        // An answer to an earlier question, asked again in the meantime.
        let Some((_, question)) = self.common.question.take_if(|(id, _)| *id == answer.id) else {
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
        if let Some(viewer) = self.common.viewers.get_mut(&id) {
            viewer.control.clear();
            viewer.finish(
                Body::Failure(failure.to_message()),
                CloseReason::ProtocolError,
            );
        }
        self.after_departure(self.common.facts.resume_grace, now);
    }

    /// Nobody looks any more: the session waits for `grace`, or ends.
    fn after_departure(&mut self, grace: Duration, now: Instant) {
        self.release();
        let common = &mut self.common;
        let awaited = common.viewers.values().any(|viewer| viewer.close.is_none());
        let over = matches!(common.phase, Phase::Over { .. });
        if common.is_looked_at() || awaited || over || common.abandoned_at.is_some() {
            return;
        }
        if grace.is_zero() {
            return common.end(Ending::of(EndReason::Abandoned), now);
        }
        common.abandoned_at = Some(now + grace);
        // Who is reported as detached may not come back to such a session.
        if !common.facts.resume_grace.is_zero() {
            common.detached_reported = true;
            common.reports.push_back(ReportEvent::Detached);
        }
    }
}
