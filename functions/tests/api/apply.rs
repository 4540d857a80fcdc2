//! Many objects at once, all or nothing.

use serde_json::{Value, json};

use crate::harness::{House, PASSWORD, furniture};

async fn apply(house: &House, documents: Vec<Value>, dry_run: bool) -> crate::harness::Answer {
    let admin = house.sign_in("admin").await;
    admin
        .post(
            "/api/v1/admin/apply",
            &json!({"documents": documents, "dry_run": dry_run}),
        )
        .await
}

fn actions(answer: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = answer["changes"].as_array().unwrap().iter();
    changes
        .map(|change| {
            (
                text(&change["kind"]),
                text(&change["name"]),
                text(&change["action"]),
            )
        })
        .collect()
}

fn every(answer: &Value, action: &str) -> bool {
    actions(answer).iter().all(|(_, _, done)| done == action)
}

#[tokio::test]
async fn documents_refer_to_each_other_in_any_order() {
    let house = House::empty().await;
    let mut documents = furniture();
    documents.reverse();
    documents
        .push(json!({"kind": "property-mapping", "name": "keys", "static_settings": {"a": 1}}));
    documents[1]["property_mappings"] = json!(["keys"]);
    let made = apply(&house, documents.clone(), false).await.expect(200);
    assert!(every(&made, "created"), "{made}");
    assert_eq!(
        actions(&made)[0],
        ("user".to_owned(), "ada".to_owned(), "created".to_owned())
    );
    assert_eq!(actions(&made)[5].0, "property_mapping");
    let again = apply(&house, documents, false).await.expect(200);
    assert!(every(&again, "unchanged"), "{again}");
}

#[tokio::test]
async fn only_what_differs_is_changed() {
    let house = House::furnished().await;
    let mut documents = furniture();
    documents[3]["host"] = json!("10.0.0.9");
    documents[3]["settings"]["password"] = json!("another secret");
    documents[4]["password"] = json!("another password");
    let changed = apply(&house, documents, false).await.expect(200);
    let done: Vec<_> = actions(&changed)
        .into_iter()
        .map(|(_, _, action)| action)
        .collect();
    assert_eq!(
        done,
        ["unchanged", "unchanged", "unchanged", "updated", "updated"]
    );
    house
        .stranger()
        .sign_in("ada", PASSWORD)
        .await
        .problem(401, "credentials_wrong");
    house
        .stranger()
        .sign_in("ada", "another password")
        .await
        .expect(200);
}

#[tokio::test]
async fn nothing_is_half_applied_and_every_error_is_told() {
    let house = House::empty().await;
    let mut documents = furniture();
    documents[1]["line"] = json!(7);
    documents[1]["outposts"] = json!(["none"]);
    documents[3]["settings"] = json!({"port": "x", "font-size": 1});
    documents.push(json!({"kind": "endpoint", "line": 40}));
    let problem = apply(&house, documents, false)
        .await
        .problem(422, "invalid_field");
    let located = |problem: &Value| -> Vec<(u64, Option<u64>, String)> {
        let errors = problem["errors"].as_array().unwrap().iter();
        errors
            .map(|error| {
                let field = error["field"].as_str().unwrap().to_owned();
                (
                    error["document"].as_u64().unwrap(),
                    error["line"].as_u64(),
                    field,
                )
            })
            .collect()
    };
    // What does not read is told first, alone: the rest depends on it.
    assert_eq!(located(&problem), [(5, Some(40), "name".to_owned())]);
    let mut documents = furniture();
    documents[1]["line"] = json!(7);
    documents[1]["outposts"] = json!(["none"]);
    documents[3]["settings"] = json!({"port": "x", "font-size": 1});
    let problem = apply(&house, documents, false)
        .await
        .problem(422, "invalid_field");
    let mut found = located(&problem);
    found.sort();
    assert_eq!(
        found,
        [
            (1, Some(7), "outposts.0".to_owned()),
            (3, None, "settings.font-size".to_owned()),
            (3, None, "settings.port".to_owned()),
        ]
    );
    let admin = house.sign_in("admin").await;
    for kind in ["outposts", "providers", "applications", "endpoints"] {
        let list = admin
            .get(&format!("/api/v1/admin/{kind}"))
            .await
            .expect(200);
        assert_eq!(list["items"], json!([]), "{kind}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let house = House::empty().await;
    let told = apply(&house, furniture(), true).await.expect(200);
    assert!(every(&told, "created"), "{told}");
    let done = apply(&house, furniture(), false).await.expect(200);
    assert!(every(&done, "created"), "{done}");
}

#[tokio::test]
async fn what_is_no_document_is_refused() {
    let house = House::empty().await;
    for (document, field, code) in [
        (json!(7), "", "wrong_type"),
        (json!({}), "kind", "required"),
        (json!({"kind": 7}), "kind", "wrong_type"),
        (json!({"kind": "planet"}), "kind", "unknown_kind"),
        (json!({"kind": "group"}), "name", "required"),
        (
            json!({"kind": "group", "name": "a", "id": "b"}),
            "id",
            "unknown_field",
        ),
    ] {
        let problem = apply(&house, vec![document], false)
            .await
            .problem(422, "invalid_field");
        let error = &problem["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(field), &json!(code)),
            "{problem}"
        );
        assert_eq!(error["document"], 0);
    }
    let twice = json!({"kind": "group", "name": "a"});
    let problem = apply(&house, vec![twice.clone(), twice], false).await;
    assert_eq!(
        problem.problem(422, "invalid_field")["errors"][0]["code"],
        "duplicate"
    );
}

#[tokio::test]
async fn what_the_table_refuses_names_the_document() {
    let house = House::furnished().await;
    let second = json!({"kind": "application", "slug": "two", "name": "Two", "provider": "ssh"});
    apply(&house, vec![second], false)
        .await
        .problem(409, "provider_taken");
    let many = (0..200)
        .map(|n| json!({"kind": "group", "name": format!("g{n}")}))
        .collect();
    apply(&house, many, false)
        .await
        .problem(422, "too_many_changes");
}

#[tokio::test]
async fn a_large_file_is_applied_whole() {
    let house = House::furnished().await;
    let mut documents = Vec::new();
    for n in 0..30 {
        documents.push(json!({
            "kind": "endpoint", "name": format!("db-{n}"), "provider": "ssh", "protocol": "ssh",
            "host": "h",
        }));
    }
    let made = apply(&house, documents.clone(), false).await.expect(200);
    assert!(every(&made, "created"), "{made}");
    assert!(every(
        &apply(&house, documents, false).await.expect(200),
        "unchanged"
    ));
    let admin = house.sign_in("admin").await;
    let events = admin
        .get("/api/v1/admin/events?search=db-")
        .await
        .expect(200);
    assert!(events["items"].as_array().unwrap().len() >= 30);
    let same = json!({"kind": "endpoint", "provider": "ssh", "protocol": "ssh", "host": "i"});
    let found = admin.get("/api/v1/admin/providers/ssh").await.expect(200);
    let (mut by_name, mut by_id) = (same.clone(), same);
    by_name["name"] = json!("db-1");
    by_id["name"] = json!("db-1");
    by_id["provider"] = found["id"].clone();
    apply(&house, vec![by_name, by_id], false)
        .await
        .problem(422, "duplicate");
}
