//! What the tests work with: a house, people who knock at its door, and the
//! nodes and edges that serve it.

mod client;
mod members;

pub(crate) use client::{Answer, Client};
pub(crate) use members::{EdgeMember, Member, NodeMember, request};

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use causeway_functions::access::Admin;
use causeway_functions::clock::ManualClock;
use causeway_functions::order::{OrderError, OrderSender};
use causeway_functions::use_case::{apply, bootstrap};
use causeway_functions::{App, Config, Parts, PasswordCost};
use causeway_table::Table;
use causeway_trust::{KeyRing, Order, SecretBox, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A control plane of its own.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) orders: Arc<WrittenDown>,
    pub(crate) keys: KeyRing,
}

impl House {
    /// A control plane with user `admin` and nothing else.
    pub(crate) async fn empty() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with another configuration.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_parts(|parts| change(&mut parts.config)).await
    }

    /// The same with other parts.
    pub(crate) async fn with_parts(change: impl FnOnce(&mut Parts)) -> Self {
        let clock = Arc::new(ManualClock::new(
            Timestamp::from_second(1_800_000_000).unwrap(),
        ));
        let orders = Arc::new(WrittenDown::default());
        let signing_key = SigningKey::generate().unwrap();
        let keys = [signing_key.verifying_key()].into_iter().collect();
        let mut config = Config::new(ORIGIN.parse().unwrap());
        config.password_cost = PasswordCost {
            memory_kib: 64,
            passes: 1,
            parallel: 2,
        };
        let mut parts = Parts::new(
            Table::in_memory().await.unwrap(),
            signing_key,
            SecretBox::new(&[7; 32]).unwrap(),
            config,
            orders.clone(),
        );
        parts.clock = clock.clone();
        change(&mut parts);
        let app = App::new(parts).unwrap();
        assert!(
            bootstrap::ensure_admin(&app, &PASSWORD.into())
                .await
                .unwrap()
        );
        let (router, _) = causeway_functions::api(app.clone());
        Self {
            app,
            router,
            clock,
            orders,
            keys,
        }
    }

    /// Another process on the same table, with a key of its own.
    pub(crate) fn another_process(&self) -> App {
        self.another_process_with(|_| {})
    }

    /// The same with other parts.
    pub(crate) fn another_process_with(&self, change: impl FnOnce(&mut Parts)) -> App {
        let mut parts = Parts::new(
            self.app.table().clone(),
            SigningKey::generate().unwrap(),
            SecretBox::new(&[7; 32]).unwrap(),
            self.app.config().clone(),
            self.orders.clone(),
        );
        parts.clock = self.clock.clone();
        change(&mut parts);
        App::new(parts).unwrap()
    }

    /// A control plane with an application `linux`, its provider, one endpoint
    /// `web-01` in it, and the outpost `home`; user `ada` beside `admin`.
    pub(crate) async fn furnished() -> Self {
        let house = Self::empty().await;
        house.apply(furniture()).await;
        house
    }

    /// The same with an edge and a node that are up.
    pub(crate) async fn staffed() -> (Self, EdgeMember, NodeMember) {
        let house = Self::furnished().await;
        let edge = house.edge("edge-1").await;
        let node = house.node("node-1", 100, &[&edge]).await;
        (house, edge, node)
    }

    /// Applies documents as the operator.
    pub(crate) async fn apply(&self, documents: Vec<Value>) {
        apply::apply(&self.app, &Admin::operator(), documents, false)
            .await
            .unwrap();
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Somebody who signed in with the common password.
    pub(crate) async fn sign_in(&self, username: &str) -> Client {
        let mut client = self.stranger();
        client.sign_in(username, PASSWORD).await.expect(200);
        client
    }

    /// An edge that enrolled and was heard of.
    pub(crate) async fn edge(&self, name: &str) -> EdgeMember {
        EdgeMember::enrol(self, name).await
    }

    /// A node of outpost `home` that enrolled and holds tunnels to `edges`.
    pub(crate) async fn node(
        &self,
        name: &str,
        capacity: u32,
        edges: &[&EdgeMember],
    ) -> NodeMember {
        NodeMember::enrol(self, name, capacity, edges).await
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// What [`House::furnished`] holds.
pub(crate) fn furniture() -> Vec<Value> {
    vec![
        json!({"kind": "outpost", "name": "home"}),
        json!({"kind": "provider", "name": "ssh", "outposts": ["home"]}),
        json!({"kind": "application", "slug": "linux", "name": "Linux", "provider": "ssh"}),
        json!({
            "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
            "host": "10.0.0.1:2222", "settings": {"username": "root", "password": "target secret"},
        }),
        json!({"kind": "user", "username": "ada", "password": PASSWORD}),
    ]
}

/// Takes orders and delivers them at once, or not.
#[derive(Debug, Default)]
pub(crate) struct WrittenDown {
    pub(crate) sent: Mutex<Vec<(String, String)>>,
    pub(crate) deaf: Mutex<Vec<String>>,
}

impl WrittenDown {
    /// The orders that came so far, read with the control plane's key.
    pub(crate) fn read(&self, house: &House) -> Vec<Order> {
        let sent = self.sent.lock().unwrap();
        let now = house.app.now();
        sent.iter()
            .map(|(_, order)| house.keys.verify(order, now).unwrap())
            .collect()
    }
}

#[async_trait]
impl OrderSender for WrittenDown {
    async fn send(&self, public_url: &str, order: &str) -> Result<(), OrderError> {
        if self
            .deaf
            .lock()
            .unwrap()
            .iter()
            .any(|deaf| deaf == public_url)
        {
            return Err(OrderError::Deadline);
        }
        self.sent
            .lock()
            .unwrap()
            .push((public_url.to_owned(), order.to_owned()));
        Ok(())
    }
}
