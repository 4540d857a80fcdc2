//! Policies, bindings, flows and sources; export and what apply makes of it.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, House, furniture};

fn more() -> Vec<Value> {
    vec![
        json!({"kind": "policy_binding", "target": "stage/ask/who", "group": "staff", "order": 2,
            "negate": true}),
        json!({"kind": "policy_binding", "target": "endpoint/ssh/web-01", "policy": "office"}),
        json!({"kind": "policy_binding", "target": "application/linux", "user": "ada"}),
        json!({"kind": "group", "name": "staff", "attributes": {"site": "a"}}),
        json!({"kind": "policy", "name": "office",
            "expression": "in_network(address, '10.0.0.0/8')\n  && user.username != 'eve'"}),
        json!({"kind": "flow", "name": "ask", "title": "Before you go in", "stages": [
            {"type": "prompt", "name": "who",
                "fields": [{"name": "connection_settings.username", "required": true}]},
            {"type": "approval", "name": "boss", "groups": ["staff"], "users": ["ada"]},
        ]}),
        json!({"kind": "source", "slug": "corp", "name": "Corp", "client_id": "causeway",
            "issuer": "https://id.example.com", "client_secret": "MARKER-client-secret"}),
        json!({"kind": "property_mapping", "name": "names",
            "expression": "{'username': user.username}", "static_settings": {"port": 22}}),
    ]
}

async fn full_house() -> House {
    let house = House::empty().await;
    let mut documents = more();
    documents.extend(furniture());
    for document in &mut documents {
        if document["kind"] == "provider" {
            document["authorization_flow"] = json!("ask");
            document["property_mappings"] = json!(["names"]);
        }
    }
    house.apply(documents).await;
    house
}

async fn apply(client: &Client, documents: &[Value]) -> Answer {
    let body = json!({"documents": documents});
    client.post("/api/v1/admin/apply", &body).await
}

#[tokio::test]
async fn an_export_is_taken_back_unchanged() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let export = admin.get("/api/v1/admin/export").await;
    assert!(!export.text.contains("MARKER") && !export.text.contains("target secret"));
    let export = export.expect(200);
    let documents = export["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 14, "{documents:#?}");
    let left_out: Vec<_> = export["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left_out| left_out["field"].as_str().unwrap())
        .collect();
    assert_eq!(left_out, ["client_secret", "settings.password"]);
    let targets: Vec<_> = documents
        .iter()
        .filter_map(|document| document["target"].as_str())
        .collect();
    assert_eq!(
        targets,
        ["application/linux", "endpoint/ssh/web-01", "stage/ask/who"]
    );
    let applied = apply(&admin, documents).await.expect(200);
    for change in applied["changes"].as_array().unwrap() {
        assert_eq!(change["action"], "unchanged", "{change}");
    }
    let one = admin
        .get("/api/v1/admin/export?kind=policy")
        .await
        .expect(200);
    assert_eq!(one["documents"].as_array().unwrap().len(), 1);
    admin
        .get("/api/v1/admin/export?kind=planet")
        .await
        .problem(422, "invalid_field");
}

#[tokio::test]
async fn what_was_read_can_be_written_back() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    for kind in ["policies", "policy-bindings", "flows", "sources"] {
        let list = admin
            .get(&format!("/api/v1/admin/{kind}"))
            .await
            .expect(200);
        let items = list["items"].as_array().unwrap();
        assert!(!items.is_empty(), "{kind}");
        for object in items {
            let path = format!("/api/v1/admin/{kind}/{}", object["id"].as_str().unwrap());
            let written = admin.put(&path, object).await.expect(200);
            assert_eq!(written["version"], object["version"], "{kind}");
        }
    }
}

#[tokio::test]
async fn an_expression_that_does_not_compile_is_located() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let wrong = json!({"name": "p", "expression": "true\n  && usr.name == 'a'"});
    let problem = admin.post("/api/v1/admin/policies", &wrong).await;
    let problem = problem.problem(422, "invalid_field");
    let error = &problem["errors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!("expression"), &json!("expression_invalid"))
    );
    assert_eq!((&error["line"], &error["column"]), (&json!(2), &json!(6)));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("line 2, column 6: ")
    );
    let checked = admin
        .post(
            "/api/v1/admin/expressions/check",
            &json!({"expression": wrong["expression"], "purpose": "policy"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&checked["ok"], &checked["error"]["line"]),
        (&json!(false), &json!(2))
    );
}

#[tokio::test]
async fn a_binding_is_refused_for_what_it_cannot_mean() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    house
        .apply(vec![
            json!({"kind": "provider", "name": "second"}),
            json!({"kind": "endpoint", "name": "web-01", "provider": "second", "protocol": "ssh",
                "host": "h"}),
            json!({"kind": "endpoint", "name": "db-01", "provider": "second", "protocol": "ssh",
                "host": "h"}),
        ])
        .await;
    for (body, field, code) in [
        (
            json!({"target": "none", "group": "staff"}),
            "target",
            "unknown_reference",
        ),
        (
            json!({"target": "web-01", "group": "staff"}),
            "target",
            "ambiguous_reference",
        ),
        (
            json!({"target": "endpoint/web-01", "group": "staff"}),
            "target",
            "ambiguous_reference",
        ),
        (json!({"target": "linux"}), "policy", "required"),
        (
            json!({"target": "linux", "group": "staff", "user": "ada"}),
            "policy",
            "several_subjects",
        ),
        (
            json!({"target": "linux", "user": "none"}),
            "user",
            "unknown_reference",
        ),
        (
            json!({"target": "linux", "group": "staff", "timeout_s": 61}),
            "timeout_s",
            "out_of_range",
        ),
    ] {
        let problem = admin.post("/api/v1/admin/policy-bindings", &body).await;
        let problem = problem.problem(422, "invalid_field");
        let error = &problem["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!(field), &json!(code)),
            "{body}"
        );
    }
    let again = json!({"target": "linux", "user": "ada"});
    admin
        .post("/api/v1/admin/policy-bindings", &again)
        .await
        .problem(409, "name_taken");
    for (target, user) in [
        ("linux", "admin"),
        ("who", "ada"),
        ("stage/who", "admin"),
        ("endpoint/second/web-01", "ada"),
        ("endpoint/db-01", "ada"),
    ] {
        let body = json!({"target": target, "user": user});
        admin
            .post("/api/v1/admin/policy-bindings", &body)
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn a_stage_keeps_its_id_and_its_bindings_by_its_name() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let before = admin.get("/api/v1/admin/flows/ask").await.expect(200);
    let body = json!({"name": "ask", "stages": [
        {"type": "deny", "name": "no"},
        {"type": "consent", "name": "who", "text": "agreed?"},
    ]});
    let after = admin
        .put("/api/v1/admin/flows/ask", &body)
        .await
        .expect(200);
    assert_eq!(after["stages"][1]["id"], before["stages"][0]["id"]);
    let bindings = admin
        .get("/api/v1/admin/policy-bindings?target=stage/ask/who")
        .await
        .expect(200);
    assert_eq!(bindings["items"].as_array().unwrap().len(), 1);
    let body = json!({"name": "ask", "stages": []});
    admin
        .put("/api/v1/admin/flows/ask", &body)
        .await
        .expect(200);
    let left = admin.get("/api/v1/admin/policy-bindings").await.expect(200);
    assert_eq!(left["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_client_secret_is_sealed_masked_and_kept() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let path = "/api/v1/admin/sources/corp";
    let mut source = admin.get(path).await.expect(200);
    assert_eq!(source["client_secret"], json!({"$secret": "set"}));
    source["name"] = json!("Corporation");
    admin.put(path, &source).await.expect(200);
    let snapshot = house.app.table().config().current().await.unwrap();
    let stored = snapshot
        .sources()
        .named("corp")
        .unwrap()
        .client_secret
        .clone();
    assert!(stored.unwrap().as_str().unwrap().starts_with("sealed:v1:"));
    source["client_secret"] = Value::Null;
    source.as_object_mut().unwrap().remove("version");
    let without = admin.put(path, &source).await.expect(200);
    assert_eq!(without["client_secret"], Value::Null);
    for issuer in ["http://id.example.com", "https://id.example.com?x=1", "id"] {
        source["issuer"] = json!(issuer);
        let problem = admin.put(path, &source).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], "issuer", "{problem}");
    }
}

#[tokio::test]
async fn a_refusal_to_delete_names_who_refers() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let problem = admin
        .delete("/api/v1/admin/flows/ask")
        .await
        .problem(409, "in_use");
    assert_eq!(problem["used_by"][0]["kind"], "provider");
    assert_eq!(problem["used_by"][0]["name"], "ssh");
    let used = admin
        .get("/api/v1/admin/used-by?kind=policy&id=office")
        .await
        .expect(200);
    let used = &used["items"][0];
    assert_eq!(used["kind"], "policy_binding");
    assert_eq!(used["name"], "endpoint/ssh/web-01 policy office");
}

/// A target that loses its only binding is open to everyone; so whom or what a
/// binding asks for stays as long as the binding.
#[tokio::test]
async fn whom_a_binding_asks_for_is_kept_by_it() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    house
        .apply(vec![
            json!({"kind": "policy", "name": "barred", "expression": "false"}),
            json!({"kind": "group", "name": "guests"}),
            json!({"kind": "user", "username": "eve"}),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    let open_to_ada = async || {
        let mine = ada.get("/api/v1/applications").await.expect(200);
        mine["items"] != json!([])
    };
    let kept = [
        ("policies", "policy", "barred"),
        ("groups", "group", "guests"),
        ("users", "user", "eve"),
    ];
    for (path, kind, name) in kept {
        assert!(open_to_ada().await);
        let spec = json!({"target": "application/linux", kind: name});
        let bound = admin.post("/api/v1/admin/policy-bindings", &spec).await;
        let bound = bound.expect(201);
        let uses = format!("/api/v1/admin/used-by?kind={kind}&id={name}");
        let uses = admin.get(&uses).await.expect(200);
        let words = format!("application/linux {kind} {name}");
        assert_eq!(
            uses["items"],
            json!([{
                "kind": "policy_binding", "id": bound["id"], "name": words,
                "relation": kind, "blocks": true,
            }])
        );
        let object = format!("/api/v1/admin/{path}/{name}");
        let problem = admin.delete(&object).await.problem(409, "in_use");
        assert_eq!(
            problem["detail"],
            format!("the {kind} is in use by policy binding {words}")
        );
        assert_eq!(
            problem["used_by"],
            json!([{"kind": "policy_binding", "id": bound["id"], "name": words}])
        );
        admin.get(&object).await.expect(200);
        assert!(!open_to_ada().await);
        let binding = format!(
            "/api/v1/admin/policy-bindings/{}",
            bound["id"].as_str().unwrap()
        );
        admin.delete(&binding).await.expect(204);
        admin.delete(&object).await.expect(204);
    }
}

#[tokio::test]
async fn the_overview_counts() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let overview = admin.get("/api/v1/admin/overview").await.expect(200);
    for (kind, count) in [
        ("endpoint", 1),
        ("user", 2),
        ("policy_binding", 3),
        ("source", 1),
    ] {
        assert_eq!(overview["counts"][kind], count, "{kind}");
    }
}

#[tokio::test]
async fn events_are_filtered_and_exported() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let created = admin
        .get("/api/v1/admin/events?action=create&target_kind=policy_binding")
        .await
        .expect(200);
    let created = created["items"].as_array().unwrap().clone();
    assert_eq!(created.len(), 3, "{created:?}");
    assert!(
        created
            .iter()
            .any(|event| event["target_name"] == "application/linux user ada")
    );
    admin
        .get("/api/v1/admin/events?action=nothing")
        .await
        .problem(400, "invalid_query");
    let export = admin.get("/api/v1/admin/events/export").await;
    assert_eq!(export.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> = export
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 10);
    assert!(!export.text.contains("MARKER") && !export.text.contains("target secret"));
}

/// Where the length of an answer is limited, the parts of an export are the
/// whole together.
#[tokio::test]
async fn an_export_in_parts_is_the_whole_export() {
    let house = full_house().await;
    let admin = house.sign_in("admin").await;
    let bounded = house.another_process_with(|parts| parts.config.answer_bytes_max = Some(4_000));
    let (router, _) = causeway_functions::api(bounded);
    for query in ["", "?action=create", "?actor=nobody"] {
        let path = format!("/api/v1/admin/events/export{query}");
        let whole = admin.get(&path).await;
        assert!(!whole.headers.contains_key("link"));
        let (mut parts, mut text, mut next) = (0, String::new(), Some(path));
        while let Some(path) = next.take() {
            let part = admin.at(router.clone()).get(&path).await;
            assert_eq!(part.headers["content-type"], "application/x-ndjson");
            assert!(part.text.len() <= 2_000, "{}", part.text.len());
            text.push_str(&part.text);
            parts += 1;
            next = part.next_part();
        }
        assert_eq!(text, whole.text, "{query}");
        assert!(query == "?actor=nobody" || parts > 2, "{parts} parts");
    }
    admin
        .at(router)
        .get("/api/v1/admin/events/export?cursor=junk")
        .await
        .problem(400, "invalid_cursor");
}
