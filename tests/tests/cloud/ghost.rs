//! Members that a test plays itself: a node that says what a node says to the
//! control plane, reaches no target and has no tunnel, and an edge that nobody
//! reaches.

use anyhow::{Context, Result};
use causeway_fleet::ROLE_TOKEN_PREFIX;
use causeway_tests::stack::{Answer, Api};
use causeway_trust::{MemberId, RequestSignature, SignedParts, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::story::join_token;

/// A member in name.
pub(crate) struct Ghost {
    id: MemberId,
    key: SigningKey,
}

impl Ghost {
    /// A node that joins an outpost.
    pub(crate) async fn node(fleet: &Api, admin: &Api, outpost: &str) -> Result<Self> {
        let token = join_token(admin, &format!("outposts/{outpost}/join")).await?;
        Self::join(fleet, &token, "node", json!({ "capacity": 1000 })).await
    }

    /// An edge.
    pub(crate) async fn edge(fleet: &Api, admin: &Api) -> Result<Self> {
        let token = join_token(admin, "edges/join").await?;
        Self::join(fleet, &token, "edge", nowhere()).await
    }

    /// Asks to join with what is no proof of a role.
    pub(crate) async fn with_no_role(fleet: &Api) -> Result<Answer> {
        let body = json!({
            "token": format!("{ROLE_TOKEN_PREFIX}none"),
            "name": "nobody",
            "public_key": SigningKey::generate()?.verifying_key(),
            "version": "none",
            "node": { "capacity": 1 },
        });
        fleet.post("/api/v1/fleet/enrol", body).await
    }

    async fn join(fleet: &Api, token: &str, kind: &str, status: Value) -> Result<Self> {
        let key = SigningKey::generate()?;
        let mut body = json!({
            "token": token,
            "name": format!("ghost-{}", uuid::Uuid::new_v4()),
            "public_key": key.verifying_key(),
            "version": "none",
        });
        body[kind] = status;
        let enrolled = fleet.post("/api/v1/fleet/enrol", body).await?.ok()?;
        let id = enrolled["member"].as_str().context("no member")?.parse()?;
        Ok(Self { id, key })
    }

    /// Its id as a node or an edge.
    pub(crate) fn id(&self) -> String {
        let id = self.id.to_string();
        id.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Says that it is a node that lives, with a tunnel to this edge.
    pub(crate) async fn lives_behind(&self, fleet: &Api, edge: &Self) -> Result<()> {
        let status = json!({
            "draining": false, "capacity": 1000, "connections": [], "edges": [edge.id()],
        });
        self.beats(fleet, json!({ "node": status })).await
    }

    /// Says that it is an edge that lives.
    pub(crate) async fn carries(&self, fleet: &Api) -> Result<()> {
        let mut status = nowhere();
        status["nodes"] = 2.into();
        self.beats(fleet, json!({ "edge": status })).await
    }

    async fn beats(&self, fleet: &Api, mut status: Value) -> Result<()> {
        status["version"] = "none".into();
        self.ask(fleet, "heartbeat", status).await.map(drop)
    }

    /// Claims what a ticket admits to.
    pub(crate) async fn claim(&self, fleet: &Api, ticket: &str) -> Result<Value> {
        self.ask(fleet, "claim", json!({ "ticket": ticket })).await
    }

    /// Says that a connection is over.
    pub(crate) async fn ended(&self, fleet: &Api, connection: &str, user: &Value) -> Result<()> {
        let event = json!({ "type": "ended", "reason": "exited" });
        let body = json!({ "connection": connection, "user": user, "event": event });
        self.ask(fleet, "report", body).await.map(drop)
    }

    async fn ask(&self, fleet: &Api, what: &str, body: Value) -> Result<Value> {
        let path = format!("/api/v1/fleet/{what}");
        let text = body.to_string();
        let parts = SignedParts {
            method: "POST",
            path: &path,
            body: text.as_bytes(),
        };
        let signature = RequestSignature::sign(&self.key, self.id, &parts, Timestamp::now());
        let signed = fleet.with_header("authorization", &signature.to_string());
        signed.post(&path, body).await?.ok()
    }
}

/// Where an edge is that nobody reaches.
fn nowhere() -> Value {
    json!({ "public_url": "ws://127.0.0.1:1", "tunnel_address": "127.0.0.1:1" })
}
