//! Lists: filters and pages.

use serde_json::json;

use crate::harness::{Client, House};

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let mut documents = vec![json!({"kind": "provider", "name": "other"})];
    for n in 0..5 {
        documents.push(json!({"kind": "group", "name": format!("group-{n}")}));
        documents.push(json!({"kind": "user", "username": format!("user-{n}")}));
        documents.push(json!({
            "kind": "endpoint", "name": format!("db-{n}"), "provider": "other", "protocol": "vnc",
            "host": "h",
        }));
    }
    house.apply(documents).await;
    for (kind, query, count) in [
        ("groups", "", 5),
        ("groups", "&search=GROUP-3", 1),
        ("groups", "&name=group-3", 1),
        ("groups", "&name=group", 0),
        ("users", "", 7),
        ("users", "&search=user-", 5),
        ("users", "&name=ada", 1),
        ("endpoints", "", 6),
        ("endpoints", "&search=db-", 5),
        ("endpoints", "&provider=ssh", 1),
        ("endpoints", "&provider=none", 0),
        ("providers", "", 2),
        ("outposts", "", 1),
    ] {
        let names = all(&admin, &format!("/api/v1/admin/{kind}?limit=2{query}")).await;
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(
            (names.len(), unique.len()),
            (count, count),
            "{kind} {query}: {names:?}"
        );
    }
    let wrong = admin.get("/api/v1/admin/groups?cursor=%21").await;
    wrong.problem(400, "invalid_cursor");
    for kind in [
        "users",
        "endpoints",
        "events",
        "sessions",
        "tokens",
        "connections",
    ] {
        let wrong = admin
            .get(&format!("/api/v1/admin/{kind}?cursor=junk"))
            .await;
        wrong.problem(400, "invalid_cursor");
    }
    admin
        .get("/api/v1/admin/groups?limit=many")
        .await
        .problem(400, "invalid_query");
}

/// A list that would end too early says so.
#[tokio::test]
async fn a_list_of_endpoints_does_not_end_where_a_provider_is_gone() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    house
        .apply(vec![
            json!({"kind": "provider", "name": "first"}),
            json!({"kind": "endpoint", "name": "a", "provider": "first", "protocol": "vnc",
                "host": "h"}),
        ])
        .await;
    let list = "/api/v1/admin/endpoints?limit=1";
    let page = admin.get(list).await.expect(200);
    assert_eq!(page["items"][0]["name"], "a");
    let behind = format!("{list}&cursor={}", page["next"].as_str().unwrap());
    let endpoint = page["items"][0]["id"].as_str().unwrap();
    for path in [&format!("endpoints/{endpoint}"), "providers/first"] {
        let path = format!("/api/v1/admin/{path}");
        admin.delete(&path).await.expect(204);
    }
    admin.get(&behind).await.problem(400, "invalid_cursor");
}

/// Follows a list to its end.
async fn all(client: &Client, path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = client.get(path).await.expect(200);
    loop {
        let items = next["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = next["next"].as_str() else {
            return names;
        };
        next = client
            .get(&format!("{path}&cursor={cursor}"))
            .await
            .expect(200);
    }
}
