//! The rights of functions are needed: without one something that works is
//! refused, with it again it works. Each is asked of a process that was just
//! started: one that runs remembers secrets and configuration for minutes.
//!
//! [`RIGHTS`] is a choice. Not shown here:
//! - that admin and the sweep read the signing keys. They sign nothing but orders
//!   that end a session at once, and one that cannot be signed is left to the
//!   node's next heartbeat, so that nothing is refused;
//! - that the portal and admin use data keys: neither seals nor opens anything in
//!   this story once it is told;
//! - the statements `TableAtRest` and `SecretsAtRest`: what DynamoDB and Secrets
//!   Manager decrypt for a caller the emulator does not ask of its role;
//! - `Logs`, the role of `rotate`, and further actions on the table that the
//!   statements name beside those that are listed.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Cloud, NAME};
use causeway_tests::stack::{Answer, Api};
use causeway_trust::SigningKey;
use serde_json::{Value, json};

use crate::story::{OUTPOST, Told, join_token, launch, shell};

/// What shows that a right is there.
#[derive(Debug, Clone, Copy)]
enum Probe {
    /// The portal: who one is. Signs nothing.
    Me,
    /// The portal: signing in with a wrong password, which is counted.
    WrongSignIn,
    /// The portal: a place taken at an endpoint and a node, and given back. Its
    /// ticket is signed.
    Launch,
    /// Admin: a list of objects.
    Users,
    /// Admin: an object made and deleted.
    Group,
    /// Admin: the first objects, which are there already.
    Bootstrap,
    /// Nodes: a node that joins. Its pass is signed.
    Join,
    /// Nodes: a session, whose node is given what the endpoint keeps sealed.
    Session,
    /// The sweep, once.
    Sweep,
}

/// What is taken away.
#[derive(Debug, Clone, Copy)]
enum Right {
    /// An action of a statement.
    Action(&'static str, &'static str),
    /// To read one of the secrets, by a part of its ARN.
    Secret(&'static str),
}

use Right::{Action, Secret};

/// Function, right, and what shows it.
const RIGHTS: &[(&str, Right, Probe)] = &[
    ("portal", Action("Read", "dynamodb:BatchGetItem"), Probe::Me),
    (
        "portal",
        Action("Write", "dynamodb:UpdateItem"),
        Probe::WrongSignIn,
    ),
    ("portal", Action("Write", "dynamodb:PutItem"), Probe::Launch),
    (
        "portal",
        Action("Check", "dynamodb:ConditionCheckItem"),
        Probe::Launch,
    ),
    ("portal", Secret(ORIGIN), Probe::Me),
    ("portal", Secret(SIGNING_KEYS), Probe::Launch),
    ("admin", Action("Index", "dynamodb:Query"), Probe::Users),
    ("admin", Action("Write", "dynamodb:PutItem"), Probe::Group),
    (
        "admin",
        Action("Write", "dynamodb:DeleteItem"),
        Probe::Group,
    ),
    ("admin", Secret(ORIGIN), Probe::Users),
    ("admin", Secret(PASSWORD), Probe::Bootstrap),
    // From here on members are not heard now and then, and may be lost.
    ("nodes", Action("DataKeys", "kms:Decrypt"), Probe::Session),
    ("nodes", Action("Read", "dynamodb:GetItem"), Probe::Join),
    ("nodes", Secret(SIGNING_KEYS), Probe::Join),
    ("sweep", Action("Read", "dynamodb:Query"), Probe::Sweep),
];

/// The statement of the roles that has the secrets.
const SECRETS: &str = "Secrets";
/// What the secrets' ARNs contain.
const SIGNING_KEYS: &str = "/signing-keys";
const ORIGIN: &str = "/origin";
const PASSWORD: &str = "/administrator-password";

/// How long a function may take, as infra/templates/functions.yaml has it.
const SECONDS_MAX: u32 = 29;
/// A sweep works as long as it may; here it may but a few seconds.
const SWEEP_SECONDS: u32 = 8;

/// How long an answer may take, with the start of a process.
const ANSWERED_WITHIN: Duration = Duration::from_secs(90);

/// Takes every right away, one after another, and tells of all that were not
/// missed, or whose lack something else hides.
pub(crate) async fn each_is_needed(cloud: &Cloud, told: &Told) -> Result<()> {
    let mut wrong = Vec::new();
    for &(function, right, probe) in RIGHTS {
        if let Err(error) = is_needed(cloud, told, function, right, probe).await {
            wrong.push(format!(
                "{function} without {right:?}, shown by {probe:?}: {error:#}"
            ));
        }
    }
    if let Err(error) = partitions_are_kept(cloud).await {
        wrong.push(format!("{error:#}"));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

async fn is_needed(
    cloud: &Cloud,
    told: &Told,
    function: &str,
    right: Right,
    probe: Probe,
) -> Result<()> {
    let seconds = match probe {
        Probe::Sweep => SWEEP_SECONDS,
        _ => SECONDS_MAX,
    };
    // What a process was told once it need not ask again.
    cloud.start_anew(function, seconds).await?;
    works(cloud, told, probe).await?.context("with it")?;
    let role = cloud.role(function).await?;
    let taken = match right {
        Action(statement, action) => role.without(statement, action).await?,
        Secret(part) => role.without_resource(SECRETS, part).await?,
    };
    cloud.start_anew(function, seconds).await?;
    let refused = works(cloud, told, probe).await;
    taken.give_back().await?;
    cloud.start_anew(function, seconds).await?;
    ensure!(
        refused?.is_err(),
        "it works all the same, so it is not needed"
    );
    works(cloud, told, probe).await?.context("given back")
}

/// Whether it works; an error when that was not said in time.
async fn works(cloud: &Cloud, told: &Told, probe: Probe) -> Result<Result<()>> {
    tokio::time::timeout(ANSWERED_WITHIN, tried(cloud, told, probe))
        .await
        .with_context(|| format!("no answer within {ANSWERED_WITHIN:?}"))
}

async fn tried(cloud: &Cloud, told: &Told, probe: Probe) -> Result<()> {
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
        Probe::Bootstrap => cloud
            .invoke("admin", json!({ "causeway": "bootstrap" }))
            .await
            .map(drop),
        Probe::Join => {
            let token = join_token(&told.admin, &format!("outposts/{OUTPOST}/join")).await?;
            let body = json!({
                "token": token,
                "name": "silent",
                "public_key": SigningKey::generate()?.verifying_key(),
                "version": "none",
                "node": { "capacity": 1 },
            });
            let answer = Api::new(&cloud.url)?
                .post("/api/v1/fleet/enrol", body)
                .await?;
            answer.ok().map(drop)
        }
        Probe::Session => {
            let (connection, viewer) = shell(&told.user).await?;
            drop(viewer);
            told.user.terminate(&connection).await
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
