//! `causeway migrate`: a table in the cloud, brought up to date by somebody who
//! may read all of it, which no function may.

use std::time::Duration;

use anyhow::Context as _;
use aws_credential_types::provider::SharedCredentialsProvider;
use causeway_functions::aws::EnvironmentCredentials;
use causeway_table::{CloudConfig, Migration, Table};

use crate::cli::MigrateArgs;

/// How long one request may take; the table's own deadlines are shorter.
const REQUEST_DEADLINE: Duration = Duration::from_secs(60);

/// Brings the table up to date, telling how far it is.
///
/// # Errors
/// When the table cannot be reached, refuses, or is of a newer program.
pub(crate) async fn run(args: &MigrateArgs) -> anyhow::Result<()> {
    let table = open(args)?;
    let before = table.migration().await;
    let before = before.context("cannot read what the table needs")?;
    if before.was_needless() {
        println!("{}: layout {}, nothing to do", args.table, before.wanted);
        return Ok(());
    }
    if args.check {
        println!("{}: {}", args.table, needs(before));
        return Ok(());
    }
    let told = |migration: Migration| println!("{} items read", migration.items_read);
    let done = table.migrate(told).await;
    let done = done.context("broken off; ask again and it goes on where it was")?;
    println!("{}: layout {} now", args.table, done.wanted);
    Ok(())
}

fn needs(found: Migration) -> String {
    let begun = match found.items_read {
        0 => String::new(),
        read => format!("; begun, {read} items read"),
    };
    format!("to be migrated to layout {}{begun}", found.wanted)
}

fn open(args: &MigrateArgs) -> anyhow::Result<Table> {
    let region = match &args.region {
        Some(region) => region.clone(),
        None => std::env::var("AWS_REGION").context("no region: give --region")?,
    };
    let client = reqwest::Client::builder()
        .timeout(REQUEST_DEADLINE)
        .build()?;
    let credentials = SharedCredentialsProvider::new(EnvironmentCredentials);
    let config = CloudConfig::over_http(args.table.clone(), region, credentials, client);
    Ok(Table::cloud(match &args.endpoint_url {
        Some(url) => config.at(url.to_string()),
        None => config,
    }))
}
