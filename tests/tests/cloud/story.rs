//! What people do with it, from the first sign-in to the sweep.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, TaskAgent};
use causeway_tests::session::{Entry, Viewer};
use causeway_tests::sshd::{Sshd, USERNAME};
use causeway_tests::stack::{Api, Process};
use causeway_tests::wait::eventually;
use serde_json::{Value, json};

/// The sweep runs each minute.
const SWEPT_WITHIN: Duration = Duration::from_secs(130);
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The outpost that every deployment begins with.
pub(crate) const OUTPOST: &str = "default";

/// A deployment in which people can work.
pub(crate) struct Begun {
    /// The first administrator.
    pub(crate) admin: Api,
    /// Somebody who may launch.
    pub(crate) user: Api,
    edge: Process,
    node: Process,
    target: Sshd,
}

/// What is there when it has been told.
pub(crate) struct Told {
    /// The first administrator.
    pub(crate) admin: Api,
    /// Somebody who may launch.
    pub(crate) user: Api,
    /// The edge and the node that serve.
    pub(crate) members: Vec<Process>,
    /// What is beside them, where there is something.
    pub(crate) agents: Vec<TaskAgent>,
    _target: Sshd,
}

impl Told {
    /// Stops the members, which say so before they go.
    pub(crate) async fn retire_members(&mut self) -> Result<()> {
        for member in &self.members {
            member.ask_to_end()?;
        }
        for member in self.members.drain(..) {
            member.ended().await?;
        }
        Ok(())
    }
}

/// From nothing to somebody who may launch.
pub(crate) async fn begun(cloud: &Cloud) -> Result<Begun> {
    nobody_passes_the_front_door(cloud).await?;
    let admin = cloud.first_sign_in().await?;
    admin
        .create(
            "users",
            json!({ "username": "ada", "name": "Ada", "password": "a-long-enough-password-1" }),
        )
        .await?;
    begun_from_there(cloud, admin).await
}

/// The same where there is a user `ada`.
pub(crate) async fn begun_from_there(cloud: &Cloud, admin: Api) -> Result<Begun> {
    let target = Sshd::with_password()?;
    apply(&admin, &target).await?;
    Ok(Begun {
        edge: edge(cloud, &admin).await?,
        node: node(cloud, &admin, "node-a").await?,
        user: sign_in(cloud).await?,
        admin,
        target,
    })
}

/// At the second attempt.
async fn sign_in(cloud: &Cloud) -> Result<Api> {
    let wrong = Api::sign_in(&cloud.url, "ada", "another-password").await;
    ensure!(wrong.is_err(), "signed in with a wrong password");
    Api::sign_in(&cloud.url, "ada", "a-long-enough-password-1").await
}

/// From the first session to the one after a node was lost. Everything goes on
/// running.
pub(crate) async fn told(cloud: &Cloud, begun: Begun) -> Result<Told> {
    let (admin, user) = (&begun.admin, &begun.user);
    let (connection, mut viewer) = shell(user).await?;
    viewer.enter("echo cloud-$((6*7))").await?;
    viewer.wait_for("cloud-42").await?;
    user.terminate(&connection).await?;
    viewer.ended().await?;
    phase(admin, &connection, "ended", PATIENCE).await?;

    let (lost, _viewer) = shell(user).await?;
    drop(begun.node);
    let ended = phase(admin, &lost, "ended", SWEPT_WITHIN).await?;
    ensure!(ended["end_reason"] == "node_lost", "swept, but {ended}");

    let events = admin.list("/api/v1/admin/events").await?;
    ensure!(
        events.iter().any(|event| event.to_string().contains(&lost)),
        "no event tells of {lost}"
    );
    let second = node(cloud, admin, "node-b").await?;
    let (connection, _viewer) = shell(user).await?;
    user.terminate(&connection).await?;
    Ok(Told {
        admin: begun.admin,
        user: begun.user,
        members: vec![begun.edge, second],
        agents: Vec::new(),
        _target: begun.target,
    })
}

/// The API answers those who come through the front door, and nobody else.
async fn nobody_passes_the_front_door(cloud: &Cloud) -> Result<()> {
    let through = Api::new(&cloud.url)?.get("/api/v1/me").await?;
    ensure!(through.problem().0 == 401, "through the door: {through:?}");
    let past = format!(
        "{}/_aws/execute-api/{}/$default",
        cloud.aws.endpoint(),
        cloud.output("ApiId")?
    );
    let refused = Api::new(&past)?.get("/api/v1/me").await?;
    ensure!(
        refused.problem() == (403, "not_through_front_door"),
        "past the door: {refused:?}"
    );
    Ok(())
}

/// Objects as people keep them in a file: one application with one endpoint.
async fn apply(admin: &Api, sshd: &Sshd) -> Result<()> {
    let settings = json!({ "username": USERNAME, "password": sshd.password() });
    let objects = json!({ "documents": [
        { "kind": "provider", "name": "lab", "outposts": [OUTPOST] },
        { "kind": "application", "slug": "lab", "name": "lab", "provider": "lab" },
        { "kind": "endpoint", "name": "shell", "provider": "lab", "protocol": "ssh",
          "host": sshd.address().to_string(), "maximum_connections": -1, "settings": settings },
    ]});
    let done = admin.post("/api/v1/admin/apply", objects).await?.ok()?;
    ensure!(
        done.to_string().contains("created"),
        "nothing was made: {done}"
    );
    Ok(())
}

async fn edge(cloud: &Cloud, admin: &Api) -> Result<Process> {
    let token = join_token(admin, "edges/join").await?;
    let arguments = [
        "edge",
        "--control-plane",
        &cloud.url,
        "--join-token",
        &token,
        "--listen",
        "127.0.0.1:0",
    ];
    cloud.member("edge", &arguments).await
}

async fn node(cloud: &Cloud, admin: &Api, name: &str) -> Result<Process> {
    let token = join_token(admin, &format!("outposts/{OUTPOST}/join")).await?;
    let node = cloud
        .member(name, &["outpost", "--join", &cloud.url, "--token", &token])
        .await?;
    has_a_tunnel(admin, name).await?;
    Ok(node)
}

/// Waits until a node has a tunnel to an edge.
pub(crate) async fn has_a_tunnel(admin: &Api, name: &str) -> Result<()> {
    eventually("a node with a tunnel", PATIENCE, || async {
        let nodes = admin.list("/api/v1/admin/nodes").await?;
        let mut ready = nodes.iter().filter(|node| node["health"] == "ready");
        let is_ready = ready.any(|node| node["name"] == name);
        Ok(if is_ready { Ok(()) } else { Err(json!(nodes)) })
    })
    .await
}

/// A token with which one member joins.
pub(crate) async fn join_token(admin: &Api, what: &str) -> Result<String> {
    let body = admin
        .post(&format!("/api/v1/admin/{what}"), Value::Null)
        .await?
        .ok()?;
    Ok(body["token"].as_str().context("no join token")?.to_owned())
}

/// A connection whose prompt was seen.
pub(crate) async fn shell(user: &Api) -> Result<(String, Viewer)> {
    let (connection, entry) = launch(user).await?;
    let mut viewer = Viewer::open(&entry).await?;
    viewer.wait_for("$ ").await?;
    Ok((connection, viewer))
}

/// A connection, and the way to it.
pub(crate) async fn launch(user: &Api) -> Result<(String, Entry)> {
    let launched = user.launch("lab", "shell").await?;
    Ok((launched.connection, launched.entry))
}

async fn phase(admin: &Api, connection: &str, wanted: &str, within: Duration) -> Result<Value> {
    let path = format!("/api/v1/admin/connections/{connection}");
    eventually(wanted, within, || async {
        let found = admin.get(&path).await?.ok()?;
        Ok(if found["state"] == wanted {
            Ok(found)
        } else {
            Err(found)
        })
    })
    .await
}
