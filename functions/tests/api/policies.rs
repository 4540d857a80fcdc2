//! Policies: who may launch, who may come back, and what is said about it.

use causeway_functions::Credential;
use causeway_functions::use_case::launch::{Launch, launch};
use causeway_model::object::EndReason;
use causeway_trust::OrderAction;
use serde_json::{Value, json};

use crate::furnish::*;
use crate::harness::{House, PASSWORD};

async fn endpoints_of(client: &crate::harness::Client) -> Vec<String> {
    let mine = client.get("/api/v1/applications").await.expect(200);
    let applications = mine["items"].as_array().unwrap();
    applications
        .iter()
        .flat_map(|application| application["endpoints"].as_array().unwrap())
        .map(|endpoint| endpoint["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_refusal_is_plain_to_the_person_and_named_in_the_audit_trail() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            policy("only-daylight", "user.username == 'admin'"),
            bind("application/linux", "only-daylight"),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    let refused = ada.poke(LAUNCH).await;
    assert!(!refused.text.contains("only-daylight"), "{}", refused.text);
    refused.problem(403, "not_allowed_by_policy");
    let mine = ada.get("/api/v1/applications").await.expect(200);
    assert_eq!(mine["items"], json!([]));
    let launches = events(&house, "launch").await;
    assert_eq!(launches.len(), 1, "{launches:?}");
    let event = &launches[0];
    assert_eq!(event["outcome"], "refused");
    assert_eq!(event["detail"], "not_allowed_by_policy");
    assert_eq!(event["policy"], "only-daylight");
    assert_eq!(event["actor"], "ada");
    assert_eq!(event["target_name"], "web-01");
    house.sign_in("admin").await.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn an_endpoint_is_bound_to_groups_users_and_policies() {
    let (house, _edge, _node) = House::staffed().await;
    let check = async |binding: Value, expected: bool| {
        house
            .apply(vec![
                with(binding.clone(), json!({"target": "endpoint/ssh/web-01"})),
                web_01(json!({"maximum_connections": -1})),
            ])
            .await;
        let ada = house.sign_in("ada").await;
        let status = ada.poke(LAUNCH).await.status;
        assert_eq!(status, if expected { 200 } else { 403 }, "{binding}");
        assert_eq!(!endpoints_of(&ada).await.is_empty(), expected, "{binding}");
        let off = json!({"target": "endpoint/ssh/web-01", "enabled": false});
        house.apply(vec![with(binding, off)]).await;
    };
    house
        .apply(vec![
            json!({"kind": "group", "name": "staff"}),
            json!({"kind": "group", "name": "guests"}),
            json!({"kind": "user", "username": "ada", "groups": ["staff"]}),
            policy("yes", "true"),
            policy("no", "false"),
        ])
        .await;
    let of = |subject: &str, name: &str| json!({"kind": "policy_binding", subject: name});
    check(of("group", "staff"), true).await;
    check(of("group", "guests"), false).await;
    check(with(of("group", "guests"), json!({"negate": true})), true).await;
    check(of("user", "ada"), true).await;
    check(of("user", "admin"), false).await;
    check(of("policy", "yes"), true).await;
    check(of("policy", "no"), false).await;
}

#[tokio::test]
async fn any_takes_one_and_all_takes_every_binding() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            policy("yes", "true"),
            policy("no", "false"),
            bind("endpoint/ssh/web-01", "yes"),
            bind("endpoint/ssh/web-01", "no"),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    ada.poke(LAUNCH).await.expect(200);
    house
        .apply(vec![web_01(
            json!({"policy_engine_mode": "all", "maximum_connections": -1}),
        )])
        .await;
    ada.poke(LAUNCH).await.problem(403, "not_allowed_by_policy");
}

#[tokio::test]
async fn a_policy_sees_where_from_and_how_somebody_signed_in() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            policy(
                "office",
                "in_network(request.address, '192.0.2.0/28') && has_method('password')",
            ),
            bind("endpoint/ssh/web-01", "office"),
            web_01(json!({"maximum_connections": -1})),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    ada.clone().from(9).poke(LAUNCH).await.expect(200);
    ada.from(77)
        .poke(LAUNCH)
        .await
        .problem(403, "not_allowed_by_policy");
}

#[tokio::test]
async fn what_cannot_be_evaluated_counts_as_its_binding_says_and_is_told_once_a_launch() {
    let (house, _edge, _node) = House::staffed().await;
    let broken = policy("broken", "user.attributes.nothing == 'x'");
    let binding = bind("endpoint/ssh/web-01", "broken");
    let unlimited = web_01(json!({"maximum_connections": -1}));
    house.apply(vec![broken, binding.clone(), unlimited]).await;
    let ada = house.sign_in("ada").await;
    ada.poke(LAUNCH).await.problem(403, "not_allowed_by_policy");
    let failed = events(&house, "policy_failed").await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["policy"], "broken");
    house
        .apply(vec![with(binding, json!({"failure_result": true}))])
        .await;
    ada.poke(LAUNCH).await.expect(200);
    assert_eq!(events(&house, "policy_failed").await.len(), 2);
}

#[tokio::test]
async fn policies_are_asked_again_at_the_claim() {
    let (house, _edge, node) = House::staffed().await;
    house
        .apply(vec![
            policy("gate", "true"),
            bind("endpoint/ssh/web-01", "gate"),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    house.apply(vec![policy("gate", "false")]).await;
    let claim = node.claim(&house, launched["ticket"].as_str().unwrap());
    claim.await.problem(403, "not_allowed_by_policy");
    let ended = connection(&ada, &launched).await;
    assert_eq!(
        (&ended["state"], &ended["end_reason"]),
        (&json!("ended"), &json!("policy_refused"))
    );
    // Its place is free at once.
    house.apply(vec![policy("gate", "true")]).await;
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn who_comes_back_from_elsewhere_is_asked_again_and_the_target_is_closed() {
    let (house, _edge, node) = House::staffed().await;
    house
        .apply(vec![
            policy("office", "in_network(address, '192.0.2.0/28')"),
            bind("application/linux", "office"),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    claimed(&house, &node, &launched).await;
    let again = ticket(&ada.clone().from(9), &launched).await.expect(200);
    assert_eq!(connection(&ada, &launched).await["address"], "192.0.2.9");
    claimed(&house, &node, &again).await;
    ticket(&ada.clone().from(77), &launched)
        .await
        .problem(403, "not_allowed_by_policy");
    let ended = connection(&ada, &launched).await;
    assert_eq!(ended["end_reason"], "policy_refused");
    let orders = house.orders.read(&house);
    let ends: Vec<_> = orders
        .iter()
        .filter(|order| order.connection.to_string() == launched["connection"]["id"])
        .map(|order| order.action)
        .collect();
    assert_eq!(
        ends,
        [OrderAction::End {
            reason: EndReason::PolicyRefused
        }]
    );
    let attach = events(&house, "attach").await;
    // Of one moment, they are in no order.
    let refused = attach.iter().find(|event| event["outcome"] == "refused");
    assert_eq!(refused.unwrap()["policy"], "office", "{attach:?}");
}

#[tokio::test]
async fn an_address_counts_as_it_was_when_the_ticket_was_asked_for() {
    let (house, _edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    house
        .apply(vec![
            policy("other", "address == '192.0.2.55'"),
            bind("endpoint/ssh/web-01", "other"),
        ])
        .await;
    let moved = ticket(&ada.from(55), &launched).await.expect(200);
    claimed(&house, &node, &moved).await;
}

async fn credential(house: &House, username: &str) -> Credential {
    let answer = house.stranger().sign_in(username, PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let text = cookie.trim_start_matches("causeway=").split(';').next();
    Credential::parse(text.unwrap()).unwrap()
}

#[tokio::test]
async fn a_launch_with_policies_mappings_and_levels_takes_at_most_three_round_trips() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            json!({"kind": "property_mapping", "name": "a", "static_settings": {"color-scheme": "gray-black"}}),
            json!({"kind": "property_mapping", "name": "b", "expression": "{'font-size': 12}"}),
            json!({
                "kind": "provider", "name": "ssh", "outposts": ["home"],
                "settings": {"font-name": "mono"}, "property_mappings": ["a", "b"],
            }),
            web_01(json!({"maximum_connections": -1, "settings": {"username": "root"}})),
            policy("staff", "user.username.startsWith('a')"),
            policy("hours", "in_time_window(time, '00:00', '23:59', 'Europe/Berlin')"),
            bind("application/linux", "staff"),
            bind("endpoint/ssh/web-01", "hours"),
        ])
        .await;
    let credential = credential(&house, "ada").await;
    let asked = Launch {
        credential: &credential,
        application: "linux",
        endpoint: "web-01",
        address: "192.0.2.1",
    };
    launch(&house.app, &asked).await.unwrap();
    let (launched, round_trips) =
        causeway_table::counted(Box::pin(launch(&house.app, &asked))).await;
    launched.unwrap();
    assert!(round_trips <= 3, "{round_trips}");
}

#[tokio::test]
async fn my_applications_ask_a_thousand_policies_in_few_round_trips() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            json!({"kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
                "host": "h", "labels": {"tier": "even"}}),
            policy(
                "even",
                "endpoint.labels.tier == 'even' && user.username == 'ada'",
            ),
            bind("endpoint/ssh/web-01", "even"),
        ])
        .await;
    for hundred in 0..10 {
        let mut documents = Vec::new();
        for number in 0..50 {
            let name = format!("m-{hundred}-{number:02}");
            let tier = if number % 2 == 0 { "even" } else { "odd" };
            documents.push(json!({
                "kind": "endpoint", "name": name, "provider": "ssh", "protocol": "ssh",
                "host": "h", "labels": {"tier": tier},
            }));
        }
        let bindings: Vec<_> = documents
            .iter()
            .map(|document| {
                let name = document["name"].as_str().unwrap();
                bind(&format!("endpoint/ssh/{name}"), "even")
            })
            .collect();
        for some in documents.chunks(10).chain(bindings.chunks(10)) {
            house.apply(some.to_vec()).await;
        }
    }
    let ada = house.sign_in("ada").await;
    assert_eq!(endpoints_of(&ada).await.len(), 251);
    let started = std::time::Instant::now();
    let listed = ada.get("/api/v1/applications");
    let (listed, round_trips) = causeway_table::counted(Box::pin(listed)).await;
    listed.expect(200);
    println!("501 endpoints with a policy each: {:?}", started.elapsed());
    assert!(round_trips <= 6, "{round_trips}");
}
