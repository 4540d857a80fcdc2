//! The rights of functions are needed, each of them, and they are enough.
//!
//! What there is to show is read from the roles as they were deployed: every
//! action on every resource of every statement is taken away once, and so is
//! every pattern of partitions that may be written. A twin of the function,
//! started anew with the rest, is asked all that a function of its kind does
//! ([`crate::exercise`]). It must be refused what was taken away, by the
//! emulator's own record, and nothing else; and what it was asked must fail. With
//! all its rights it must be refused nothing. In the story, the deployed functions
//! were refused nothing either.
//!
//! [`UNASKED`] names the statements of which that cannot be shown here, and
//! [`BORNE`] the rights without which things go on, only worse.

use anyhow::{Context, Result, bail, ensure};
use causeway_tests::cloud::{Cloud, Decision, Grant, NAME, Role};

use crate::exercise::Stage;

/// All functions.
pub(crate) const FUNCTIONS: [&str; 5] = ["portal", "admin", "nodes", "sweep", "rotate"];

/// Statements that the emulator never asks about, and why.
const UNASKED: [(&str, &str); 3] = [
    (
        "Logs",
        "Lambda writes what a function logs; the emulator keeps it without asking",
    ),
    (
        "TableAtRest",
        "DynamoDB asks it of its callers; the emulator encrypts nothing at rest",
    ),
    (
        "SecretsAtRest",
        "Secrets Manager asks it of its callers; the emulator encrypts nothing",
    ),
];

/// Function, statement and what the resource contains: rights without which
/// nothing fails. The refusal must be seen all the same.
const BORNE: [(&str, &str, &str); 2] = [
    // An order that cannot be signed is left to the node's next heartbeat.
    ("admin", "Secrets", "/signing-keys"),
    ("sweep", "Secrets", "/signing-keys"),
];

/// Takes all that a function may do away, one thing after another, and tells of
/// all that was not missed.
pub(crate) async fn each_is_needed(cloud: &Cloud, stage: &Stage) -> Result<()> {
    let function = stage.function;
    let role = cloud.role(function).await?;
    let mut grants = role.grants()?;
    // Last: when it is refused, the next finds no data key either.
    grants.sort_by_key(is_for_new_data_key);
    let mut wrong = Vec::new();
    for (number, grant) in grants.iter().filter(|grant| is_asked(grant)).enumerate() {
        let probe = format!("{NAME}-{function}-less-{number}");
        if let Err(error) = is_missed(cloud, stage, &role, grant, &probe).await {
            wrong.push(format!("{function} without {grant}: {error:#}"));
        }
    }
    if let Err(error) = are_enough(cloud, stage, &role).await {
        wrong.push(format!("{function} with all its rights: {error:#}"));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn is_asked(grant: &Grant) -> bool {
    match grant {
        Grant::Right(right) => UNASKED.iter().all(|(sid, _)| *sid != right.statement),
        Grant::Partition(_) => true,
    }
}

/// What is asked for only when there is no data key yet.
fn is_for_new_data_key(grant: &Grant) -> bool {
    match grant {
        Grant::Right(right) => right.action == "kms:GenerateDataKey",
        Grant::Partition(pattern) => pattern.starts_with("DATA_KEY"),
    }
}

fn is_borne(function: &str, grant: &Grant) -> bool {
    match grant {
        Grant::Right(right) => BORNE.iter().any(|(of, statement, part)| {
            *of == function && *statement == right.statement && right.resource.contains(part)
        }),
        Grant::Partition(_) => false,
    }
}

/// The deployed functions were refused nothing in what people did with them, and
/// what is said above of statements is said of statements that there are.
pub(crate) async fn nobody_was_refused(cloud: &Cloud) -> Result<()> {
    let mut known = Vec::new();
    for function in FUNCTIONS {
        let role = cloud.role(function).await?;
        let mut refused = refusals(cloud, role.name())?;
        // Its own: tests try the bounds of the role, too.
        refused.retain(|one| one.session.contains(role.name()));
        ensure!(refused.is_empty(), "{function} was refused {refused:#?}");
        known.extend(role.rights()?.into_iter().map(|right| right.statement));
    }
    for (statement, why) in UNASKED {
        let is_there = known.iter().any(|known| known == statement);
        ensure!(is_there, "no role has a statement {statement} ({why})");
    }
    Ok(())
}

async fn is_missed(
    cloud: &Cloud,
    stage: &Stage,
    role: &Role,
    grant: &Grant,
    probe: &str,
) -> Result<()> {
    stage.twin.take_role(probe, &role.without(grant)?).await?;
    if is_for_new_data_key(grant) {
        stage.forget_data_key().await?;
    }
    let outcome = stage.exercise().await;
    let refused = refusals(cloud, probe)?;
    let (of_it, others): (Vec<_>, Vec<_>) = refused.into_iter().partition(|one| grant.is_for(one));
    ensure!(
        others.is_empty(),
        "it was refused something else: {others:#?}"
    );
    let failed = outcome.as_ref().err().map(|error| format!("{error:#}"));
    ensure!(!of_it.is_empty(), "it was never asked for, and {failed:?}");
    match (outcome, is_borne(stage.function, grant)) {
        (Ok(()), false) => bail!("it was refused, and nothing failed"),
        (Err(error), true) => Err(error).context("it is said to be borne"),
        (Ok(()), true) | (Err(_), false) => Ok(()),
    }
}

async fn are_enough(cloud: &Cloud, stage: &Stage, role: &Role) -> Result<()> {
    let probe = format!("{NAME}-{}-whole", stage.function);
    stage.twin.take_role(&probe, role.policy()).await?;
    stage.exercise().await?;
    let refused = refusals(cloud, &probe)?;
    ensure!(refused.is_empty(), "refused: {refused:#?}");
    Ok(())
}

fn refusals(cloud: &Cloud, role: &str) -> Result<Vec<Decision>> {
    let decisions = cloud.decisions()?.into_iter();
    let of_role = decisions.filter(|decision| decision.role == role && !decision.allowed);
    Ok(of_role.collect())
}
