//! A histogram of durations, in Prometheus' text format.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets, in microseconds.
const BOUNDS_US: [u64; 9] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000,
];

/// How long something took, how often.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// What fell into each bucket; the last has no bound.
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    pub(super) fn observe(&self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < took_us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// Appends its lines. `labels` is what stands between the braces.
    pub(super) fn render(&self, text: &mut String, name: &str, labels: &str) {
        let mut count = 0;
        // Writing to a string cannot fail.
        for (at, bucket) in self.buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            let bound = BOUNDS_US
                .get(at)
                .map_or("+Inf".to_owned(), |bound| seconds(*bound));
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
        }
        let sum = seconds(self.sum_us.load(Ordering::Relaxed));
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum}");
        let _ = writeln!(text, "{name}_count{{{labels}}} {count}");
    }
}

fn seconds(microseconds: u64) -> String {
    Duration::from_micros(microseconds)
        .as_secs_f64()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_what_is_up_to_their_bound() {
        let histogram = Histogram::default();
        for took_us in [100, 250, 251, 1_000_000] {
            histogram.observe(Duration::from_micros(took_us));
        }
        let mut text = String::new();
        histogram.render(&mut text, "took", "of=\"x\"");
        for line in [
            "took_bucket{of=\"x\",le=\"0.00025\"} 2\n",
            "took_bucket{of=\"x\",le=\"0.0005\"} 3\n",
            "took_bucket{of=\"x\",le=\"0.1\"} 3\n",
            "took_bucket{of=\"x\",le=\"+Inf\"} 4\n",
            "took_sum{of=\"x\"} 1.000601\n",
            "took_count{of=\"x\"} 4\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
