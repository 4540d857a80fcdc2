//! The cloud on one machine: the real templates with the real functions on an
//! emulator that enforces their roles, and on LocalStack ([`localstack`]).
//!
//! One deployment serves it all, because deploying takes half a minute: the
//! story that people would tell, members that join by their roles, then each
//! right taken away and missed.
#![allow(clippy::unwrap_used, missing_docs)]

mod localstack;
mod rights;
mod roles;
mod story;

use anyhow::Result;
use causeway_tests::cloud::Cloud;

#[tokio::test]
async fn the_whole_story_on_an_emulated_cloud_and_every_right_that_it_needs() -> Result<()> {
    let cloud = Cloud::deploy().await?;
    let told = async {
        let mut told = story::told(&cloud).await?;
        roles::told(&cloud, &mut told).await?;
        rights::each_is_needed(&cloud, &told).await
    };
    with_log(&cloud, told.await)
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
