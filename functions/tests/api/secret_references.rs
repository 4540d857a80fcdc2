//! Who may name an outside secret: authors of settings, mappings, stages and
//! sources; never data that somebody else has a say in.

use std::sync::Arc;

use causeway_functions::Parts;
use causeway_functions::outside_secret::{Local, Stores, VariablePrefix};
use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{House, NodeMember, furniture};
use crate::provider::{CLIENT_SECRET, Provider};
use crate::sources;

const OUTSIDE: &str = "MARKER-outside-password";

/// Knows `CAUSEWAY_SECRET_WEB` and `CAUSEWAY_SECRET_ID`, and the file `id`.
fn outside_secrets(parts: &mut Parts, directory: Option<&std::path::Path>) {
    let directory = directory.map(std::path::Path::to_owned);
    let local = Local::with_variables(VariablePrefix::default(), directory, |name| match name {
        "CAUSEWAY_SECRET_WEB" => Some(OUTSIDE.as_bytes().to_vec()),
        "CAUSEWAY_SECRET_ID" => Some(CLIENT_SECRET.as_bytes().to_vec()),
        _ => None,
    });
    parts.outside_secrets = Arc::new(Stores::new(local, None));
}

/// A house whose endpoint has a mapping with `expression`, and whose `ada` has
/// attributes that look like references.
async fn house(documents: Vec<Value>) -> (House, NodeMember) {
    let house = House::with_parts(|parts| outside_secrets(parts, None)).await;
    house.apply(furniture()).await;
    let forged = json!({"secret": "env:CAUSEWAY_SECRET_WEB"});
    let hidden = json!({"secret": "env:CAUSEWAY_SECRET_WEB", "padding": null});
    let attributes = json!({
        "attributes": {"forged": forged, "hidden": hidden, "name": "env:CAUSEWAY_SECRET_WEB"},
    });
    house.apply(vec![with(person("ada"), attributes)]).await;
    house.apply(documents).await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 10, &[&edge]).await;
    (house, node)
}

fn mapping(expression: &str) -> Vec<Value> {
    vec![
        json!({"kind": "property_mapping", "name": "m", "expression": expression}),
        web_01(json!({"settings": {"password": "own"}, "property_mappings": ["m"]})),
    ]
}

#[tokio::test]
async fn a_mapping_names_one_and_only_the_node_sees_it() {
    let (house, node) = house(mapping(
        "{'password': user.username == 'ada' ? secret('env:CAUSEWAY_SECRET_WEB') : secret('env:NONE')}",
    ))
    .await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["password"], OUTSIDE);
    let admin = house.sign_in("admin").await;
    let id = given["endpoint"]["id"].as_str().unwrap();
    let path = format!("/api/v1/admin/endpoints/{id}/explain");
    let explained = admin.post(&path, &json!({"user": "ada"})).await;
    assert!(!explained.text.contains(OUTSIDE));
    assert_eq!(
        explained.expect(200)["settings"]["password"]["value"],
        json!({"secret": "env:CAUSEWAY_SECRET_WEB"})
    );
}

#[tokio::test]
async fn what_is_said_of_a_user_names_none() {
    for value in [
        "user.attributes.forged",
        "user.attributes.hidden",
        "{'secret': user.attributes.name}",
    ] {
        let (house, node) = house(mapping(&format!("{{'password': {value}}}"))).await;
        let ada = house.sign_in("ada").await;
        let launched = ada.poke(LAUNCH).await.expect(200);
        let given = claimed(&house, &node, &launched).await;
        assert_eq!(given["settings"]["password"], "own", "{value}");
        let skipped = events(&house, "mapping_skipped").await;
        let detail = skipped[0]["detail"].as_str().unwrap();
        assert!(detail.contains("secret(\"...\")"), "{detail}");
    }
}

#[tokio::test]
async fn a_stage_names_one_in_the_same_way() {
    let stage = |value: &str| {
        let expression = format!("{{'connection_settings': {{'password': {value}}}}}");
        asked(json!([{"type": "expression", "name": "set", "expression": expression}]))
    };
    let (house, node) = house(stage("secret('env:CAUSEWAY_SECRET_WEB')")).await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await;
    assert!(!launched.text.contains(OUTSIDE));
    let given = claimed(&house, &node, &launched.expect(200)).await;
    assert_eq!(given["settings"]["password"], OUTSIDE);
    for value in ["user.attributes.forged", "user.attributes.hidden"] {
        house.apply(stage(value)).await;
        ada.poke(LAUNCH).await.problem(403, "denied_by_flow");
    }
}

#[tokio::test]
async fn a_reference_that_is_put_together_is_refused_where_it_is_written() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    for (expression, words) in [
        ("{'p': secret('env:' + user.username)}", "written out"),
        ("{'p': secret('file:../secrets')}", "cannot be one"),
        ("{'p': {'secret': 'env:A'}}", "no map"),
    ] {
        let body = json!({"name": "m", "expression": expression});
        let answer = admin.post("/api/v1/admin/property-mappings", &body).await;
        let problem = answer.problem(422, "invalid_field");
        let error = &problem["errors"][0];
        assert_eq!(
            (&error["field"], &error["line"]),
            (&json!("expression"), &json!(1))
        );
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_client_secret_may_be_kept_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("id"), format!("{CLIENT_SECRET}\n")).unwrap();
    let house = House::with_parts(|parts| outside_secrets(parts, Some(directory.path()))).await;
    house.apply(furniture()).await;
    let provider = Provider::start(house.app.now()).await;
    let admin = house.sign_in("admin").await;
    for (reference, works) in [
        ("env:CAUSEWAY_SECRET_ID", true),
        ("file:id", true),
        ("env:CAUSEWAY_SECRET_WEB", false),
        ("env:CAUSEWAY_SECRET_GONE", false),
        ("aws-ssm:/id", false),
    ] {
        let reference = json!({ "secret": reference });
        let change = json!({ "client_secret": reference });
        house.apply(vec![with(provider.source(), change)]).await;
        // It is shown as it was written, and not what it leads to.
        let shown = admin.get("/api/v1/admin/sources").await;
        assert!(!shown.text.contains(CLIENT_SECRET));
        assert_eq!(shown.expect(200)["items"][0]["client_secret"], reference);
        if works {
            sources::sign_in(&house, &provider).await;
        } else {
            let code = sources::refused(&house, &provider).await;
            assert!(
                ["source_unavailable", "answer_invalid"].contains(&code.as_str()),
                "{reference}: {code}"
            );
        }
    }
    let wrong = with(
        provider.source(),
        json!({"client_secret": {"secret": "hunter2"}}),
    );
    let answer = admin
        .post("/api/v1/admin/apply", &json!({"documents": [wrong]}))
        .await;
    assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    assert!(answer.text.contains("setting_reference"), "{}", answer.text);
    assert_eq!(answer.status, 422);
}
