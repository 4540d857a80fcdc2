//! What time alone brings about.

use causeway_functions::use_case::sweep::{sweep, sweep_orphans};
use serde_json::json;

use crate::harness::{House, furniture};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

async fn reason(house: &House, path: &str) -> String {
    let admin = house.sign_in("admin").await;
    let shown = admin
        .get(&format!("/api/v1/admin/connections/{path}"))
        .await
        .expect(200);
    shown["end_reason"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_dead_nodes_places_are_freed_within_its_deadline() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(sweep(&house.app).await.unwrap(), 0);
    house.wait(8);
    edge.beat(&house).await.expect(200);
    assert_eq!(sweep(&house.app).await.unwrap(), 1);
    assert_eq!(sweep(&house.app).await.unwrap(), 0);
    assert_eq!(
        reason(&house, launched["connection"]["id"].as_str().unwrap()).await,
        "node_lost"
    );
    house.node("node-2", 10, &[&edge]).await;
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn a_ticket_that_nobody_used_gives_its_place_back() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    house.wait(71);
    edge.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    assert_eq!(sweep(&house.app).await.unwrap(), 1);
    let id = launched["connection"]["id"].as_str().unwrap();
    assert_eq!(reason(&house, id).await, "never_claimed");
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn a_connection_ends_when_its_time_is_up() {
    let (house, edge, node) = House::staffed().await;
    let mut documents = furniture();
    documents[1]["connection_expiry"] = json!("30m");
    house.apply(documents).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(launched["connection"]["expires_at"], "2027-01-15T08:30:00Z");
    let claimed = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(claimed["ends_at"], "2027-01-15T08:30:00Z");
    let id = launched["connection"]["id"].as_str().unwrap();
    let heard_at = async |second: u64, before: u64| {
        house.wait(second - before);
        edge.beat(&house).await.expect(200);
        let held = (
            id.parse().unwrap(),
            launched["connection"]["user"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap(),
        );
        node.beat(&house, &[held]).await
    };
    // The node ends it by itself when its time is up, and is left a moment.
    heard_at(1803, 0).await;
    assert_eq!(sweep(&house.app).await.unwrap(), 0);
    assert_eq!(reason(&house, id).await, "none");
    ada.poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
    // A node that did not is told to, and the places are free at once.
    heard_at(1806, 1803).await;
    assert_eq!(sweep(&house.app).await.unwrap(), 1);
    assert_eq!(reason(&house, id).await, "expired");
    let orders = house.orders.read(&house);
    assert_eq!(orders.len(), 1);
    assert_eq!(
        (orders[0].connection.to_string(), orders[0].node),
        (id.to_owned(), node.id)
    );
    let answer = heard_at(1807, 1806).await;
    assert_eq!(
        answer["end"],
        json!([{"connection": id, "reason": "expired"}])
    );
    let state = house.app.table().nodes().state(node.id).await.unwrap();
    assert_eq!(state.unwrap().load.connections, 0);
    let admin = house.sign_in("admin").await;
    let events = admin.get("/api/v1/admin/events").await.expect(200);
    let items = events["items"].as_array().unwrap();
    let ended: Vec<_> = items
        .iter()
        .filter(|event| event["action"] == "connection_ended")
        .collect();
    assert_eq!(ended.len(), 1, "{events}");
    assert_eq!(
        (&ended[0]["connection"], &ended[0]["detail"]),
        (&json!(id), &json!("expired"))
    );
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn what_a_restarted_node_does_not_hold_is_freed() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    node.beat(&house, &[]).await;
    let id = launched["connection"]["id"].as_str().unwrap();
    assert_eq!(
        reason(&house, id).await,
        "none",
        "it may have been claimed after the list"
    );
    house.wait(7);
    edge.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    assert_eq!(reason(&house, id).await, "node_lost");
}

#[tokio::test]
async fn what_a_broken_off_sign_out_left_behind_is_ended() {
    let (house, _edge, node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let launched = ada.poke(LAUNCH).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(sweep_orphans(&house.app).await.unwrap(), 0);
    let connection = &launched["connection"];
    let id = |field: &str| connection[field].as_str().unwrap().to_owned();
    let (user, session) = (id("user").parse().unwrap(), id("session").parse().unwrap());
    assert!(
        house
            .app
            .table()
            .sessions()
            .delete(user, session)
            .await
            .unwrap()
    );
    assert_eq!(sweep_orphans(&house.app).await.unwrap(), 1);
    assert_eq!(house.orders.read(&house).len(), 1);
    assert_eq!(reason(&house, &id("id")).await, "signed_out");
    admin.poke(LAUNCH).await.expect(200);
}
