//! Settings that refer to secrets that are kept elsewhere.

use std::sync::Arc;

use causeway_functions::outside_secret::{Local, Stores, VariablePrefix};
use serde_json::{Value, json};

use crate::harness::{House, furniture};

const PASSWORD: &str = "MARKER-outside-password";

/// A house whose endpoint's password is `reference`.
async fn house(reference: &str) -> House {
    let house = House::with_parts(|parts| {
        let local = Local::with_variables(VariablePrefix::default(), None, |name| {
            (name == "CAUSEWAY_SECRET_WEB").then(|| PASSWORD.as_bytes().to_vec())
        });
        parts.outside_secrets = Arc::new(Stores::new(local, None));
    })
    .await;
    let mut documents = furniture();
    documents[3]["settings"] = json!({"username": "root", "password": {"secret": reference}});
    house.apply(documents).await;
    house
}

#[tokio::test]
async fn a_reference_is_shown_as_written_and_followed_for_the_claiming_node() {
    let house = house("env:CAUSEWAY_SECRET_WEB").await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 10, &[&edge]).await;
    let admin = house.sign_in("admin").await;
    let endpoints = admin.get("/api/v1/admin/endpoints").await.expect(200);
    let endpoint = &endpoints["items"][0];
    let reference = json!({"secret": "env:CAUSEWAY_SECRET_WEB"});
    assert_eq!(endpoint["settings"]["password"], reference);
    let path = format!(
        "/api/v1/admin/endpoints/{}/explain",
        endpoint["id"].as_str().unwrap()
    );
    let explained = admin.post(&path, &json!({"user": "admin"})).await;
    assert!(!explained.text.contains(PASSWORD));
    assert_eq!(
        explained.expect(200)["settings"]["password"]["value"],
        reference
    );
    let launched = admin
        .poke("/api/v1/applications/linux/endpoints/web-01/launch")
        .await
        .expect(200);
    let claimed = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    assert_eq!(claimed["settings"]["password"], PASSWORD);
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_ends_the_claim_and_is_named_in_an_event() {
    let house = house("env:CAUSEWAY_SECRET_GONE").await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 10, &[&edge]).await;
    let admin = house.sign_in("admin").await;
    let launched = admin
        .poke("/api/v1/applications/linux/endpoints/web-01/launch")
        .await
        .expect(200);
    let claim = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await;
    claim.problem(409, "secret_unavailable");
    let events = admin.get("/api/v1/admin/events").await.expect(200);
    let event = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["action"] == "secret_unavailable")
        .unwrap();
    assert_eq!(event["outcome"], "failed");
    assert_eq!(event["target_name"], "web-01");
    assert_eq!(event["connection"], launched["connection"]["id"]);
    assert_eq!(
        event["detail"],
        "password: env:CAUSEWAY_SECRET_GONE: there is no such secret"
    );
}

#[tokio::test]
async fn a_reference_that_is_badly_written_is_refused_where_it_is_written() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    for wrong in ["hunter2", "env:", "file:../secrets-key", "file:/etc/shadow"] {
        let document: Value = json!({
            "kind": "endpoint", "name": "x", "provider": "ssh", "protocol": "ssh", "host": "h",
            "settings": {"password": {"secret": wrong}},
        });
        let answer = admin
            .post("/api/v1/admin/apply", &json!({"documents": [document]}))
            .await;
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
        assert!(answer.text.contains("setting_reference"), "{}", answer.text);
        assert_eq!(answer.status, 422);
    }
}
