//! Pages of lists with 10,000 endpoints, 5,000 users and 50,000 events: the
//! first page, one from the middle, and one that is searched for.

use std::time::Instant;

use anyhow::Result;
use causeway_tests::stack::{Api, Stack};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::table::Meter;
use super::worst;
use crate::report::{Goal, Report, Row, median};
use crate::shell::ms;

const PROVIDER: &str = "many";
const ENDPOINTS: u32 = 10_000;
const USERS: u32 = 5_000;
const EVENTS: u32 = 50_000;
/// Objects that are written at once.
const AT_ONCE: usize = 32;
/// Calls of each page, a run.
const CALLS: usize = 10;
/// Items of a page.
const LIMIT: u32 = 100;
/// Round trips that a page may take: a search goes on through a bounded number
/// of them.
const TRIPS_MAX: f64 = 20.0;

/// `percent` of the objects are made: less is quicker, and no figure.
pub(super) async fn lists(runs: u32, percent: u32, report: &mut Report) -> Result<()> {
    let of = |count: u32| count * percent / 100;
    let stack = Stack::up().await?;
    stack.application(PROVIDER, json!({})).await?;
    let admin = &stack.admin;
    let endpoints = write(of(ENDPOINTS), |number| {
        admin.create("endpoints", endpoint(number))
    })
    .await?;
    write(of(USERS), |number| admin.create("users", user(number))).await?;
    // Each object written is an event; the rest are changes.
    let changes = of(EVENTS).saturating_sub(of(ENDPOINTS) + of(USERS));
    let endpoints = &endpoints;
    write(changes, |number| async move {
        let (round, number) = (number / of(ENDPOINTS), number % of(ENDPOINTS));
        let id = &endpoints[usize::try_from(number)?];
        change(admin, id, number, round).await
    })
    .await?;
    let meter = Meter::new(&stack).await?;
    for (kind, search) in [
        ("endpoints", "search=machine-09"),
        ("users", "search=person-04"),
        ("events", "search=machine-09"),
    ] {
        let path = format!("/api/v1/admin/{kind}?limit={LIMIT}");
        let middle = middle(admin, &path).await?;
        for (which, path) in [
            ("first page", path.clone()),
            ("page from the middle", middle),
            ("page of a search", format!("{path}&{search}")),
        ] {
            let (mut times, mut trips) = (Vec::new(), Vec::new());
            for _ in 0..runs {
                let reading = meter.begin().await?;
                let mut calls = Vec::new();
                for _ in 0..CALLS {
                    let sent = Instant::now();
                    admin.get(&path).await?.ok()?;
                    calls.push(ms(sent.elapsed()));
                }
                trips.push(meter.each(reading, CALLS).await?);
                times.push(median(&calls));
            }
            let what = format!("{kind}, {which}, ms");
            report.add(Row::new(what, Goal::AtMost(100.0), times, Vec::new()));
            let what = format!("{kind}, {which}, most table round trips");
            let most = vec![worst(&trips)];
            report.add(Row::new(what, Goal::AtMost(TRIPS_MAX), most, Vec::new()));
        }
    }
    Ok(())
}

fn endpoint(number: u32) -> Value {
    json!({
        "name": format!("machine-{number:05}"), "provider": PROVIDER, "protocol": "ssh",
        "host": "127.0.0.1:9",
    })
}

fn user(number: u32) -> Value {
    let name = format!("person-{number:05}");
    json!({ "username": name, "name": name })
}

/// Changes an endpoint, another way each round.
async fn change(admin: &Api, id: &str, number: u32, round: u32) -> Result<()> {
    let mut object = endpoint(number);
    object["labels"] = json!({ "round": round.to_string() });
    let path = format!("/api/v1/admin/endpoints/{id}");
    admin.request(Method::PUT, &path, object).await?.ok()?;
    Ok(())
}

/// Does so much, some at once; what came of each, in their order.
async fn write<T, F: Future<Output = Result<T>>>(
    count: u32,
    each: impl FnMut(u32) -> F,
) -> Result<Vec<T>> {
    stream::iter(0..count)
        .map(each)
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// The path of a page that some dozens of others come before.
async fn middle(admin: &Api, path: &str) -> Result<String> {
    let mut next = path.to_owned();
    for _ in 0..20 {
        let body = admin.get(&next).await?.ok()?;
        match body["next"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => break,
        }
    }
    Ok(next)
}
