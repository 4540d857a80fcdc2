//! Each right that a function has is needed: without it something that works
//! is refused, with it again it works.

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME};
use causeway_tests::stack::{Answer, Api};
use serde_json::{Value, json};

use crate::story::{Told, launch};

/// What shows that a right is there.
#[derive(Debug, Clone, Copy)]
enum Probe {
    /// The portal: who one is.
    Me,
    /// The portal: signing in with a wrong password, which is counted.
    WrongSignIn,
    /// The portal: a place taken at an endpoint and a node, and given back.
    Launch,
    /// Admin: a list of objects.
    Users,
    /// Admin: an object made and deleted.
    Group,
    /// Nodes: a join token that nobody gave.
    Enrol,
    /// The sweep, once.
    Sweep,
}

/// Function, statement, action, and what shows it.
const RIGHTS: &[(&str, &str, &str, Probe)] = &[
    ("portal", "Read", "dynamodb:BatchGetItem", Probe::Me),
    ("portal", "Write", "dynamodb:UpdateItem", Probe::WrongSignIn),
    ("portal", "Write", "dynamodb:PutItem", Probe::Launch),
    (
        "portal",
        "Check",
        "dynamodb:ConditionCheckItem",
        Probe::Launch,
    ),
    ("admin", "Index", "dynamodb:Query", Probe::Users),
    ("admin", "Write", "dynamodb:PutItem", Probe::Group),
    ("admin", "Write", "dynamodb:DeleteItem", Probe::Group),
    ("nodes", "Read", "dynamodb:GetItem", Probe::Enrol),
    ("sweep", "Read", "dynamodb:Query", Probe::Sweep),
];

/// A sweep works as long as it may; here it may but a few seconds.
const SWEEP_SECONDS: &str = "8";

pub(crate) async fn each_is_needed(cloud: &Cloud, told: &Told) -> Result<()> {
    cloud
        .configure("sweep", &["--timeout", SWEEP_SECONDS])
        .await?;
    for &(function, statement, action, probe) in RIGHTS {
        let about = format!("{function} without {action} in {statement}");
        works(cloud, told, probe)
            .await
            .with_context(|| format!("before: {about}"))?;
        let role = cloud.role(function).await?;
        let taken = role.without(statement, action).await?;
        // What it was told once it need not ask again.
        cloud
            .configure(function, &["--description", &about])
            .await?;
        let refused = works(cloud, told, probe).await;
        taken.give_back().await?;
        cloud
            .configure(function, &["--description", "whole again"])
            .await?;
        ensure!(
            refused.is_err(),
            "{about}: {probe:?} works all the same, so it is not needed"
        );
        works(cloud, told, probe)
            .await
            .with_context(|| format!("{about}, given back"))?;
    }
    partitions_are_kept(cloud).await
}

async fn works(cloud: &Cloud, told: &Told, probe: Probe) -> Result<()> {
    match probe {
        Probe::Me => told.user.get("/api/v1/me").await?.ok().map(drop),
        Probe::WrongSignIn => {
            let body = json!({ "username": "nobody-here", "password": "wrong" });
            answered(&Api::new(&cloud.url)?.post("/api/v1/session", body).await?)
        }
        Probe::Launch => {
            let (connection, _) = launch(&told.user).await?;
            told.user.terminate(&connection).await
        }
        Probe::Users => told.admin.get("/api/v1/admin/users").await?.ok().map(drop),
        Probe::Group => {
            let name = uuid::Uuid::new_v4().to_string();
            let made = told
                .admin
                .post("/api/v1/admin/groups", json!({ "name": name }))
                .await?
                .ok()?;
            let id = made["id"].as_str().context("no id")?;
            told.admin
                .delete(&format!("/api/v1/admin/groups/{id}"))
                .await?
                .ok()
                .map(drop)
        }
        Probe::Enrol => {
            let body = json!({ "token": "none", "name": "none", "key": "none" });
            answered(
                &Api::new(&cloud.url)?
                    .post("/api/v1/fleet/enrol", body)
                    .await?,
            )
        }
        Probe::Sweep => cloud.invoke("sweep", Value::Null).await.map(drop),
    }
}

/// Refused or not, it was answered by somebody who could.
fn answered(answer: &Answer) -> Result<()> {
    ensure!(answer.status.is_client_error(), "{answer:?}");
    Ok(())
}

/// A function writes its own partitions of the table and no other.
async fn partitions_are_kept(cloud: &Cloud) -> Result<()> {
    for (function, own, foreign) in [
        ("portal", "RATE#probe", "ENROLMENT#probe"),
        ("nodes", "NODE#probe", "USERNAME#probe"),
        ("sweep", "NODE#probe", "APPROVAL#probe"),
    ] {
        let role = cloud.role(function).await?;
        let aws = cloud.aws.assume(&role.arn().await?).await?;
        let put = async |partition: &str| {
            let item = json!({ "pk": { "S": partition }, "sk": { "S": "PROBE" } }).to_string();
            aws.ask(&[
                "dynamodb",
                "put-item",
                "--table-name",
                NAME,
                "--item",
                &item,
            ])
            .await
        };
        put(own)
            .await
            .with_context(|| format!("{function} writes {own}"))?;
        let refused = put(foreign).await;
        let said = refused
            .err()
            .map(|error| format!("{error:#}"))
            .unwrap_or_default();
        ensure!(
            said.contains("AccessDenied"),
            "{function} writes {foreign}: {said:?}"
        );
    }
    Ok(())
}
