//! My applications, when there are 1,000 endpoints with a policy each.

use std::time::Instant;

use anyhow::{Result, ensure};
use causeway_tests::stack::Stack;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::table::Meter;
use crate::report::{Goal, Report, Row, median};
use crate::shell::ms;

const APPLICATION: &str = "park";
/// Endpoints, each with a policy of its own.
const ENDPOINTS: u32 = 1_000;
/// Calls a run.
const CALLS: usize = 20;
/// Objects that are written at once.
const AT_ONCE: usize = 16;

pub(super) async fn mine(runs: u32, report: &mut Report) -> Result<()> {
    let stack = Stack::up().await?;
    stack.application(APPLICATION, json!({})).await?;
    let admin = &stack.admin;
    stream::iter(0..ENDPOINTS)
        .map(|number| async move {
            let name = format!("machine-{number:04}");
            let fields = json!({ "labels": {} });
            stack_endpoint(admin, &name, fields).await?;
            let expression = format!(
                r#"user.username == "ada" && in_network(address, "127.0.0.0/8") && {number} >= 0"#
            );
            let policy = json!({ "name": name, "expression": expression });
            admin.create("policies", policy).await?;
            let target = format!("endpoint/{APPLICATION}/{name}");
            let binding = json!({ "target": target, "policy": name });
            admin.create("policy-bindings", binding).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let ada = stack.user("ada", "marker-ada").await?;
    let path = "/api/v1/applications";
    let found = ada.get(path).await?.ok()?;
    let endpoints = found["items"][0]["endpoints"]
        .as_array()
        .map_or(0, Vec::len);
    ensure!(
        endpoints == ENDPOINTS as usize,
        "{endpoints} endpoints are mine"
    );
    let meter = Meter::new(&stack).await?;
    let (mut medians, mut trips) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let reading = meter.begin().await?;
        let mut times = Vec::new();
        for _ in 0..CALLS {
            let sent = Instant::now();
            ada.get(path).await?.ok()?;
            times.push(ms(sent.elapsed()));
        }
        trips.push(meter.each(reading, CALLS).await?);
        medians.push(median(&times));
    }
    let what = "my applications, 1,000 endpoints with a policy each, ms";
    report.add(Row::new(what, Goal::AtMost(50.0), medians, Vec::new()));
    let what = "table round trips for my applications";
    report.add(Row::new(what, Goal::Unset, trips, Vec::new()));
    Ok(())
}

async fn stack_endpoint(
    admin: &causeway_tests::stack::Api,
    name: &str,
    fields: serde_json::Value,
) -> Result<String> {
    let mut object = json!({
        "name": name, "provider": APPLICATION, "protocol": "ssh", "host": "127.0.0.1:9",
    });
    if let (Some(object), Some(fields)) = (object.as_object_mut(), fields.as_object()) {
        object.extend(fields.clone());
    }
    admin.create("endpoints", object).await
}
