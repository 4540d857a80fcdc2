//! Documents and steps that the tests of launching share.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, House, NodeMember, PASSWORD};

pub(crate) const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

/// A policy.
pub(crate) fn policy(name: &str, expression: &str) -> Value {
    json!({"kind": "policy", "name": name, "expression": expression})
}

/// A binding of a policy to a target.
pub(crate) fn bind(target: &str, policy: &str) -> Value {
    json!({"kind": "policy_binding", "target": target, "policy": policy})
}

/// A document with further fields.
pub(crate) fn with(mut document: Value, fields: Value) -> Value {
    let fields = fields.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(fields);
    document
}

/// A flow `ask` of these stages that the provider asks.
pub(crate) fn asked(stages: Value) -> Vec<Value> {
    vec![
        json!({"kind": "flow", "name": "ask", "title": "Before you go on", "stages": stages}),
        json!({
            "kind": "provider", "name": "ssh", "outposts": ["home"], "authorization_flow": "ask",
        }),
    ]
}

/// The endpoint `web-01` with other fields than its own.
pub(crate) fn web_01(fields: Value) -> Value {
    with(
        json!({
            "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
            "host": "10.0.0.1:2222",
        }),
        fields,
    )
}

/// Another user with the common password.
pub(crate) fn person(username: &str) -> Value {
    json!({"kind": "user", "username": username, "password": PASSWORD})
}

/// Events of an action, newest first.
pub(crate) async fn events(house: &House, action: &str) -> Vec<Value> {
    let admin = house.sign_in("admin").await;
    let all = admin.get("/api/v1/admin/events").await.expect(200);
    let all = all["items"].as_array().unwrap().iter();
    all.filter(|event| event["action"] == action)
        .cloned()
        .collect()
}

/// What the node is given for a launch.
pub(crate) async fn claimed(house: &House, node: &NodeMember, launched: &Value) -> Value {
    node.claim(house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200)
}

/// Where a run of a flow is answered.
pub(crate) fn flow_path(challenge: &Value) -> String {
    assert_eq!(challenge["type"], "challenge", "{challenge}");
    format!("/api/v1/flows/{}", challenge["execution"].as_str().unwrap())
}

/// Answers a challenge.
pub(crate) async fn answer(client: &Client, challenge: &Value, body: Value) -> Answer {
    client.post(&flow_path(challenge), &body).await
}

/// The connection of a launch as its owner sees it.
pub(crate) async fn connection(client: &Client, launched: &Value) -> Value {
    let id = launched["connection"]["id"].as_str().unwrap();
    client
        .get(&format!("/api/v1/connections/{id}"))
        .await
        .expect(200)
}

/// Asks for another ticket.
pub(crate) async fn ticket(client: &Client, launched: &Value) -> Answer {
    let id = launched["connection"]["id"].as_str().unwrap();
    client
        .poke(&format!("/api/v1/connections/{id}/ticket"))
        .await
}

/// The code that an authenticator app with this secret (RFC 4648 base32) shows.
pub(crate) fn code(secret: &str, second: i64) -> String {
    let mut seed = [0; causeway_identity::totp::SEED_LENGTH];
    let (mut bits, mut kept, mut filled) = (0_u32, 0, 0);
    for character in secret.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            other => panic!("{other} is no base32"),
        };
        bits = bits << 5 | u32::from(value);
        kept += 5;
        if kept >= 8 {
            kept -= 8;
            seed[filled] = (bits >> kept & 0xff) as u8;
            filled += 1;
        }
    }
    causeway_identity::totp::Seed::new(seed).code(second / 30)
}
