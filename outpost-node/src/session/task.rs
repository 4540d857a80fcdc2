//! The task of one session: sockets on one side, the target on the other, the
//! [`Core`] in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_fleet::ControlPlane;
use causeway_model::object::EndReason;
use causeway_wire::decode_to_node;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, watch};

use super::core::Core;
use super::facts::{Facts, TargetFacts};
use super::handle::SessionInbox;
use super::report;
use super::target::{Active, Target, TargetEvent};
use super::viewer_state::ViewerId;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::ssh::{Gate, HostKeySeen, OpenEvent, OpenRequest, open};
use crate::terminal::TerminalSize;
use crate::viewer::{ViewerEvent, ViewerSocket, ViewerSockets, ViewerStream};

/// Events of an opening that may wait.
const OPEN_EVENTS_MAX: usize = 8;
/// Output taken from the target before viewers get their turn, in bytes.
const TURN_BYTES_MAX: usize = 64 * 1024;

/// A session, not yet running.
pub struct SessionTask {
    facts: Facts,
    control_plane: Arc<dyn ControlPlane>,
    metrics: Arc<Metrics>,
    core: Core,
    sockets: ViewerSockets,
    viewers_come: u64,
    target: Target,
    size: watch::Sender<Option<TerminalSize>>,
    open_events: mpsc::Receiver<OpenEvent>,
    /// The command that the target is being told.
    command: Option<BoxFuture<'static, Result<(), russh::Error>>>,
    /// The report that the control plane is being told.
    report: Option<BoxFuture<'static, ()>>,
    /// The host key that is being remembered.
    remembering: Option<BoxFuture<'static, ()>>,
    alive_interval: Option<Duration>,
}

/// Everything that can wake the task.
enum Event {
    Arrival(Box<dyn ViewerStream>),
    End(EndReason),
    Viewer(ViewerId, ViewerEvent),
    Opening(OpenEvent),
    Target(TargetEvent),
    Told(Result<(), russh::Error>),
    Reported,
    Remembered,
    Time,
}

impl SessionTask {
    /// A session for a claimed connection, with what its target is reached
    /// with, or why it cannot be. The target is dialled from the first poll of
    /// [`SessionTask::run`].
    #[must_use]
    pub fn new(
        facts: Facts,
        target: Result<TargetFacts, Failure>,
        control_plane: Arc<dyn ControlPlane>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (size, size_known) = watch::channel(None);
        let (events, open_events) = mpsc::channel(OPEN_EVENTS_MAX);
        let alive_interval = target
            .as_ref()
            .ok()
            .and_then(|target| target.settings.server_alive_interval);
        let target: BoxFuture<'static, _> = match target {
            Ok(target) => Box::pin(open(open_request(&facts, target, size_known), events)),
            Err(failure) => Box::pin(std::future::ready(Err(failure))),
        };
        Self {
            core: Core::new(facts.clone(), facts.ends_at.map(instant_of)),
            facts,
            control_plane,
            metrics,
            sockets: ViewerSockets::default(),
            viewers_come: 0,
            target: Target::Opening(target),
            size,
            open_events,
            command: None,
            report: None,
            remembering: None,
            alive_interval,
        }
    }

    /// What stays the same for the life of the session.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Lives the session to its end, which is reported before it returns.
    pub async fn run(mut self, mut inbox: SessionInbox) {
        loop {
            let now = Instant::now();
            self.core.handle_timeout(now);
            self.carry_out(now);
            if self.is_done(now) {
                break;
            }
            let event = self.next_event(&mut inbox).await;
            self.handle_event(event).await;
        }
        if let Some(ending) = self.core.ending() {
            tracing::info!(
                reason = ending.reason.as_str(),
                code = ending.code,
                "session over"
            );
        }
    }

    async fn next_event(&mut self, inbox: &mut SessionInbox) -> Event {
        let timer = self.core.next_timeout();
        tokio::select! {
            biased;
            reason = told_to_end(&mut inbox.end) => Event::End(reason),
            Some(stream) = inbox.arrivals.recv() => Event::Arrival(stream),
            (id, event) = self.sockets.next_event() => Event::Viewer(id, event),
            Some(event) = self.open_events.recv() => Event::Opening(event),
            Some(told) = OptionFuture::from(self.command.as_mut()) => Event::Told(told),
            event = self.target.next_event() => Event::Target(event),
            Some(()) = OptionFuture::from(self.remembering.as_mut()) => Event::Remembered,
            Some(()) = OptionFuture::from(self.report.as_mut()) => Event::Reported,
            () = until(timer) => Event::Time,
        }
    }

    async fn handle_event(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::Arrival(stream) => self.attach(stream, now).await,
            Event::End(reason) => self.core.handle_end(reason, now),
            Event::Viewer(id, event) => self.handle_viewer(id, event, now),
            Event::Opening(OpenEvent::Step(step)) => self.core.handle_step(step),
            Event::Opening(OpenEvent::Question(question)) => self.core.handle_question(question),
            Event::Opening(OpenEvent::HostKey(seen)) => self.remember(seen),
            Event::Target(event) => self.handle_target(event, now),
            Event::Told(Ok(())) => self.command = None,
            Event::Told(Err(error)) => {
                // Its reading side tells what happened.
                tracing::debug!(%error, "the target takes no input any more");
                self.command = None;
            }
            Event::Reported => self.report = None,
            Event::Remembered => self.remembering = None,
            Event::Time => {}
        }
    }

    async fn attach(&mut self, stream: Box<dyn ViewerStream>, now: Instant) {
        self.viewers_come += 1;
        let id = ViewerId(self.viewers_come);
        self.sockets.insert(id, ViewerSocket::new(stream).await);
        self.core.handle_viewer_came(id, now);
    }

    fn handle_viewer(&mut self, id: ViewerId, event: ViewerEvent, now: Instant) {
        match event {
            ViewerEvent::Message(bytes) => {
                self.core
                    .handle_viewer_message(id, decode_to_node(bytes), now);
            }
            ViewerEvent::Unexpected => self.core.handle_viewer_nonsense(id, now),
            ViewerEvent::Heard => self.core.handle_viewer_heard(id, now),
            ViewerEvent::Flushed => {}
            ViewerEvent::Gone => {
                self.sockets.remove(id);
                self.core.handle_viewer_gone(id, now);
            }
        }
        let size = self.core.size();
        self.size
            .send_if_modified(|known| std::mem::replace(known, size) != size);
    }

    /// Takes what is ready at once, so that it goes out together.
    fn handle_target(&mut self, first: TargetEvent, now: Instant) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(event) = next {
            let TargetEvent::Output(output) = event else {
                return self.handle_turn(event, now);
            };
            taken += output.len();
            self.metrics.heard(output.len());
            self.core.handle_output(&output, now);
            next = (taken < TURN_BYTES_MAX)
                .then(|| self.target.ready_event())
                .flatten();
        }
    }

    /// Takes a turn in the target's life.
    fn handle_turn(&mut self, event: TargetEvent, now: Instant) {
        match event {
            TargetEvent::Output(output) => self.core.handle_output(&output, now),
            TargetEvent::Opened(Ok(shell)) => {
                self.core.handle_opened(shell.opened_at());
                let active = Active::new(shell, self.alive_interval);
                self.target = Target::Active(Box::new(active));
            }
            TargetEvent::Opened(Err(failure)) => {
                self.note_failure(&failure);
                self.core.handle_open_failed(&failure, now);
                self.target = Target::Closed;
            }
            TargetEvent::Exited(exit) => self.core.handle_exit(exit, now),
            TargetEvent::Lost(failure) => {
                self.note_failure(&failure);
                self.core.handle_lost(&failure, now);
            }
            TargetEvent::Closed => self.target = Target::Closed,
        }
    }

    fn remember(&mut self, seen: HostKeySeen) {
        let HostKeySeen { key, remembered } = seen;
        let control_plane = Arc::clone(&self.control_plane);
        let facts = self.facts.clone();
        self.remembering = Some(Box::pin(async move {
            let result = report::remember(control_plane, &facts, key).await;
            if remembered.send(result).is_err() {
                tracing::debug!("the opening did not wait for its host key");
            }
        }));
    }

    /// Moves everything that the core wants moved.
    fn carry_out(&mut self, now: Instant) {
        self.carry_to_viewers(now);
        if self.core.ending().is_some() {
            self.command = None;
            self.target.close();
        }
        if let Target::Active(target) = &self.target {
            target.hold_back(self.core.holds_back());
            if self.command.is_none() {
                self.command = self.core.poll_command().map(|told| target.command(told));
            }
        }
        if self.report.is_none()
            && let Some(event) = self.core.poll_report()
        {
            let report = report::event(&self.facts, event);
            let control_plane = Arc::clone(&self.control_plane);
            self.report = Some(Box::pin(report::report(control_plane, report)));
        }
    }

    fn carry_to_viewers(&mut self, now: Instant) {
        let mut gone = Vec::new();
        for (id, socket) in self.sockets.ready() {
            while socket.is_ready() {
                let Some(out) = self.core.poll_viewer(id, now) else {
                    break;
                };
                if socket.send(out).is_err() {
                    gone.push(id);
                    break;
                }
            }
        }
        for id in gone {
            self.sockets.remove(id);
            self.core.handle_viewer_gone(id, now);
        }
    }

    /// The one place where a failed opening or a lost target is logged.
    fn note_failure(&self, failure: &Failure) {
        self.metrics.failed(failure.code);
        tracing::info!(
            code = failure.code.as_str(),
            step = failure.step.as_str_name(),
            cause = failure.source.as_ref().map(tracing::field::display),
            "target failed"
        );
    }

    fn is_done(&self, now: Instant) -> bool {
        self.core.is_finished(now) && self.report.is_none() && matches!(self.target, Target::Closed)
    }
}

fn open_request(
    facts: &Facts,
    target: TargetFacts,
    size: watch::Receiver<Option<TerminalSize>>,
) -> OpenRequest {
    OpenRequest {
        endpoint: facts.endpoint.clone(),
        settings: target.settings,
        remembered: target.host_keys,
        backspace_code: target.backspace_code,
        size,
        gate: Arc::new(Gate::default()),
    }
}

/// Ready once: when a reason is told, or nobody is left to tell one.
async fn told_to_end(end: &mut watch::Receiver<Option<EndReason>>) -> EndReason {
    loop {
        if end.changed().await.is_err() {
            return std::future::pending().await;
        }
        if let Some(reason) = *end.borrow_and_update() {
            return reason;
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

/// The moment of the monotonic clock that a wall clock time falls on.
fn instant_of(at: jiff::Timestamp) -> Instant {
    let left = at.duration_since(jiff::Timestamp::now());
    Instant::now() + Duration::try_from(left).unwrap_or(Duration::ZERO)
}
