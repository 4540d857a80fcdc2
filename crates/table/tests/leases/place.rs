//! Where leases are taken: nodes, endpoints and sessions, and how their counts
//! are read.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use serde::{Deserialize, Serialize};

use crate::fixtures::*;

/// Capacity of each node.
pub(crate) const CAPACITIES: [u32; 3] = [2, 3, 4];
/// Places of each endpoint.
pub(crate) const MAXIMA: [u32; 2] = [3, 5];

/// What a process must know to take leases.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) application: Application,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) user: User,
    pub(crate) session: Session,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edge: Edge,
}

/// Places taken: at each endpoint, on each node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) endpoints: Vec<u32>,
    pub(crate) nodes: Vec<u32>,
}

impl Counts {
    pub(crate) fn is_empty(&self) -> bool {
        self.endpoints
            .iter()
            .chain(&self.nodes)
            .all(|count| *count == 0)
    }
}

impl Place {
    pub(crate) async fn new(table: &Table) -> Self {
        let maximum = MaximumConnections::Limited(MAXIMA[0]);
        let world = World::new(table, maximum, &CAPACITIES).await;
        let maximum = MaximumConnections::Limited(MAXIMA[1]);
        let second = endpoint(&world.provider, maximum);
        write(table, Change::Create(second.clone())).await.unwrap();
        Self {
            endpoints: vec![world.endpoint, second],
            application: world.application,
            user: world.user,
            session: world.session.session,
            nodes: world.nodes,
            edge: world.edge,
        }
    }

    pub(crate) fn credential(&self) -> Credential {
        Credential::Session(self.session.id)
    }

    pub(crate) fn node_ids(&self) -> Vec<NodeId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    /// A pending connection to an endpoint on a node.
    pub(crate) fn connection(&self, endpoint: usize, node: usize) -> Connection {
        Connection {
            address: String::new(),
            id: ConnectionId::new(uuid()),
            state: ConnectionState::Pending,
            protocol: Protocol::Ssh,
            user: self.user.id,
            username: self.user.username.clone(),
            session: self.session.id,
            application: self.application.id,
            application_name: self.application.name.clone(),
            provider: self.application.provider,
            endpoint: self.endpoints[endpoint].id,
            endpoint_name: self.endpoints[endpoint].name.clone(),
            node: self.nodes[node].id,
            edge: self.edge.id,
            created_at: now(),
            expires_at: Some(later(3600)),
            ended_at: None,
            end_reason: None,
            end_code: None,
        }
    }

    /// The counts as they stand; each node's must equal its leases. Only while
    /// nobody writes.
    pub(crate) async fn counts(&self, table: &Table) -> Counts {
        let mut counts = Counts {
            endpoints: Vec::new(),
            nodes: Vec::new(),
        };
        for endpoint in &self.endpoints {
            let usage = table.endpoints().usage(endpoint.id).await.unwrap().unwrap();
            counts.endpoints.push(usage.connections);
        }
        for node in &self.nodes {
            let state = table.nodes().state(node.id).await.unwrap().unwrap();
            let leases = table.connections().of_node(node.id).await.unwrap();
            assert_eq!(state.load.connections as usize, leases.len());
            counts.nodes.push(state.load.connections);
        }
        counts
    }

    /// Every connection that is not over has one lease, on the node that it
    /// names, and is counted once; and nothing else is.
    pub(crate) async fn assert_whole(&self, table: &Table) {
        let mut expected = Counts {
            endpoints: vec![0; self.endpoints.len()],
            nodes: vec![0; self.nodes.len()],
        };
        let all = table.connections().of_user(self.user.id).await.unwrap();
        for stored in &all {
            let connection = &stored.connection;
            let leased = self.is_leased(table, connection).await;
            let live = connection.state != ConnectionState::Ended;
            assert_eq!(leased, live, "{connection:?}");
            if live {
                expected.endpoints[self.endpoint_index(connection)] += 1;
                expected.nodes[self.node_index(connection)] += 1;
            }
        }
        assert_eq!(self.counts(table).await, expected);
        for node in &self.nodes {
            assert!(!table.nodes().reconcile(node.id).await.unwrap());
        }
    }

    async fn is_leased(&self, table: &Table, connection: &Connection) -> bool {
        let mut on = Vec::new();
        for node in &self.nodes {
            let leases = table.connections().of_node(node.id).await.unwrap();
            if leases.iter().any(|lease| lease.connection == connection.id) {
                on.push(node.id);
            }
        }
        assert!(
            on.is_empty() || on == [connection.node],
            "{connection:?} on {on:?}"
        );
        !on.is_empty()
    }

    fn endpoint_index(&self, connection: &Connection) -> usize {
        let ids = self.endpoints.iter().map(|endpoint| endpoint.id);
        ids.clone()
            .position(|id| id == connection.endpoint)
            .unwrap()
    }

    pub(crate) fn node_index(&self, connection: &Connection) -> usize {
        let mut ids = self.nodes.iter().map(|node| node.id);
        ids.position(|id| id == connection.node).unwrap()
    }

    /// Looks at the counts while others write: none is ever above its limit.
    pub(crate) async fn watch(&self, table: &Table, times: usize) {
        for _ in 0..times {
            for (endpoint, maximum) in self.endpoints.iter().zip(MAXIMA) {
                let usage = table.endpoints().usage(endpoint.id).await.unwrap().unwrap();
                assert!(usage.connections <= maximum, "{usage:?}");
            }
            for (node, capacity) in self.nodes.iter().zip(CAPACITIES) {
                let state = table.nodes().state(node.id).await.unwrap().unwrap();
                assert!(state.load.connections <= capacity, "{state:?}");
            }
        }
    }

    pub(crate) async fn end_all(&self, table: &Table) {
        let all = table.connections().of_user(self.user.id).await.unwrap();
        for stored in all {
            let ending = crate::steps::ending(&stored.connection, later(9));
            table.connections().end(ending).await.unwrap();
        }
    }
}
