//! A person's connections.

use causeway_model::object::EndReason;
use causeway_trust::{OrderAction, Ticket};
use serde_json::{Value, json};

use crate::harness::{House, furniture};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

fn path(launched: &Value) -> String {
    format!(
        "/api/v1/connections/{}",
        launched["connection"]["id"].as_str().unwrap()
    )
}

#[tokio::test]
async fn everybody_sees_their_own() {
    let (house, _edge, _node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let launched = ada.poke(LAUNCH).await.expect(200);
    let mine = ada.get("/api/v1/connections").await.expect(200);
    assert_eq!(mine["items"], json!([launched["connection"]]));
    assert_eq!(
        ada.get(&path(&launched)).await.expect(200),
        launched["connection"]
    );
    assert_eq!(
        admin.get("/api/v1/connections").await.expect(200)["items"],
        json!([])
    );
    assert_eq!(
        admin.get(&path(&launched)).await.expect(200),
        launched["connection"]
    );
    let all = admin.get("/api/v1/admin/connections").await.expect(200);
    assert_eq!(all["items"], json!([launched["connection"]]));
    house
        .apply(vec![
            json!({"kind": "user", "username": "eve", "password": "evil evil"}),
        ])
        .await;
    let mut eve = house.stranger();
    eve.sign_in("eve", "evil evil").await.expect(200);
    let poke = format!("{}/ticket", path(&launched));
    for answer in [
        eve.get(&path(&launched)).await,
        eve.delete(&path(&launched)).await,
        eve.poke(&poke).await,
        admin.poke(&poke).await,
    ] {
        answer.problem(404, "connection_not_found");
    }
    ada.get("/api/v1/connections/none")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn terminating_frees_the_place_and_orders_the_node() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    ada.delete(&path(&launched)).await.expect(204);
    let orders = house.orders.read(&house);
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].node, node.id);
    assert_eq!(
        orders[0].connection.to_string(),
        launched["connection"]["id"]
    );
    assert_eq!(
        orders[0].action,
        OrderAction::End {
            reason: EndReason::Terminated
        }
    );
    assert_eq!(house.orders.sent.lock().unwrap()[0].0, edge.public_url);
    let ended = ada.get(&path(&launched)).await.expect(200);
    assert_eq!(
        (&ended["state"], &ended["end_reason"]),
        (&json!("ended"), &json!("terminated"))
    );
    assert_eq!(
        ada.get("/api/v1/connections").await.expect(200)["items"],
        json!([])
    );
    let kept = ada.get("/api/v1/connections?all=true").await.expect(200);
    assert_eq!(kept["items"], json!([ended]));
    ada.delete(&path(&launched)).await.expect(204);
    assert_eq!(house.orders.read(&house).len(), 1);
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn an_order_takes_any_edge_and_waits_for_a_heartbeat_otherwise() {
    let house = House::furnished().await;
    let (deaf, live) = (house.edge("edge-1").await, house.edge("edge-2").await);
    let node = house.node("node-1", 10, &[&deaf, &live]).await;
    house
        .orders
        .deaf
        .lock()
        .unwrap()
        .push(deaf.public_url.clone());
    let admin = house.sign_in("admin").await;
    let first = admin.poke(LAUNCH).await.expect(200);
    admin.delete(&path(&first)).await.expect(204);
    assert_eq!(house.orders.sent.lock().unwrap()[0].0, live.public_url);
    house
        .orders
        .deaf
        .lock()
        .unwrap()
        .push(live.public_url.clone());
    let second = admin.poke(LAUNCH).await.expect(200);
    let claimed = node
        .claim(&house, second["ticket"].as_str().unwrap())
        .await
        .expect(200);
    admin.delete(&path(&second)).await.expect(204);
    assert_eq!(house.orders.sent.lock().unwrap().len(), 1);
    let held = (
        claimed["connection"].as_str().unwrap().parse().unwrap(),
        claimed["user"]["id"].as_str().unwrap().parse().unwrap(),
    );
    let answer = node.beat(&house, &[held]).await;
    assert_eq!(
        answer["end"],
        json!([{"connection": claimed["connection"], "reason": "terminated"}])
    );
    assert_eq!(node.beat(&house, &[]).await["end"], json!([]));
}

#[tokio::test]
async fn signing_out_ends_what_lives_in_the_session_only() {
    let (house, _edge, node) = House::staffed().await;
    let mut documents = furniture();
    documents[3]["maximum_connections"] = json!(-1);
    house.apply(documents).await;
    let (here, there) = (house.sign_in("ada").await, house.sign_in("ada").await);
    let launched = here.poke(LAUNCH).await.expect(200);
    let other = there.poke(LAUNCH).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    here.delete("/api/v1/session").await.expect(204);
    let orders = house.orders.read(&house);
    assert_eq!(orders.len(), 1);
    assert_eq!(
        orders[0].action,
        OrderAction::End {
            reason: EndReason::SignedOut
        }
    );
    let ended = there.get(&path(&launched)).await.expect(200);
    assert_eq!(ended["end_reason"], "signed_out");
    assert_eq!(
        there.get(&path(&other)).await.expect(200)["state"],
        "pending"
    );
}

#[tokio::test]
async fn a_browser_comes_back_with_a_new_ticket() {
    let house = House::furnished().await;
    let (first, second) = (house.edge("edge-1").await, house.edge("edge-2").await);
    let node = house.node("node-1", 10, &[&first, &second]).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let claimed = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(claimed["attach"], "first");
    let detached = json!({"type": "detached"});
    node.report(&house, &launched["connection"], detached)
        .await
        .expect(200);
    assert_eq!(
        ada.get(&path(&launched)).await.expect(200)["state"],
        "detached"
    );
    house.wait(60);
    let lost = launched["edge_url"].as_str().unwrap().contains("edge-1");
    let live = if lost { &second } else { &first };
    live.beat(&house).await.expect(200);
    let held = (
        claimed["connection"].as_str().unwrap().parse().unwrap(),
        claimed["user"]["id"].as_str().unwrap().parse().unwrap(),
    );
    node.beat(&house, &[held]).await;
    let back = ada
        .poke(&format!("{}/ticket", path(&launched)))
        .await
        .expect(200);
    assert_eq!(back["connection"]["id"], launched["connection"]["id"]);
    assert_eq!(
        back["edge_url"],
        format!("{}/edge/v1/connect", live.public_url)
    );
    let ticket: Ticket = house
        .keys
        .verify(back["ticket"].as_str().unwrap(), house.app.now())
        .unwrap();
    assert_eq!((ticket.edge, ticket.node), (live.id, node.id));
    let claimed = node
        .claim(&house, back["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(claimed["attach"], "again");
    assert_eq!(
        ada.get(&path(&launched)).await.expect(200)["state"],
        "active"
    );
}

#[tokio::test]
async fn not_everybody_comes_back_to_everything() {
    let (house, edge, node) = House::staffed().await;
    let (ada, elsewhere) = (house.sign_in("ada").await, house.sign_in("ada").await);
    let launched = ada.poke(LAUNCH).await.expect(200);
    let ticket = format!("{}/ticket", path(&launched));
    elsewhere.poke(&ticket).await.problem(409, "other_sign_in");
    house.wait(60);
    ada.poke(&ticket).await.problem(503, "node_not_reachable");
    edge.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    ada.poke(&ticket).await.expect(200);
    ada.delete(&path(&launched)).await.expect(204);
    ada.poke(&ticket).await.problem(409, "connection_ended");
}

#[tokio::test]
async fn a_provider_may_forbid_coming_back() {
    let (house, _edge, node) = House::staffed().await;
    let mut documents = furniture();
    documents[1]["delete_token_on_disconnect"] = json!(true);
    house.apply(documents).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let spare = ada
        .poke(&format!("{}/ticket", path(&launched)))
        .await
        .expect(200);
    let claimed = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(claimed["resume_grace_s"], 0);
    let detached = json!({"type": "detached"});
    node.report(&house, &launched["connection"], detached)
        .await
        .expect(200);
    let ticket = format!("{}/ticket", path(&launched));
    ada.poke(&ticket).await.problem(409, "cannot_be_resumed");
    let late = node.claim(&house, spare["ticket"].as_str().unwrap()).await;
    late.problem(409, "cannot_be_resumed");
}
