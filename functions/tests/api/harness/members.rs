//! Nodes and edges that speak to the control plane.

use axum::body::Body;
use causeway_fleet::{CLAIM_PATH, HEARTBEAT_PATH, REPORT_PATH};
use causeway_functions::access::Admin;
use causeway_functions::use_case::enrolment;
use causeway_model::id::{ConnectionId, EdgeId, NodeId, UserId};
use causeway_trust::{MemberId, RequestSignature, SignedParts, SigningKey};
use serde_json::{Value, json};

use super::{Answer, Client, House};

/// Somebody with a key who signs requests.
pub(crate) struct Member {
    pub(crate) id: MemberId,
    pub(crate) key: SigningKey,
    client: Client,
}

impl Member {
    /// Who was enrolled already.
    pub(crate) fn new(house: &House, id: MemberId, key: SigningKey) -> Self {
        let client = house.stranger();
        Self { id, key, client }
    }

    /// Shows a join token.
    pub(crate) async fn enrol(house: &House, token: &str, name: &str, role: Value) -> Self {
        let key = SigningKey::generate().unwrap();
        let client = house.stranger();
        let enrolled = client
            .post("/api/v1/fleet/enrol", &request(token, name, &key, role))
            .await;
        let id = enrolled.expect(200)["member"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        Self { id, key, client }
    }

    /// Sends a signed request.
    pub(crate) async fn send(&self, house: &House, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let parts = SignedParts {
            method: "POST",
            path,
            body: body.as_bytes(),
        };
        let signature = RequestSignature::sign(&self.key, self.id, &parts, house.app.now());
        let headers = [("authorization", &*signature.to_string())];
        self.client
            .send("POST", path, &headers, Body::from(body.clone()))
            .await
    }
}

/// The body of an enrolment.
pub(crate) fn request(token: &str, name: &str, key: &SigningKey, role: Value) -> Value {
    let mut body = json!({
        "token": token, "name": name, "version": "1.0", "public_key": key.verifying_key(),
    });
    body.as_object_mut()
        .unwrap()
        .extend(role.as_object().unwrap().clone());
    body
}

/// An edge.
pub(crate) struct EdgeMember {
    pub(crate) member: Member,
    pub(crate) id: EdgeId,
    pub(crate) public_url: String,
}

impl EdgeMember {
    pub(crate) async fn enrol(house: &House, name: &str) -> Self {
        let token = enrolment::join_edge(&house.app, &Admin::operator())
            .await
            .unwrap()
            .token;
        let public_url = format!("ws://{name}.example:9000");
        let role = json!({"edge": {
            "public_url": public_url, "tunnel_address": format!("{name}.example:4433"),
        }});
        let member = Member::enrol(house, &token, name, role).await;
        let edge = Self {
            id: member.id.edge().unwrap(),
            member,
            public_url,
        };
        edge.beat(house).await.expect(200);
        edge
    }

    pub(crate) async fn beat(&self, house: &House) -> Answer {
        self.tell(house, false).await
    }

    /// Tells that it is about to stop.
    pub(crate) async fn drain(&self, house: &House) {
        self.tell(house, true).await.expect(200);
    }

    async fn tell(&self, house: &House, draining: bool) -> Answer {
        let address = self
            .public_url
            .trim_start_matches("ws://")
            .replace(":9000", ":4433");
        let body = json!({"version": "1.0", "edge": {
            "nodes": 1, "public_url": self.public_url, "tunnel_address": address,
            "draining": draining,
        }});
        self.member.send(house, HEARTBEAT_PATH, &body).await
    }
}

/// A node.
pub(crate) struct NodeMember {
    pub(crate) member: Member,
    pub(crate) id: NodeId,
    pub(crate) capacity: u32,
    pub(crate) edges: Vec<EdgeId>,
}

impl NodeMember {
    pub(crate) async fn enrol(
        house: &House,
        name: &str,
        capacity: u32,
        edges: &[&EdgeMember],
    ) -> Self {
        let operator = Admin::operator();
        let token = enrolment::join_node(&house.app, &operator, "home")
            .await
            .unwrap()
            .token;
        let role = json!({"node": {"capacity": capacity}});
        let member = Member::enrol(house, &token, name, role).await;
        let edges = edges.iter().map(|edge| edge.id).collect();
        let node = Self {
            id: member.id.node().unwrap(),
            member,
            capacity,
            edges,
        };
        node.beat(house, &[]).await;
        node
    }

    /// A heartbeat that says what the node holds.
    pub(crate) async fn beat(&self, house: &House, held: &[(ConnectionId, UserId)]) -> Value {
        self.beat_with(house, held, false).await
    }

    pub(crate) async fn beat_with(
        &self,
        house: &House,
        held: &[(ConnectionId, UserId)],
        draining: bool,
    ) -> Value {
        let held: Vec<_> = held
            .iter()
            .map(|(id, user)| json!({"id": id, "user": user}))
            .collect();
        let body = json!({"version": "1.0", "node": {
            "draining": draining, "capacity": self.capacity, "connections": held,
            "edges": self.edges,
        }});
        self.member
            .send(house, HEARTBEAT_PATH, &body)
            .await
            .expect(200)
    }

    pub(crate) async fn claim(&self, house: &House, ticket: &str) -> Answer {
        self.member
            .send(house, CLAIM_PATH, &json!({"ticket": ticket}))
            .await
    }

    /// The same for a browser that the edge saw come from `address`.
    pub(crate) async fn claim_from(&self, house: &House, ticket: &str, address: &str) -> Answer {
        let body = json!({"ticket": ticket, "client_address": address});
        self.member.send(house, CLAIM_PATH, &body).await
    }

    pub(crate) async fn report(&self, house: &House, connection: &Value, event: Value) -> Answer {
        let body = json!({
            "connection": connection["id"], "user": connection["user"], "event": event,
        });
        self.member.send(house, REPORT_PATH, &body).await
    }
}
