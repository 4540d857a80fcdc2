//! Launching.

use std::collections::BTreeMap;

use causeway_functions::Credential;
use causeway_functions::use_case::launch::{Launch, LaunchError, Launched, launch};
use causeway_trust::Ticket;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Client, House, PASSWORD};

const LAUNCH: &str = "/api/v1/applications/linux/endpoints/web-01/launch";

async fn set_maximum(house: &House, maximum: i64) {
    house
        .apply(vec![json!({
            "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
            "host": "10.0.0.1", "maximum_connections": maximum,
        })])
        .await;
}

async fn credential(house: &House, username: &str) -> Credential {
    let answer = house.stranger().sign_in(username, PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let text = cookie
        .trim_start_matches("causeway=")
        .split(';')
        .next()
        .unwrap();
    Credential::parse(text).unwrap()
}

/// Launches at once, as many as asked for.
async fn burst(house: &House, count: usize) -> Vec<Result<String, LaunchError>> {
    let credential = credential(house, "ada").await;
    let launches = (0..count).map(|_| {
        let (app, credential) = (house.app.clone(), credential.clone());
        tokio::spawn(async move {
            let asked = Launch {
                credential: &credential,
                application: "linux",
                endpoint: "web-01",
                address: "",
            };
            launch(&app, &asked).await.map(|launched| match launched {
                Launched::Connection(admitted) => admitted.connection.node.to_string(),
                Launched::Challenge(challenge) => panic!("{challenge:?}"),
            })
        })
    });
    join_all(launches)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

#[tokio::test]
async fn a_launch_says_where_to_go_and_admits_once() {
    let (house, edge, node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let launched = ada.poke(LAUNCH).await.expect(200);
    assert_eq!(launched["type"], "connection");
    assert_eq!(
        launched["edge_url"],
        "ws://edge-1.example:9000/edge/v1/connect"
    );
    let connection = &launched["connection"];
    assert_eq!(connection["state"], "pending");
    assert_eq!(connection["protocol"], "ssh");
    assert_eq!(connection["expires_at"], "2027-01-15T16:00:00Z");
    assert_eq!(connection["endpoint_name"], "web-01");
    let text = launched["ticket"].as_str().unwrap();
    let ticket: Ticket = house.keys.verify(text, house.app.now()).unwrap();
    assert_eq!((ticket.node, ticket.edge), (node.id, edge.id));
    assert_eq!(ticket.connection.to_string(), connection["id"]);
    assert_eq!(
        ticket.expires_at.duration_since(ticket.issued_at).as_secs(),
        60
    );
}

#[tokio::test]
async fn an_endpoint_is_named_by_id_or_name() {
    let (house, _edge, _node) = House::staffed().await;
    set_maximum(&house, -1).await;
    let ada = house.sign_in("ada").await;
    let mine = ada.get("/api/v1/applications").await.expect(200);
    let application = &mine["items"][0];
    assert_eq!(
        (&application["slug"], &application["name"]),
        (&json!("linux"), &json!("Linux"))
    );
    let endpoint = &application["endpoints"][0];
    assert_eq!(endpoint["connections"], json!([]));
    let id = endpoint["id"].as_str().unwrap();
    let by_id = format!("/api/v1/applications/linux/endpoints/{id}/launch");
    let first = ada.post(&by_id, &json!({})).await.expect(200);
    let mine = ada.get("/api/v1/applications?search=LIN").await.expect(200);
    assert_eq!(
        mine["items"][0]["endpoints"][0]["connections"],
        json!([first["connection"]["id"]])
    );
    ada.post(LAUNCH, &json!({})).await.expect(200);
    let nothing = ada
        .get("/api/v1/applications?search=windows")
        .await
        .expect(200);
    assert_eq!(nothing, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn only_flows_set_connection_settings() {
    let (house, _edge, _node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    let body = json!({"connection_settings": {"hostname": "elsewhere"}});
    let problem = ada.post(LAUNCH, &body).await.problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "connection_settings");
}

#[tokio::test]
async fn what_does_not_belong_together_is_not_found() {
    let (house, _edge, _node) = House::staffed().await;
    house
        .apply(vec![
            json!({"kind": "provider", "name": "other", "outposts": ["home"]}),
            json!({"kind": "application", "slug": "other", "name": "O", "provider": "other"}),
            json!({"kind": "endpoint", "name": "db", "provider": "other", "protocol": "ssh", "host": "h"}),
        ])
        .await;
    let ada = house.sign_in("ada").await;
    let admin = house.sign_in("admin").await;
    let launch = async |slug: &str, endpoint: &str| {
        ada.poke(&format!(
            "/api/v1/applications/{slug}/endpoints/{endpoint}/launch"
        ))
        .await
    };
    let found = admin
        .get("/api/v1/admin/endpoints?name=db")
        .await
        .expect(200);
    let id = found["items"][0]["id"].as_str().unwrap();
    launch("other", "db").await.expect(200);
    launch("linux", "db")
        .await
        .problem(404, "endpoint_not_found");
    launch("linux", id).await.problem(404, "endpoint_not_found");
    launch("linux", "00000000-0000-7000-8000-000000000001")
        .await
        .problem(404, "endpoint_not_found");
    launch("nothing", "db")
        .await
        .problem(404, "application_not_found");
    launch("linux", "%ff").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_changed_configuration_counts_at_once() {
    let (house, _edge, _node) = House::staffed().await;
    let ada = house.sign_in("ada").await;
    ada.poke(LAUNCH).await.expect(200);
    house
        .apply(vec![
            json!({"kind": "provider", "name": "ssh", "outposts": []}),
        ])
        .await;
    let problem = ada.poke(LAUNCH).await.problem(503, "no_node_available");
    assert!(
        problem["detail"].as_str().unwrap().contains("no_outpost"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_launch_takes_at_most_three_round_trips() {
    let (house, _edge, _node) = House::staffed().await;
    set_maximum(&house, -1).await;
    let credential = credential(&house, "ada").await;
    let asked = Launch {
        credential: &credential,
        application: "linux",
        endpoint: "web-01",
        address: "",
    };
    launch(&house.app, &asked).await.unwrap();
    let (launched, round_trips) =
        causeway_table::counted(Box::pin(launch(&house.app, &asked))).await;
    launched.unwrap();
    assert_eq!(round_trips, 2);
}

#[tokio::test]
async fn the_limit_of_an_endpoint_holds_and_says_whose_place_it_is() {
    let (house, _edge, _node) = House::staffed().await;
    let (ada, admin) = (house.sign_in("ada").await, house.sign_in("admin").await);
    let first = ada.poke(LAUNCH).await.expect(200);
    let again = ada
        .poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
    assert!(
        again["detail"]
            .as_str()
            .unwrap()
            .contains("you are already connected"),
        "{again}"
    );
    assert_eq!(again["connections"], json!([first["connection"]["id"]]));
    let other = admin
        .poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
    assert_eq!(other["detail"], "Maximum connection limit reached.");
    assert_eq!(other.get("connections"), None);
    let path = format!(
        "/api/v1/connections/{}",
        first["connection"]["id"].as_str().unwrap()
    );
    ada.delete(&path).await.expect(204);
    admin.poke(LAUNCH).await.expect(200);
    set_maximum(&house, 0).await;
    ada.poke(LAUNCH)
        .await
        .problem(409, "maximum_connections_reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_never_overshoots_an_endpoint() {
    let (house, _edge, _node) = House::staffed().await;
    set_maximum(&house, 7).await;
    let outcomes = burst(&house, 40).await;
    let launched = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(launched, 7, "{outcomes:?}");
    for refusal in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(
                refusal,
                LaunchError::MaximumConnections { maximum: 7, ref own } if own.len() == 7
            ),
            "{refusal:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_spreads_and_never_overshoots_a_node() {
    let house = House::furnished().await;
    set_maximum(&house, -1).await;
    let edge = house.edge("edge-1").await;
    for name in ["node-1", "node-2", "node-3"] {
        house.node(name, 8, &[&edge]).await;
    }
    let outcomes = burst(&house, 18).await;
    let mut places = BTreeMap::new();
    for outcome in outcomes {
        *places.entry(outcome.unwrap()).or_insert(0) += 1;
    }
    assert!(
        places.len() == 3 && places.values().all(|count| (3..=8).contains(count)),
        "{places:?}"
    );
    let launched = burst(&house, 30)
        .await
        .into_iter()
        .filter(Result::is_ok)
        .count();
    assert_eq!(launched, 6);
}

#[tokio::test]
async fn one_after_the_other_spreads_evenly() {
    let house = House::furnished().await;
    set_maximum(&house, -1).await;
    let edge = house.edge("edge-1").await;
    for name in ["node-1", "node-2", "node-3"] {
        house.node(name, 100, &[&edge]).await;
    }
    let ada = house.sign_in("ada").await;
    let mut places = BTreeMap::new();
    for _ in 0..12 {
        let launched = ada.poke(LAUNCH).await.expect(200);
        *places
            .entry(launched["connection"]["node"].to_string())
            .or_insert(0) += 1;
    }
    assert_eq!(places.into_values().collect::<Vec<_>>(), [4, 4, 4]);
}

async fn no_node(client: &Client, reason: &str) -> Value {
    let problem = client.poke(LAUNCH).await.problem(503, "no_node_available");
    assert!(
        problem["detail"].as_str().unwrap().contains(reason),
        "{reason}: {problem}"
    );
    problem
}

#[tokio::test]
async fn why_no_node_can_take_it_is_said() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    no_node(&ada, "no_node").await;
    let edge = house.edge("edge-1").await;
    let node = house.node("node-1", 1, &[]).await;
    no_node(&ada, "no_tunnel").await;
    house.wait(60);
    no_node(&ada, "no_node_healthy").await;
    edge.beat(&house).await.expect(200);
    let node = crate::harness::NodeMember {
        edges: vec![edge.id],
        ..node
    };
    node.beat_with(&house, &[], true).await;
    no_node(&ada, "all_nodes_draining").await;
    node.beat(&house, &[]).await;
    set_maximum(&house, -1).await;
    ada.poke(LAUNCH).await.expect(200);
    no_node(&ada, "all_nodes_full").await;
    let problem = ada.poke(LAUNCH).await;
    assert_eq!(problem.headers["retry-after"], "2");
}

#[tokio::test]
async fn labels_choose_the_outpost() {
    let house = House::furnished().await;
    house
        .apply(vec![
            json!({"kind": "outpost", "name": "home", "labels": {"site": "a"}}),
            json!({"kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
                "host": "h", "labels": {"site": "b"}}),
        ])
        .await;
    let edge = house.edge("edge-1").await;
    house.node("node-1", 10, &[&edge]).await;
    let ada = house.sign_in("ada").await;
    no_node(&ada, "labels_mismatch").await;
    house
        .apply(vec![
            json!({"kind": "outpost", "name": "home", "labels": {"site": "b", "x": "y"}}),
        ])
        .await;
    ada.poke(LAUNCH).await.expect(200);
}

#[tokio::test]
async fn a_browser_is_sent_to_an_edge_that_lives() {
    let house = House::furnished().await;
    set_maximum(&house, -1).await;
    let (dead, live) = (house.edge("edge-1").await, house.edge("edge-2").await);
    let node = house.node("node-1", 100, &[&dead, &live]).await;
    house.wait(60);
    live.beat(&house).await.expect(200);
    node.beat(&house, &[]).await;
    let ada = house.sign_in("ada").await;
    for _ in 0..8 {
        let launched = ada.poke(LAUNCH).await.expect(200);
        assert_eq!(
            launched["edge_url"],
            "ws://edge-2.example:9000/edge/v1/connect"
        );
    }
}

#[tokio::test]
async fn a_program_launches_with_its_token_and_the_token_ends_it() {
    let (house, _edge, _node) = House::staffed().await;
    let admin = house.sign_in("admin").await;
    let body = json!({"name": "ci", "user": "ada"});
    let token = admin.post("/api/v1/admin/tokens", &body).await.expect(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let program = house.stranger().with("authorization", &bearer);
    let launched = program.poke(LAUNCH).await.expect(200);
    let path = format!("/api/v1/admin/tokens/{}", token["id"].as_str().unwrap());
    admin.delete(&path).await.expect(204);
    let path = format!(
        "/api/v1/admin/connections/{}",
        launched["connection"]["id"].as_str().unwrap()
    );
    let ended = admin.get(&path).await.expect(200);
    assert_eq!(
        (&ended["state"], &ended["end_reason"]),
        (&json!("ended"), &json!("signed_out"))
    );
}
