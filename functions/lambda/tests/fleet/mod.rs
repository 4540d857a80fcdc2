//! Nodes and edges as the functions see them: signed requests.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests and measurements, which use different parts"
)]

use causeway_fleet::RoleProof;
use causeway_trust::{MemberId, RequestSignature, SignedParts, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulated::{Cloud, Function, Program, Response, Sent};

/// A node or an edge.
pub struct Member {
    id: MemberId,
    key: SigningKey,
}

impl Member {
    /// A node admitted with a join token's document.
    pub async fn enrol_node(nodes: &Function, token: &Value) -> Self {
        Self::enrol(nodes, token, "node-1", "node", json!({"capacity": 10_000})).await
    }

    /// An edge admitted with a join token's document.
    pub async fn enrol_edge(nodes: &Function, token: &Value) -> Self {
        let role = edge_at("edge.example:443");
        Self::enrol(nodes, token, "edge-1", "edge", role).await
    }

    /// An edge that browsers reach at `public_url`, alone or with others.
    pub async fn enrol_edge_behind(
        nodes: &Function,
        token: &Value,
        name: &str,
        public_url: &str,
    ) -> Self {
        let role = json!({"public_url": public_url, "tunnel_address": "edge.example:443"});
        let edge = Self::enrol(nodes, token, name, "edge", role.clone()).await;
        edge.heartbeat_as(nodes, role).await;
        edge
    }

    async fn enrol(nodes: &Function, token: &Value, name: &str, kind: &str, role: Value) -> Self {
        let key = SigningKey::generate().unwrap();
        let body = json!({
            "token": token["token"],
            "name": name,
            "public_key": key.verifying_key().to_string(),
            "version": "test",
            kind: role,
        });
        let sent = Sent::post("/api/v1/fleet/enrol", &body).by_function_url();
        let enrolled = nodes.answer(sent).await.ok();
        Self::of(key, &enrolled)
    }

    fn of(key: SigningKey, enrolled: &Value) -> Self {
        Self {
            id: enrolled["member"].as_str().unwrap().parse().unwrap(),
            key,
        }
    }

    /// A node admitted by a role.
    pub async fn enrol_node_by_role(nodes: &Function, role: &str) -> Self {
        let (key, sent) = by_role(role, "node", json!({"capacity": 10_000}));
        let enrolled = nodes.answer(sent).await.ok();
        Self::of(key, &enrolled)
    }

    /// An edge admitted by a role. Asked twice, it is told the same.
    pub async fn enrol_edge_by_role(nodes: &Function, role: &str, address: &str) -> Self {
        let (key, sent) = by_role(role, "edge", edge_at(address));
        let enrolled = nodes.answer(sent.clone()).await.ok();
        let again = nodes.answer(sent).await.ok();
        assert_eq!(again["member"], enrolled["member"]);
        Self::of(key, &enrolled)
    }

    /// What an edge with that role is answered.
    pub async fn try_edge_by_role(nodes: &Function, role: &str, address: &str) -> Response {
        nodes
            .answer(by_role(role, "edge", edge_at(address)).1)
            .await
    }

    /// The bare id, without the kind.
    pub fn id(&self) -> String {
        self.id.to_string().split(':').nth(1).unwrap().to_owned()
    }

    /// Asks the nodes function something, signed.
    pub async fn ask(&self, nodes: &Function, path: &str, body: &Value) -> Response {
        nodes.answer(self.signed(path, body)).await
    }

    /// A request to the nodes function, signed.
    pub fn signed(&self, path: &str, body: &Value) -> Sent {
        let body = body.to_string();
        let parts = SignedParts {
            method: "POST",
            path,
            body: body.as_bytes(),
        };
        let signature = RequestSignature::sign(&self.key, self.id, &parts, Timestamp::now());
        let sent = Sent::new("POST", path)
            .body(&body)
            .header("authorization", &signature.to_string());
        sent.by_function_url()
    }

    pub async fn heartbeat_of_edge(&self, nodes: &Function) -> Value {
        self.heartbeat_of_edge_at(nodes, "edge.example:443").await
    }

    pub async fn heartbeat_of_edge_at(&self, nodes: &Function, address: &str) -> Value {
        self.heartbeat_as(nodes, edge_at(address)).await
    }

    async fn heartbeat_as(&self, nodes: &Function, mut status: Value) -> Value {
        status["nodes"] = 1.into();
        let body = json!({"version": "test", "edge": status});
        self.ask(nodes, "/api/v1/fleet/heartbeat", &body).await.ok()
    }

    pub async fn heartbeat_of_node(&self, nodes: &Function, edges: &[&Self]) -> Value {
        let edges: Vec<_> = edges.iter().map(|edge| edge.id()).collect();
        let status = json!({
            "draining": false,
            "capacity": 10_000,
            "connections": [],
            "edges": edges,
        });
        let body = json!({"version": "test", "node": status});
        self.ask(nodes, "/api/v1/fleet/heartbeat", &body).await.ok()
    }

    pub async fn claim(&self, nodes: &Function, ticket: &Value) -> Response {
        self.ask(nodes, "/api/v1/fleet/claim", &json!({ "ticket": ticket }))
            .await
    }

    /// Reports that the target of a connection is reached.
    pub async fn opened(&self, nodes: &Function, connection: &Value) -> Response {
        let body = json!({
            "connection": connection["id"],
            "user": connection["user"],
            "event": {"type": "opened"},
        });
        self.ask(nodes, "/api/v1/fleet/report", &body).await
    }
}

/// The nodes function, told of the roles `edge` and `node`.
pub async fn nodes_with_roles(cloud: &Cloud, program: &str) -> Function {
    let roles = json!({
        "arn:aws:iam::123456789012:role/causeway/edge": "edge",
        "arn:aws:iam::123456789012:role/node": "outpost:default",
    });
    let roles = roles.to_string();
    let program = Program::new(program, cloud.environment());
    program.with("CAUSEWAY_MEMBER_ROLES", &roles).start().await
}

/// Somebody who assumed a role.
pub fn assumed(role: &str) -> String {
    format!("arn:aws:sts::123456789012:assumed-role/{role}/task-1")
}

fn edge_at(address: &str) -> Value {
    json!({"public_url": "wss://edge.example", "tunnel_address": address})
}

/// An enrolment by a role, and the key that it is for.
fn by_role(role: &str, kind: &str, what: Value) -> (SigningKey, Sent) {
    let key = SigningKey::generate().unwrap();
    let proof = RoleProof {
        authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-central-1/sts/aws4_request, \
            SignedHeaders=host;x-amz-date;x-causeway-audience;x-causeway-key, Signature=00"
            .to_owned(),
        date: Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        security_token: Some(role.to_owned()),
    };
    let body = json!({
        "token": proof.to_token(),
        "name": format!("{kind}-by-role"),
        "public_key": key.verifying_key().to_string(),
        "version": "test",
        kind: what,
    });
    (
        key,
        Sent::post("/api/v1/fleet/enrol", &body).by_function_url(),
    )
}

/// Writes an application with an endpoint of many places and admits a node and
/// an edge; gives back the cookie that it was done with, and the node.
pub async fn ready_to_launch(
    admin: &Function,
    portal: &Function,
    nodes: &Function,
    cookie: String,
) -> (String, Member) {
    let documents = json!({"documents": [
        {"kind": "provider", "name": "machines", "outposts": ["default"]},
        {"kind": "application", "slug": "machines", "name": "Machines", "provider": "machines"},
        {"kind": "endpoint", "name": "one", "provider": "machines", "protocol": "ssh",
            "host": "target.example", "maximum_connections": -1},
    ]});
    let with = |path: &str, body: &Value| Sent::post(path, body).cookies([&*cookie]);
    admin
        .answer(with("/api/v1/admin/apply", &documents))
        .await
        .ok();
    let node = with("/api/v1/admin/outposts/default/join", &json!({}));
    let edge = with("/api/v1/admin/edges/join", &json!({}));
    let node = Member::enrol_node(nodes, &admin.answer(node).await.ok()).await;
    let edge = Member::enrol_edge(nodes, &admin.answer(edge).await.ok()).await;
    edge.heartbeat_of_edge(nodes).await;
    node.heartbeat_of_node(nodes, &[&edge]).await;
    let mine = portal
        .answer(Sent::get("/api/v1/applications").cookies([&*cookie]))
        .await;
    assert_eq!(mine.ok()["items"][0]["slug"], "machines");
    (cookie, node)
}
