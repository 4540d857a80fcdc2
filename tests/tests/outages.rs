//! Processes that die or fall silent: what they held is neither lost too early
//! nor kept for ever.

use std::time::Duration;

use anyhow::{Result, ensure};
use causeway_tests::session::Viewer;
use causeway_tests::silent::Silent;
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::{Api, Launched, Stack};
use serde_json::{Value, json};

use crate::lab::{LAB, connection_in, eventually, is_alive, settings, shell_pid};

/// How much later than its time a session may end.
const LATE: Duration = Duration::from_secs(1);

/// An edge and a node as processes of their own, and a server.
async fn split_with(provider: Value, fields: Value) -> Result<(Stack, Sshd)> {
    let stack = Stack::split(1, 1).await?;
    stack.application(LAB, provider).await?;
    let sshd = Sshd::with_password()?;
    let mut object = json!({ "settings": settings(&sshd, json!({})) });
    if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
        object.extend(fields);
    }
    let host = sshd.address().to_string();
    stack.endpoint_with(LAB, "shell", &host, object).await?;
    Ok((stack, sshd))
}

/// A launch through the edge that is a process of its own: it outlives the
/// control plane.
async fn launch_apart(stack: &Stack, endpoint: &str) -> Result<Launched> {
    let apart = stack.edges[0].fact("url")?;
    for _ in 0..40 {
        let launched = stack.admin.launch(LAB, endpoint).await?;
        if launched.entry.edge_url.starts_with(apart) {
            return Ok(launched);
        }
        stack.admin.terminate(&launched.connection).await?;
    }
    anyhow::bail!("no launch went through {apart}")
}

#[tokio::test]
async fn a_node_without_a_control_plane_ends_each_session_at_its_time() -> Result<()> {
    let (mut stack, _sshd) = split_with(json!({ "connection_expiry": "8s" }), json!({})).await?;
    let launched = launch_apart(&stack, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;
    let pid = shell_pid(&mut viewer).await?;
    let ends_at_ms = viewer.heard.welcome.as_ref().unwrap().ends_at_unix_ms;
    stack.up.kill().await?;
    assert_eq!(viewer.ended().await?.reason, "expired");
    let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond())?;
    assert!(now_ms >= ends_at_ms, "{now_ms} is before {ends_at_ms}");
    gone(pid).await?;
    let late_ms = u64::try_from(jiff::Timestamp::now().as_millisecond())? - ends_at_ms;
    assert!(u128::from(late_ms) <= LATE.as_millis(), "{late_ms} ms late");
    Ok(())
}

#[tokio::test]
async fn a_restarted_control_plane_neither_loses_nor_leaks_a_connection() -> Result<()> {
    let fields = json!({ "maximum_connections": 3 });
    let (mut stack, _sshd) = split_with(json!({}), fields).await?;
    let silent = Silent::start().await?;
    stack
        .endpoint(LAB, "mute", silent.address(), json!({}))
        .await?;

    let active = launch_apart(&stack, "shell").await?;
    let mut viewer = Viewer::open(&active.entry).await?;
    viewer.wait_for("$ ").await?;
    let pid = shell_pid(&mut viewer).await?;
    let detached = launch_apart(&stack, "shell").await?;
    let mut leaving = Viewer::open(&detached.entry).await?;
    leaving.wait_for("$ ").await?;
    let kept = shell_pid(&mut leaving).await?;
    drop(leaving);
    connection_in(&stack, &detached.connection, "detached").await?;
    let opening = launch_apart(&stack, "mute").await?;
    let mut waiting = Viewer::open(&opening.entry).await?;
    let pending = launch_apart(&stack, "shell").await?;
    let full = stack.admin.try_launch(LAB, "shell").await?;
    assert_eq!(full.problem(), (409, "maximum_connections_reached"));

    stack.restart_up().await?;
    heard_of_both(&stack.admin).await?;

    // The active session went on as if nothing had been.
    assert_eq!(shell_pid(&mut viewer).await?, pid);
    // The detached one is found again.
    let mut back = eventually("a way back", || async {
        let entry = stack.admin.ticket(&detached.connection).await?;
        Ok(Viewer::open(&entry)
            .await
            .map_err(|error| format!("{error:#}")))
    })
    .await?;
    assert_eq!(shell_pid(&mut back).await?, kept);
    // The pending one can be claimed with the ticket from before.
    let mut late = Viewer::open(&pending.entry).await?;
    late.wait_for("$ ").await?;
    // The one that was being opened fails with its target's code.
    assert_eq!(waiting.failure().await?.code, "target_timed_out");
    connection_in(&stack, &opening.connection, "ended").await?;
    // No place more and none less.
    let full = stack.admin.try_launch(LAB, "shell").await?;
    assert_eq!(full.problem(), (409, "maximum_connections_reached"));
    for launched in [&active, &detached, &pending] {
        stack.admin.terminate(&launched.connection).await?;
        connection_in(&stack, &launched.connection, "ended").await?;
    }
    for pid in [pid, kept] {
        gone(pid).await?;
    }
    for _ in 0..3 {
        stack.admin.launch(LAB, "shell").await?;
    }
    let full = stack.admin.try_launch(LAB, "shell").await?;
    assert_eq!(full.problem(), (409, "maximum_connections_reached"));
    Ok(())
}

/// The edge and the node have been heard of since the restart.
async fn heard_of_both(admin: &Api) -> Result<()> {
    eventually("heartbeats", || async {
        let nodes = admin.list("/api/v1/admin/nodes").await?;
        let ready = nodes
            .iter()
            .filter(|node| node["health"] == "ready")
            .count();
        ensure!(nodes.len() == 2, "{nodes:?}");
        Ok(if ready == 2 {
            Ok(())
        } else {
            Err(format!("{nodes:?}"))
        })
    })
    .await
}

async fn gone(pid: u32) -> Result<()> {
    eventually("the shell's end", || async move {
        Ok(if is_alive(pid) {
            Err(format!("process {pid} lives"))
        } else {
            Ok(())
        })
    })
    .await
}
