//! Operators: they keep their applications and see no more than they need.

use serde_json::{Value, json};

use crate::harness::{Client, House};
use crate::rights::staffed_house;

/// The staffed house with a second application that nobody operates.
async fn house() -> House {
    let house = staffed_house().await;
    house
        .apply(vec![
            json!({"kind": "provider", "name": "other", "settings": {"username": "root"}}),
            json!({"kind": "application", "slug": "other", "name": "Other", "provider": "other"}),
            json!({"kind": "endpoint", "name": "db-01", "provider": "other", "protocol": "ssh",
                "host": "h"}),
            json!({"kind": "policy", "name": "office", "expression": "user.username == 'ada'"}),
            json!({"kind": "policy_binding", "target": "application/linux", "policy": "office"}),
            json!({"kind": "policy_binding", "target": "endpoint/ssh/web-01", "user": "ada"}),
            json!({"kind": "policy_binding", "target": "application/other", "policy": "office"}),
            json!({"kind": "policy_binding", "target": "endpoint/other/db-01", "policy": "office"}),
        ])
        .await;
    house
}

async fn list(client: &Client, kind: &str) -> Vec<Value> {
    let list = client.get(&format!("/api/v1/admin/{kind}")).await;
    list.expect(200)["items"].as_array().unwrap().clone()
}

fn names(items: &[Value], field: &str) -> Vec<String> {
    items
        .iter()
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_hold_what_is_theirs() {
    let house = house().await;
    let oscar = house.sign_in("oscar").await;
    assert_eq!(
        names(&list(&oscar, "applications").await, "slug"),
        ["linux"]
    );
    assert_eq!(names(&list(&oscar, "endpoints").await, "name"), ["web-01"]);
    assert_eq!(names(&list(&oscar, "providers").await, "name"), ["ssh"]);
    let bindings = list(&oscar, "policy-bindings").await;
    assert_eq!(
        names(&bindings, "target_text"),
        ["application/linux", "endpoint/ssh/web-01"]
    );
    assert_eq!(names(&bindings, "subject_name"), ["office", "ada"]);
    let policies = list(&oscar, "policies").await;
    assert_eq!(
        (&policies[0]["name"], &policies[0]["expression"]),
        (&json!("office"), &json!(""))
    );
    let admin = house.sign_in("admin").await;
    assert_eq!(list(&admin, "policy-bindings").await.len(), 4);
    for item in list(&admin, "endpoints").await {
        let path = format!("/api/v1/admin/endpoints/{}", item["id"].as_str().unwrap());
        let expected = if item["name"] == "web-01" { 200 } else { 404 };
        assert_eq!(oscar.get(&path).await.status, expected);
        if expected == 404 {
            oscar.put(&path, &item).await.problem(404, "not_found");
            oscar.delete(&path).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn they_keep_endpoints_and_bindings_of_their_applications() {
    let house = house().await;
    let oscar = house.sign_in("oscar").await;
    let endpoint = |provider: &str| json!({"name": "new", "provider": provider, "protocol": "ssh", "host": "h"});
    let made = oscar
        .post("/api/v1/admin/endpoints", &endpoint("ssh"))
        .await;
    let made = made.expect(201);
    let path = format!("/api/v1/admin/endpoints/{}", made["id"].as_str().unwrap());
    oscar
        .post("/api/v1/admin/endpoints", &endpoint("other"))
        .await
        .problem(403, "not_allowed");
    oscar
        .put(&path, &endpoint("other"))
        .await
        .problem(403, "not_allowed");
    let binding = |target: &str| json!({"target": target, "policy": "office"});
    let bound = oscar
        .post(
            "/api/v1/admin/policy-bindings",
            &binding("endpoint/ssh/new"),
        )
        .await
        .expect(201);
    oscar
        .post(
            "/api/v1/admin/policy-bindings",
            &binding("endpoint/other/db-01"),
        )
        .await
        .problem(403, "not_allowed");
    let bound = format!(
        "/api/v1/admin/policy-bindings/{}",
        bound["id"].as_str().unwrap()
    );
    oscar.delete(&bound).await.expect(204);
    oscar.delete(&path).await.expect(204);
}

#[tokio::test]
async fn their_applications_keep_their_providers() {
    let house = house().await;
    let oscar = house.sign_in("oscar").await;
    let path = "/api/v1/admin/applications/linux";
    let mut application = oscar.get(path).await.expect(200);
    application["name"] = json!("Linux servers");
    oscar.put(path, &application).await.expect(200);
    application["provider"] = json!("other");
    application.as_object_mut().unwrap().remove("version");
    oscar
        .put(path, &application)
        .await
        .problem(403, "not_allowed");
    oscar.delete(path).await.problem(403, "not_allowed");
    let new = json!({"slug": "mine", "name": "Mine", "provider": "ssh"});
    oscar
        .post("/api/v1/admin/applications", &new)
        .await
        .problem(403, "not_allowed");
    oscar
        .get("/api/v1/admin/applications/other")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn an_auditor_reads_everything_and_writes_nothing() {
    let house = house().await;
    let audrey = house.sign_in("audrey").await;
    let policies = list(&audrey, "policies").await;
    assert_eq!(policies[0]["expression"], "user.username == 'ada'");
    assert_eq!(list(&audrey, "applications").await.len(), 2);
    let tried = json!({"policy": "office", "user": "ada"});
    let tried = audrey.post("/api/v1/admin/policies/test", &tried).await;
    assert_eq!(tried.expect(200)["passing"], true);
    let path = "/api/v1/admin/policies/office";
    audrey.delete(path).await.problem(403, "not_allowed");
}
