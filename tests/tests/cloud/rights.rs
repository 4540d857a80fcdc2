//! Each right that a function has is needed: without it something that works
//! is refused, with it again it works.

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME};
use causeway_tests::stack::Api;
use serde_json::{Value, json};

/// What shows that a right is there.
#[derive(Debug, Clone, Copy)]
enum Probe {
    /// The portal: who one is.
    Me,
    /// The portal: signing in with a wrong password, which is counted.
    WrongSignIn,
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
    ("admin", "Index", "dynamodb:Query", Probe::Users),
    ("admin", "Write", "dynamodb:PutItem", Probe::Group),
    ("admin", "Write", "dynamodb:DeleteItem", Probe::Group),
    ("nodes", "Read", "dynamodb:GetItem", Probe::Enrol),
    ("sweep", "Read", "dynamodb:Query", Probe::Sweep),
];

pub(crate) async fn each_is_needed(cloud: &Cloud, admin: &Api) -> Result<()> {
    for &(function, statement, action, probe) in RIGHTS {
        let about = format!("{function} without {action} in {statement}");
        works(cloud, admin, probe)
            .await
            .context("before any right is taken")?;
        let role = cloud.role(function).await?;
        let taken = role.without(statement, action).await?;
        let refused = works(cloud, admin, probe).await;
        taken.give_back().await?;
        ensure!(
            refused.is_err(),
            "{about}: {probe:?} works all the same, so it is not needed"
        );
        works(cloud, admin, probe)
            .await
            .with_context(|| format!("{about}, given back"))?;
    }
    partitions_are_kept(cloud).await
}

async fn works(cloud: &Cloud, admin: &Api, probe: Probe) -> Result<()> {
    let answer = match probe {
        Probe::Me => admin.get("/api/v1/me").await?,
        Probe::WrongSignIn => {
            let body = json!({ "username": "nobody-here", "password": "wrong" });
            let answer = Api::new(&cloud.url)?.post("/api/v1/session", body).await?;
            ensure!(answer.status.as_u16() < 500, "{answer:?}");
            return Ok(());
        }
        Probe::Users => admin.get("/api/v1/admin/users").await?,
        Probe::Group => {
            let made = admin
                .post("/api/v1/admin/groups", json!({ "name": "probe" }))
                .await?
                .ok()?;
            let id = made["id"].as_str().context("no id")?;
            admin.delete(&format!("/api/v1/admin/groups/{id}")).await?
        }
        Probe::Enrol => {
            let body = json!({ "token": "none", "name": "none", "key": "none" });
            let answer = Api::new(&cloud.url)?
                .post("/api/v1/fleet/enrol", body)
                .await?;
            ensure!(answer.status.as_u16() < 500, "{answer:?}");
            return Ok(());
        }
        Probe::Sweep => return cloud.invoke("sweep", Value::Null).await.map(drop),
    };
    answer.ok().map(drop)
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
