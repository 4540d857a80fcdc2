//! What the sweep finds: one connection whose node is lost and that another can
//! take, one that nobody claimed in time, an edge that joined by its role and is
//! lost for long, and a binding whose target is gone.

use anyhow::{Result, ensure};
use causeway_model::id::{EdgeId, PolicyBindingId, UserId};
use causeway_model::object::{Edge, Meta, PolicyBinding, Subject, TargetKind};
use causeway_tests::cloud::NAME;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exercise::Stage;

/// Items to be there before a sweep and gone after it.
struct Rest(Vec<Value>);

impl Stage {
    /// The exercise of the sweep.
    pub(crate) async fn sweep(&self) -> Result<()> {
        self.members_live(&self.fleet()?).await?;
        let (movable, late) = tokio::try_join!(
            self.user.launch(self.function, "shell"),
            self.user.launch(self.function, "shell"),
        )?;
        let lease = format!("LEASE#{}", late.connection);
        let rest = Rest::new()?;
        tokio::try_join!(
            self.long_ago("pending_until_ms", &late.node, &lease),
            self.long_ago("heartbeat_ms", &movable.node, "LOAD"),
            async {
                self.table("TransactWriteItems", &rest.puts())
                    .await
                    .map(drop)
            },
        )?;
        let swept = self.twin.invoke(&Value::Null).await;
        let state = async |id: &str| {
            let path = format!("/api/v1/connections/{id}");
            self.user.get(&path).await?.ok()
        };
        let (moved, ended) = tokio::join!(state(&movable.connection), state(&late.connection));
        // Nothing is left for the next time; what is over is so already.
        let over = async |id: &str| {
            let path = format!("/api/v1/connections/{id}");
            self.user.delete(&path).await
        };
        tokio::try_join!(over(&movable.connection), over(&late.connection))?;
        swept?;
        let (moved, ended) = (moved?, ended?);
        ensure!(moved["node"] != movable.node, "not moved: {moved}");
        ensure!(ended["state"] == "ended", "not ended: {ended}");
        let left = self.table("BatchGetItem", &rest.keys()).await?;
        let left = &left["Responses"][NAME];
        ensure!(*left == json!([]), "not forgotten: {left}");
        Ok(())
    }

    /// Puts a time of a node into the past.
    async fn long_ago(&self, attribute: &str, node: &str, sk: &str) -> Result<()> {
        let update = json!({
            "TableName": NAME,
            "Key": { "pk": { "S": format!("NODE#{node}") }, "sk": { "S": sk } },
            "UpdateExpression": "SET #a = :then",
            "ExpressionAttributeNames": { "#a": attribute },
            "ExpressionAttributeValues": { ":then": { "N": "1" } },
        });
        self.table("UpdateItem", &update).await.map(drop)
    }
}

impl Rest {
    /// A lost edge with its life, and a binding with its name and the note that
    /// it was left behind; as in `crates/table/src/key.rs`.
    fn new() -> Result<Self> {
        let edge = Edge {
            id: EdgeId::new(Uuid::new_v4()),
            name: "lost".to_owned(),
            public_key: String::new(),
            public_url: "ws://127.0.0.1:1".to_owned(),
            tunnel_address: "127.0.0.1:1".to_owned(),
            ephemeral: true,
            version: "none".to_owned(),
            enrolled_at: Timestamp::UNIX_EPOCH,
        };
        let (target, subject) = (Uuid::new_v4(), Subject::User(UserId::new(Uuid::new_v4())));
        let binding = PolicyBinding {
            id: PolicyBindingId::new(Uuid::new_v4()),
            name: PolicyBinding::name_of(TargetKind::Endpoint, target, subject),
            target,
            target_kind: TargetKind::Endpoint,
            order: 0,
            enabled: true,
            negate: false,
            timeout_s: 1,
            failure_result: false,
            subject,
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        };
        let text = |text: String| json!({ "S": text });
        let number = |number: u64| json!({ "N": number.to_string() });
        Ok(Self(vec![
            json!({
                "pk": text("CONFIG".to_owned()), "sk": text(format!("EDGE#{}", edge.id)),
                "doc": text(serde_json::to_string(&edge)?), "revision": number(0),
            }),
            json!({
                "pk": text(format!("EDGE#{}", edge.id)), "sk": text("LIVE".to_owned()),
                "nodes": number(0), "draining": { "BOOL": false }, "heartbeat_ms": number(1),
            }),
            json!({
                "pk": text("CONFIG".to_owned()),
                "sk": text(format!("POLICY_BINDING#{}", binding.id)),
                "doc": text(serde_json::to_string(&binding)?),
                "revision": number(binding.meta.version),
            }),
            json!({
                "pk": text(format!("NAME#POLICY_BINDING#{}", binding.name)),
                "sk": text("NAME".to_owned()), "id": text(binding.id.to_string()),
            }),
            json!({
                "pk": text("LEFT_BEHIND".to_owned()), "sk": text(format!("TARGET#{target}")),
            }),
        ]))
    }

    fn puts(&self) -> Value {
        let items = self.0.iter();
        let puts = items.map(|item| json!({ "Put": { "TableName": NAME, "Item": item } }));
        json!({ "TransactItems": puts.collect::<Vec<_>>() })
    }

    fn keys(&self) -> Value {
        let items = self.0.iter();
        let keys = items.map(|item| json!({ "pk": item["pk"], "sk": item["sk"] }));
        json!({ "RequestItems": { NAME: {
            "Keys": keys.collect::<Vec<_>>(), "ConsistentRead": true,
        }}})
    }
}
