//! Bursts of launches over many nodes, through one process and through two.

use std::collections::BTreeMap;

use causeway_functions::use_case::launch::{Launch, LaunchError, Launched, launch};
use causeway_functions::{App, Credential};
use causeway_model::id::NodeId;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{House, NodeMember, PASSWORD};

/// A burst.
const LAUNCHES: usize = 200;

/// A house with nodes of these capacities.
async fn house_of(capacities: &[u32]) -> (House, Vec<NodeMember>) {
    let house = House::furnished().await;
    house
        .apply(vec![json!({
            "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
            "host": "10.0.0.1", "maximum_connections": -1,
        })])
        .await;
    let edge = house.edge("edge-1").await;
    let mut nodes = Vec::new();
    for (number, capacity) in capacities.iter().enumerate() {
        let name = format!("node-{number}");
        nodes.push(house.node(&name, *capacity, &[&edge]).await);
    }
    (house, nodes)
}

async fn credential(house: &House) -> Credential {
    let answer = house.stranger().sign_in("ada", PASSWORD).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let pair = cookie.split(';').next().unwrap();
    Credential::parse(pair.trim_start_matches("causeway=")).unwrap()
}

/// Launches at once through the processes in turns, and how many each node got.
async fn burst(house: &House, processes: &[App], count: usize) -> BTreeMap<NodeId, u32> {
    let credential = credential(house).await;
    let launches = (0..count).map(|number| {
        let (app, credential) = (
            processes[number % processes.len()].clone(),
            credential.clone(),
        );
        tokio::spawn(async move {
            let asked = Launch {
                credential: &credential,
                application: "linux",
                endpoint: "web-01",
                address: "",
            };
            match launch(&app, &asked).await.unwrap() {
                Launched::Connection(admission) => admission.connection.node,
                Launched::Challenge(challenge) => panic!("{challenge:?}"),
            }
        })
    });
    let mut places = BTreeMap::new();
    for node in join_all(launches).await {
        *places.entry(node.unwrap()).or_insert(0) += 1;
    }
    places
}

/// What each node got, in the order of `nodes`; the table says the same.
async fn got(house: &House, nodes: &[NodeMember], places: &BTreeMap<NodeId, u32>) -> Vec<u32> {
    let mut got = Vec::new();
    for node in nodes {
        let state = house.app.table().nodes().state(node.id).await.unwrap();
        let count = places.get(&node.id).copied().unwrap_or(0);
        assert_eq!(state.unwrap().load.connections, count);
        got.push(count);
    }
    got
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_over_five_nodes_spreads_within_one_of_even() {
    let (house, nodes) = house_of(&[100; 5]).await;
    let before = house.app.table().round_trips();
    let places = burst(&house, std::slice::from_ref(&house.app), LAUNCHES).await;
    let trips = house.app.table().round_trips() - before;
    let got = got(&house, &nodes, &places).await;
    assert!(got.iter().all(|count| (39..=41).contains(count)), "{got:?}");
    // Two for each, those of signing in, and hardly a race that was lost.
    assert!(trips <= 2 * LAUNCHES as u64 + 30, "{trips} round trips");
}

/// A burst through so many processes that know nothing of each other.
async fn check_processes(count: usize) {
    let (house, nodes) = house_of(&[100; 5]).await;
    let mut processes = vec![house.app.clone()];
    processes.resize_with(count, || house.another_process());
    let places = burst(&house, &processes, LAUNCHES).await;
    let got = got(&house, &nodes, &places).await;
    assert!(got.iter().all(|count| (39..=41).contains(count)), "{got:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_through_two_processes_spreads_within_one_of_even() {
    check_processes(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_through_five_processes_spreads_within_one_of_even() {
    check_processes(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_through_twenty_processes_spreads_within_one_of_even() {
    check_processes(20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_find_no_place_at_the_endpoint_leave_the_others_even() {
    let (house, nodes) = house_of(&[100; 5]).await;
    house
        .apply(vec![json!({
            "kind": "endpoint", "name": "web-01", "provider": "ssh", "protocol": "ssh",
            "host": "10.0.0.1", "maximum_connections": 52,
        })])
        .await;
    let credential = credential(&house).await;
    let launches = (0..LAUNCHES).map(|_| {
        let (app, credential) = (house.app.clone(), credential.clone());
        tokio::spawn(async move {
            let asked = Launch {
                credential: &credential,
                application: "linux",
                endpoint: "web-01",
                address: "",
            };
            match launch(&app, &asked).await {
                Ok(_) => true,
                Err(LaunchError::MaximumConnections { .. }) => false,
                Err(error) => panic!("{error}"),
            }
        })
    });
    let launched = join_all(launches).await;
    let launched = launched.into_iter().filter(|done| *done.as_ref().unwrap());
    assert_eq!(launched.count(), 52);
    let mut got = Vec::new();
    for node in &nodes {
        let state = house.app.table().nodes().state(node.id).await.unwrap();
        got.push(state.unwrap().load.connections);
    }
    got.sort_unstable();
    assert_eq!(got, [10, 10, 10, 11, 11]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_through_two_processes_evens_out_what_was_uneven() {
    let (house, nodes) = house_of(&[100; 5]).await;
    // The first process fills one node before the others are there to be seen.
    for node in &nodes[1..] {
        node.beat_with(&house, &[], true).await;
    }
    burst(&house, std::slice::from_ref(&house.app), 30).await;
    for node in &nodes[1..] {
        node.beat(&house, &[]).await;
    }
    let processes = [house.app.clone(), house.another_process()];
    let mut places = burst(&house, &processes, LAUNCHES - 30).await;
    *places.entry(nodes[0].id).or_default() += 30;
    let got = got(&house, &nodes, &places).await;
    assert!(got.iter().all(|count| (39..=41).contains(count)), "{got:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_follows_weights() {
    let (house, nodes) = house_of(&[200; 3]).await;
    let admin = house.sign_in("admin").await;
    let path = format!("/api/v1/admin/nodes/{}", nodes[2].id);
    admin.put(&path, &json!({"weight": 200})).await.expect(200);
    let processes = [house.app.clone(), house.another_process()];
    let places = burst(&house, &processes, LAUNCHES).await;
    let got = got(&house, &nodes, &places).await;
    assert!((49..=51).contains(&got[0]), "{got:?}");
    assert!((49..=51).contains(&got[1]), "{got:?}");
    assert!((99..=101).contains(&got[2]), "{got:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_follows_capacities() {
    let (house, nodes) = house_of(&[60, 120, 120]).await;
    let places = burst(&house, std::slice::from_ref(&house.app), LAUNCHES).await;
    let got = got(&house, &nodes, &places).await;
    assert!((39..=41).contains(&got[0]), "{got:?}");
    assert!((79..=81).contains(&got[1]), "{got:?}");
    assert!((79..=81).contains(&got[2]), "{got:?}");
}

#[tokio::test]
async fn a_drained_node_takes_nothing_until_it_is_not() {
    let (house, nodes) = house_of(&[10, 10]).await;
    let admin = house.sign_in("admin").await;
    let path = format!("/api/v1/admin/nodes/{}", nodes[0].id);
    let drained = admin
        .put(&path, &json!({"drained": true}))
        .await
        .expect(200);
    assert_eq!(drained["health"], "drained");
    assert_eq!(
        (&drained["weight"], &drained["drained"]),
        (&json!(100), &json!(true))
    );
    let places = burst(&house, std::slice::from_ref(&house.app), 6).await;
    assert_eq!(got(&house, &nodes, &places).await, [0, 6]);
    // Its heartbeat does not take the administrator's word back.
    nodes[0].beat(&house, &[]).await;
    let mut places = burst(&house, &[house.another_process()], 2).await;
    *places.entry(nodes[1].id).or_default() += 6;
    assert_eq!(got(&house, &nodes, &places).await, [0, 8]);
    let back = admin
        .put(&path, &json!({"drained": false}))
        .await
        .expect(200);
    assert_eq!(back["health"], "ready");
    let places = burst(&house, std::slice::from_ref(&house.app), 4).await;
    assert_eq!(places.get(&nodes[0].id), Some(&4));
}

#[tokio::test]
async fn what_a_node_cannot_be_set_to_is_refused_and_changes_nothing() {
    let (house, nodes) = house_of(&[10]).await;
    let admin = house.sign_in("admin").await;
    let path = format!("/api/v1/admin/nodes/{}", nodes[0].id);
    for (body, field) in [
        (json!({"weight": 0}), "weight"),
        (json!({"weight": 10_001, "drained": true}), "weight"),
        (json!({"capacity": 5}), "capacity"),
    ] {
        let problem = admin.put(&path, &body).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let node = admin.get(&path).await.expect(200);
    assert_eq!(
        (&node["weight"], &node["drained"]),
        (&json!(100), &json!(false))
    );
    let ada = house.sign_in("ada").await;
    ada.put(&path, &json!({"drained": true}))
        .await
        .problem(403, "not_allowed");
    admin
        .put("/api/v1/admin/nodes/nothing", &json!({}))
        .await
        .problem(404, "not_found");
    let events = admin.get("/api/v1/admin/events").await.expect(200);
    let items = events["items"].as_array().unwrap();
    assert!(
        items
            .iter()
            .all(|event| (&event["action"], &event["target_kind"])
                != (&json!("update"), &json!("node"))),
        "{events}"
    );
}
