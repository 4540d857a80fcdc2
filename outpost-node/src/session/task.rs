//! The task of one session: sockets on one side, the target on the other, the
//! [`Core`] in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_fleet::ReportAnswer;
use causeway_model::object::EndReason;
use causeway_target::opening::{HostKeySeen, OpenEvent};
use causeway_telemetry::within;
use causeway_wire::decode_to_node;
use futures_util::future::{BoxFuture, OptionFuture};
use tokio::sync::mpsc;

use super::core::Core;
use super::facts::Facts;
use super::handle::{SessionInbox, told_to_drain, told_to_end};
use super::opening_trace::OpeningTrace;
use super::report;
use super::services::Services;
use super::target::Target;
use super::viewer_state::ViewerId;
use crate::viewer::{Departure, ViewerEvent, ViewerSocket, ViewerSockets, ViewerStream};

/// Events of an opening that may wait.
pub(super) const OPEN_EVENTS_MAX: usize = 8;

/// The task of a session on a target of kind `T`.
pub(super) struct Task<T: Target> {
    facts: Facts,
    services: Services,
    core: Core<T::Content>,
    sockets: ViewerSockets,
    viewers_come: u64,
    target: T,
    open_events: mpsc::Receiver<OpenEvent>,
    /// The report that the control plane is being told.
    report: Option<BoxFuture<'static, ReportAnswer>>,
    /// The host key that is being remembered.
    remembering: Option<BoxFuture<'static, ()>>,
    trace: OpeningTrace,
}

/// Everything that can wake the task.
enum Event<E> {
    Arrival(Box<dyn ViewerStream>),
    End(EndReason),
    Drain,
    Viewer(ViewerId, ViewerEvent),
    Opening(OpenEvent),
    Target(E),
    Reported(ReportAnswer),
    Remembered,
    Time,
}

impl<T: Target> Task<T> {
    pub(super) fn new(
        facts: Facts,
        content: T::Content,
        target: T,
        open_events: mpsc::Receiver<OpenEvent>,
        services: Services,
    ) -> Self {
        let ends_at = facts.ends_at.map(instant_of);
        Self {
            trace: OpeningTrace::begin(&facts),
            core: Core::new(content, facts.clone(), ends_at),
            facts,
            services,
            sockets: ViewerSockets::default(),
            viewers_come: 0,
            target,
            open_events,
            report: None,
            remembering: None,
        }
    }

    pub(super) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Lives the session to its end, which is reported before it returns.
    pub(super) async fn run(mut self, mut inbox: SessionInbox) {
        loop {
            let now = Instant::now();
            self.core.handle_timeout(now);
            self.carry_out(now);
            self.trace.follow(self.core.stage());
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

    async fn next_event(&mut self, inbox: &mut SessionInbox) -> Event<T::Event> {
        let timer = self.core.next_timeout();
        tokio::select! {
            biased;
            reason = told_to_end(&mut inbox.end) => Event::End(reason),
            () = told_to_drain(&mut inbox.drain) => Event::Drain,
            Some(stream) = inbox.arrivals.recv() => Event::Arrival(stream),
            (id, event) = self.sockets.next_event() => Event::Viewer(id, event),
            Some(event) = self.open_events.recv() => Event::Opening(event),
            event = self.target.next_event(), if !self.core.is_handing_over() => Event::Target(event),
            Some(()) = OptionFuture::from(self.remembering.as_mut()) => Event::Remembered,
            Some(answer) = OptionFuture::from(self.report.as_mut()) => Event::Reported(answer),
            () = until(timer) => Event::Time,
        }
    }

    async fn handle_event(&mut self, event: Event<T::Event>) {
        let now = Instant::now();
        match event {
            Event::Arrival(stream) => self.attach(stream, now).await,
            Event::End(reason) => self.core.handle_end(reason, now),
            Event::Drain => self.core.handle_drain(now),
            Event::Viewer(id, event) => self.handle_viewer(id, event, now),
            Event::Opening(OpenEvent::Step(step)) => self.core.handle_step(step),
            Event::Opening(OpenEvent::Question(question)) => self.core.handle_question(question),
            Event::Opening(OpenEvent::HostKey(seen)) => self.remember(seen),
            Event::Target(event) => self.target.handle_event(event, &mut self.core, now),
            Event::Reported(answer) => {
                self.report = None;
                self.core.handle_report_answer(answer.moved, now);
            }
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
            ViewerEvent::Gone(departure) => self.part(id, departure, now),
        }
    }

    fn part(&mut self, id: ViewerId, departure: Departure, now: Instant) {
        self.sockets.remove(id);
        match departure {
            Departure::Left => self.core.handle_viewer_gone(id, now),
            Departure::WayLost => self.core.handle_way_lost(id, now),
        }
    }

    fn remember(&mut self, seen: HostKeySeen) {
        let HostKeySeen { key, remembered } = seen;
        let control_plane = Arc::clone(&self.services.control_plane);
        let facts = self.facts.clone();
        let remembering = async move {
            let result = report::remember(control_plane, &facts, key).await;
            if remembered.send(result).is_err() {
                tracing::debug!("the opening did not wait for its host key");
            }
        };
        self.remembering = Some(Box::pin(within(self.trace.place(), remembering)));
    }

    /// Moves everything that the core wants moved.
    fn carry_out(&mut self, now: Instant) {
        self.target.carry_out(&mut self.core, now);
        self.carry_to_viewers(now);
        self.target.after_viewers(&mut self.core);
        if self.report.is_none()
            && let Some(event) = self.core.poll_report()
        {
            let report = report::event(&self.facts, event);
            let control_plane = Arc::clone(&self.services.control_plane);
            let told = report::report(control_plane, report);
            self.report = Some(Box::pin(within(self.trace.place(), told)));
        }
    }

    fn carry_to_viewers(&mut self, now: Instant) {
        let mut gone = Vec::new();
        for (id, socket) in self.sockets.ready() {
            while socket.is_ready() {
                let Some(out) = self.core.poll_viewer(id, now) else {
                    break;
                };
                if let Err(error) = socket.send(out) {
                    gone.push((id, Departure::of(&error)));
                    break;
                }
            }
        }
        for (id, departure) in gone {
            self.part(id, departure, now);
        }
    }

    fn is_done(&self, now: Instant) -> bool {
        self.core.is_finished(now) && self.report.is_none() && self.target.is_closed()
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
