//! Heartbeats: a member says that it lives and what it holds, and learns what
//! changed. What a node holds is the truth that leases are corrected by.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use causeway_fleet::{
    EdgeAddress, EdgeStatus, Heartbeat, HeartbeatAnswer, HeldConnection, MemberStatus, NodeStatus,
    ToEnd,
};
use causeway_model::id::{ConnectionId, NodeId};
use causeway_model::object::{ConnectionState, Edge, EndReason, EventAction, Node, Outcome};
use causeway_table::{
    Batch, Change, EdgeState, Ending, Lease, NodeBeat, ObjectChange, TableError, WriteError,
};
use causeway_trust::TokenError;
use jiff::{SignedDuration, Timestamp};

use super::enrolment::{self, CAPACITY_MAX};
use super::event::Entry;
use super::failover::{Cause, FailOver, fail_over};
use super::member::{self, Member, Who};
use crate::app::App;
use crate::signing::SigningError;

/// Nodes dial an edge for so long after it was last heard of: while the control
/// plane itself was away, nobody was heard of.
const EDGE_DIALLED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A lease that a node does not list is lost only after so many heartbeat
/// intervals: a younger one may have been claimed after the list was written.
const UNLISTED_INTERVALS: u32 = 3;

/// Longest version of a member's program, in bytes.
const VERSION_LENGTH_MAX: usize = 255;

/// Why a heartbeat was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HeartbeatError {
    /// The member was deleted.
    #[error("the member is not known any more")]
    Unknown,
    /// A node said that it is an edge, or the other way round.
    #[error("the heartbeat is of another kind than the member")]
    WrongKind,
    /// What the member says of itself cannot be.
    #[error("{0} is not of its form")]
    Invalid(&'static str),
    /// The member's new address could not be kept.
    #[error("the address could not be kept")]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the heartbeat could not be kept")]
    Table(#[from] TableError),
    /// The pass could not be signed.
    #[error("the pass could not be signed")]
    Pass(#[from] TokenError),
    /// The keys cannot be had.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Takes a heartbeat.
///
/// # Errors
/// [`HeartbeatError`].
pub async fn heartbeat(
    app: &App,
    member: &Member,
    heartbeat: Heartbeat,
    address: &str,
) -> Result<HeartbeatAnswer, HeartbeatError> {
    let config = app.config();
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut answer = HeartbeatAnswer {
        pass: member::pass(app, &app.signing_key().await?, member.id(), member.key())?,
        verifying_keys: app.key_ring().await?.published().collect(),
        heartbeat_interval_ms: millis(config.heartbeat_interval),
        heartbeat_deadline_ms: millis(config.heartbeat_deadline),
        edges: Vec::new(),
        allowed_origins: Vec::new(),
        end: Vec::new(),
    };
    match (member.who(), &heartbeat.status) {
        (Who::Node(node), MemberStatus::Node(status)) => {
            beat_of_node(app, node, status, &heartbeat.version).await?;
            answer.edges = edges_to_dial(app, member).await?;
            answer.end = settle(app, node.id, &status.connections).await?;
        }
        (Who::Edge(edge), MemberStatus::Edge(status)) => {
            beat_of_edge(app, edge, status, address).await?;
            answer.allowed_origins.clone_from(&config.own_origins);
        }
        (Who::Node(_), MemberStatus::Edge(_)) | (Who::Edge(_), MemberStatus::Node(_)) => {
            return Err(HeartbeatError::WrongKind);
        }
    }
    Ok(answer)
}

async fn beat_of_node(
    app: &App,
    node: &Node,
    status: &NodeStatus,
    version: &str,
) -> Result<(), HeartbeatError> {
    if version.len() > VERSION_LENGTH_MAX {
        return Err(HeartbeatError::Invalid("version"));
    }
    let beat = NodeBeat {
        draining: status.draining,
        capacity: status.capacity.min(CAPACITY_MAX),
        version,
        edges: &status.edges,
        now: app.now(),
    };
    let kept = app.table().nodes().heartbeat(node.id, beat).await?;
    kept.map(drop).ok_or(HeartbeatError::Unknown)
}

async fn beat_of_edge(
    app: &App,
    edge: &Edge,
    status: &EdgeStatus,
    address: &str,
) -> Result<(), HeartbeatError> {
    let told = enrolment::tunnel_address_from(&status.tunnel_address, address);
    let tunnel_address = told.ok_or(HeartbeatError::Invalid("edge.tunnel_address"))?;
    if edge.public_url != status.public_url || edge.tunnel_address != tunnel_address {
        relocate(app, edge, &status.public_url, tunnel_address).await?;
    }
    let state = EdgeState {
        nodes: status.nodes,
        draining: status.draining,
        heartbeat_at: app.now(),
    };
    app.table().edges().heartbeat(edge.id, state).await?;
    Ok(())
}

/// An edge that came back at another address keeps its identity.
async fn relocate(
    app: &App,
    edge: &Edge,
    public_url: &str,
    tunnel_address: String,
) -> Result<(), HeartbeatError> {
    if !enrolment::is_websocket_server(public_url) {
        return Err(HeartbeatError::Invalid("edge.public_url"));
    }
    let after = Edge {
        public_url: public_url.to_owned(),
        tunnel_address,
        ..edge.clone()
    };
    let event = Entry::new(EventAction::Update, Outcome::Success)
        .by(&edge.name)
        .on("edge", edge.id, &edge.name)
        .detail("address")
        .event(app);
    let change = ObjectChange::Edge(Change::Update {
        before: edge.clone(),
        after,
    });
    app.table().write(&[change], &[event]).await?;
    Ok(())
}

/// The edges that a node keeps tunnels to. One that drains is not dialled any
/// more; a tunnel that is there lives as long as its edge.
async fn edges_to_dial(app: &App, member: &Member) -> Result<Vec<EdgeAddress>, TableError> {
    let edges: Vec<_> = member.snapshot().edges().iter().collect();
    let mut batch = Batch::new();
    let slots: Vec<_> = edges.iter().map(|edge| batch.edge_state(edge.id)).collect();
    let answer = app.table().read(batch).await?;
    let mut addresses = Vec::with_capacity(edges.len());
    for (edge, slot) in edges.into_iter().zip(slots) {
        let state: Option<EdgeState> = answer.take(slot)?;
        if state.is_some_and(|state| state.draining) {
            continue;
        }
        let heard_at = state.map_or(edge.enrolled_at, |state| state.heartbeat_at);
        let Ok(public_key) = edge.public_key.parse() else {
            continue;
        };
        if is_within(app.now(), heard_at, EDGE_DIALLED_FOR) {
            let tunnel_address = edge.tunnel_address.clone();
            addresses.push(EdgeAddress {
                id: edge.id,
                public_key,
                tunnel_address,
            });
        }
    }
    Ok(addresses)
}

fn is_within(now: Timestamp, then: Timestamp, span: SignedDuration) -> bool {
    now.duration_since(then) <= span
}

/// Brings the leases on a node and what it holds together: frees what it lost,
/// and tells what it must end.
async fn settle(
    app: &App,
    node: NodeId,
    held: &[HeldConnection],
) -> Result<Vec<ToEnd>, TableError> {
    let leases = app.table().connections().of_node(node).await?;
    let listed: HashSet<ConnectionId> = held.iter().map(|held| held.id).collect();
    let unlisted: Vec<&Lease> = leases
        .iter()
        .filter(|lease| lease.pending_until.is_none() && !listed.contains(&lease.connection))
        .collect();
    free_lost(app, node, &unlisted).await?;
    let leased: HashSet<ConnectionId> = leases.iter().map(|lease| lease.connection).collect();
    let unleased: Vec<_> = held
        .iter()
        .copied()
        .filter(|held| !leased.contains(&held.id))
        .collect();
    reasons(app, node, &unleased).await
}

/// Ends claimed connections that the node does not list, unless they may have
/// been claimed after the list was written.
async fn free_lost(app: &App, node: NodeId, unlisted: &[&Lease]) -> Result<(), TableError> {
    let patience = app.config().heartbeat_interval * UNLISTED_INTERVALS;
    let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
    for lease in unlisted {
        if !is_within(app.now(), lease.since, patience) {
            free(app, node, lease).await?;
        }
    }
    Ok(())
}

async fn free(app: &App, node: NodeId, lease: &Lease) -> Result<(), TableError> {
    let mut batch = Batch::new();
    let slot = batch.connection(lease.user, lease.connection);
    let stored = app.table().read(batch).await?.take(slot)?;
    if let Some(stored) = stored.filter(|stored| !stored.opened && stored.connection.node == node)
        && let FailOver::Moved(_) = fail_over(app, &stored, Cause::NodeLost, None).await?
    {
        return Ok(());
    }
    let event = Entry::new(EventAction::ConnectionEnded, Outcome::Failed)
        .on("connection", lease.connection, "")
        .connection(lease.connection)
        .detail(EndReason::NodeLost.as_str())
        .event(app);
    let now = app.now();
    let ending = Ending {
        user: lease.user,
        connection: lease.connection,
        reason: EndReason::NodeLost,
        code: None,
        only_if: None,
        only_at: Some(node),
        now,
        keep_until: now.saturating_add(app.config().ended_kept).unwrap_or(now),
        events: &[event],
    };
    tracing::info!(%node, connection = %lease.connection, "the node does not hold this connection");
    app.table().connections().end(ending).await?;
    Ok(())
}

/// Why connections that a node holds without a lease are over.
async fn reasons(
    app: &App,
    node: NodeId,
    unleased: &[HeldConnection],
) -> Result<Vec<ToEnd>, TableError> {
    if unleased.is_empty() {
        return Ok(Vec::new());
    }
    let mut batch = Batch::new();
    let slots: BTreeMap<_, _> = unleased
        .iter()
        .map(|held| (held.id, batch.connection(held.user, held.id)))
        .collect();
    let answer = app.table().read(batch).await?;
    let mut end = Vec::with_capacity(slots.len());
    for (id, slot) in slots {
        let found = answer.take(slot)?.map(|stored| stored.connection);
        let is_live = found
            .as_ref()
            .is_some_and(|found| found.node == node && found.state != ConnectionState::Ended);
        if !is_live {
            let reason = match found {
                // Another node has it since this one was taken for lost.
                Some(found) if found.state != ConnectionState::Ended => EndReason::NodeLost,
                found => found
                    .and_then(|found| found.end_reason)
                    .unwrap_or(EndReason::Terminated),
            };
            end.push(ToEnd {
                connection: id,
                reason,
            });
        }
    }
    Ok(end)
}
