//! Objects through `/api/v1/admin`.

use serde_json::{Value, json};

use crate::harness::{Client, House};

async fn create(client: &Client, kind: &str, body: Value) -> Value {
    client
        .post(&format!("/api/v1/admin/{kind}"), &body)
        .await
        .expect(201)
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

/// Checks that a document of a kind is refused for one field.
async fn refused(client: &Client, kind: &str, body: Value, field: &str, code: &str) {
    let answer = client.post(&format!("/api/v1/admin/{kind}"), &body).await;
    let problem = answer.problem(422, "invalid_field");
    let errors = problem["errors"].as_array().unwrap();
    assert!(
        errors
            .iter()
            .any(|error| error["field"] == field && error["code"] == code),
        "{field} {code}: {problem}"
    );
}

#[tokio::test]
async fn an_object_lives_from_post_to_delete() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let made = create(&admin, "groups", json!({"name": "staff"})).await;
    assert_eq!(
        (&made["name"], &made["version"]),
        (&json!("staff"), &json!(1))
    );
    let path = format!("/api/v1/admin/groups/{}", id(&made));
    let found = admin.get(&path).await;
    assert_eq!(found.headers["etag"], "\"1\"");
    assert_eq!(found.expect(200), made);
    assert_eq!(
        admin.get("/api/v1/admin/groups/staff").await.expect(200),
        made
    );
    house.wait(1);
    let renamed = admin.put(&path, &json!({"name": "crew"})).await;
    assert_eq!(renamed.headers["etag"], "\"2\"");
    let renamed = renamed.expect(200);
    assert_eq!(renamed["updated_at"], "2027-01-15T08:00:01Z");
    assert_eq!(renamed["created_at"], made["created_at"]);
    admin
        .get("/api/v1/admin/groups/staff")
        .await
        .problem(404, "not_found");
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.problem(404, "not_found");
    admin.delete(&path).await.problem(404, "not_found");
    admin
        .put(&path, &json!({"name": "crew"}))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn what_was_read_can_be_written_back() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    for kind in [
        "applications",
        "providers",
        "endpoints",
        "outposts",
        "users",
    ] {
        let list = admin
            .get(&format!("/api/v1/admin/{kind}"))
            .await
            .expect(200);
        for object in list["items"].as_array().unwrap() {
            let path = format!("/api/v1/admin/{kind}/{}", id(object));
            assert_eq!(
                admin.put(&path, object).await.expect(200),
                *object,
                "{kind}"
            );
        }
    }
}

#[tokio::test]
async fn of_two_writers_the_second_is_told() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let made = create(&admin, "groups", json!({"name": "staff"})).await;
    let path = format!("/api/v1/admin/groups/{}", id(&made));
    let body = json!({"name": "crew", "version": 1});
    admin.put(&path, &body).await.expect(200);
    let late = json!({"name": "team", "version": 1});
    admin
        .put(&path, &late)
        .await
        .problem(412, "version_conflict");
    let matching = admin.clone().with("if-match", "\"2\"");
    matching
        .put(&path, &json!({"name": "team"}))
        .await
        .expect(200);
    matching
        .put(&path, &json!({"name": "band"}))
        .await
        .problem(412, "version_conflict");
    let junk = admin.with("if-match", "2");
    junk.put(&path, &json!({"name": "band"}))
        .await
        .problem(400, "invalid_if_match");
}

#[tokio::test]
async fn names_are_unique_and_references_hold() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let post =
        async |kind: &str, body: Value| admin.post(&format!("/api/v1/admin/{kind}"), &body).await;
    post("outposts", json!({"name": "home"}))
        .await
        .problem(409, "name_taken");
    post("users", json!({"username": "Ada"}))
        .await
        .problem(409, "name_taken");
    let endpoint = json!({"name": "web-01", "provider": "ssh", "protocol": "ssh", "host": "h"});
    post("endpoints", endpoint).await.problem(409, "name_taken");
    let second = json!({"slug": "two", "name": "Two", "provider": "ssh"});
    post("applications", second)
        .await
        .problem(409, "provider_taken");
    admin
        .delete("/api/v1/admin/outposts/home")
        .await
        .problem(409, "in_use");
    admin
        .delete("/api/v1/admin/providers/ssh")
        .await
        .problem(409, "in_use");
    admin
        .delete("/api/v1/admin/applications/linux")
        .await
        .expect(204);
    let endpoints = admin.get("/api/v1/admin/endpoints").await.expect(200);
    let path = format!("/api/v1/admin/endpoints/{}", id(&endpoints["items"][0]));
    admin.delete(&path).await.expect(204);
    admin
        .delete("/api/v1/admin/providers/ssh")
        .await
        .expect(204);
    admin
        .delete("/api/v1/admin/outposts/home")
        .await
        .expect(204);
}

#[tokio::test]
async fn wrong_documents_name_the_field() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let endpoint = |change: Value| {
        let mut body = json!({"name": "a", "provider": "ssh", "protocol": "ssh", "host": "h"});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    for (change, field, code) in [
        (json!({"name": ""}), "name", "invalid_name"),
        (json!({"provider": "none"}), "provider", "unknown_reference"),
        (json!({"protocol": "telnet"}), "protocol", "wrong_type"),
        (json!({"host": ""}), "host", "wrong_type"),
        (
            json!({"maximum_connections": -2}),
            "maximum_connections",
            "wrong_type",
        ),
        (
            json!({"settings": {"port": "high"}}),
            "settings.port",
            "setting_type",
        ),
        (
            json!({"property_mappings": ["none"]}),
            "property_mappings.0",
            "unknown_reference",
        ),
        (json!({"colour": "red"}), "colour", "unknown_field"),
        (
            json!({"labels": {"a b": "c"}}),
            "labels.a b",
            "invalid_name",
        ),
    ] {
        refused(&admin, "endpoints", endpoint(change), field, code).await;
    }
    refused(
        &admin,
        "endpoints",
        json!({"name": "a"}),
        "provider",
        "required",
    )
    .await;
    refused(
        &admin,
        "applications",
        json!({"slug": "A!", "name": "A", "provider": "ssh"}),
        "slug",
        "invalid_name",
    )
    .await;
    refused(
        &admin,
        "users",
        json!({"username": "a b"}),
        "username",
        "invalid_name",
    )
    .await;
    refused(
        &admin,
        "users",
        json!({"username": "a", "password": ""}),
        "password",
        "invalid_password",
    )
    .await;
    refused(
        &admin,
        "users",
        json!({"username": "a", "groups": ["x"]}),
        "groups.0",
        "unknown_reference",
    )
    .await;
    refused(
        &admin,
        "providers",
        json!({"name": "p", "connection_expiry": "soon"}),
        "connection_expiry",
        "wrong_type",
    )
    .await;
    refused(
        &admin,
        "providers",
        json!({"name": "p", "authorization_flow": "f"}),
        "authorization_flow",
        "unknown_reference",
    )
    .await;
    let mapping = json!({"name": "m", "expression": "{"});
    refused(
        &admin,
        "property-mappings",
        mapping,
        "expression",
        "expression_invalid",
    )
    .await;
}

#[tokio::test]
async fn unknown_settings_are_kept_and_flagged() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let body = json!({
        "name": "b", "provider": "ssh", "protocol": "ssh", "host": "h:22",
        "settings": {"usrname": "ada", "port": "2222"},
    });
    let made = create(&admin, "endpoints", body).await;
    assert_eq!(made["settings"], json!({"usrname": "ada", "port": "2222"}));
    assert_eq!(made["warnings"][0]["field"], "settings.usrname");
    assert_eq!(made["warnings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn secrets_are_masked_and_kept_when_written_back() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let list = admin
        .get("/api/v1/admin/endpoints?name=web-01")
        .await
        .expect(200);
    let endpoint = &list["items"][0];
    let set = json!({"$secret": "set"});
    assert_eq!(
        endpoint["settings"],
        json!({"username": "root", "password": set})
    );
    let path = format!("/api/v1/admin/endpoints/{}", id(endpoint));
    let mut body = endpoint.clone();
    body["settings"]["passphrase"] = set.clone();
    let problem = admin.put(&path, &body).await.problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["code"], "setting_nothing_to_keep");
    body["settings"]
        .as_object_mut()
        .unwrap()
        .remove("passphrase");
    body["host"] = json!("10.0.0.2");
    let changed = admin.put(&path, &body).await.expect(200);
    assert_eq!(changed["settings"]["password"], set);
    assert_eq!(changed["host"], "10.0.0.2");
}

#[tokio::test]
async fn a_deleted_user_is_out_everywhere() {
    let (house, _edge, node) = House::staffed().await;
    let admin = house.sign_in("admin").await;
    let ada = house.sign_in("ada").await;
    let path = "/api/v1/applications/linux/endpoints/web-01/launch";
    let launched = ada.poke(path).await.expect(200);
    node.claim(&house, launched["ticket"].as_str().unwrap())
        .await
        .expect(200);
    admin.delete("/api/v1/admin/users/ada").await.expect(204);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
    let orders = house.orders.read(&house);
    assert_eq!(orders.len(), 1);
    assert_eq!(
        orders[0].connection.to_string(),
        launched["connection"]["id"]
    );
}

#[tokio::test]
async fn every_write_is_in_the_audit_trail() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    house.wait(1);
    let made = create(&admin, "groups", json!({"name": "staff"})).await;
    let path = format!("/api/v1/admin/groups/{}", id(&made));
    house.wait(1);
    admin.put(&path, &json!({"name": "crew"})).await.expect(200);
    house.wait(1);
    admin.delete(&path).await.expect(204);
    let events = admin.get("/api/v1/admin/events?limit=3").await.expect(200);
    let actions: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            assert_eq!(event["actor"], "admin");
            assert_eq!(event["target_kind"], "group");
            assert_eq!(event["address"], "192.0.2.1");
            (
                event["action"].as_str().unwrap(),
                event["target_name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        actions,
        [("delete", "crew"), ("update", "crew"), ("create", "staff")]
    );
}
