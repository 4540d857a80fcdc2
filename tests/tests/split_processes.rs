//! The same parts as processes of their own: two edges, three nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Result;
use causeway_tests::session::Viewer;
use causeway_tests::silent::Silent;
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::Stack;
use serde_json::json;

use crate::lab::{LAB, connection_in, eventually, settings, shell_pid};

/// How long a dead node may still be chosen: the heartbeat deadline.
const HEARTBEAT_DEADLINE: Duration = Duration::from_secs(7);
/// What the sweep after it may take on top.
const SWEEP: Duration = Duration::from_secs(4);

#[tokio::test]
async fn launches_are_spread_by_load_over_the_nodes_and_work_through_every_edge() -> Result<()> {
    let stack = split_lab().await?;
    let sshd = Sshd::with_password()?;
    stack
        .endpoint(LAB, "shell", sshd.address(), settings(&sshd, json!({})))
        .await?;
    let mut per_node: BTreeMap<String, usize> = BTreeMap::new();
    let mut edges = BTreeSet::new();
    let mut viewers = Vec::new();
    for _ in 0..9 {
        let launched = stack.admin.launch(LAB, "shell").await?;
        *per_node.entry(launched.node).or_default() += 1;
        edges.insert(launched.entry.edge_url.clone());
        let mut viewer = Viewer::open(&launched.entry).await?;
        viewer.wait_for("$ ").await?;
        shell_pid(&mut viewer).await?;
        viewers.push(viewer);
    }
    assert_eq!(
        per_node.values().collect::<Vec<_>>(),
        [&3, &3, &3],
        "{per_node:?}"
    );
    assert!(edges.len() >= 2, "only {edges:?} carried something");
    Ok(())
}

#[tokio::test]
async fn a_node_that_dies_is_chosen_no_more_and_its_places_are_free_again() -> Result<()> {
    let mut stack = split_lab().await?;
    let sshd = Sshd::with_password()?;
    let fields = json!({ "maximum_connections": 3, "settings": settings(&sshd, json!({})) });
    stack
        .endpoint_with(LAB, "three", &sshd.address().to_string(), fields)
        .await?;
    let mut launched = Vec::new();
    for _ in 0..3 {
        let one = stack.admin.launch(LAB, "three").await?;
        let mut viewer = Viewer::open(&one.entry).await?;
        viewer.wait_for("$ ").await?;
        shell_pid(&mut viewer).await?;
        launched.push((one, viewer));
    }
    assert_eq!(stack.admin.try_launch(LAB, "three").await?.problem().0, 409);
    let node = stack.nodes.remove(0);
    let id = node_id(&stack, "node-0").await?;
    let killed = Instant::now();
    drop(node);
    let lost = launched
        .iter()
        .find(|(one, _)| one.node == id)
        .map(|(one, _)| one.connection.clone())
        .unwrap();
    let ended = connection_in(&stack, &lost, "ended").await?;
    assert_eq!(ended["end_reason"], "node_lost");
    assert!(
        killed.elapsed() < HEARTBEAT_DEADLINE + SWEEP,
        "took {:?}",
        killed.elapsed()
    );
    // Its place is free, and it goes to a node that lives.
    let again = stack.admin.launch(LAB, "three").await?;
    assert_ne!(again.node, id);
    Viewer::open(&again.entry).await?.wait_for("$ ").await?;
    Ok(())
}

#[tokio::test]
async fn a_session_survives_its_edge() -> Result<()> {
    let mut stack = split_lab().await?;
    let sshd = Sshd::with_password()?;
    stack
        .endpoint(LAB, "shell", sshd.address(), settings(&sshd, json!({})))
        .await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;
    let pid = shell_pid(&mut viewer).await?;
    // Whichever edge carries it, end the one whose port it is.
    let position = stack.edges.iter().position(|edge| {
        edge.fact("url")
            .is_ok_and(|url| launched.entry.edge_url.starts_with(url))
    });
    match position {
        Some(position) => drop(stack.edges.remove(position)),
        // The control plane's own edge: only the browser is lost.
        None => drop(viewer),
    }
    connection_in(&stack, &launched.connection, "detached").await?;
    let mut viewer = eventually("a way back", || async {
        let entry = stack.admin.ticket(&launched.connection).await?;
        Ok(Viewer::open(&entry)
            .await
            .map_err(|error| format!("{error:#}")))
    })
    .await?;
    assert_eq!(shell_pid(&mut viewer).await?, pid);
    Ok(())
}

#[tokio::test]
async fn a_node_that_drains_takes_no_new_connections_and_exits_0() -> Result<()> {
    let mut stack = split_lab().await?;
    let silent = Silent::start().await?;
    stack
        .endpoint(LAB, "wide", silent.address(), json!({}))
        .await?;
    let id = node_id(&stack, "node-0").await?;
    let status = stack.nodes.remove(0).terminate().await?;
    assert!(status.success(), "{status}");
    for _ in 0..6 {
        assert_ne!(stack.admin.launch(LAB, "wide").await?.node, id);
    }
    Ok(())
}

#[tokio::test]
async fn a_join_token_is_good_for_one_process_once() -> Result<()> {
    let stack = Stack::split(0, 0).await?;
    let token = stack.join_token("outposts/split/join").await?;
    let first = stack.join("first", &token, &[]).await?;
    assert!(
        stack.join("second", &token, &[]).await.is_err(),
        "a used token was taken again"
    );
    drop(first);
    Ok(())
}

#[tokio::test]
async fn every_process_tells_its_health() -> Result<()> {
    let stack = Stack::split(1, 0).await?;
    let edge = stack.edges[0].fact("url")?.replacen("ws", "http", 1);
    for base in [stack.admin.base(), edge.trim_end_matches('/')] {
        for path in ["healthz", "readyz", "metrics"] {
            let answer = reqwest::get(format!("{base}/{path}")).await?;
            assert!(
                answer.status().is_success(),
                "{base}/{path}: {}",
                answer.status()
            );
        }
    }
    Ok(())
}

async fn split_lab() -> Result<Stack> {
    let stack = Stack::split(2, 3).await?;
    stack.application(LAB, json!({})).await?;
    Ok(stack)
}

async fn node_id(stack: &Stack, name: &str) -> Result<String> {
    let nodes = stack.admin.list("/api/v1/admin/nodes").await?;
    let node = nodes.iter().find(|node| node["name"] == name);
    Ok(node
        .and_then(|node| node["id"].as_str())
        .unwrap_or_default()
        .to_owned())
}
