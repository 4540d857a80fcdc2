//! Explaining: each setting with its origin, each policy with its verdict.

use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{Client, House};

async fn endpoint_id(admin: &Client) -> String {
    let found = admin.get("/api/v1/admin/endpoints?name=web-01").await;
    let found = found.expect(200);
    found["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn explain(client: &Client, id: &str, body: Value) -> crate::harness::Answer {
    let path = format!("/api/v1/admin/endpoints/{id}/explain");
    client.post(&path, &body).await
}

fn every_level() -> Vec<Value> {
    vec![
        json!({"kind": "property_mapping", "name": "a-broken", "expression": "user.attributes.nothing"}),
        json!({"kind": "property_mapping", "name": "b-shared", "static_settings": {"font-size": 12},
            "expression": "{'username': user.username}"}),
        json!({"kind": "property_mapping", "name": "c-own", "static_settings": {"password": "mapped secret"}}),
        json!({"kind": "flow", "name": "ask", "stages": [
            {"type": "consent", "name": "agree", "text": "?"},
            {"type": "deny", "name": "strangers"},
        ]}),
        json!({"kind": "provider", "name": "ssh", "outposts": ["home"], "authorization_flow": "ask",
            "settings": {"color-scheme": "gray-black", "password": "provider secret"},
            "property_mappings": ["b-shared", "a-broken"]}),
        web_01(json!({"settings": {"font-name": "mono"}, "property_mappings": ["c-own"]})),
        policy("no", "false"),
        policy("yes", "user.username == 'ada'"),
        bind("application/linux", "yes"),
        bind("endpoint/ssh/web-01", "no"),
        bind("stage/ask/strangers", "no"),
    ]
}

#[tokio::test]
async fn every_setting_has_its_origin_and_every_policy_its_verdict() {
    let (house, _edge, _node) = House::staffed().await;
    house.apply(every_level()).await;
    let admin = house.sign_in("admin").await;
    let id = endpoint_id(&admin).await;
    let body = json!({"user": "ada", "connection_settings": {"terminal-type": "vt100"}});
    let answer = explain(&admin, &id, body).await;
    for secret in ["mapped secret", "provider secret"] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    let explained = answer.expect(200);
    let setting = |name: &str| explained["settings"][name].clone();
    let origin = |level: &str, kind: &str, name: &str, value: Value| json!({"value": value, "level": level, "source": {"kind": kind, "name": name}});
    assert_eq!(
        setting("hostname"),
        origin("default", "endpoint", "web-01", json!("10.0.0.1"))
    );
    assert_eq!(
        setting("color-scheme"),
        origin("provider", "provider", "ssh", json!("gray-black"))
    );
    assert_eq!(
        setting("font-name"),
        origin("endpoint", "endpoint", "web-01", json!("mono"))
    );
    assert_eq!(
        setting("terminal-type"),
        origin(
            "connection",
            "connection",
            "connection_settings",
            json!("vt100")
        )
    );
    assert_eq!(
        setting("username"),
        origin(
            "provider_mapping",
            "property_mapping",
            "b-shared",
            json!("ada")
        )
    );
    assert_eq!(
        setting("password"),
        origin(
            "endpoint_mapping",
            "property_mapping",
            "c-own",
            json!({"$secret": "set"})
        )
    );
    assert_eq!(explained["allowed"], false);
    let policies = explained["policies"].as_array().unwrap();
    let told: Vec<_> = policies
        .iter()
        .map(|told| json!([told["target"], told["policy"], told["passing"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["application/linux", "yes", true]),
            json!(["endpoint/ssh/web-01", "no", false]),
        ]
    );
    assert!(policies.iter().all(|told| {
        told["reason"]
            .as_str()
            .is_some_and(|words| !words.is_empty())
    }));
    assert_eq!(explained["skipped"][0]["mapping"], "a-broken");
    let stages: Vec<_> = explained["stages"].as_array().unwrap().iter().collect();
    let ran = |stage: &Value| {
        json!([
            stage["flow"],
            stage["stage"],
            stage["type"],
            stage["would_run"]
        ])
    };
    assert_eq!(ran(stages[0]), json!(["ask", "agree", "consent", true]));
    assert_eq!(ran(stages[1]), json!(["ask", "strangers", "deny", false]));
    // Explaining leaves no trace of a launch.
    assert!(events(&house, "launch").await.is_empty());
}

#[tokio::test]
async fn only_who_sees_the_application_is_told() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            person("eve"),
            json!({"kind": "user", "username": "otto", "role": "operator", "operates": ["linux"],
                "password": crate::harness::PASSWORD}),
            json!({"kind": "user", "username": "olga", "role": "operator",
                "password": crate::harness::PASSWORD}),
            json!({"kind": "user", "username": "audrey", "role": "auditor",
                "password": crate::harness::PASSWORD}),
        ])
        .await;
    let admin = house.sign_in("admin").await;
    let id = endpoint_id(&admin).await;
    let body = json!({"user": "ada"});
    for username in ["otto", "audrey"] {
        let client = house.sign_in(username).await;
        let told = explain(&client, &id, body.clone()).await.expect(200);
        assert_eq!(told["allowed"], true, "{username}");
    }
    let olga = house.sign_in("olga").await;
    explain(&olga, &id, body.clone())
        .await
        .problem(404, "not_found");
    let eve = house.sign_in("eve").await;
    explain(&eve, &id, body).await.problem(403, "not_allowed");
    let wrong = explain(&admin, &id, json!({"user": "nobody"})).await;
    assert_eq!(
        wrong.problem(422, "invalid_field")["errors"][0]["field"],
        "user"
    );
    let wrong = json!({"user": "ada", "connection_settings": {"port": "no"}});
    let problem = explain(&admin, &id, wrong)
        .await
        .problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "connection_settings.port");
}
