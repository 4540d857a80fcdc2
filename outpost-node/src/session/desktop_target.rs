//! The target of a desktop, over whatever protocol, and the encoding of its
//! pictures.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_model::object::Protocol;
use causeway_screen::{Encoded, Work};
use causeway_target::desktop::{
    Desktop as Port, DesktopCommand, DesktopEvent, DesktopSize, Teller,
};
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::OpenEvent;
use causeway_wire::message::Step;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{mpsc, watch};

use super::core::Core;
use super::desktop::Desktop;
use super::services::Services;
use super::target::{Target, note_failure};
use crate::compute::{Compute, WorkLost};
use crate::metrics::Metrics;

/// Opens a desktop: it is given the viewer's size, as soon as it is known,
/// and where to tell what happens on the way. Dropping the future gives up.
pub type Opening = Box<
    dyn FnOnce(
            watch::Receiver<Option<DesktopSize>>,
            mpsc::Sender<OpenEvent>,
        ) -> BoxFuture<'static, Result<Port, Failure>>
        + Send,
>;

/// A desktop, as far as it has come.
pub(super) struct DesktopTarget {
    state: State,
    size: watch::Sender<Option<DesktopSize>>,
    encoding: FuturesUnordered<BoxFuture<'static, Result<Done, WorkLost>>>,
    compute: Compute,
    metrics: Arc<Metrics>,
    protocol: Protocol,
}

enum State {
    Opening(BoxFuture<'static, Result<Port, Failure>>),
    Active(Box<Active>),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

struct Active {
    port: Port,
    teller: Teller,
    /// What the desktop is to be told as soon as it takes it.
    waiting: Option<DesktopCommand>,
}

/// Work that is done.
pub(super) struct Done {
    encoded: Encoded,
    took: Duration,
}

/// What a desktop did, or what was done for it.
pub(super) enum Happened {
    Opened(Result<Port, Failure>),
    Event(DesktopEvent),
    Encoded(Result<Done, WorkLost>),
    /// The desktop takes what it is to be told.
    Room,
    Closed,
}

impl DesktopTarget {
    /// A target that is opened from the first poll on.
    pub(super) fn new(
        opening: Opening,
        events: mpsc::Sender<OpenEvent>,
        protocol: Protocol,
        services: &Services,
    ) -> Self {
        let (size, size_known) = watch::channel(None);
        Self {
            state: State::Opening(opening(size_known, events)),
            size,
            encoding: FuturesUnordered::new(),
            compute: services.compute.clone(),
            metrics: Arc::clone(&services.metrics),
            protocol,
        }
    }

    fn encode(&self, work: Work) {
        let compute = self.compute.clone();
        self.encoding.push(Box::pin(async move {
            let encode = move || {
                let began_at = Instant::now();
                let encoded = work.encode();
                let took = began_at.elapsed();
                Done { encoded, took }
            };
            compute.run(encode).await
        }));
    }

    fn lose(&self, failure: &Failure, core: &mut Core<Desktop>, now: Instant) {
        note_failure(&self.metrics, failure);
        core.handle_lost(failure, now);
    }
}

impl Target for DesktopTarget {
    type Content = Desktop;
    type Event = Happened;

    async fn next_event(&mut self) -> Happened {
        tokio::select! {
            biased;
            Some(done) = self.encoding.next() => Happened::Encoded(done),
            happened = self.state.next_event() => happened,
        }
    }

    fn handle_event(&mut self, event: Happened, core: &mut Core<Desktop>, now: Instant) {
        match event {
            Happened::Opened(Ok(port)) => {
                core.handle_opened(port.screen().clone(), now);
                self.state = State::Active(Box::new(Active {
                    teller: port.teller(),
                    port,
                    waiting: None,
                }));
            }
            Happened::Opened(Err(failure)) => {
                note_failure(&self.metrics, &failure);
                core.handle_open_failed(&failure, now);
                self.state = State::Closed;
            }
            Happened::Event(DesktopEvent::Closed(Err(failure))) => self.lose(&failure, core, now),
            Happened::Event(event) => core.handle_event(event, now),
            Happened::Encoded(Ok(done)) => {
                if let Some(counts) = self.metrics.desktop(self.protocol) {
                    counts.encoded(done.took);
                }
                core.handle_encoded(done.encoded, now);
            }
            Happened::Encoded(Err(error)) => {
                let failure = Failure::new(FailureCode::Internal, Step::Active);
                self.lose(&failure.because(error), core, now);
            }
            Happened::Room => {}
            Happened::Closed => self.state = State::Closed,
        }
    }

    fn carry_out(&mut self, core: &mut Core<Desktop>, now: Instant) {
        let size = core.size();
        self.size
            .send_if_modified(|known| std::mem::replace(known, size) != size);
        if core.ending().is_some() {
            self.encoding.clear();
            self.state.close();
        }
        let State::Active(active) = &mut self.state else {
            return;
        };
        active.tell(core, now);
        while self.encoding.len() < self.compute.width() {
            let Some(work) = core.poll_work(now) else {
                break;
            };
            self.encode(work);
        }
    }

    fn after_viewers(&mut self, core: &mut Core<Desktop>) {
        if let Some(counts) = self.metrics.desktop(self.protocol) {
            counts.shown(core.take_tally());
        }
        if let State::Active(active) = &self.state {
            active.port.set_wanted(core.wants_picture());
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }
}

impl State {
    /// What the desktop does next. Cancel-safe.
    async fn next_event(&mut self) -> Happened {
        match self {
            Self::Opening(opening) => Happened::Opened(opening.await),
            Self::Active(active) => active.next_event().await,
            Self::Closing(closing) => {
                closing.await;
                Happened::Closed
            }
            Self::Closed => pending().await,
        }
    }

    /// Gives an opening up, or begins to close.
    fn close(&mut self) {
        *self = match std::mem::replace(self, Self::Closed) {
            Self::Active(active) => Self::Closing(Box::pin(active.port.close())),
            // Dropping an opening gives it up.
            Self::Opening(_) | Self::Closed => Self::Closed,
            Self::Closing(closing) => Self::Closing(closing),
        };
    }
}

impl Active {
    async fn next_event(&mut self) -> Happened {
        let room = self.waiting.as_ref().map(|next| self.teller.room_for(next));
        tokio::select! {
            biased;
            Some(()) = OptionFuture::from(room) => Happened::Room,
            event = self.port.next_event() => Happened::Event(event),
        }
    }

    /// Tells the desktop as much as it takes now.
    fn tell(&mut self, core: &mut Core<Desktop>, now: Instant) {
        while let Some(command) = self.waiting.take().or_else(|| core.poll_command(now)) {
            if let Err(refused) = self.teller.try_tell(command) {
                self.waiting = Some(refused);
                return;
            }
        }
    }
}
