//! What the predecessor's own tests ask of it (settings S1 to S7, views V1 to
//! V8, lists E1 to E5), in our vocabulary and with our decisions, and a named
//! test for each of its known failures.

use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{Client, House, NodeMember};

/// An RDP house: endpoint `win` at `HOST:1324`.
async fn rdp() -> (House, NodeMember, Client) {
    let (house, _edge, node) = House::staffed().await;
    house
        .apply(vec![
            json!({"kind": "provider", "name": "rac", "outposts": ["home"]}),
            json!({"kind": "application", "slug": "windows", "name": "Windows", "provider": "rac"}),
            win(json!({})),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    (house, node, ada)
}

fn win(fields: Value) -> Value {
    with(
        json!({
            "kind": "endpoint", "name": "win", "provider": "rac", "protocol": "rdp",
            "host": "host.example:1324", "maximum_connections": -1,
        }),
        fields,
    )
}

fn rac(fields: Value) -> Value {
    with(
        json!({"kind": "provider", "name": "rac", "outposts": ["home"]}),
        fields,
    )
}

const WIN: &str = "/api/v1/applications/windows/endpoints/win/launch";

async fn settings(house: &House, node: &NodeMember, ada: &Client) -> Value {
    let launched = ada.poke(WIN).await.expect(200);
    claimed(house, node, &launched).await["settings"].clone()
}

#[tokio::test]
async fn s1_to_s6_each_level_wins_over_the_one_before() {
    let (house, node, ada) = rdp().await;
    // S1: no settings. The predecessor's drive-path has no meaning here.
    assert_eq!(
        settings(&house, &node, &ada).await,
        json!({
            "hostname": "host.example", "port": "1324", "client-name": "Causeway - ada",
            "resize-method": "display-update",
        })
    );
    let level = async || settings(&house, &node, &ada).await["level"].clone();
    // S2: provider.
    house
        .apply(vec![rac(json!({"settings": {"level": "provider"}}))])
        .await;
    assert_eq!(level().await, "provider");
    // S3: endpoint.
    house
        .apply(vec![win(json!({"settings": {"level": "endpoint"}}))])
        .await;
    assert_eq!(level().await, "endpoint");
    // S6, with our order: what the flow set stands under the mappings.
    house
        .apply(vec![
            json!({"kind": "flow", "name": "set", "stages": [{
                "type": "expression", "name": "set",
                "expression": "{'connection_settings': {'level': 'connection', 'own': 'kept'}}",
            }]}),
            rac(json!({"settings": {"level": "provider"}, "authorization_flow": "set"})),
        ])
        .await;
    assert_eq!(level().await, "connection");
    // S4: provider mapping.
    let mapped = json!({
        "settings": {"level": "provider"}, "authorization_flow": "set",
        "property_mappings": ["of-provider"],
    });
    house
        .apply(vec![
            json!({"kind": "property_mapping", "name": "of-provider",
                "expression": "{'level': 'property_mapping_provider'}"}),
            rac(mapped),
        ])
        .await;
    assert_eq!(level().await, "property_mapping_provider");
    // S5: endpoint mapping; values reach the node as texts.
    house
        .apply(vec![
            json!({"kind": "property_mapping", "name": "of-endpoint", "static_settings":
                {"level": "property_mapping_endpoint", "foo": true, "bar": 6}}),
            win(json!({
                "settings": {"level": "endpoint"}, "property_mappings": ["of-endpoint"],
            })),
        ])
        .await;
    let last = settings(&house, &node, &ada).await;
    assert_eq!(last["level"], "property_mapping_endpoint");
    assert_eq!((&last["foo"], &last["bar"]), (&json!("true"), &json!("6")));
    assert_eq!(last["own"], "kept");
}

#[tokio::test]
async fn s7_an_ipv6_host_is_read_whole() {
    let (house, node, ada) = rdp().await;
    house
        .apply(vec![win(
            json!({"protocol": "vnc", "host": "[2001:db8::10c]:5901"}),
        )])
        .await;
    let given = settings(&house, &node, &ada).await;
    assert_eq!(given["hostname"], "2001:db8::10c");
    assert_eq!(given["port"], "5901");
    assert_eq!(given.get("resize-method"), None);
}

#[tokio::test]
async fn lists_append_null_removes_and_falsy_static_settings_do_not_override() {
    let (house, node, ada) = rdp().await;
    house
        .apply(vec![
            json!({"kind": "property_mapping", "name": "b", "expression": "{'who': 'b'}"}),
            json!({"kind": "property_mapping", "name": "a", "expression": "{'who': 'a', 'gone': null}",
                "static_settings": {"kept": "", "flag": false, "list": [3]}}),
            rac(json!({
                "property_mappings": ["b", "a"],
                "settings": {"list": [1], "kept": "x", "flag": true, "gone": "here"},
            })),
            win(json!({"settings": {"list": [2]}})),
        ])
        .await;
    let given = settings(&house, &node, &ada).await;
    assert_eq!(given["list"], "[1,2,3]");
    assert_eq!(
        (&given["kept"], &given["flag"]),
        (&json!("x"), &json!("true"))
    );
    assert_eq!(given.get("gone"), None);
    assert_eq!(given["who"], "b");
}

#[tokio::test]
async fn a_mapping_that_fails_is_skipped_named_and_does_not_stop_the_launch() {
    let (house, node, ada) = rdp().await;
    house
        .apply(vec![
            json!({"kind": "property_mapping", "name": "broken", "static_settings": {"half": "x"},
                "expression": "user.attributes.nothing"}),
            json!({"kind": "property_mapping", "name": "fine", "expression": "{'host-is': endpoint.host}"}),
            rac(json!({"property_mappings": ["broken", "fine"]})),
        ])
        .await;
    let given = settings(&house, &node, &ada).await;
    assert_eq!(given["host-is"], "host.example:1324");
    assert_eq!(given.get("half"), None);
    let skipped = events(&house, "mapping_skipped").await;
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(skipped[0]["policy"], "broken");
}

#[tokio::test]
async fn a_mapping_that_gives_no_map_is_taken_with_a_warning_and_skipped() {
    let (house, node, ada) = rdp().await;
    let admin = house.sign_in("admin").await;
    let mapping =
        json!({"name": "number", "static_settings": {"half": "x"}, "expression": "40 + 2"});
    let path = "/api/v1/admin/property-mappings";
    let written = admin.post(path, &mapping).await.expect(201);
    let warning = &written["warnings"][1];
    assert_eq!(
        (&warning["field"], &warning["column"]),
        (&json!("expression"), &json!(4))
    );
    house
        .apply(vec![rac(json!({"property_mappings": ["number"]}))])
        .await;
    let given = settings(&house, &node, &ada).await;
    assert_eq!(given.get("half"), None);
    let skipped = events(&house, "mapping_skipped").await;
    assert_eq!(skipped[0]["policy"], "number");
    let broken = json!({"name": "broken", "expression": "40 +"});
    admin
        .post(path, &broken)
        .await
        .problem(422, "invalid_field");
}

#[tokio::test]
async fn v1_without_a_policy_everybody_gets_in() {
    let (_house, _node, ada) = rdp().await;
    ada.poke(WIN).await.expect(200);
}

#[tokio::test]
async fn v2_and_v3_a_policy_of_application_or_endpoint_keeps_out() {
    for target in ["application/windows", "endpoint/rac/win"] {
        let (house, _node, ada) = rdp().await;
        house
            .apply(vec![policy("deny", "false"), bind(target, "deny")])
            .await;
        ada.poke(WIN).await.problem(403, "not_allowed_by_policy");
    }
}

#[tokio::test]
async fn v4_a_sign_out_between_launch_and_claim_keeps_out() {
    let (house, node, ada) = rdp().await;
    let launched = ada.poke(WIN).await.expect(200);
    ada.delete("/api/v1/session").await;
    let claim = node
        .claim(&house, launched["ticket"].as_str().unwrap())
        .await;
    assert!(matches!(claim.status, 401 | 409), "{}", claim.text);
}

#[tokio::test]
async fn v5_an_endpoint_of_another_provider_is_not_found() {
    let (_house, _node, ada) = rdp().await;
    ada.poke("/api/v1/applications/linux/endpoints/win/launch")
        .await
        .problem(404, "endpoint_not_found");
}

#[tokio::test]
async fn v7_a_group_decides_who_is_inside() {
    let (house, _node, ada) = rdp().await;
    house
        .apply(vec![
            json!({"kind": "group", "name": "inside"}),
            json!({"kind": "policy_binding", "target": "endpoint/rac/win", "group": "inside"}),
        ])
        .await;
    ada.poke(WIN).await.problem(403, "not_allowed_by_policy");
    house
        .apply(vec![
            json!({"kind": "user", "username": "ada", "groups": ["inside"]}),
        ])
        .await;
    ada.poke(WIN).await.expect(200);
}

#[tokio::test]
async fn e1_to_e5_a_list_shows_what_its_reader_may() {
    let (house, _node, ada) = rdp().await;
    house
        .apply(vec![
            json!({"kind": "endpoint", "name": "other", "provider": "rac", "protocol": "rdp",
                "host": "h", "settings": {"password": "SECRET-77"}}),
            policy("deny", "false"),
            bind("endpoint/rac/other", "deny"),
        ])
        .await;
    let windows = async |client: &Client| {
        let mine = client.get("/api/v1/applications?search=windows").await;
        let mine = mine.expect(200);
        let items = mine["items"].as_array().unwrap();
        items.first().map(|application| {
            let endpoints = application["endpoints"].as_array().unwrap();
            let names = endpoints.iter().map(|endpoint| endpoint["name"].clone());
            names.collect::<Vec<_>>()
        })
    };
    // E1 and E5: what passes, for an administrator and for anybody.
    let admin = house.sign_in("admin").await;
    assert_eq!(windows(&admin).await, Some(vec![json!("win")]));
    assert_eq!(windows(&ada).await, Some(vec![json!("win")]));
    // E2: everything, for who administers.
    let all = admin.get("/api/v1/admin/endpoints?provider=rac").await;
    // E3: without secrets.
    assert!(!all.text.contains("SECRET-77"), "{}", all.text);
    assert_eq!(all.expect(200)["items"].as_array().unwrap().len(), 2);
    ada.get("/api/v1/admin/endpoints")
        .await
        .problem(403, "not_allowed");
    // E4: nothing of an application that refuses, bindings of its own or not.
    house.apply(vec![bind("application/windows", "deny")]).await;
    assert_eq!(windows(&ada).await, None);
}

// The predecessor's failures.

#[tokio::test]
async fn a_limit_counts_live_connections_and_not_stale_tokens() {
    let (house, _edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    // One place; the tab was closed, the node said that it is over.
    let first = ada.poke(LAUNCH).await.expect(200);
    claimed(&house, &node, &first).await;
    let over = json!({"type": "ended", "reason": "left"});
    node.report(&house, &first["connection"], over)
        .await
        .expect(200);
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn a_full_endpoint_offers_the_callers_own_connection() {
    let (house, _edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let first = ada.poke(LAUNCH).await.expect(200);
    claimed(&house, &node, &first).await;
    let full = ada
        .poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
    assert_eq!(full["connections"], json!([first["connection"]["id"]]));
    ticket(&ada, &first).await.expect(200);
}

#[tokio::test]
async fn the_load_of_a_node_is_what_it_holds() {
    let (house, _edge, node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let connections = async || {
        let nodes = admin.get("/api/v1/admin/nodes").await.expect(200);
        nodes["items"][0]["connections"].clone()
    };
    assert_eq!(connections().await, 0);
    let launched = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(connections().await, 1);
    claimed(&house, &node, &launched).await;
    assert_eq!(connections().await, 1);
    let path = launched["connection"]["id"].as_str().unwrap();
    ada.delete(&format!("/api/v1/connections/{path}"))
        .await
        .expect(204);
    assert_eq!(connections().await, 0);
}

#[tokio::test]
async fn a_revocation_cuts_a_live_connection() {
    let (house, _edge, node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let launched = ada.poke(LAUNCH).await.expect(200);
    claimed(&house, &node, &launched).await;
    let id = launched["connection"]["id"].as_str().unwrap();
    admin
        .delete(&format!("/api/v1/admin/connections/{id}"))
        .await
        .expect(204);
    let orders = house.orders.read(&house);
    assert!(
        orders
            .iter()
            .any(|order| order.connection.to_string() == id),
        "the node was told at once"
    );
}

#[tokio::test]
async fn an_endpoint_is_not_launched_through_another_provider() {
    let (house, _node, ada) = rdp().await;
    let admin = house.sign_in("admin").await;
    let found = admin.get("/api/v1/admin/endpoints?name=win").await;
    let found = found.expect(200);
    let id = found["items"][0]["id"].as_str().unwrap();
    ada.poke(&format!("/api/v1/applications/linux/endpoints/{id}/launch"))
        .await
        .problem(404, "endpoint_not_found");
}

#[tokio::test]
async fn settings_of_several_prompts_add_up_and_none_is_lost() {
    let (house, _edge, node) = House::staffed().await;
    house
        .apply(asked(json!([
            {"type": "prompt", "name": "first", "fields": [{"name": "connection_settings.username"}]},
            {"type": "prompt", "name": "second", "fields": [
                {"name": "connection_settings.password", "type": "password"},
            ]},
        ])))
        .await;
    let ada = house.sign_in("ada").await;
    let first = ada.poke(LAUNCH).await.expect(200);
    let body = json!({"fields": {"connection_settings.username": "root2"}});
    let second = answer(&ada, &first, body).await.expect(200);
    assert_eq!((&second["step"], &second["steps"]), (&json!(2), &json!(2)));
    let body = json!({"fields": {"connection_settings.password": "p"}});
    let launched = answer(&ada, &second, body).await.expect(200);
    let given = claimed(&house, &node, &launched).await;
    assert_eq!(given["settings"]["username"], "root2");
    assert_eq!(given["settings"]["password"], "p");
}

#[tokio::test]
async fn v8_asking_for_the_challenge_again_makes_no_second_connection() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(asked(json!([{"type": "consent", "name": "ok"}])))
        .await;
    let ada = house.sign_in("ada").await;
    let challenge = ada.poke(LAUNCH).await.expect(200);
    for _ in 0..3 {
        ada.get(&flow_path(&challenge)).await.expect(200);
    }
    let mine = async || {
        let mine = ada.get("/api/v1/connections").await.expect(200);
        mine["items"].as_array().unwrap().len()
    };
    assert_eq!(mine().await, 0);
    answer(&ada, &challenge, json!({"accept": true}))
        .await
        .expect(200);
    assert_eq!(mine().await, 1);
    assert_eq!(events(&house, "launch").await.len(), 1);
}
