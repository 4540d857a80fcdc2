//! Receives viewers: checks and claims their tickets, and takes them to their
//! sessions.

use std::sync::Arc;

use causeway_fleet::{Attach, CallError, Claim, Claimed, ControlPlane, Report, ReportEvent};
use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::EndReason;
use causeway_telemetry::{TARGET, follow, trace_id};
use causeway_trust::{KeyRing, Order, OrderAction, Ticket};
use causeway_tunnel::{Offer, Refusal, TunnelEvent};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

use super::registry::Registry;
use super::ticket::{self, Burnt, Place};
use crate::compute::Compute;
use crate::metrics::Metrics;
use crate::session::{Services, SessionHandle, SessionTask, read_claim};

/// Code of a session that a browser comes back to and that is not here.
const SESSION_LOST: &str = "session_lost";

/// Everything that receiving a viewer takes.
pub(super) struct Reception {
    pub(super) node: NodeId,
    pub(super) capacity: u32,
    pub(super) keys: watch::Receiver<KeyRing>,
    pub(super) control_plane: Arc<dyn ControlPlane>,
    pub(super) registry: Arc<Registry>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) compute: Compute,
    pub(super) burnt: Burnt,
}

impl Reception {
    /// Takes what comes through any tunnel until `stop`.
    pub(super) async fn run(
        self: Arc<Self>,
        mut events: mpsc::Receiver<TunnelEvent>,
        stop: CancellationToken,
    ) {
        loop {
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                event = events.recv() => event,
            };
            match event {
                // QUIC bounds the streams, the control plane's client every
                // reception's time.
                Some(TunnelEvent::Offer(offer)) => {
                    self.registry.spawn(Arc::clone(&self).receive(offer));
                }
                Some(TunnelEvent::Order(text)) => self.obey(text.as_str()),
                None => break,
            }
        }
    }

    async fn receive(self: Arc<Self>, offer: Offer) {
        match self.admit(&offer).await {
            Ok(session) => match offer.accept().await {
                Ok(stream) => session.attach(Box::new(stream)).await,
                Err(error) => tracing::debug!(%error, "a viewer left before it was let in"),
            },
            Err(refusal) => {
                self.metrics.refused(refusal.code());
                tracing::info!(
                    request = %offer.request_id(),
                    client = %offer.client_address(),
                    code = refusal.code(),
                    "viewer refused"
                );
                if let Err(error) = offer.refuse(refusal).await {
                    tracing::debug!(%error, "a viewer left before it was refused");
                }
            }
        }
    }

    async fn admit(&self, offer: &Offer) -> Result<SessionHandle, Refusal> {
        let ticket = self.check(offer)?;
        let span = traced(offer, &ticket);
        follow(&span, ticket.trace);
        let admitted = self.claim(offer, &ticket).instrument(span.clone()).await;
        if let Err(refusal) = &admitted {
            span.record("causeway.outcome.code", refusal.code());
            span.record("error.type", refusal.code());
            span.record("otel.status_code", "error");
        }
        admitted
    }

    fn check(&self, offer: &Offer) -> Result<Ticket, Refusal> {
        let place = Place {
            node: self.node,
            edge: offer.edge(),
        };
        let keys = self.keys.borrow().clone();
        ticket::check(&keys, offer.ticket(), place, Timestamp::now())
    }

    async fn claim(&self, offer: &Offer, ticket: &Ticket) -> Result<SessionHandle, Refusal> {
        if self.registry.find(ticket.connection).is_none() {
            self.check_room()?;
        }
        self.burnt.burn(ticket, Timestamp::now())?;
        let claim = Claim {
            ticket: offer.ticket().to_owned(),
            client_address: Some(offer.client_address()),
        };
        let claimed = self
            .control_plane
            .claim(&claim)
            .await
            .map_err(|error| refusal_of(&error))?;
        tracing::info!(
            connection = %claimed.connection,
            request = %offer.request_id(),
            client = %offer.client_address(),
            again = claimed.attach == Attach::Again,
            trace_id = trace_id().map(display),
            "viewer admitted"
        );
        let span = Span::current();
        span.record("causeway.endpoint.id", display(claimed.endpoint.id));
        span.record("network.protocol.name", claimed.protocol.as_str());
        self.session_for(claimed).await
    }

    /// Before the claim: a claimed connection that finds no room is lost.
    fn check_room(&self) -> Result<(), Refusal> {
        if self.registry.is_drained() {
            return Err(Refusal::new(503, "node_draining"));
        }
        if self.registry.len() >= self.capacity as usize {
            return Err(Refusal::new(503, "node_full"));
        }
        Ok(())
    }

    async fn session_for(&self, claimed: Claimed) -> Result<SessionHandle, Refusal> {
        let connection = claimed.connection;
        if let Some(session) = self.registry.find(connection) {
            return Ok(session);
        }
        if claimed.attach == Attach::Again {
            self.report_lost(connection, claimed.user.id).await;
            return Err(Refusal::new(410, SESSION_LOST));
        }
        let (facts, target) = read_claim(claimed);
        let services = Services {
            control_plane: Arc::clone(&self.control_plane),
            metrics: Arc::clone(&self.metrics),
            compute: self.compute.clone(),
        };
        let task = SessionTask::new(facts, target, services);
        Ok(self.registry.start(task, &self.metrics))
    }

    /// The session was on this node before it was started anew.
    async fn report_lost(&self, connection: ConnectionId, user: UserId) {
        let event = ReportEvent::Ended {
            reason: EndReason::NodeLost,
            code: Some(SESSION_LOST.to_owned()),
        };
        let report = Report {
            connection,
            user,
            event,
        };
        if let Err(error) = self.control_plane.report(&report).await {
            tracing::warn!(%connection, %error, "a lost session could not be reported");
        }
    }

    fn obey(&self, text: &str) {
        let keys = self.keys.borrow().clone();
        let order: Order = match keys.verify(text, Timestamp::now()) {
            Ok(order) => order,
            Err(error) => {
                tracing::warn!(%error, "an order that is none");
                return;
            }
        };
        if order.node != self.node {
            tracing::warn!(order = %order.id, "an order for another node");
            return;
        }
        match order.action {
            OrderAction::End { reason } => {
                let found = self.registry.end(order.connection, reason);
                tracing::info!(order = %order.id, connection = %order.connection, found, "ordered to end");
            }
        }
    }
}

/// Of a viewer that comes, until it is let in: its claim, and where the session
/// is new, the beginning of the way to the target.
fn traced(offer: &Offer, ticket: &Ticket) -> Span {
    tracing::info_span!(
        target: TARGET,
        "attach",
        otel.kind = "server",
        otel.status_code = Empty,
        network.protocol.name = Empty,
        error.type = Empty,
        causeway.request.id = %offer.request_id(),
        causeway.connection.id = %ticket.connection,
        causeway.endpoint.id = Empty,
        causeway.node.id = %ticket.node,
        causeway.edge.id = %ticket.edge,
        causeway.outcome.code = Empty,
    )
}

fn refusal_of(error: &CallError) -> Refusal {
    tracing::warn!(error = error as &dyn std::error::Error, "claim failed");
    match (error.status(), error.code()) {
        (Some(status), Some(code)) => Refusal::new(status, code),
        _ => Refusal::new(503, "control_plane_unreachable"),
    }
}
