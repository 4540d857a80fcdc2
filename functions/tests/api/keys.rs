//! Keys that are kept elsewhere: rotated in the middle of things, and not to be
//! had for a while.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causeway_functions::aws::CallError;
use causeway_functions::sealing::{Envelope, FreshKey, KeyWrapping, Place};
use causeway_functions::signing::{KeySet, KeySource, LEAD, SigningKeys};
use jiff::Timestamp;
use serde_json::json;
use zeroize::Zeroizing;

use crate::harness::{House, furniture};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";
/// How long a control plane goes on with what it read, in seconds.
const READ_EVERY: u64 = 5 * 60;

/// Keeps signing keys and wraps data keys, while it is up.
struct Elsewhere {
    keys: Mutex<KeySet>,
    down: AtomicBool,
}

impl Elsewhere {
    fn is_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    fn up(&self) -> Result<(), CallError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(CallError::TimedOut);
        }
        Ok(())
    }

    fn rotate(&self, now: Timestamp) {
        let mut keys = self.keys.lock().unwrap();
        *keys = keys.successor(now).unwrap();
    }
}

#[async_trait]
impl KeySource for Elsewhere {
    async fn read(&self) -> Result<KeySet, Box<dyn Error + Send + Sync>> {
        self.up()?;
        Ok(self.keys.lock().unwrap().clone())
    }
}

#[async_trait]
impl KeyWrapping for Elsewhere {
    async fn draw(&self, _place: Place<'_>) -> Result<FreshKey, CallError> {
        self.up()?;
        let plain = Zeroizing::new([7; 32]);
        let wrapped = STANDARD.encode(*plain);
        Ok(FreshKey { plain, wrapped })
    }

    async fn open(
        &self,
        _place: Place<'_>,
        wrapped: &str,
    ) -> Result<Zeroizing<[u8; 32]>, CallError> {
        self.up()?;
        let key = STANDARD.decode(wrapped).unwrap();
        Ok(Zeroizing::new(key.try_into().unwrap()))
    }
}

async fn house() -> (House, Arc<Elsewhere>) {
    let elsewhere = Arc::new(Elsewhere {
        keys: Mutex::new(KeySet::first(Timestamp::UNIX_EPOCH).unwrap()),
        down: AtomicBool::new(false),
    });
    let house = House::with_parts(|parts| {
        parts.signing = SigningKeys::kept(elsewhere.clone());
        let envelope = Envelope::new(parts.table.clone(), elsewhere.clone());
        parts.secrets = Arc::new(envelope.with_clock(parts.clock.clone()));
    })
    .await;
    (house, elsewhere)
}

#[tokio::test]
async fn a_rotation_loses_no_launch_and_no_claim() {
    let (house, elsewhere) = house().await;
    house.apply(furniture()).await;
    let unlimited = json!({
        "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
        "host": "10.0.0.1", "settings": {"password": "target secret"}, "maximum_connections": -1,
    });
    house.apply(vec![unlimited]).await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 100, &[&edge]).await;
    let ada = house.sign_in("ada").await;
    let mut kids = std::collections::BTreeSet::new();
    let lead = u64::try_from(LEAD.as_secs()).unwrap();
    // Before, while the new key is only published, at the change and after.
    for (pass, seconds) in [0, READ_EVERY, lead - READ_EVERY - 30, 60, READ_EVERY]
        .into_iter()
        .enumerate()
    {
        for _ in 0..seconds / 10 {
            house.wait(10);
            node.beat(&house, &[]).await;
            edge.beat(&house).await;
        }
        let launched = ada.poke(LAUNCH).await.expect(200);
        if pass == 0 {
            elsewhere.rotate(house.app.now());
        }
        let ticket = launched["ticket"].as_str().unwrap();
        kids.insert(ticket.split('.').nth(1).unwrap().to_owned());
        house.wait(30);
        node.claim(&house, ticket).await.expect(200);
    }
    assert_eq!(kids.len(), 2, "both keys signed");
}

#[tokio::test]
async fn a_secret_that_cannot_be_sealed_changes_nothing() {
    let (house, elsewhere) = house().await;
    house.apply(furniture()).await;
    let admin = house.sign_in("admin").await;
    let before = admin.get("/api/v1/admin/providers").await.expect(200);
    // What is in memory is good for an hour.
    house.wait(60 * 60);
    let admin = house.sign_in("admin").await;
    elsewhere.is_down(true);
    let secret = json!({"name": "ssh2", "outposts": ["home"], "settings": {"password": "x"}});
    let refused = admin.post("/api/v1/admin/providers", &secret).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(503, "secrets_unavailable");
    let documents = json!({"documents": [
        {"kind": "group", "name": "new"},
        {"kind": "provider", "name": "ssh", "outposts": ["home"], "settings": {"password": "y"}},
    ]});
    let refused = admin.post("/api/v1/admin/apply", &documents).await;
    refused.problem(503, "secrets_unavailable");
    assert_eq!(
        admin.get("/api/v1/admin/providers").await.expect(200),
        before
    );
    let groups = admin.get("/api/v1/admin/groups").await.expect(200);
    assert_eq!(groups["items"], json!([]));
    elsewhere.is_down(false);
    house.wait(1);
    admin
        .post("/api/v1/admin/apply", &documents)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_claim_whose_secrets_do_not_open_now_leaves_its_ticket_good() {
    let (house, elsewhere) = house().await;
    house.apply(furniture()).await;
    house.wait(60 * 60);
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 100, &[&edge]).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let ticket = launched["ticket"].as_str().unwrap();
    elsewhere.is_down(true);
    let refused = node.claim(&house, ticket).await;
    refused.problem(503, "secrets_unavailable");
    elsewhere.is_down(false);
    house.wait(1);
    let claimed = node.claim(&house, ticket).await.expect(200);
    assert_eq!(claimed["settings"]["password"], "target secret");
}

#[tokio::test]
async fn a_launch_that_nothing_can_be_signed_for_takes_no_place() {
    let (house, elsewhere) = house().await;
    house.apply(furniture()).await;
    let edge = house.edge("edge-1").await;
    house.node("node-1", 100, &[&edge]).await;
    let ada = house.sign_in("ada").await;
    elsewhere.is_down(true);
    // A process that has read no keys yet.
    let late = house.another_process_with(|parts| {
        parts.signing = SigningKeys::kept(elsewhere.clone());
    });
    let (router, _) = causeway_functions::api(late);
    let there = ada.at(router);
    let refused = there.poke(LAUNCH).await;
    refused.problem(503, "signing_keys_unavailable");
    let connections = ada.get("/api/v1/connections").await.expect(200);
    assert_eq!(connections["items"], json!([]));
    elsewhere.is_down(false);
    house.wait(5);
    there.poke(LAUNCH).await.expect(200);
}
