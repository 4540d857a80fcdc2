//! A node that a test plays itself: it says what a node says to the control
//! plane, reaches no target, and has no tunnel to any edge.

use anyhow::{Context, Result};
use causeway_tests::stack::Api;
use causeway_trust::{MemberId, RequestSignature, SignedParts, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::story::join_token;

/// A node in name.
pub(crate) struct Ghost {
    id: MemberId,
    key: SigningKey,
}

impl Ghost {
    /// Joins an outpost.
    pub(crate) async fn join(fleet: &Api, admin: &Api, outpost: &str) -> Result<Self> {
        let token = join_token(admin, &format!("outposts/{outpost}/join")).await?;
        let key = SigningKey::generate()?;
        let body = json!({
            "token": token,
            "name": format!("ghost-{}", uuid::Uuid::new_v4()),
            "public_key": key.verifying_key(),
            "version": "none",
            "node": { "capacity": 1000 },
        });
        let enrolled = fleet.post("/api/v1/fleet/enrol", body).await?.ok()?;
        let id = enrolled["member"].as_str().context("no member")?.parse()?;
        Ok(Self { id, key })
    }

    /// Its id as a node.
    pub(crate) fn id(&self) -> String {
        let id = self.id.to_string();
        id.rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Says that it lives, and has tunnels to these edges.
    pub(crate) async fn lives(&self, fleet: &Api, edges: &Value) -> Result<()> {
        let status = json!({
            "draining": false, "capacity": 1000, "connections": [], "edges": edges,
        });
        let body = json!({ "version": "none", "node": status });
        self.ask(fleet, "heartbeat", body).await.map(drop)
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
