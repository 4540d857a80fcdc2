//! The cloud on one machine: the real templates with the real functions on an
//! emulator that enforces their roles, and on LocalStack ([`localstack`]).
//!
//! One deployment serves it all, because deploying takes half a minute: the
//! story that people would tell, members that join by their roles, each right
//! taken away and missed, and what roles keep functions from. The rights are tried
//! with twins of the functions, while the story waits for what a schedule does
//! each minute; those of the sweep when it needs the deployed sweep no more, which
//! would be quicker than its twin.
#![allow(clippy::unwrap_used, missing_docs)]

mod bounds;
mod exercise;
mod ghost;
mod identity_provider;
mod localstack;
mod portal;
mod rights;
mod roles;
mod story;
mod sweep;

use std::sync::Arc;

use anyhow::{Result, ensure};
use causeway_tests::cloud::Cloud;
use exercise::Stage;

#[tokio::test]
async fn the_whole_story_on_an_emulated_cloud_and_every_right_that_it_needs() -> Result<()> {
    let cloud = Arc::new(Cloud::deploy().await?);
    let told = Box::pin(all(&cloud)).await;
    with_log(&cloud, told)
}

async fn all(cloud: &Arc<Cloud>) -> Result<()> {
    bounds::outside(cloud).await?;
    let begun = story::begun(cloud).await?;
    let stage = |function| Stage::of(cloud, function, &begun.admin, &begun.user);
    let (portal, admin, nodes, sweep, rotate) = tokio::try_join!(
        stage("portal"),
        stage("admin"),
        stage("nodes"),
        stage("sweep"),
        stage("rotate"),
    )?;
    // What is wrong in one place shall not hide what is wrong in another.
    let (told, (portal, admin), nodes, rotate, bounds) = tokio::join!(
        story::told(cloud, begun),
        // One after the other: each takes the current data key away.
        async {
            let portal = rights::each_is_needed(cloud, &portal).await;
            (portal, rights::each_is_needed(cloud, &admin).await)
        },
        rights::each_is_needed(cloud, &nodes),
        rights::each_is_needed(cloud, &rotate),
        bounds::hold(cloud),
    );
    cloud.end_schedule("sweep").await?;
    let told = async {
        let mut told = told?;
        roles::told(cloud, &mut told).await?;
        Ok(told)
    };
    let (told, sweep) = tokio::join!(told, rights::each_is_needed(cloud, &sweep));
    let (told, _running) = match told {
        Ok(running) => (Ok(()), Some(running)),
        Err(error) => (Err(error), None),
    };
    let enough = rights::nobody_was_refused(cloud).await;
    let outcomes = [told, portal, admin, nodes, rotate, bounds, sweep, enough];
    let wrong = outcomes.into_iter().filter_map(Result::err);
    let wrong: Vec<_> = wrong.map(|error| format!("{error:#}")).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// With what the emulator said last, when it failed.
fn with_log(cloud: &Cloud, told: Result<()>) -> Result<()> {
    told.map_err(|error| {
        let log = cloud.emulator_log();
        let lines: Vec<_> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(40)..].join("\n");
        error.context(format!("the emulator said last:\n{last}\n"))
    })
}
