//! The launch call as a real house makes it: two policies, two mappings with
//! expressions, settings at three levels; 200 each second, whatever becomes of
//! those before.

use std::time::{Duration, Instant};

use anyhow::Result;
use causeway_tests::stack::{Api, Stack};
use futures_util::future::try_join_all;
use serde_json::json;

use super::percentile;
use super::table::Meter;
use crate::report::{Goal, Report, Row, median};
use crate::shell::ms;

const APPLICATION: &str = "house";
/// Calls each second.
const PER_SECOND: u32 = 200;
/// Calls a run.
const CALLS: u32 = 1_000;
/// Calls before the first run, so that what is made once is there.
const WARM_UP: u32 = 200;

pub(super) async fn launch(runs: u32, report: &mut Report) -> Result<()> {
    let stack = Stack::up_with(&["--capacity", "10000"]).await?;
    let ada = furnish(&stack).await?;
    steadily(&ada, WARM_UP).await?;
    let meter = Meter::new(&stack).await?;
    let (mut medians, mut tails, mut trips) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let reading = meter.begin().await?;
        let times = steadily(&ada, CALLS).await?;
        trips.push(meter.each(reading, times.len()).await?);
        medians.push(median(&times));
        tails.push(percentile(&times, 99));
    }
    let rows = [
        (
            "launch with policies, 200 each second: median, ms",
            Goal::AtMost(5.0),
            medians,
        ),
        (
            "launch with policies, 200 each second: p99, ms",
            Goal::AtMost(20.0),
            tails,
        ),
        (
            "table round trips for each launch with policies",
            // What others ask of the table meanwhile is only estimated.
            Goal::BesideRival("at most 3", |value, _| value <= 3.05),
            trips,
        ),
    ];
    for (what, goal, values) in rows {
        report.add(Row::new(what, goal, values, Vec::new()));
    }
    Ok(())
}

async fn furnish(stack: &Stack) -> Result<Api> {
    let admin = &stack.admin;
    for (name, expression) in [
        ("bench-provider", r#"{"username": user.username}"#),
        (
            "bench-endpoint",
            r#"{"color-scheme": user.username == "ada" ? "green-black" : "gray-black"}"#,
        ),
    ] {
        let mapping = json!({
            "name": name, "expression": expression, "static_settings": { "font-size": 12 },
        });
        admin.create("property-mappings", mapping).await?;
    }
    stack
        .application(
            APPLICATION,
            json!({
                "settings": { "terminal-type": "xterm-256color" },
                "property_mappings": ["bench-provider"],
            }),
        )
        .await?;
    let endpoint = json!({
        "settings": { "scrollback": 2000 }, "property_mappings": ["bench-endpoint"],
    });
    stack
        .endpoint_with(APPLICATION, "shell", "127.0.0.1:9", endpoint)
        .await?;
    for (policy, expression, target) in [
        (
            "bench-who",
            r#"user.username.startsWith("a") && has_method("password")"#,
            "application/house",
        ),
        (
            "bench-where",
            r#"in_network(address, "127.0.0.0/8")"#,
            "endpoint/house/shell",
        ),
    ] {
        admin
            .create(
                "policies",
                json!({ "name": policy, "expression": expression }),
            )
            .await?;
        admin
            .create(
                "policy-bindings",
                json!({ "target": target, "policy": policy }),
            )
            .await?;
    }
    stack.user("ada", "marker-ada").await
}

/// Calls at a steady rate, each timed from when it is sent.
async fn steadily(api: &Api, calls: u32) -> Result<Vec<f64>> {
    let begun = Instant::now();
    let callers = (0..calls).map(|number| async move {
        let at = begun + Duration::from_secs(1) / PER_SECOND * number;
        tokio::time::sleep_until(at.into()).await;
        let sent = Instant::now();
        api.launch(APPLICATION, "shell").await?;
        anyhow::Ok(ms(sent.elapsed()))
    });
    try_join_all(callers).await
}
