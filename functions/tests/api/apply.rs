//! Many objects at once, all or nothing.

use causeway_functions::access::Admin;
use causeway_functions::use_case::apply::{apply as write_all, finish_begun};
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
    let twice = json!({"kind": "group", "name": "a", "line": 4});
    let other = json!({"kind": "group", "name": "b"});
    let problem = apply(&house, vec![twice.clone(), other, twice], false)
        .await
        .problem(422, "invalid_field");
    let errors = problem["errors"].as_array().unwrap();
    let found: Vec<_> = errors
        .iter()
        .map(|error| (&error["document"], &error["line"], &error["code"]))
        .collect();
    let (line, code) = (&json!(4), &json!("duplicate"));
    assert_eq!(found, [(&json!(0), line, code), (&json!(2), line, code)]);
}

#[tokio::test]
async fn what_the_table_refuses_names_the_document() {
    let house = House::furnished().await;
    let second = json!({"kind": "application", "slug": "two", "name": "Two", "provider": "ssh"});
    apply(&house, vec![second], false)
        .await
        .problem(409, "provider_taken");
    // What must come together, and does not fit together.
    let mut bound = vec![
        json!({"kind": "provider", "name": "p"}),
        json!({"kind": "application", "slug": "a", "name": "A", "provider": "p"}),
    ];
    for n in 0..60 {
        let (group, name) = (format!("g{n}"), json!(format!("g{n}")));
        bound.push(json!({"kind": "group", "name": name}));
        bound.push(json!({"kind": "policy_binding", "target": "application/a", "group": group}));
    }
    apply(&house, bound, false)
        .await
        .problem(422, "too_many_changes");
    let admin = house.sign_in("admin").await;
    let groups = admin.get("/api/v1/admin/groups?search=g").await.expect(200);
    assert_eq!(groups["items"], json!([]));
}

/// A file as people bring it from elsewhere: hundreds of machines at once.
fn machines(count: usize) -> Vec<Value> {
    let mut documents = vec![
        json!({"kind": "policy_binding", "target": "application/fleet", "group": "crew"}),
        json!({"kind": "application", "slug": "fleet", "name": "Fleet", "provider": "fleet"}),
    ];
    for n in 0..count {
        documents.push(json!({
            "kind": "endpoint", "name": format!("m-{n}"), "provider": "fleet",
            "protocol": "ssh", "host": format!("10.1.{}.{}", n / 250, n % 250),
        }));
    }
    documents.push(json!({"kind": "group", "name": "crew"}));
    documents.push(json!({"kind": "provider", "name": "fleet"}));
    documents
}

#[tokio::test]
async fn hundreds_of_machines_are_applied_with_one_call() {
    let house = House::furnished().await;
    let made = apply(&house, machines(300), false).await.expect(200);
    assert_eq!(actions(&made).len(), 304);
    assert!(every(&made, "created"), "{made}");
    let again = apply(&house, machines(300), false).await.expect(200);
    assert!(every(&again, "unchanged"), "{again}");
    // Each of them is in the audit trail.
    let admin = house.sign_in("admin").await;
    let events = admin
        .get("/api/v1/admin/events?search=m-299")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");

    // A mistake in one of the last keeps all of them as they were.
    let mut moved = machines(300);
    for document in &mut moved[2..302] {
        document["host"] = json!("192.0.2.1");
    }
    moved[300]["protocol"] = json!("gopher");
    apply(&house, moved.clone(), false)
        .await
        .problem(422, "invalid_field");
    let still = apply(&house, machines(300), true).await.expect(200);
    assert!(every(&still, "unchanged"), "{still}");
    moved[300]["protocol"] = json!("ssh");
    let done = apply(&house, moved, false).await.expect(200);
    let updated = actions(&done)
        .iter()
        .filter(|(.., done)| done == "updated")
        .count();
    assert_eq!(updated, 300);
}

#[tokio::test]
async fn what_breaks_off_is_finished_later() {
    let house = House::furnished().await;
    let (app, operator) = (house.app.clone(), Admin::operator());
    // A little further each time, until it breaks off in the middle.
    for requests in 4.. {
        let call = write_all(&app, &operator, machines(100), false);
        let ended = causeway_table::cut_short(requests, call).await;
        assert!(ended.is_none(), "it never broke off");
        let stored = app.table().counts().await.unwrap().endpoints;
        if stored > 1 {
            break;
        }
    }
    let tried = apply(&house, machines(100), true).await.expect(200);
    assert!(
        !every(&tried, "unchanged") && !every(&tried, "created"),
        "{tried}"
    );
    house.wait(61);
    assert!(finish_begun(&app).await.unwrap() > 0);
    let done = apply(&house, machines(100), true).await.expect(200);
    assert!(every(&done, "unchanged"), "{done}");
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

/// What follows from a change follows when it is one of many, too.
#[tokio::test]
async fn whom_a_large_call_deactivates_is_signed_out() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    let admin = house.sign_in("admin").await;
    let sessions = async || {
        let listed = admin.get("/api/v1/admin/sessions?user=ada").await;
        listed.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(sessions().await, 1);
    let mut documents = machines(60);
    documents.push(json!({"kind": "user", "username": "ada", "active": false}));
    apply(&house, documents, false).await.expect(200);
    assert_eq!(sessions().await, 0);
    ada.get("/api/v1/me").await.problem(401, "not_signed_in");
}
