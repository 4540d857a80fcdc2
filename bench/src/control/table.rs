//! Requests to the table, as the program counts them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use causeway_tests::stack::Stack;

/// How long the table is watched to know what is asked of it anyway.
const QUIET: Duration = Duration::from_secs(5);

/// Counts what acts cost, less what is asked while nobody acts.
pub(super) struct Meter<'a> {
    stack: &'a Stack,
    each_second: f64,
}

/// A count that has begun.
pub(super) struct Reading {
    count: f64,
    begun: Instant,
}

impl<'a> Meter<'a> {
    pub(super) async fn new(stack: &'a Stack) -> Result<Self> {
        let (before, begun) = (round_trips(stack).await?, Instant::now());
        tokio::time::sleep(QUIET).await;
        let made = round_trips(stack).await? - before;
        Ok(Self {
            stack,
            each_second: made / begun.elapsed().as_secs_f64(),
        })
    }

    pub(super) async fn begin(&self) -> Result<Reading> {
        Ok(Reading {
            count: round_trips(self.stack).await?,
            begun: Instant::now(),
        })
    }

    /// Round trips since, for each of so many acts.
    pub(super) async fn each(&self, reading: Reading, acts: usize) -> Result<f64> {
        let made = round_trips(self.stack).await? - reading.count;
        let anyway = self.each_second * reading.begun.elapsed().as_secs_f64();
        Ok((made - anyway) / acts as f64)
    }
}

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
