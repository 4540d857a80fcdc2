//! Members of which there are many, or none any more: an order to a node whose
//! edges share an address, and what is forgotten of those that fell silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::deployed::{Deployed, NODES, SWEEP, start};
use crate::emulated::{Cloud, Sent};
use crate::fleet::{self, Member, assumed};

const LAUNCH: &str = "/api/v1/applications/machines/endpoints/one/launch";
/// An invocation of the sweep that may take so long has one round.
const ONE_ROUND: Duration = Duration::from_secs(5);
/// Two nodes take turns; so many launches find either.
const LAUNCHES_MAX: usize = 8;

/// An address that stands for several edges: each request comes to the next of
/// them, and only the last has the node's tunnel.
struct SharedAddress {
    url: String,
    asked: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl SharedAddress {
    async fn of(edges: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let order = axum::routing::post(async move |headers: http::HeaderMap| {
            // A connection that is kept would lead to the same edge again.
            if headers.get("connection").is_none_or(|kept| kept != "close") {
                return http::StatusCode::BAD_REQUEST;
            }
            let this = count.fetch_add(1, Ordering::Relaxed) % edges + 1;
            if this == edges {
                http::StatusCode::NO_CONTENT
            } else {
                http::StatusCode::NOT_FOUND
            }
        });
        let router = axum::Router::new().route("/edge/v1/orders", order);
        Self {
            url: format!("ws://{}", listener.local_addr().unwrap()),
            asked,
            server: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }
}

impl Drop for SharedAddress {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tokio::test]
async fn an_order_finds_its_edge_behind_an_address_that_several_share() {
    const EDGES: usize = 3;
    let deployed = Deployed::start().await;
    let node = deployed.ready_to_launch().await;
    let Deployed {
        admin,
        portal,
        nodes,
        ..
    } = &deployed;
    let with = |sent: Sent| deployed.signed_in(sent);
    let shared = SharedAddress::of(EDGES).await;
    let mut edges = Vec::new();
    for number in 0..EDGES {
        let token = with(Sent::post("/api/v1/admin/edges/join", &json!({})));
        let token = admin.answer(token).await.ok();
        let name = format!("shared-{number}");
        edges.push(Member::enrol_edge_behind(nodes, &token, &name, &shared.url).await);
    }
    // Its tunnel is at one of them; which of them answers is chance.
    node.heartbeat_of_node(nodes, &[&edges[0]]).await;

    let launched = portal.answer(with(Sent::post(LAUNCH, &json!({})))).await;
    let launched = launched.ok();
    node.claim(nodes, &launched["ticket"]).await.ok();
    let id = launched["connection"]["id"].as_str().unwrap();
    let path = format!("/api/v1/connections/{id}");
    let ended = portal.answer(with(Sent::new("DELETE", &path))).await;
    assert_eq!(ended.status(), 204, "{ended:?}");

    assert_eq!(shared.asked.load(Ordering::Relaxed), EDGES);
    let line = portal.last_request().await;
    assert_eq!(line["orders_delivered"], 1, "{line}");
    assert_eq!(line["orders_undelivered"], Value::Null, "{line}");
}

#[tokio::test]
async fn the_sweep_forgets_whom_nobody_hears_of_with_all_that_is_about_them() {
    let mut deployed = Deployed::start().await;
    deployed.nodes = fleet::nodes_with_roles(&deployed.cloud, NODES).await;
    // An edge and a node by token, which stay, and of each kind one by role.
    let staying = deployed.ready_to_launch().await;
    let Deployed {
        cloud,
        admin,
        portal,
        nodes,
        ..
    } = &deployed;
    let with = |sent: Sent| deployed.signed_in(sent);
    let edge = Member::enrol_edge_by_role(nodes, &assumed("edge"), "auto:443").await;
    let node = Member::enrol_node_by_role(nodes, &assumed("node")).await;
    edge.heartbeat_of_edge_at(nodes, "auto:443").await;
    node.heartbeat_of_node(nodes, &[&edge]).await;

    let mut held = None;
    for _ in 0..LAUNCHES_MAX {
        let launched = portal.answer(with(Sent::post(LAUNCH, &json!({})))).await;
        let connection = &launched.ok()["connection"];
        if connection["node"] == node.id() {
            node.claim(nodes, &launched.ok()["ticket"]).await.ok();
            node.opened(nodes, connection).await.ok();
            held = connection["id"].as_str().map(str::to_owned);
            break;
        }
    }
    let held = held.expect("a connection at the node that falls silent");
    let (about_node, about_edge) = (format!("NODE#{}", node.id()), format!("EDGE#{}", edge.id()));
    for (partition, item) in [(&about_node, "LOAD"), (&about_edge, "LIVE")] {
        was_heard_of_long_ago(cloud, partition, item).await;
        joined_long_ago(cloud, partition).await;
    }

    // The first ends what the node held, the second forgets it: who holds
    // something is not forgotten before.
    let sweep = start(cloud, SWEEP).await;
    for _ in 0..2 {
        staying.heartbeat_of_node(nodes, &[]).await;
        sweep.invoke_text("null", ONE_ROUND).await.unwrap();
    }
    for kind in ["nodes", "edges"] {
        let shown = with(Sent::get(&format!("/api/v1/admin/{kind}")));
        let shown = admin.answer(shown).await.ok();
        let [one] = &shown["items"].as_array().unwrap()[..] else {
            panic!("one of {kind} stays: {shown}");
        };
        assert_eq!(one["ephemeral"], false, "{kind}: {shown}");
    }
    let ended = with(Sent::get(&format!("/api/v1/connections/{held}")));
    let ended = portal.answer(ended).await.ok();
    assert_eq!(ended["end_reason"], "node_lost", "{ended}");
    for partition in [&about_node, &about_edge] {
        assert_eq!(items_of(cloud, partition).await, json!([]), "{partition}");
        let kept = key("CONFIG", partition);
        let kept = cloud.ask_table("GetItem", json!({ "Key": kept })).await;
        assert_eq!(kept["Item"], Value::Null, "{partition}");
    }
    let events = with(Sent::get("/api/v1/admin/events"));
    let events = admin.answer(events).await.ok().to_string();
    for name in ["node-by-role", "edge-by-role"] {
        assert!(events.contains(name), "no event tells of {name}");
    }
}

fn key(partition: &str, item: &str) -> Value {
    json!({"pk": {"S": partition}, "sk": {"S": item}})
}

async fn was_heard_of_long_ago(cloud: &Cloud, partition: &str, item: &str) {
    let arguments = json!({
        "Key": key(partition, item),
        "UpdateExpression": "SET heartbeat_ms = :then",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeValues": {":then": {"N": "1"}},
    });
    cloud.ask_table("UpdateItem", arguments).await;
}

async fn joined_long_ago(cloud: &Cloud, member: &str) {
    let key = key("CONFIG", member);
    let found = cloud.ask_table("GetItem", json!({ "Key": key })).await;
    let document = found["Item"]["doc"]["S"].as_str().unwrap();
    let mut document: Value = serde_json::from_str(document).unwrap();
    assert!(document["enrolled_at"].is_string(), "{document}");
    document["enrolled_at"] = "2020-01-01T00:00:00Z".into();
    let arguments = json!({
        "Key": key,
        "UpdateExpression": "SET doc = :doc",
        "ExpressionAttributeValues": {":doc": {"S": document.to_string()}},
    });
    cloud.ask_table("UpdateItem", arguments).await;
}

async fn items_of(cloud: &Cloud, partition: &str) -> Value {
    let arguments = json!({
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": partition}},
    });
    cloud.ask_table("Query", arguments).await["Items"].take()
}
