//! What nodes last told, and the places taken on them.
//!
//! A node's item carries two things that must not be mixed up: what the node
//! tells with its heartbeat, and the count of leases, which launches and ends
//! change. A heartbeat leaves the count alone.

use std::collections::BTreeSet;

use causeway_model::id::{EdgeId, NodeId};
use causeway_model::object::{Node, NodeLoad};
use jiff::Timestamp;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::action::{Action, PRESENT};
use crate::error::TableError;
use crate::failure::Refused;
use crate::item::{Item, millis, number, text, to_json};
use crate::key::{Key, LEASE_PREFIX, node_partition};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// Attempts to correct a count while launches change it.
const RECONCILIATIONS_MAX: u32 = 5;

/// What a node last told, and the places taken on it.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeState {
    /// Places taken, and what selection goes by.
    pub load: NodeLoad,
    /// Grows with every place that is taken or given back: of two readings,
    /// the one with more changes is the newer.
    pub changes: u64,
    /// How many connections the node takes at once.
    pub capacity: u32,
    /// Version of its program.
    pub version: String,
}

impl Stored for NodeState {
    fn read(item: &Item) -> Result<Self, TableError> {
        let edges = serde_json::from_str(item.text("edges")?)
            .map_err(|_| item.unreadable("edges are no ids".to_owned()))?;
        Ok(Self {
            load: NodeLoad {
                connections: item.number("connections")?,
                draining: item.flag("draining"),
                edges,
                heartbeat_at: item.time("heartbeat_ms")?,
            },
            changes: item.number("changes")?,
            capacity: item.number("places")?,
            version: item.text("program")?.to_owned(),
        })
    }
}

/// The load of a node that has only just been made: nothing taken, and as old
/// as can be until its first heartbeat.
pub(crate) fn first_load(node: &Node) -> Action {
    Action::put(
        Item::new(&Key::load(node.id))
            .with("connections", number(0))
            .with("changes", number(0))
            .with("places", number(node.capacity))
            .with("draining", AttributeValue::Bool(false))
            .with("drained", AttributeValue::Bool(node.drained))
            .with("edges", text("[]"))
            .with("program", text(&node.version))
            .with("heartbeat_ms", number(0)),
    )
}

/// Takes a place on a node that was heard of since `heard`, has places left and
/// at most `at_most` taken.
pub(crate) fn take_place(node: NodeId, at_most: u32, heard: Timestamp) -> Action {
    Action::update(Key::load(node), "ADD connections :one, changes :one")
        .when(
            "connections < places AND connections <= :at_most \
             AND draining = :no AND (attribute_not_exists(drained) OR drained = :no) \
             AND heartbeat_ms >= :heard",
        )
        .value(":one", number(1))
        .value(":at_most", number(at_most))
        .value(":no", AttributeValue::Bool(false))
        .value(":heard", millis(heard))
}

/// Gives a place on a node back; refused when none is taken.
pub(crate) fn give_place_back(node: NodeId) -> Action {
    Action::update(Key::load(node), "ADD connections :less, changes :one")
        .when("connections > :none")
        .value(":less", number(-1))
        .value(":one", number(1))
        .value(":none", number(0))
}

/// Whether an administrator lets a node take no new connections.
pub(crate) fn set_drained(node: &Node) -> Action {
    Action::update(Key::load(node.id), "SET drained = :drained")
        .when(PRESENT)
        .value(":drained", AttributeValue::Bool(node.drained))
}

/// What a node tells with its heartbeat.
#[derive(Debug, Clone, Copy)]
pub struct NodeBeat<'a> {
    /// It takes no new connections.
    pub draining: bool,
    /// How many connections it takes at once.
    pub capacity: u32,
    /// Version of its program.
    pub version: &'a str,
    /// Edges that it holds a tunnel to.
    pub edges: &'a BTreeSet<EdgeId>,
    /// When it was heard.
    pub now: Timestamp,
}

/// The nodes in a table.
#[derive(Debug, Clone, Copy)]
pub struct Nodes<'a>(pub(crate) &'a Table);

impl Table {
    /// The nodes.
    #[must_use]
    pub const fn nodes(&self) -> Nodes<'_> {
        Nodes(self)
    }
}

impl Nodes<'_> {
    /// Keeps what a node just told and returns its state; `None` when there is
    /// no such node (any more).
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn heartbeat(
        self,
        node: NodeId,
        beat: NodeBeat<'_>,
    ) -> Result<Option<NodeState>, TableError> {
        let update = Action::update(
            Key::load(node),
            "SET draining = :draining, places = :places, program = :program, \
             edges = :edges, heartbeat_ms = :now",
        )
        .when(PRESENT)
        .value(":draining", AttributeValue::Bool(beat.draining))
        .value(":places", number(beat.capacity))
        .value(":program", text(beat.version))
        .value(":edges", text(to_json(beat.edges)?))
        .value(":now", millis(beat.now));
        match self.0.store().write(update).await? {
            Ok(item) => item.as_ref().map(NodeState::read).transpose(),
            Err(Refused(_)) => Ok(None),
        }
    }

    /// What a node last told, and the places taken on it.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn state(self, node: NodeId) -> Result<Option<NodeState>, TableError> {
        let item = self.0.store().get(&Key::load(node)).await?;
        item.as_ref().map(NodeState::read).transpose()
    }

    /// Sets the count of a node's taken places to the number of its leases;
    /// says whether it was wrong. By construction it never is.
    ///
    /// # Errors
    ///
    /// When the table cannot be written, or launches kept changing the count.
    pub async fn reconcile(self, node: NodeId) -> Result<bool, TableError> {
        let store = self.0.store();
        let key = Key::load(node);
        let pk = node_partition(node);
        for _ in 0..RECONCILIATIONS_MAX {
            let Some(load) = store.get(&key).await? else {
                return Ok(false);
            };
            let leases = store.query_all(Range::new(&pk, LEASE_PREFIX)).await?.len();
            let counted: usize = load.number("connections")?;
            if counted == leases {
                return Ok(false);
            }
            // `changes` grows with every launch and end, so nothing happened
            // between the two readings if it is still what it was.
            let correct = Action::update(key.clone(), "SET connections = :leases ADD changes :one")
                .when("changes = :seen")
                .value(":leases", number(leases))
                .value(":one", number(1))
                .value(":seen", number(load.number::<u64>("changes")?));
            if store.write(correct).await?.is_ok() {
                tracing::warn!(%node, counted, leases, "the count of a node's places was wrong");
                return Ok(true);
            }
        }
        Err(TableError::Contention)
    }
}
