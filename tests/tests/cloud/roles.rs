//! Edges and nodes that join by their role, as in ECS: real programs with
//! credentials that the emulator's STS gave, and proofs that it checks.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use causeway_fleet::{RoleCredentials, RoleSigner};
use causeway_tests::cloud::{Aws, Cloud, TaskAgent};
use causeway_tests::stack::{Api, Process};
use causeway_tests::wait::eventually;
use causeway_trust::SigningKey;
use serde_json::{Value, json};

use crate::story::{PATIENCE, Told, has_a_tunnel, shell};

/// The roles that the deployment admits, by their names, and one that it does
/// not. The templates make the first two with the edges and nodes.
const ROLES: [&str; 3] = ["causeway-edge", "causeway-outpost", "causeway-other"];
const REGION: &str = "us-east-1";
/// Older than any proof is believed.
const LONG_AGO: Duration = Duration::from_secs(10 * 60);

/// Tells it. From here on the members that joined by their roles serve alone.
pub(crate) async fn told(cloud: &Cloud, told: &mut Told) -> Result<()> {
    let [edge_role, node_role, other_role] = roles(cloud).await?;
    let (edge_agent, node_agent) =
        tokio::try_join!(TaskAgent::start(&edge_role), TaskAgent::start(&node_role))?;
    let (edge, doomed) = tokio::try_join!(
        edge(cloud, "edge-by-role", &edge_agent),
        edge(cloud, "edge-doomed", &edge_agent),
    )?;
    let node = node(cloud, "node-by-role", &node_agent.environment()).await?;
    told.retire_members().await?;
    let edge_id = id_of(&told.admin, "edges", "edge-by-role").await?;
    let node_id = id_of(&told.admin, "nodes", "node-by-role").await?;
    remove(told, "edge-doomed").await?;
    tokio::try_join!(
        ends_as_removed(doomed),
        serves(told, &edge_id, &node_id, &node_agent),
        refused(cloud, &edge_role, &other_role),
        proofs_are_for_one_member_here_and_now(cloud, &edge_role),
    )?;
    comes_back(cloud, told, &edge, &edge_id).await?;
    node_agent.is_protected(false, PATIENCE).await?;
    let (connection, _viewer) = shell(&told.user).await?;
    told.user.terminate(&connection).await?;
    told.members = vec![edge, node];
    told.agents = vec![edge_agent, node_agent];
    Ok(())
}

/// Makes the roles, and somebody who has each.
async fn roles(cloud: &Cloud) -> Result<[Aws; 3]> {
    let make = async |name: &str| {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "*" },
        }]});
        let trust = trust.to_string();
        let made = cloud
            .aws
            .ask(&[
                "iam",
                "create-role",
                "--role-name",
                name,
                "--assume-role-policy-document",
                &trust,
            ])
            .await?;
        let arn = made["Role"]["Arn"].as_str().context("no ARN")?;
        cloud.aws.assume(arn).await
    };
    let (edge, node, other) = tokio::try_join!(make(ROLES[0]), make(ROLES[1]), make(ROLES[2]))?;
    Ok([edge, node, other])
}

async fn edge(cloud: &Cloud, name: &str, agent: &TaskAgent) -> Result<Process> {
    let arguments = [
        "edge",
        "--control-plane",
        &cloud.url,
        "--listen",
        "127.0.0.1:0",
    ];
    by_role(cloud, name, &arguments, &agent.environment()).await
}

async fn node(cloud: &Cloud, name: &str, environment: &[(&str, String)]) -> Result<Process> {
    by_role(cloud, name, &["outpost", "--join", &cloud.url], environment).await
}

async fn by_role(
    cloud: &Cloud,
    name: &str,
    arguments: &[&str],
    environment: &[(&str, String)],
) -> Result<Process> {
    let role = [
        "--join-aws",
        "--join-region",
        REGION,
        "--join-audience",
        &cloud.url,
    ];
    let arguments = [arguments, &role].concat();
    let mut environment = environment.to_vec();
    environment.push(("AWS_ENDPOINT_URL", cloud.aws.endpoint().to_owned()));
    cloud.member_with(name, &arguments, &environment).await
}

async fn id_of(admin: &Api, kind: &str, name: &str) -> Result<Value> {
    let all = admin.list(&format!("/api/v1/admin/{kind}")).await?;
    let found = all.iter().find(|one| one["name"] == name);
    let found = found.with_context(|| format!("no {name} in {all:?}"))?;
    ensure!(found["ephemeral"] == true, "not by its role: {found}");
    Ok(found["id"].clone())
}

/// A session goes through them, and protects the node's task.
async fn serves(told: &Told, edge: &Value, node: &Value, agent: &TaskAgent) -> Result<()> {
    let (connection, mut viewer) = shell(&told.user).await?;
    viewer.enter("echo role-$((6*7))").await?;
    viewer.wait_for("role-42").await?;
    let shown = told
        .admin
        .get(&format!("/api/v1/admin/connections/{connection}"))
        .await?
        .ok()?;
    ensure!(
        shown["node"] == *node && shown["edge"] == *edge,
        "not by {node} and {edge}: {shown}"
    );
    agent.is_protected(true, PATIENCE).await?;
    told.user.terminate(&connection).await?;
    viewer.ended().await?;
    Ok(())
}

/// An administrator removes an edge.
async fn remove(told: &Told, edge: &str) -> Result<()> {
    let id = id_of(&told.admin, "edges", edge).await?;
    let id = id.as_str().context("an id")?;
    let path = format!("/api/v1/admin/edges/{id}");
    told.admin.delete(&path).await?.ok().map(drop)
}

/// The process of a member that was removed ends, and says why.
async fn ends_as_removed(edge: Process) -> Result<()> {
    let log = edge.log_path().to_owned();
    let status = edge.ended().await?;
    let said = std::fs::read_to_string(log)?;
    ensure!(
        !status.success() && said.contains("an administrator removed this member"),
        "{status}: {said}"
    );
    Ok(())
}

/// The wrong roles are told apart, and so are programs that say they are
/// something else than their role.
async fn refused(cloud: &Cloud, edge_role: &Aws, other_role: &Aws) -> Result<()> {
    for (name, role, code) in [
        ("edge-as-outpost", edge_role, "join_token_of_other_kind"),
        ("nobody", other_role, "role_unknown"),
    ] {
        let credentials = [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ]
        .map(|name| (name, role.credential(name)));
        let error = node(cloud, name, &credentials).await.err();
        let said = error.map(|error| format!("{error:#}")).unwrap_or_default();
        ensure!(
            said.contains(code),
            "{name} is not refused as {code}: {said}"
        );
    }
    Ok(())
}

/// A proof that was overheard is worth nothing to others, elsewhere, or later.
async fn proofs_are_for_one_member_here_and_now(cloud: &Cloud, role: &Aws) -> Result<()> {
    let key = SigningKey::generate()?.verifying_key();
    let now = SystemTime::now();
    let elsewhere = "https://elsewhere.example";
    for (what, audience, signed_for, at, answer) in [
        (
            "for another",
            &*cloud.url,
            SigningKey::generate()?.verifying_key(),
            now,
            (401, "role_proof_refused"),
        ),
        (
            "for elsewhere",
            elsewhere,
            key,
            now,
            (401, "role_proof_refused"),
        ),
        (
            "too old",
            &cloud.url,
            key,
            now - LONG_AGO,
            (401, "role_proof_skewed"),
        ),
        (
            "of tomorrow",
            &cloud.url,
            key,
            now + LONG_AGO,
            (401, "role_proof_skewed"),
        ),
    ] {
        let token = proof(cloud, role, audience, &signed_for, at).await?;
        let refused = enrol(cloud, &token, &key).await?;
        ensure!(refused.problem() == answer, "{what}: {refused:?}");
    }
    let token = proof(cloud, role, &cloud.url, &key, now).await?;
    let first = enrol(cloud, &token, &key).await?.ok()?;
    let again = enrol(cloud, &token, &key).await?.ok()?;
    ensure!(
        first["member"] == again["member"],
        "shown twice, it made two: {first} {again}"
    );
    Ok(())
}

async fn proof(
    cloud: &Cloud,
    role: &Aws,
    audience: &str,
    key: &causeway_trust::VerifyingKey,
    at: SystemTime,
) -> Result<String> {
    let credentials = RoleCredentials::find(|name| match name {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" => {
            Some(role.credential(name))
        }
        _ => None,
    })?;
    let read = credentials.read().await?;
    let signer = RoleSigner {
        region: REGION.to_owned(),
        audience: audience.to_owned(),
        endpoint: Some(cloud.aws.endpoint().parse()?),
        credentials,
    };
    Ok(signer.proof(&read, key, at)?.to_token())
}

async fn enrol(
    cloud: &Cloud,
    token: &str,
    key: &causeway_trust::VerifyingKey,
) -> Result<causeway_tests::stack::Answer> {
    let body = json!({
        "token": token,
        "name": "silent",
        "public_key": key,
        "version": "none",
        "edge": { "public_url": "ws://127.0.0.1:1", "tunnel_address": "127.0.0.1:1" },
    });
    Api::new(&cloud.url)?
        .post("/api/v1/fleet/enrol", body)
        .await
}

/// An edge that was forgotten while nobody heard of it enrols again and is who
/// it was. (Forgetting takes ten minutes: here it is removed, and the note that
/// an administrator did it is taken away.)
async fn comes_back(cloud: &Cloud, told: &Told, edge: &Process, id: &Value) -> Result<()> {
    let id = id.as_str().context("an id")?;
    let path = format!("/api/v1/admin/edges/{id}");
    edge.pause()?;
    told.admin.delete(&path).await?.ok()?;
    cloud.forget_removals().await?;
    edge.go_on()?;
    eventually("edge that came back", PATIENCE, || async {
        let shown = told.admin.get(&path).await?;
        let is_back = shown.status.is_success() && shown.body["live"] == true;
        Ok(if is_back { Ok(()) } else { Err(shown.body) })
    })
    .await?;
    has_a_tunnel(&told.admin, "node-by-role").await
}
