//! What the control plane counts, in the text format of Prometheus (0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the request duration histogram, in seconds.
const DURATION_BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// The counters of one control plane.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Request, Durations>>,
    /// Sign-ins that went through.
    pub sign_ins: Counter,
    /// Sign-ins with a wrong name or password.
    pub sign_ins_refused: Counter,
    /// Sign-ins refused because there were too many before.
    pub sign_ins_limited: Counter,
    /// Connections launched.
    pub launches: Counter,
    /// Launches refused.
    pub launches_refused: Counter,
    /// Connections claimed by a node.
    pub claims: Counter,
    /// Claims refused.
    pub claims_refused: Counter,
    /// Connections that another node took over before there was a session.
    pub moved: Counter,
    /// Connections that a sweep ended because their node or browser was gone.
    pub swept: Counter,
    /// Orders that reached a node at once.
    pub orders_delivered: Counter,
    /// Orders that no edge could deliver; the node hears at its next heartbeat.
    pub orders_undelivered: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn add_one(&self) {
        self.add(1);
    }

    /// Adds `count`.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    method: String,
    /// The route's template, never the path: paths carry ids.
    route: String,
    status: u16,
}

#[derive(Debug, Default)]
struct Durations {
    buckets: [u64; DURATION_BUCKETS.len()],
    count: u64,
    sum: Duration,
}

impl Metrics {
    /// Counts one answered request.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let request = Request {
            method: method.to_owned(),
            route: route.to_owned(),
            status,
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let durations = requests.entry(request).or_default();
        let seconds = took.as_secs_f64();
        for (bucket, bound) in durations.buckets.iter_mut().zip(DURATION_BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
        durations.count += 1;
        durations.sum += took;
    }

    /// The text that a scrape reads. `round_trips` is the table's own count.
    #[must_use]
    pub fn render(&self, round_trips: u64) -> String {
        let mut out = String::new();
        for (name, help, value) in self.totals(round_trips) {
            let _ = writeln!(
                out,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}"
            );
        }
        self.render_requests(&mut out);
        out
    }

    fn totals(&self, round_trips: u64) -> [(&'static str, &'static str, u64); 12] {
        let of = Counter::total;
        [
            ("causeway_sign_ins_total", "Sign-ins.", of(&self.sign_ins)),
            (
                "causeway_sign_ins_refused_total",
                "Sign-ins with a wrong name or password.",
                of(&self.sign_ins_refused),
            ),
            (
                "causeway_sign_ins_limited_total",
                "Sign-ins refused by the rate limit.",
                of(&self.sign_ins_limited),
            ),
            (
                "causeway_launches_total",
                "Connections launched.",
                of(&self.launches),
            ),
            (
                "causeway_launches_refused_total",
                "Launches refused.",
                of(&self.launches_refused),
            ),
            (
                "causeway_claims_total",
                "Connections claimed by a node.",
                of(&self.claims),
            ),
            (
                "causeway_claims_refused_total",
                "Claims refused.",
                of(&self.claims_refused),
            ),
            (
                "causeway_connections_moved_total",
                "Connections that another node took over before there was a session.",
                of(&self.moved),
            ),
            (
                "causeway_swept_total",
                "Connections ended by a sweep.",
                of(&self.swept),
            ),
            (
                "causeway_orders_delivered_total",
                "Orders that reached a node at once.",
                of(&self.orders_delivered),
            ),
            (
                "causeway_orders_undelivered_total",
                "Orders left to the next heartbeat.",
                of(&self.orders_undelivered),
            ),
            (
                "causeway_table_round_trips_total",
                "Requests to the table.",
                round_trips,
            ),
        ]
    }

    fn render_requests(&self, out: &mut String) {
        const NAME: &str = "causeway_http_request_duration_seconds";
        let _ = writeln!(
            out,
            "# HELP {NAME} Requests answered.\n# TYPE {NAME} histogram"
        );
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for (request, durations) in requests.iter() {
            let labels = format!(
                "method=\"{}\",route=\"{}\",status=\"{}\"",
                request.method, request.route, request.status
            );
            for (bound, count) in DURATION_BUCKETS.iter().zip(durations.buckets) {
                let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"{bound}\"}} {count}");
            }
            let (count, sum) = (durations.count, durations.sum.as_secs_f64());
            let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {count}");
            let _ = writeln!(out, "{NAME}_sum{{{labels}}} {sum}");
            let _ = writeln!(out, "{NAME}_count{{{labels}}} {count}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_reads_what_was_counted() {
        let metrics = Metrics::default();
        metrics.launches.add_one();
        metrics.request("GET", "/api/v1/me", 200, Duration::from_millis(2));
        metrics.request("GET", "/api/v1/me", 200, Duration::from_millis(30));
        let text = metrics.render(7);
        assert!(text.contains("\ncauseway_launches_total 1\n"), "{text}");
        assert!(
            text.contains("\ncauseway_table_round_trips_total 7\n"),
            "{text}"
        );
        let labels = r#"method="GET",route="/api/v1/me",status="200""#;
        for line in [
            format!("causeway_http_request_duration_seconds_bucket{{{labels},le=\"0.0025\"}} 1"),
            format!("causeway_http_request_duration_seconds_bucket{{{labels},le=\"0.1\"}} 2"),
            format!("causeway_http_request_duration_seconds_count{{{labels}}} 2"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
