//! The target of a terminal: a shell over SSH.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::OpenEvent;
use causeway_wire::message::Step;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::{mpsc, watch};

use super::core::Core;
use super::facts::{Facts, SshFacts};
use super::target::{Target, note_failure};
use super::terminal::Terminal;
use crate::metrics::Metrics;
use crate::ssh::{Exit, Gate, Liveness, OpenRequest, Shell, ShellEvent, open};
use crate::terminal::TerminalSize;

/// Output taken from the target before viewers get their turn, in bytes.
const TURN_BYTES_MAX: usize = 64 * 1024;

/// A shell, as far as it has come.
pub(super) struct TerminalTarget {
    state: State,
    size: watch::Sender<Option<TerminalSize>>,
    /// The command that the shell is being told.
    command: Option<BoxFuture<'static, Result<(), russh::Error>>>,
    alive_interval: Option<Duration>,
    metrics: Arc<Metrics>,
}

enum State {
    Opening(BoxFuture<'static, Result<Shell, Failure>>),
    Active(Box<Active>),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

/// What a shell did.
pub(super) enum TerminalEvent {
    Opened(Result<Shell, Failure>),
    Output(Bytes),
    Exited(Exit),
    Lost(Failure),
    Closed,
    Told(Result<(), russh::Error>),
}

impl TerminalTarget {
    /// A target that is dialled from the first poll on, or a failure.
    pub(super) fn new(
        facts: &Facts,
        ssh: Result<SshFacts, Failure>,
        events: mpsc::Sender<OpenEvent>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (size, size_known) = watch::channel(None);
        let alive_interval = ssh
            .as_ref()
            .ok()
            .and_then(|ssh| ssh.settings.server_alive_interval);
        let opening: BoxFuture<'static, _> = match ssh {
            Ok(ssh) => Box::pin(open(open_request(facts, ssh, size_known), events)),
            Err(failure) => Box::pin(std::future::ready(Err(failure))),
        };
        Self {
            state: State::Opening(opening),
            size,
            command: None,
            alive_interval,
            metrics,
        }
    }

    /// Takes what is ready at once, so that it goes out together.
    fn take_output(&mut self, first: Bytes, core: &mut Core<Terminal>, now: Instant) {
        let mut output = first;
        let mut taken = 0;
        loop {
            taken += output.len();
            self.metrics.heard(output.len());
            core.handle_output(&output, now);
            if taken >= TURN_BYTES_MAX {
                return;
            }
            match self.state.next_event().now_or_never() {
                Some(TerminalEvent::Output(next)) => output = next,
                Some(other) => return self.handle_turn(other, core, now),
                None => return,
            }
        }
    }

    /// Takes a turn in the target's life.
    fn handle_turn(&mut self, event: TerminalEvent, core: &mut Core<Terminal>, now: Instant) {
        match event {
            TerminalEvent::Output(output) => core.handle_output(&output, now),
            TerminalEvent::Opened(Ok(shell)) => {
                core.handle_opened(shell.opened_at());
                let active = Active::new(shell, self.alive_interval);
                self.state = State::Active(Box::new(active));
            }
            TerminalEvent::Opened(Err(failure)) => {
                note_failure(&self.metrics, &failure);
                core.handle_open_failed(&failure, now);
                self.state = State::Closed;
            }
            TerminalEvent::Exited(exit) => core.handle_exit(exit, now),
            TerminalEvent::Lost(failure) => {
                note_failure(&self.metrics, &failure);
                core.handle_lost(&failure, now);
            }
            TerminalEvent::Closed => self.state = State::Closed,
            TerminalEvent::Told(told) => {
                self.command = None;
                if let Err(error) = told {
                    // Its reading side tells what happened.
                    tracing::debug!(%error, "the target takes no input any more");
                }
            }
        }
    }
}

impl Target for TerminalTarget {
    type Content = Terminal;
    type Event = TerminalEvent;

    async fn next_event(&mut self) -> TerminalEvent {
        tokio::select! {
            biased;
            Some(told) = OptionFuture::from(self.command.as_mut()) => TerminalEvent::Told(told),
            event = self.state.next_event() => event,
        }
    }

    fn handle_event(&mut self, event: TerminalEvent, core: &mut Core<Terminal>, now: Instant) {
        match event {
            TerminalEvent::Output(output) => self.take_output(output, core, now),
            event => self.handle_turn(event, core, now),
        }
    }

    fn carry_out(&mut self, core: &mut Core<Terminal>, _: Instant) {
        let size = core.size();
        self.size
            .send_if_modified(|known| std::mem::replace(known, size) != size);
        if core.ending().is_some() {
            self.command = None;
            self.state.close();
        }
        if let State::Active(active) = &self.state
            && self.command.is_none()
        {
            self.command = core.poll_command().map(|told| active.shell.command(told));
        }
    }

    fn after_viewers(&mut self, core: &mut Core<Terminal>) {
        if let State::Active(active) = &self.state {
            active.shell.hold_back(core.holds_back());
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }
}

impl State {
    /// What the shell does next. Cancel-safe.
    async fn next_event(&mut self) -> TerminalEvent {
        match self {
            Self::Opening(opening) => TerminalEvent::Opened(opening.await),
            Self::Active(active) => active.next_event().await,
            Self::Closing(closing) => {
                closing.await;
                TerminalEvent::Closed
            }
            Self::Closed => pending().await,
        }
    }

    /// Gives an opening up, or begins to close.
    fn close(&mut self) {
        *self = match std::mem::replace(self, Self::Closed) {
            Self::Active(active) => Self::Closing(Box::pin(active.shell.close())),
            // Dropping an opening gives it up.
            Self::Opening(_) | Self::Closed => Self::Closed,
            Self::Closing(closing) => Self::Closing(closing),
        };
    }
}

fn open_request(
    facts: &Facts,
    ssh: SshFacts,
    size: watch::Receiver<Option<TerminalSize>>,
) -> OpenRequest {
    OpenRequest {
        endpoint: facts.endpoint.clone(),
        settings: ssh.settings,
        remembered: ssh.host_keys,
        backspace_code: ssh.backspace_code,
        size,
        gate: Arc::new(Gate::default()),
    }
}

/// A running shell that is asked for a sign of life when it is silent.
struct Active {
    shell: Shell,
    keep_alive: Option<KeepAlive>,
}

impl Active {
    /// Asks once an `alive_interval`, if any.
    fn new(shell: Shell, alive_interval: Option<Duration>) -> Self {
        let keep_alive = alive_interval.map(KeepAlive::new);
        Self { shell, keep_alive }
    }

    async fn next_event(&mut self) -> TerminalEvent {
        loop {
            tokio::select! {
                biased;
                event = self.shell.next_event() => return match event {
                    ShellEvent::Output(output) => TerminalEvent::Output(output),
                    ShellEvent::Closed(exit) => TerminalEvent::Exited(exit),
                },
                () = KeepAlive::elapsed(self.keep_alive.as_ref()) => {
                    if let Err(failure) = self.ask_for_life() {
                        return TerminalEvent::Lost(failure);
                    }
                }
            }
        }
    }

    fn ask_for_life(&mut self) -> Result<(), Failure> {
        let Some(keep_alive) = &mut self.keep_alive else {
            return Ok(());
        };
        keep_alive.next_at = Instant::now() + keep_alive.every;
        let (heard, held_back) = self.shell.heard();
        let asks = keep_alive
            .liveness
            .handle_interval(heard, held_back)
            .map_err(|lost| {
                Failure::new(FailureCode::TargetTimedOut, Step::Active)
                    .with("deadline", "keep_alive")
                    .because(lost)
            })?;
        // A full queue means that there is traffic: no need to wait for it.
        if asks && let Some(Err(error)) = self.shell.ask_for_life().now_or_never() {
            tracing::debug!(%error, "the target cannot be asked for a sign of life");
        }
        Ok(())
    }
}

struct KeepAlive {
    every: Duration,
    next_at: Instant,
    liveness: Liveness,
}

impl KeepAlive {
    fn new(every: Duration) -> Self {
        Self {
            every,
            next_at: Instant::now() + every,
            liveness: Liveness::new(),
        }
    }

    async fn elapsed(keep_alive: Option<&Self>) {
        match keep_alive {
            Some(keep_alive) => tokio::time::sleep_until(keep_alive.next_at.into()).await,
            None => pending().await,
        }
    }
}
