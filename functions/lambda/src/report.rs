//! One line for each request: who asked what, how it ended, how long it took.
//! The line is in CloudWatch's embedded metric format as well, so that counts
//! and times become metrics without a call to anything.
//!
//! The only dimension is the function: each further one would be paid for a
//! metric of its own. Route, status and connection are properties of the line,
//! to be asked for in the logs. Only how full the fleet is has others: each
//! outpost its own, and none for the whole.

use std::io::Write as _;
use std::time::Duration;

use causeway_functions::use_case::fleet_load::FleetLoad;
use causeway_functions::{App, Counter, Metrics};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::environment::Function;

/// Namespace of the metrics.
pub const NAMESPACE: &str = "Causeway";

/// What a request turned out to be.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Its id; the response names it, too.
    pub request_id: String,
    /// The method.
    pub method: String,
    /// The route's template: paths carry ids.
    pub route: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The connection that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The trace that it was a part of, if it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

type CounterOf = fn(&Metrics) -> &Counter;

/// What is counted of the control plane's own counters.
const COUNTED: [(&str, CounterOf); 11] = [
    ("sign_ins", |metrics| &metrics.sign_ins),
    ("sign_ins_refused", |metrics| &metrics.sign_ins_refused),
    ("sign_ins_limited", |metrics| &metrics.sign_ins_limited),
    ("launches", |metrics| &metrics.launches),
    ("launches_refused", |metrics| &metrics.launches_refused),
    ("claims", |metrics| &metrics.claims),
    ("claims_refused", |metrics| &metrics.claims_refused),
    ("moved", |metrics| &metrics.moved),
    ("swept", |metrics| &metrics.swept),
    ("orders_delivered", |metrics| &metrics.orders_delivered),
    ("orders_undelivered", |metrics| &metrics.orders_undelivered),
];

/// Where the counters stood before an invocation. A function serves one at a
/// time, so what they grew by is that invocation's.
#[derive(Debug, Clone)]
pub struct Before {
    counts: [u64; COUNTED.len()],
    round_trips: u64,
}

impl Before {
    /// Where they stand.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            counts: COUNTED.map(|(_, counter)| counter(app.metrics()).total()),
            round_trips: app.table().round_trips(),
        }
    }
}

/// Writes the line of a request.
pub fn request(app: &App, function: Function, before: &Before, request: &Request, took: Duration) {
    let mut metrics = grown(app, before);
    if request.status >= 500 {
        metrics.insert("server_errors", 1.into());
    }
    let properties = serde_json::to_value(request).unwrap_or_default();
    write(&line(function, app.now(), took, &metrics, properties));
}

/// Writes the line of a sweep that ended `ended` connections.
pub fn sweep(app: &App, before: &Before, took: Duration, rounds: u32, failed: u32) {
    let mut metrics = grown(app, before);
    metrics.insert("sweep_rounds", rounds.into());
    metrics.insert("sweep_failures", failed.into());
    write(&line(Function::Sweep, app.now(), took, &metrics, json!({})));
}

/// Writes a line for each outpost, and one for the whole fleet. What adds and
/// takes away nodes goes by them.
pub fn fleet(app: &App, load: &FleetLoad) {
    let now = app.now();
    for (name, outpost) in &load.outposts {
        let metrics = [
            ("Sessions", "Count", outpost.sessions),
            ("Places", "Count", outpost.places),
            ("Nodes", "Count", outpost.nodes),
            ("LoadPercent", "Percent", outpost.percent()),
        ];
        write(&measured(now, Some(("Outpost", name)), &metrics));
    }
    let metrics = [
        ("NodesAlive", "Count", load.nodes_alive),
        ("EdgesAlive", "Count", load.edges_alive),
    ];
    write(&measured(now, None, &metrics));
}

fn measured(
    now: Timestamp,
    dimension: Option<(&str, &str)>,
    metrics: &[(&str, &str, u32)],
) -> Value {
    let units: Vec<_> = metrics
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit}))
        .collect();
    let dimensions: Vec<_> = dimension.iter().map(|(name, _)| name).collect();
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [dimensions],
        "Metrics": units,
    });
    let mut line = json!({"_aws": {
        "Timestamp": now.as_millisecond(),
        "CloudWatchMetrics": [directive],
    }});
    if let Some((name, value)) = dimension {
        line[name] = value.into();
    }
    for (name, _, value) in metrics {
        line[*name] = (*value).into();
    }
    line
}

type Measured = std::collections::BTreeMap<&'static str, Value>;

fn grown(app: &App, before: &Before) -> Measured {
    let after = Before::of(app);
    let mut metrics = Measured::new();
    let round_trips = after.round_trips.saturating_sub(before.round_trips);
    metrics.insert("table_round_trips", round_trips.into());
    for ((name, _), (after, before)) in COUNTED.iter().zip(after.counts.iter().zip(&before.counts))
    {
        if after > before {
            metrics.insert(name, (after - before).into());
        }
    }
    metrics
}

fn line(
    function: Function,
    now: Timestamp,
    took: Duration,
    metrics: &Measured,
    properties: Value,
) -> Value {
    let mut units = vec![json!({"Name": "duration", "Unit": "Milliseconds"})];
    units.extend(
        metrics
            .keys()
            .map(|name| json!({"Name": name, "Unit": "Count"})),
    );
    let mut line = Map::new();
    let directive = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["function"]],
        "Metrics": units,
    });
    let head = json!({
        "Timestamp": now.as_millisecond(),
        "CloudWatchMetrics": [directive],
    });
    line.insert("_aws".to_owned(), head);
    line.insert("function".to_owned(), function.name().into());
    line.insert("duration".to_owned(), (took.as_secs_f64() * 1000.0).into());
    for (name, value) in metrics {
        line.insert((*name).to_owned(), value.clone());
    }
    if let Value::Object(properties) = properties {
        line.extend(properties);
    }
    line.into()
}

/// A line that cannot be written is lost: there is nowhere to say so.
fn write(line: &Value) {
    let mut text = line.to_string();
    text.push('\n');
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outpost_says_how_full_it_is() {
        let line = measured(
            Timestamp::UNIX_EPOCH,
            Some(("Outpost", "office")),
            &[("LoadPercent", "Percent", 40)],
        );
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["Outpost"]]));
        assert_eq!(
            (&line["Outpost"], &line["LoadPercent"]),
            (&json!("office"), &json!(40))
        );
        let whole = measured(Timestamp::UNIX_EPOCH, None, &[("NodesAlive", "Count", 2)]);
        let directive = &whole["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([[]]));
        assert_eq!(whole["NodesAlive"], 2);
    }

    #[test]
    fn a_line_says_what_it_measures() {
        let metrics = Measured::from([("launches", 1.into()), ("table_round_trips", 2.into())]);
        let request = Request {
            request_id: "r".to_owned(),
            method: "POST".to_owned(),
            route: "/api/v1/x/{id}".to_owned(),
            status: 200,
            connection: None,
            trace_id: None,
        };
        let properties = serde_json::to_value(request).unwrap_or_default();
        let line = line(
            Function::Portal,
            Timestamp::UNIX_EPOCH,
            Duration::from_micros(1500),
            &metrics,
            properties,
        );
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for measured in directive["Metrics"].as_array().into_iter().flatten() {
            let name = measured["Name"].as_str().unwrap_or_default();
            assert!(line[name].is_number(), "{name}");
        }
        let dimension = directive["Dimensions"][0][0].as_str().unwrap_or_default();
        assert_eq!(line[dimension], "portal");
        assert_eq!(
            (&line["duration"], &line["status"]),
            (&json!(1.5), &json!(200))
        );
        assert_eq!(line.get("connection"), None);
    }
}
