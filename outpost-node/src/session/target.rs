//! The target of a session, as far as it has come: being opened, running,
//! being closed.

use std::future::pending;
use std::time::{Duration, Instant};

use bytes::Bytes;
use causeway_wire::message::Step;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::failure::{Failure, FailureCode};
use crate::ssh::{Exit, Liveness, Shell, ShellEvent, TargetCommand};

/// What a target is at.
pub(super) enum Target {
    Opening(BoxFuture<'static, Result<Shell, Failure>>),
    Active(Box<Active>),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

/// What a target did.
pub(super) enum TargetEvent {
    Opened(Result<Shell, Failure>),
    Output(Bytes),
    Exited(Exit),
    Lost(Failure),
    Closed,
}

impl Target {
    /// What the target does next. Cancel-safe.
    pub(super) async fn next_event(&mut self) -> TargetEvent {
        match self {
            Self::Opening(opening) => TargetEvent::Opened(opening.await),
            Self::Active(active) => active.next_event().await,
            Self::Closing(closing) => {
                closing.await;
                TargetEvent::Closed
            }
            Self::Closed => pending().await,
        }
    }

    /// What the target has done already, without waiting.
    pub(super) fn ready_event(&mut self) -> Option<TargetEvent> {
        self.next_event().now_or_never()
    }

    /// Gives an opening up, or begins to close.
    pub(super) fn close(&mut self) {
        *self = match std::mem::replace(self, Self::Closed) {
            Self::Active(active) => Self::Closing(Box::pin(active.shell.close())),
            // Dropping an opening gives it up.
            Self::Opening(_) | Self::Closed => Self::Closed,
            Self::Closing(closing) => Self::Closing(closing),
        };
    }
}

/// A running shell that is asked for a sign of life when it is silent.
pub(super) struct Active {
    shell: Shell,
    keep_alive: Option<KeepAlive>,
}

impl Active {
    /// Asks once an `alive_interval`, if any.
    pub(super) fn new(shell: Shell, alive_interval: Option<Duration>) -> Self {
        let keep_alive = alive_interval.map(KeepAlive::new);
        Self { shell, keep_alive }
    }

    /// Holds back what the target puts out, or lets it through again.
    pub(super) fn hold_back(&self, hold: bool) {
        self.shell.hold_back(hold);
    }

    /// What to do to tell the target something.
    pub(super) fn command(
        &self,
        command: TargetCommand,
    ) -> BoxFuture<'static, Result<(), russh::Error>> {
        self.shell.command(command)
    }

    async fn next_event(&mut self) -> TargetEvent {
        loop {
            tokio::select! {
                biased;
                event = self.shell.next_event() => return match event {
                    ShellEvent::Output(output) => TargetEvent::Output(output),
                    ShellEvent::Closed(exit) => TargetEvent::Exited(exit),
                },
                () = KeepAlive::elapsed(self.keep_alive.as_ref()) => {
                    if let Err(failure) = self.ask_for_life() {
                        return TargetEvent::Lost(failure);
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
