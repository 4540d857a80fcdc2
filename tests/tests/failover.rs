//! A node that fails at connect is tried no second time for that launch: the
//! next best takes over, and the viewer follows.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use causeway_tests::firewall::{Firewall, Stance};
use causeway_tests::session::Viewer;
use causeway_tests::silent::refusing_address;
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::Stack;
use serde_json::{Value, json};

use crate::lab::{LAB, connection, connection_in, eventually, settings};

/// After this long without a heartbeat a node is lost.
const HEARTBEAT_DEADLINE: Duration = Duration::from_secs(7);
/// After this long without a packet a tunnel is given up: the time of an
/// unanswered sign of life, and the time to the next one.
const SILENCE_MAX: Duration = Duration::from_secs(4);
/// What a busy machine may add to that.
const SLACK: Duration = Duration::from_secs(1);
/// What following takes on top, on a busy machine.
const FOLLOWING: Duration = Duration::from_secs(8);

/// Two nodes, and a server behind a firewall that lets nobody through yet.
struct Scene {
    stack: Stack,
    firewall: Firewall,
    _sshd: Sshd,
}

async fn scene(stance: Stance) -> Result<Scene> {
    let stack = Stack::split(0, 2).await?;
    stack.application(LAB, json!({})).await?;
    let sshd = Sshd::with_password()?;
    let firewall = Firewall::start(sshd.address(), stance).await?;
    let settings = settings(&sshd, json!({}));
    let fields = json!({ "settings": settings, "maximum_connections": 1 });
    let host = firewall.address().to_string();
    stack.endpoint_with(LAB, "shell", &host, fields).await?;
    Ok(Scene {
        stack,
        firewall,
        _sshd: sshd,
    })
}

impl Scene {
    /// Which of the processes a node is.
    async fn position(&self, node: &str) -> Result<usize> {
        let nodes = self.stack.admin.list("/api/v1/admin/nodes").await?;
        let name = nodes
            .iter()
            .find(|found| found["id"] == node)
            .and_then(|found| found["name"].as_str())
            .context("no such node")?;
        Ok(name.trim_start_matches("node-").parse()?)
    }

    async fn loads(&self) -> Result<Vec<u64>> {
        let nodes = self.stack.admin.list("/api/v1/admin/nodes").await?;
        let mut loads = Vec::new();
        for node in nodes {
            loads.push(node["connections"].as_u64().unwrap_or_default());
        }
        Ok(loads)
    }

    async fn moves(&self, connection: &str) -> Result<Vec<Value>> {
        let events = self.stack.admin.list("/api/v1/admin/events").await?;
        let is_move =
            |event: &Value| event["action"] == "move" && event["connection"] == connection;
        Ok(events.into_iter().filter(is_move).collect())
    }
}

#[tokio::test]
async fn a_target_that_one_node_cannot_reach_is_opened_by_the_other() -> Result<()> {
    let scene = scene(Stance::Close).await?;
    let launched = scene.stack.admin.launch(LAB, "shell").await?;
    let first = scene.position(&launched.node).await?;
    scene.firewall.admit(scene.stack.nodes[1 - first].pid()?);
    let asked = Instant::now();
    let mut followed =
        Viewer::follow(&scene.stack.admin, &launched.connection, &launched.entry).await?;
    followed.viewer.wait_for("$ ").await?;
    assert_eq!((followed.moved, followed.refused), (1, 0));
    assert_eq!(
        scene.firewall.turned_away(),
        1,
        "the first node was tried once"
    );
    assert!(asked.elapsed() < FOLLOWING, "took {:?}", asked.elapsed());
    let shown = connection(&scene.stack, &launched.connection).await?;
    assert_ne!(shown["node"], launched.node.as_str());
    assert_eq!(shown["state"], "active");
    assert_eq!(scene.moves(&launched.connection).await?.len(), 1);
    // The one place of the endpoint was kept, and the first node's is free.
    let again = scene.stack.admin.try_launch(LAB, "shell").await?;
    assert_eq!(again.problem(), (409, "maximum_connections_reached"));
    assert_eq!(scene.loads().await?.iter().sum::<u64>(), 1);
    Ok(())
}

#[tokio::test]
async fn what_no_node_can_reach_ends_with_the_targets_code() -> Result<()> {
    let stack = Stack::split(0, 2).await?;
    stack.application(LAB, json!({})).await?;
    let host = refusing_address().await?.to_string();
    let fields = json!({ "settings": { "username": "x" }, "maximum_connections": 1 });
    stack.endpoint_with(LAB, "shell", &host, fields).await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    assert_eq!(viewer.ended().await?.reason, "moved");
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut viewer = Viewer::open(&entry).await?;
    assert_eq!(viewer.failure().await?.code, "target_refused");
    let ended = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(
        (&ended["end_reason"], &ended["end_code"]),
        (&json!("connect_failed"), &json!("target_refused"))
    );
    // Nothing is left behind.
    stack.admin.launch(LAB, "shell").await.map(drop)
}

#[tokio::test]
async fn a_node_that_is_killed_during_connect_is_followed_by_the_other() -> Result<()> {
    let mut scene = scene(Stance::Hold).await?;
    let launched = scene.stack.admin.launch(LAB, "shell").await?;
    let first = scene.position(&launched.node).await?;
    scene.firewall.admit(scene.stack.nodes[1 - first].pid()?);
    let viewer = Viewer::open(&launched.entry).await?;
    eventually("a connection that hangs", || async {
        let count = scene.firewall.turned_away();
        Ok(if count == 1 {
            Ok(())
        } else {
            Err(count.to_string())
        })
    })
    .await?;
    scene.stack.nodes[first].kill().await?;
    let killed = Instant::now();
    drop(viewer);
    let entry = scene.stack.admin.ticket(&launched.connection).await?;
    let mut followed = Viewer::follow(&scene.stack.admin, &launched.connection, &entry).await?;
    followed.viewer.wait_for("$ ").await?;
    let took = killed.elapsed();
    assert!(took < HEARTBEAT_DEADLINE + FOLLOWING, "took {took:?}");
    let shown = connection(&scene.stack, &launched.connection).await?;
    assert_ne!(shown["node"], launched.node.as_str());
    let moves = scene.moves(&launched.connection).await?;
    assert_eq!(moves.len(), 1);
    assert!(
        moves[0]["detail"]
            .as_str()
            .unwrap()
            .starts_with("node_lost")
    );
    assert_eq!(scene.loads().await?.iter().sum::<u64>(), 1);
    Ok(())
}

#[tokio::test]
async fn a_node_that_is_stopped_during_connect_gives_its_launch_away() -> Result<()> {
    let mut scene = scene(Stance::Hold).await?;
    let launched = scene.stack.admin.launch(LAB, "shell").await?;
    let first = scene.position(&launched.node).await?;
    scene.firewall.admit(scene.stack.nodes[1 - first].pid()?);
    let mut viewer = Viewer::open(&launched.entry).await?;
    eventually("a connection that hangs", || async {
        let count = scene.firewall.turned_away();
        Ok(if count == 1 {
            Ok(())
        } else {
            Err(count.to_string())
        })
    })
    .await?;
    let stopping = scene.stack.nodes.remove(first);
    stopping.ask_to_end()?;
    let asked = Instant::now();
    assert_eq!(viewer.ended().await?.reason, "moved");
    let entry = scene.stack.admin.ticket(&launched.connection).await?;
    let mut followed = Viewer::follow(&scene.stack.admin, &launched.connection, &entry).await?;
    followed.viewer.wait_for("$ ").await?;
    assert_eq!((followed.moved, followed.refused), (0, 0));
    assert!(asked.elapsed() < FOLLOWING, "took {:?}", asked.elapsed());
    assert!(stopping.ended().await?.success());
    let moves = scene.moves(&launched.connection).await?;
    let told = moves[0]["detail"].as_str().unwrap();
    assert!(told.starts_with("node_draining"), "{told}");
    assert_eq!(scene.loads().await?.iter().sum::<u64>(), 1);
    Ok(())
}

#[tokio::test]
async fn a_node_that_is_killed_lets_its_browsers_go() -> Result<()> {
    let mut scene = scene(Stance::Close).await?;
    for node in &scene.stack.nodes {
        scene.firewall.admit(node.pid()?);
    }
    let launched = scene.stack.admin.launch(LAB, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;
    let first = scene.position(&launched.node).await?;
    scene.stack.nodes[first].kill().await?;
    let killed = Instant::now();
    viewer
        .wait_until("the end of the socket", |viewer| viewer.heard.closed)
        .await?;
    let took = killed.elapsed();
    println!("a killed node's browser was let go after {took:?}");
    assert!(took < SILENCE_MAX + SLACK, "took {took:?}");
    Ok(())
}

#[tokio::test]
async fn a_node_that_is_killed_before_its_claim_is_followed_by_the_other() -> Result<()> {
    let mut scene = scene(Stance::Close).await?;
    let launched = scene.stack.admin.launch(LAB, "shell").await?;
    let first = scene.position(&launched.node).await?;
    scene.firewall.admit(scene.stack.nodes[1 - first].pid()?);
    scene.stack.nodes[first].kill().await?;
    let mut followed =
        Viewer::follow(&scene.stack.admin, &launched.connection, &launched.entry).await?;
    followed.viewer.wait_for("$ ").await?;
    assert_eq!(scene.firewall.turned_away(), 0);
    assert_eq!(scene.loads().await?.iter().sum::<u64>(), 1);
    Ok(())
}
