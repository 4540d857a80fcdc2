//! Secrets: written once, read by the claiming node alone.

use causeway_functions::use_case::bootstrap;
use serde_json::{Value, json};

use crate::harness::{House, PASSWORD, furniture};

const MARKER: &str = "MARKER-5d41402abc4b2a76";

fn marked(name: &str) -> Value {
    json!({
        "username": "root", "password": MARKER, "passphrase": MARKER,
        "vault-token": MARKER, "nested": {"api-key": [MARKER], "note": name},
    })
}

/// A house with the marker in every place that keeps a secret.
async fn marked_house() -> House {
    let house = House::empty().await;
    let mut documents = furniture();
    documents[1]["settings"] = marked("provider");
    documents[1]["property_mappings"] = json!(["shared"]);
    documents[3]["settings"] = marked("endpoint");
    let mapping = marked("mapping");
    documents
        .push(json!({"kind": "property_mapping", "name": "shared", "static_settings": mapping}));
    documents.push(json!({"kind": "user", "username": "bob", "password": MARKER}));
    house.apply(documents).await;
    house
}

#[tokio::test]
async fn no_answer_shows_a_secret() {
    let house = marked_house().await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 10, &[&edge]).await;
    let mut admin = house.sign_in("admin").await;
    let launched = admin
        .poke("/api/v1/applications/linux/endpoints/web-01/launch")
        .await;
    let launched = launched.expect(200);
    let claimed = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await;
    assert!(claimed.text.contains(MARKER), "the node needs it");
    let mut seen = Vec::new();
    for kind in [
        "applications",
        "providers",
        "endpoints",
        "property-mappings",
        "outposts",
        "nodes",
        "edges",
        "users",
        "groups",
        "sessions",
        "connections",
        "events",
        "tokens",
    ] {
        let path = format!("/api/v1/admin/{kind}");
        let list = admin.get(&path).await;
        seen.push(list.text.clone());
        for item in list.expect(200)["items"].as_array().unwrap() {
            seen.push(
                admin
                    .get(&format!("{path}/{}", item["id"].as_str().unwrap()))
                    .await
                    .text,
            );
        }
    }
    for path in [
        "/api/v1/me",
        "/api/v1/applications",
        "/api/v1/connections?all=true",
        "/metrics",
    ] {
        seen.push(admin.get(path).await.text);
    }
    let wrong = admin.sign_in("bob", &format!("{MARKER}x")).await;
    seen.push(wrong.text);
    assert!(seen.len() > 20);
    for text in seen {
        assert!(!text.contains(MARKER), "{text}");
        assert!(
            !text.contains("argon2id") && !text.contains("sealed:"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn no_error_repeats_a_secret() {
    let house = marked_house().await;
    let admin = house.sign_in("admin").await;
    let endpoint = |settings: Value| {
        json!({"kind": "endpoint", "name": "x", "provider": "ssh", "protocol": "ssh", "host": "h",
            "settings": settings})
    };
    let wrong = [
        endpoint(json!({"private-key": MARKER})),
        endpoint(json!({"password": {"deep": MARKER}, "port": "x"})),
        endpoint(json!(MARKER)),
        json!({"kind": "user", "username": {"password": MARKER}}),
        json!({"kind": "user", "username": "x", "password": [MARKER]}),
        json!({"kind": "user", "username": "x y", "password": MARKER}),
        json!({"kind": MARKER}),
    ];
    for document in wrong {
        let answer = admin
            .post("/api/v1/admin/apply", &json!({"documents": [document]}))
            .await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(!answer.text.contains(MARKER), "{}", answer.text);
    }
    let body = json!({"username": [MARKER], "password": MARKER});
    let answer = house.stranger().post("/api/v1/session", &body).await;
    assert!(!answer.text.contains(MARKER), "{}", answer.text);
}

#[tokio::test]
async fn the_first_password_is_not_changed_by_a_later_start() {
    let house = House::empty().await;
    assert!(
        !bootstrap::ensure_admin(&house.app, &"another".into())
            .await
            .unwrap()
    );
    house
        .stranger()
        .sign_in("admin", "another")
        .await
        .problem(401, "credentials_wrong");
    house
        .stranger()
        .sign_in("admin", PASSWORD)
        .await
        .expect(200);
    let outpost = bootstrap::ensure_default_outpost(&house.app).await.unwrap();
    assert_eq!(
        bootstrap::ensure_default_outpost(&house.app).await.unwrap(),
        outpost
    );
}

#[tokio::test]
async fn the_table_holds_no_secret_in_clear() {
    let house = marked_house().await;
    let table = house.app.table();
    let snapshot = table.config().current().await.unwrap();
    let mut stored = Vec::new();
    for provider in snapshot.providers().iter() {
        stored.push(serde_json::to_string(&**provider).unwrap());
        let endpoints = table
            .endpoints()
            .list(provider.id, None, 100)
            .await
            .unwrap();
        stored.push(serde_json::to_string(&endpoints.items).unwrap());
    }
    for mapping in snapshot.property_mappings().iter() {
        stored.push(serde_json::to_string(&**mapping).unwrap());
    }
    assert_eq!(stored.len(), 3);
    for text in stored {
        assert!(
            text.contains("sealed:v1:") && !text.contains(MARKER),
            "{text}"
        );
    }
}
