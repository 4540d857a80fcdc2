//! The task of one session: sockets on one side, the target on the other, the
//! [`Core`] in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_fleet::ControlPlane;
use causeway_model::object::EndReason;
use causeway_wire::decode_to_node;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, watch};

use super::core::Core;
use super::facts::{Facts, TargetFacts};
use super::handle::SessionInbox;
use super::report;
use super::viewer_state::ViewerId;
use crate::failure::{Failure, FailureCode};
use crate::metrics::Metrics;
use crate::ssh::{Gate, HostKeySeen, Liveness, OpenEvent, OpenRequest, Shell, ShellEvent, open};
use crate::terminal::TerminalSize;
use crate::viewer::{ViewerEvent, ViewerSocket, ViewerSockets, ViewerStream};
use causeway_wire::message::Step;

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
    keep_alive: Option<KeepAlive>,
}

enum Target {
    Opening(BoxFuture<'static, Result<Shell, Failure>>),
    Active(Box<Shell>),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

struct KeepAlive {
    every: Duration,
    next_at: Instant,
    liveness: Liveness,
}

/// Everything that can wake the task.
enum Event {
    Arrival(Box<dyn ViewerStream>),
    End(EndReason),
    Viewer(ViewerId, ViewerEvent),
    Opening(OpenEvent),
    Opened(Result<Shell, Failure>),
    Shell(ShellEvent),
    Told(Result<(), russh::Error>),
    Reported,
    Remembered,
    TargetClosed,
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
        let keep_alive = alive_interval.map(|every| KeepAlive {
            every,
            next_at: Instant::now() + every,
            liveness: Liveness::new(),
        });
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
            keep_alive,
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
            self.keep_alive(now).await;
            self.carry_out(now);
            if self.is_done(now) {
                break;
            }
            let event = self.next_event(&mut inbox).await;
            self.handle_event(event).await;
        }
        tracing::debug!(connection = %self.facts.connection, "session task done");
    }

    async fn next_event(&mut self, inbox: &mut SessionInbox) -> Event {
        let timer = self.next_timeout();
        tokio::select! {
            biased;
            reason = told_to_end(&mut inbox.end) => Event::End(reason),
            Some(stream) = inbox.arrivals.recv() => Event::Arrival(stream),
            (id, event) = self.sockets.next_event() => Event::Viewer(id, event),
            Some(event) = self.open_events.recv() => Event::Opening(event),
            Some(told) = OptionFuture::from(self.command.as_mut()) => Event::Told(told),
            event = next_of_target(&mut self.target) => event,
            Some(()) = OptionFuture::from(self.remembering.as_mut()) => Event::Remembered,
            Some(()) = OptionFuture::from(self.report.as_mut()) => Event::Reported,
            () = tokio::time::sleep_until(timer.into()) => Event::Time,
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
            Event::Opened(Ok(shell)) => {
                self.core.handle_opened(shell.opened_at());
                self.target = Target::Active(Box::new(shell));
            }
            Event::Opened(Err(failure)) => {
                self.note_failure(&failure);
                self.core.handle_open_failed(&failure, now);
                self.target = Target::Closed;
            }
            Event::Shell(event) => self.handle_shell(event, now),
            Event::Told(Ok(())) => self.command = None,
            Event::Told(Err(error)) => {
                // Its reading side tells what happened.
                tracing::debug!(%error, "the target takes no input any more");
                self.command = None;
            }
            Event::Reported => self.report = None,
            Event::Remembered => self.remembering = None,
            Event::TargetClosed => self.target = Target::Closed,
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
    fn handle_shell(&mut self, first: ShellEvent, now: Instant) {
        let mut event = first;
        let mut taken = 0;
        loop {
            match event {
                ShellEvent::Output(output) => {
                    taken += output.len();
                    self.metrics.heard(output.len());
                    self.core.handle_output(&output, now);
                }
                ShellEvent::Closed(exit) => return self.core.handle_exit(exit, now),
            }
            if taken >= TURN_BYTES_MAX {
                return;
            }
            let Target::Active(shell) = &mut self.target else {
                return;
            };
            let Some(next) = shell.next_event().now_or_never() else {
                return;
            };
            event = next;
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
            self.close_target();
        }
        if let Target::Active(shell) = &self.target {
            shell.hold_back(self.core.holds_back());
            if self.command.is_none() {
                self.command = self
                    .core
                    .poll_command()
                    .map(|command| shell.command(command));
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

    fn close_target(&mut self) {
        match std::mem::replace(&mut self.target, Target::Closed) {
            Target::Active(shell) => {
                self.command = None;
                self.target = Target::Closing(Box::pin(shell.close()));
            }
            // Dropping an opening gives it up.
            Target::Opening(_) | Target::Closed => {}
            Target::Closing(closing) => self.target = Target::Closing(closing),
        }
    }

    async fn keep_alive(&mut self, now: Instant) {
        let (Some(keep_alive), Target::Active(shell)) = (&mut self.keep_alive, &self.target) else {
            return;
        };
        if now < keep_alive.next_at {
            return;
        }
        keep_alive.next_at = now + keep_alive.every;
        let (heard, held_back) = shell.heard();
        match keep_alive.liveness.handle_interval(heard, held_back) {
            Ok(false) => {}
            // A full queue means that there is traffic; no need to wait.
            Ok(true) => drop(shell.ask_for_life().now_or_never()),
            Err(lost) => {
                let failure = Failure::new(FailureCode::TargetTimedOut, Step::Active)
                    .with("deadline", "keep_alive")
                    .because(lost);
                self.note_failure(&failure);
                self.core.handle_lost(&failure, now);
            }
        }
    }

    /// The one place where a failed opening or a lost target is logged.
    fn note_failure(&self, failure: &Failure) {
        self.metrics.failed(failure.code);
        tracing::info!(
            connection = %self.facts.connection,
            code = failure.code.as_str(),
            step = failure.step.as_str_name(),
            cause = failure.source.as_ref().map(tracing::field::display),
            "target failed"
        );
    }

    fn next_timeout(&self) -> Instant {
        let keep_alive = self
            .keep_alive
            .as_ref()
            .map(|keep_alive| keep_alive.next_at);
        let idle = Instant::now() + Duration::from_secs(3600);
        let core = self.core.next_timeout();
        core.into_iter().chain(keep_alive).min().unwrap_or(idle)
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

async fn next_of_target(target: &mut Target) -> Event {
    match target {
        Target::Opening(opening) => Event::Opened(opening.await),
        Target::Active(shell) => Event::Shell(shell.next_event().await),
        Target::Closing(closing) => {
            closing.await;
            Event::TargetClosed
        }
        Target::Closed => std::future::pending().await,
    }
}

/// The moment of the monotonic clock that a wall clock time falls on.
fn instant_of(at: jiff::Timestamp) -> Instant {
    let left = at.duration_since(jiff::Timestamp::now());
    Instant::now() + Duration::try_from(left).unwrap_or(Duration::ZERO)
}
