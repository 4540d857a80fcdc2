//! How nodes and edges join.

use causeway_trust::{Pass, SigningKey};
use serde_json::{Value, json};

use crate::harness::{Answer, House, request};

const ENROL: &str = "/api/v1/fleet/enrol";

fn node() -> Value {
    json!({"node": {"capacity": 5}})
}

fn edge() -> Value {
    json!({"edge": {"public_url": "ws://e:9000", "tunnel_address": "e:4433"}})
}

async fn join_token(house: &House, path: &str) -> String {
    let admin = house.sign_in("admin").await;
    let answer = admin.poke(path).await.expect(201);
    answer["token"].as_str().unwrap().to_owned()
}

async fn enrol(house: &House, token: &str, role: Value) -> Answer {
    let key = SigningKey::generate().unwrap();
    house
        .stranger()
        .post(ENROL, &request(token, "newcomer", &key, role))
        .await
}

#[tokio::test]
async fn a_token_admits_one_node_once() {
    let house = House::furnished().await;
    let token = join_token(&house, "/api/v1/admin/outposts/home/join").await;
    enrol(&house, &token, edge())
        .await
        .problem(403, "join_token_of_other_kind");
    let enrolled = enrol(&house, &token, node()).await.expect(200);
    let member = enrolled["member"].as_str().unwrap();
    let pass: Pass = house
        .keys
        .verify(enrolled["pass"].as_str().unwrap(), house.app.now())
        .unwrap();
    assert_eq!(pass.member.to_string(), member);
    assert_eq!(enrolled["heartbeat_interval_ms"], 2000);
    assert_eq!(enrolled["heartbeat_deadline_ms"], 7000);
    enrol(&house, &token, node())
        .await
        .problem(401, "join_token_unknown");
    let admin = house.sign_in("admin").await;
    let nodes = admin.get("/api/v1/admin/nodes").await.expect(200);
    let found = &nodes["items"][0];
    assert_eq!(format!("node:{}", found["id"].as_str().unwrap()), member);
    assert_eq!(
        (&found["health"], &found["capacity"]),
        (&json!("lost"), &json!(5))
    );
    assert_eq!(found["outpost"], enrolled["outpost"]);
}

#[tokio::test]
async fn a_token_is_worth_nothing_when_it_is_wrong_late_or_of_an_edge() {
    let house = House::furnished().await;
    for token in ["", "cwj_", "cwj_!", &format!("cwj_{}", "A".repeat(43))] {
        enrol(&house, token, node())
            .await
            .problem(401, "join_token_unknown");
    }
    let token = join_token(&house, "/api/v1/admin/edges/join").await;
    enrol(&house, &token, node())
        .await
        .problem(403, "join_token_of_other_kind");
    enrol(&house, &token, edge()).await.expect(200);
    let token = join_token(&house, "/api/v1/admin/edges/join").await;
    house.wait(3600);
    enrol(&house, &token, edge())
        .await
        .problem(401, "join_token_unknown");
    let admin = house.sign_in("admin").await;
    admin
        .poke("/api/v1/admin/outposts/none/join")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn what_a_newcomer_says_of_itself_is_checked() {
    let house = House::furnished().await;
    let token = join_token(&house, "/api/v1/admin/outposts/home/join").await;
    enrol(&house, &token, json!({"node": {"capacity": 0}}))
        .await
        .problem(422, "invalid_field");
    let key = SigningKey::generate().unwrap();
    let nameless = request(&token, "", &key, node());
    house
        .stranger()
        .post(ENROL, &nameless)
        .await
        .problem(422, "invalid_field");
    let mut keyless = request(&token, "newcomer", &key, node());
    keyless["public_key"] = json!("short");
    house
        .stranger()
        .post(ENROL, &keyless)
        .await
        .problem(422, "invalid_field");
    let token = join_token(&house, "/api/v1/admin/edges/join").await;
    let path = json!({"edge": {"public_url": "ws://e/path", "tunnel_address": "e:1"}});
    enrol(&house, &token, path)
        .await
        .problem(422, "invalid_field");
    enrol(&house, &token, edge()).await.expect(200);
}
