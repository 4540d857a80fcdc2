//! What the node counts, in Prometheus' text format.

mod desktop;
mod histogram;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::object::Protocol;
use causeway_target::failure::FailureCode;

pub(crate) use desktop::DesktopMetrics;

/// Kinds of refusal told apart; the control plane's codes are its own, so
/// there is a limit to how many are.
const REFUSAL_CODES_MAX: usize = 64;

/// Counters and gauges of one node.
#[derive(Debug, Default)]
pub struct Metrics {
    sessions: AtomicU64,
    sessions_total: AtomicU64,
    bytes_from_targets: AtomicU64,
    rdp: DesktopMetrics,
    vnc: DesktopMetrics,
    failures: Mutex<BTreeMap<&'static str, u64>>,
    refusals: Mutex<BTreeMap<String, u64>>,
}

impl Metrics {
    pub(crate) fn session(self: &Arc<Self>) -> SessionCount {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        self.sessions_total.fetch_add(1, Ordering::Relaxed);
        SessionCount(Arc::clone(self))
    }

    pub(crate) fn heard(&self, bytes: usize) {
        self.bytes_from_targets
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The counters of desktops of a protocol; a terminal's has none.
    pub(crate) const fn desktop(&self, protocol: Protocol) -> Option<&DesktopMetrics> {
        match protocol {
            Protocol::Ssh => None,
            Protocol::Rdp => Some(&self.rdp),
            Protocol::Vnc => Some(&self.vnc),
        }
    }

    pub(crate) fn failed(&self, code: FailureCode) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        *failures.entry(code.as_str()).or_default() += 1;
    }

    pub(crate) fn refused(&self, code: &str) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refusals.contains_key(code) || refusals.len() < REFUSAL_CODES_MAX;
        let label = if known { code } else { "other" };
        *refusals.entry(label.to_owned()).or_default() += 1;
    }

    /// Sessions that live right now.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.sessions.load(Ordering::Relaxed)
    }

    /// The metrics as text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (name, kind, value) in [
            ("causeway_node_sessions", "gauge", self.sessions()),
            (
                "causeway_node_sessions_total",
                "counter",
                count(&self.sessions_total),
            ),
            (
                "causeway_node_bytes_from_targets_total",
                "counter",
                count(&self.bytes_from_targets),
            ),
        ] {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
        }
        desktop::render(&mut text, &[("rdp", &self.rdp), ("vnc", &self.vnc)]);
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        render_codes(
            &mut text,
            "causeway_node_target_failures_total",
            failures.iter(),
        );
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        render_codes(&mut text, "causeway_node_refusals_total", refusals.iter());
        text
    }
}

fn render_codes<'a, C: std::fmt::Display + 'a>(
    text: &mut String,
    name: &str,
    counts: impl Iterator<Item = (&'a C, &'a u64)>,
) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# TYPE {name} counter");
    for (code, count) in counts {
        let _ = writeln!(text, "{name}{{code=\"{code}\"}} {count}");
    }
}

/// Counts a session for as long as it lives.
pub(crate) struct SessionCount(Arc<Metrics>);

impl Drop for SessionCount {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;
    use crate::session::Tally;

    #[test]
    fn what_happens_is_counted() {
        let metrics = Arc::new(Metrics::default());
        let session = metrics.session();
        metrics.failed(FailureCode::TargetRefused);
        metrics.refused("ticket_used");
        let text = metrics.render();
        assert!(text.contains("causeway_node_sessions 1\n"), "{text}");
        assert!(
            text.contains("target_failures_total{code=\"target_refused\"} 1\n"),
            "{text}"
        );
        assert!(
            text.contains("refusals_total{code=\"ticket_used\"} 1\n"),
            "{text}"
        );
        drop(session);
        assert_eq!(metrics.sessions(), 0);
    }

    #[test]
    fn desktops_are_counted_by_protocol() {
        let metrics = Metrics::default();
        let tally = Tally {
            frames: 2,
            bytes: 300,
            sounds_dropped: 1,
        };
        let counts = metrics.desktop(Protocol::Vnc).unwrap();
        counts.shown(tally);
        counts.encoded(Duration::from_millis(1));
        let text = metrics.render();
        for line in [
            "causeway_node_desktop_frames_total{protocol=\"rdp\"} 0\n",
            "causeway_node_desktop_frames_total{protocol=\"vnc\"} 2\n",
            "causeway_node_desktop_bytes_total{protocol=\"vnc\"} 300\n",
            "causeway_node_desktop_sounds_dropped_total{protocol=\"vnc\"} 1\n",
            "causeway_node_desktop_encode_seconds_count{protocol=\"vnc\"} 1\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
