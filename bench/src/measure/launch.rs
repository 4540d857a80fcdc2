//! The launch call: many in flight, and at a steady rate.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use causeway_tests::stack::{Api, Stack};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::report::{Goal, Report, Row, median};
use crate::shell::ms;
use crate::through::APPLICATION;

/// Calls in flight at any time.
const IN_FLIGHT: usize = 100;
/// Calls of each of them, a run.
const ROUNDS: usize = 5;
/// Calls each second at the steady rate.
const PER_SECOND: u32 = 100;
/// Calls at the steady rate, a run.
const STEADY: u32 = 200;
/// How long the table is watched before the first call.
const QUIET: Duration = Duration::from_secs(5);

pub(crate) async fn launch(runs: u32, report: &mut Report) -> Result<()> {
    let stack = Stack::up_with(&["--capacity", "10000"]).await?;
    stack.application(APPLICATION, json!({})).await?;
    stack
        .endpoint_with(APPLICATION, "shell", "127.0.0.1:9", json!({}))
        .await?;
    in_flight(&stack.admin).await?;
    let background = background(&stack).await?;
    let (mut burst, mut steady, mut trips) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        burst.push(median(&in_flight(&stack.admin).await?));
        let (before, begun) = (round_trips(&stack).await?, Instant::now());
        steady.push(median(&steadily(&stack.admin).await?));
        let made = round_trips(&stack).await? - before;
        trips.push((made - background * begun.elapsed().as_secs_f64()) / f64::from(STEADY));
    }
    report.add(Row::new(
        "launch call, 100 in flight, ms",
        Goal::AtMost(5.0),
        burst,
        Vec::new(),
    ));
    report.add(Row::new(
        "launch call, 100 each second, ms",
        Goal::AtMost(5.0),
        steady,
        Vec::new(),
    ));
    report.add(Row::new(
        // What others ask of the table meanwhile is only estimated.
        "table round trips for each launch",
        Goal::BesideRival("at most 3", |value, _| value <= 3.05),
        trips,
        Vec::new(),
    ));
    Ok(())
}

async fn in_flight(api: &Api) -> Result<Vec<f64>> {
    let callers = (0..IN_FLIGHT).map(|_| async {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(call(api).await?);
        }
        anyhow::Ok(times)
    });
    Ok(try_join_all(callers).await?.concat())
}

async fn steadily(api: &Api) -> Result<Vec<f64>> {
    let begun = Instant::now();
    let callers = (0..STEADY).map(|number| async move {
        let at = begun + Duration::from_secs(1) / PER_SECOND * number;
        tokio::time::sleep_until(at.into()).await;
        call(api).await
    });
    try_join_all(callers).await
}

async fn call(api: &Api) -> Result<f64> {
    let begun = Instant::now();
    api.launch(APPLICATION, "shell").await?;
    Ok(ms(begun.elapsed()))
}

/// Requests to the table each second while nobody launches anything.
async fn background(stack: &Stack) -> Result<f64> {
    let (before, begun) = (round_trips(stack).await?, Instant::now());
    tokio::time::sleep(QUIET).await;
    Ok((round_trips(stack).await? - before) / begun.elapsed().as_secs_f64())
}

/// Requests to the table so far, as the program counts them.
async fn round_trips(stack: &Stack) -> Result<f64> {
    let text = reqwest::get(format!("{}/metrics", stack.admin.base()))
        .await?
        .text()
        .await?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("causeway_table_round_trips_total "));
    Ok(line.context("no count of round trips")?.parse()?)
}
