//! What the edge counts, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use causeway_serve::Load;

/// Media type of the text format.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number of things that are there now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gauge(Arc<AtomicU64>);

impl Gauge {
    /// One more, for as long as the guard lives.
    pub(crate) fn enter(&self) -> Entered {
        self.0.fetch_add(1, Ordering::Relaxed);
        Entered(self.clone())
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of the things that a gauge counts.
#[derive(Debug)]
pub(crate) struct Entered(Gauge);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Everything that the edge counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Browsers being carried.
    pub(crate) sessions: Gauge,
    /// Browsers taken by their node since the start.
    pub(crate) sessions_total: Counter,
    /// Browser connections, admitted or not, and those closed unread because a
    /// limit was reached.
    pub(crate) load: Load,
    /// Sessions ended because the browser took nothing for too long.
    pub(crate) sessions_stalled: Counter,
    /// Browsers sent on to another edge because this one stops.
    pub(crate) sessions_sent_on: Counter,
    /// Bytes from browsers to nodes.
    pub(crate) bytes_to_node: Counter,
    /// Bytes from nodes to browsers.
    pub(crate) bytes_to_browser: Counter,
    /// Live tunnels.
    pub(crate) tunnels: Gauge,
    /// Nodes that were not let in.
    pub(crate) greetings_refused: Counter,
    /// Orders handed to nodes.
    pub(crate) orders_relayed: Counter,
    /// Heartbeats that brought no answer.
    pub(crate) heartbeats_failed: Counter,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

impl Metrics {
    /// Counts a refused request; the codes are few and ours.
    pub(crate) fn refused(&self, code: &'static str) {
        *self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(code)
            .or_default() += 1;
    }

    /// All of it in the text format of Prometheus; `nodes` is how many nodes
    /// have a live tunnel.
    #[must_use]
    pub fn render(&self, nodes: usize) -> String {
        let mut text = String::new();
        let gauges = [
            ("sessions", "Browsers being carried.", self.sessions.value()),
            ("connections", "Browser connections.", self.load.open()),
            ("tunnels", "Live tunnels.", self.tunnels.value()),
            ("nodes", "Nodes with a live tunnel.", nodes as u64),
        ];
        for (name, help, value) in gauges {
            one(&mut text, name, help, "gauge", value);
        }
        for (name, help, value) in self.counters() {
            one(&mut text, name, help, "counter", value);
        }
        head(&mut text, "bytes_total", "Bytes carried.", "counter");
        let directions = [
            ("to_node", &self.bytes_to_node),
            ("to_browser", &self.bytes_to_browser),
        ];
        for (direction, counter) in directions {
            labelled(
                &mut text,
                "bytes_total",
                "direction",
                direction,
                counter.value(),
            );
        }
        head(&mut text, "refused_total", "Requests refused.", "counter");
        for (code, count) in self
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            labelled(&mut text, "refused_total", "code", code, *count);
        }
        text
    }

    fn counters(&self) -> [(&'static str, &'static str, u64); 7] {
        [
            (
                "sessions_total",
                "Browsers taken by nodes.",
                self.sessions_total.value(),
            ),
            (
                "sessions_stalled_total",
                "Sessions whose browser took nothing.",
                self.sessions_stalled.value(),
            ),
            (
                "sessions_sent_on_total",
                "Browsers sent on to another edge.",
                self.sessions_sent_on.value(),
            ),
            (
                "connections_dropped_total",
                "Connections beyond a limit.",
                self.load.dropped(),
            ),
            (
                "greetings_refused_total",
                "Nodes not let in.",
                self.greetings_refused.value(),
            ),
            (
                "orders_relayed_total",
                "Orders handed to nodes.",
                self.orders_relayed.value(),
            ),
            (
                "heartbeats_failed_total",
                "Heartbeats without answer.",
                self.heartbeats_failed.value(),
            ),
        ]
    }
}

const PREFIX: &str = "causeway_edge_";

// Writing to a `String` cannot fail.

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    let _ = write!(
        text,
        "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}\n"
    );
}

fn one(text: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    head(text, name, help, kind);
    let _ = writeln!(text, "{PREFIX}{name} {value}");
}

fn labelled(text: &mut String, name: &str, label: &str, label_value: &str, value: u64) {
    let _ = writeln!(text, "{PREFIX}{name}{{{label}=\"{label_value}\"}} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_reads_like_prometheus() {
        let metrics = Metrics::default();
        metrics.bytes_to_node.add(7);
        metrics.refused("ticket_missing");
        let session = metrics.sessions.enter();
        let text = metrics.render(2);
        for line in [
            "causeway_edge_sessions 1",
            "causeway_edge_nodes 2",
            "# TYPE causeway_edge_bytes_total counter",
            "causeway_edge_bytes_total{direction=\"to_node\"} 7",
            "causeway_edge_refused_total{code=\"ticket_missing\"} 1",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        drop(session);
        assert_eq!(metrics.sessions.value(), 0);
    }
}
