//! Objects for tests.

use std::collections::BTreeSet;
use std::future::Future;

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The time in tests, unless one needs another. Far off, because a service that
/// is tested goes by its own clock when it deletes what has outlived its time.
pub(crate) fn now() -> Timestamp {
    "2099-11-21T12:00:00Z".parse().unwrap()
}

/// So many seconds after [`now`].
pub(crate) fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// A new UUID that grows with time.
pub(crate) fn uuid() -> Uuid {
    Uuid::now_v7()
}

/// A name that nobody else has.
pub(crate) fn name(stem: &str) -> String {
    format!("{stem}-{}", Uuid::new_v4().simple())
}

pub(crate) fn group() -> Group {
    Group {
        role: Role::User,
        operates: Vec::new(),
        attributes: serde_json::Map::new(),
        id: GroupId::new(uuid()),
        name: name("group"),
        meta: Meta::first(now()),
    }
}

pub(crate) fn outpost() -> Outpost {
    Outpost {
        id: OutpostId::new(uuid()),
        name: name("outpost"),
        labels: Labels::new(),
        meta: Meta::first(now()),
    }
}

pub(crate) fn property_mapping() -> PropertyMapping {
    PropertyMapping {
        id: PropertyMappingId::new(uuid()),
        name: name("mapping"),
        static_settings: Default::default(),
        expression: String::new(),
        meta: Meta::first(now()),
    }
}

pub(crate) fn provider() -> Provider {
    Provider {
        id: ProviderId::new(uuid()),
        name: name("provider"),
        settings: Default::default(),
        property_mappings: Vec::new(),
        authorization_flow: None,
        connection_expiry: Default::default(),
        delete_token_on_disconnect: false,
        outposts: Vec::new(),
        meta: Meta::first(now()),
    }
}

pub(crate) fn application(provider: &Provider) -> Application {
    let slug = name("app");
    Application {
        id: ApplicationId::new(uuid()),
        name: slug.clone(),
        slug,
        icon: String::new(),
        group: String::new(),
        provider: provider.id,
        policy_engine_mode: EngineMode::Any,
        meta: Meta::first(now()),
    }
}

pub(crate) fn endpoint(provider: &Provider, maximum: MaximumConnections) -> Endpoint {
    Endpoint {
        id: EndpointId::new(uuid()),
        name: name("endpoint"),
        provider: provider.id,
        protocol: Protocol::Ssh,
        host: "target.example:22".parse().unwrap(),
        settings: Default::default(),
        property_mappings: Vec::new(),
        maximum_connections: maximum,
        labels: Labels::new(),
        policy_engine_mode: EngineMode::Any,
        meta: Meta::first(now()),
    }
}

pub(crate) fn user() -> User {
    let username = name("user");
    User {
        operates: Vec::new(),
        attributes: serde_json::Map::new(),
        id: UserId::new(uuid()),
        name: username.clone(),
        username,
        email: String::new(),
        role: Role::User,
        groups: Vec::new(),
        active: true,
        sourced: Vec::new(),
        meta: Meta::first(now()),
    }
}

pub(crate) fn session(user: UserId) -> StoredSession {
    let id = uuid();
    StoredSession {
        session: Session {
            methods: Vec::new(),
            confirmed_at: None,
            source: None,
            id: SessionId::new(id),
            user,
            created_at: now(),
            expires_at: later(3600),
            address: "192.0.2.1".to_owned(),
            user_agent: String::new(),
        },
        secret: SecretHash::of(id.as_bytes()),
        source_session: None,
    }
}

pub(crate) fn token(user: UserId) -> StoredToken {
    let id = uuid();
    StoredToken {
        token: Token {
            scope: TokenScope::Full,
            id: TokenId::new(id),
            name: "ci".to_owned(),
            user,
            created_at: now(),
            expires_at: None,
        },
        secret: SecretHash::of(id.as_bytes()),
    }
}

pub(crate) fn node(outpost: OutpostId, capacity: u32) -> Node {
    Node {
        weight: 100,
        drained: false,
        id: NodeId::new(uuid()),
        outpost,
        name: "host".to_owned(),
        public_key: "key".to_owned(),
        capacity,
        version: "0.1.0".to_owned(),
        ephemeral: false,
        enrolled_at: now(),
    }
}

pub(crate) fn edge() -> Edge {
    Edge {
        id: EdgeId::new(uuid()),
        name: "edge".to_owned(),
        public_key: "key".to_owned(),
        public_url: "ws://127.0.0.1:9000".to_owned(),
        tunnel_address: "127.0.0.1:9000".to_owned(),
        version: "0.1.0".to_owned(),
        ephemeral: false,
        enrolled_at: now(),
    }
}

pub(crate) fn event(at: Timestamp, detail: &str) -> Event {
    Event {
        connection: None,
        policy: String::new(),
        id: EventId::new(uuid()),
        at,
        action: EventAction::Launch,
        outcome: Outcome::Success,
        actor: "ada".to_owned(),
        address: String::new(),
        target_kind: String::new(),
        target_id: String::new(),
        target_name: String::new(),
        detail: detail.to_owned(),
    }
}

/// A new version of an object with `meta`.
pub(crate) fn update<T: Clone>(
    before: &T,
    meta: impl Fn(&mut T) -> &mut Meta,
    edit: impl FnOnce(&mut T),
) -> Change<T> {
    let mut after = before.clone();
    let next = meta(&mut after).next(later(1));
    *meta(&mut after) = next;
    edit(&mut after);
    Change::Update {
        before: before.clone(),
        after,
    }
}

/// Writes one change.
pub(crate) async fn write(
    table: &Table,
    change: impl Into<ObjectChange>,
) -> Result<(), WriteError> {
    table.write(&[change.into()], &[]).await
}

/// Runs `count` tasks at once and returns what they returned.
pub(crate) async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..count {
        let outcome = task(index);
        tasks.spawn(async move { (index, outcome.await) });
    }
    let mut outcomes = tasks.join_all().await;
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Everything that a connection needs, written and alive.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) application: Application,
    pub(crate) endpoint: Endpoint,
    pub(crate) user: User,
    pub(crate) session: StoredSession,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edge: Edge,
}

impl World {
    pub(crate) async fn new(
        table: &Table,
        maximum: MaximumConnections,
        capacities: &[u32],
    ) -> Self {
        let outpost = outpost();
        let mut provider = provider();
        provider.outposts = vec![outpost.id];
        let world = Self {
            application: application(&provider),
            endpoint: endpoint(&provider, maximum),
            provider,
            user: user(),
            session: session(UserId::new(Uuid::nil())),
            nodes: capacities
                .iter()
                .map(|places| node(outpost.id, *places))
                .collect(),
            edge: edge(),
        };
        let session = session(world.user.id);
        let world = Self { session, ..world };
        let mut changes: Vec<ObjectChange> = vec![
            Change::Create(outpost).into(),
            Change::Create(world.provider.clone()).into(),
            Change::Create(world.application.clone()).into(),
            Change::Create(world.endpoint.clone()).into(),
            Change::Create(world.user.clone()).into(),
            Change::Create(world.edge.clone()).into(),
        ];
        changes.extend(
            world
                .nodes
                .iter()
                .map(|node| Change::Create(node.clone()).into()),
        );
        table.write(&changes, &[]).await.unwrap();
        table.sessions().create(&world.session).await.unwrap();
        for node in &world.nodes {
            world.beat(table, node, false, now()).await;
        }
        world
    }

    pub(crate) async fn beat(
        &self,
        table: &Table,
        node: &Node,
        draining: bool,
        now: Timestamp,
    ) -> NodeState {
        let edges = BTreeSet::from([self.edge.id]);
        let beat = NodeBeat {
            draining,
            capacity: node.capacity,
            version: "0.1.1",
            edges: &edges,
            now,
        };
        table
            .nodes()
            .heartbeat(node.id, beat)
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) fn credential(&self) -> Credential {
        Credential::Session(self.session.session.id)
    }

    /// A pending connection on the node with this index.
    pub(crate) fn connection(&self, node: usize) -> Connection {
        Connection {
            address: String::new(),
            id: ConnectionId::new(uuid()),
            state: ConnectionState::Pending,
            protocol: Protocol::Ssh,
            user: self.user.id,
            username: self.user.username.clone(),
            session: self.session.session.id,
            application: self.application.id,
            application_name: self.application.name.clone(),
            provider: self.provider.id,
            endpoint: self.endpoint.id,
            endpoint_name: self.endpoint.name.clone(),
            node: self.nodes[node].id,
            edge: self.edge.id,
            created_at: now(),
            expires_at: Some(later(8 * 3600)),
            ended_at: None,
            end_reason: None,
            end_code: None,
        }
    }

    pub(crate) async fn reserve(
        &self,
        table: &Table,
        connection: &Connection,
        ticket: TicketId,
    ) -> ReserveOutcome {
        self.reserve_at_most(table, connection, ticket, u32::MAX)
            .await
    }

    pub(crate) async fn reserve_at_most(
        &self,
        table: &Table,
        connection: &Connection,
        ticket: TicketId,
        node_at_most: u32,
    ) -> ReserveOutcome {
        let event = event(now(), "launched");
        let reservation = Reservation {
            connection,
            credential: self.credential(),
            ticket,
            node_at_most,
            pending_until: later(90),
            heartbeat_after: later(-15),
            now: now(),
            execution: None,
            flow_result: None,
            event: Some(&event),
        };
        table.connections().reserve(reservation).await.unwrap()
    }

    /// A connection with its place and a ticket.
    pub(crate) async fn launched(&self, table: &Table) -> (Connection, TicketId) {
        let connection = self.connection(0);
        let ticket = TicketId::new(uuid());
        let outcome = self.reserve(table, &connection, ticket).await;
        assert_eq!(outcome, ReserveOutcome::Reserved);
        (connection, ticket)
    }

    pub(crate) fn claim(&self, connection: &Connection, ticket: TicketId) -> Claim {
        Claim {
            user: connection.user,
            connection: connection.id,
            credential: self.credential(),
            observed: connection.state,
            ticket,
            node: connection.node,
            edge: connection.edge,
            now: later(1),
        }
    }

    pub(crate) async fn end(
        &self,
        table: &Table,
        connection: &Connection,
        reason: EndReason,
    ) -> EndOutcome {
        let event = event(later(2), "ended");
        let ending = Ending {
            user: connection.user,
            connection: connection.id,
            reason,
            code: None,
            only_if: None,
            only_at: None,
            now: later(2),
            keep_until: later(24 * 3600),
            events: &[event],
        };
        table.connections().end(ending).await.unwrap()
    }

    /// Places taken at the endpoint and on each node.
    pub(crate) async fn taken(&self, table: &Table) -> (u32, Vec<u32>) {
        let usage = table
            .endpoints()
            .usage(self.endpoint.id)
            .await
            .unwrap()
            .unwrap();
        let mut loads = Vec::new();
        for node in &self.nodes {
            let state = table.nodes().state(node.id).await.unwrap().unwrap();
            let leases = table.connections().of_node(node.id).await.unwrap();
            assert_eq!(
                state.load.connections as usize,
                leases.len(),
                "leases of {}",
                node.id
            );
            loads.push(state.load.connections);
        }
        (usage.connections, loads)
    }
}
