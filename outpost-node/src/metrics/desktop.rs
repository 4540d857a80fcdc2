//! What is counted of desktops, by protocol.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::histogram::Histogram;
use crate::session::Tally;

/// Counters of all desktops of one protocol.
#[derive(Debug, Default)]
pub(crate) struct DesktopMetrics {
    frames: AtomicU64,
    bytes: AtomicU64,
    sounds_dropped: AtomicU64,
    encoding: Histogram,
}

impl DesktopMetrics {
    /// A piece of a picture was encoded.
    pub(crate) fn encoded(&self, took: Duration) {
        self.encoding.observe(took);
    }

    /// Viewers were shown and played something.
    pub(crate) fn shown(&self, tally: Tally) {
        self.frames.fetch_add(tally.frames, Ordering::Relaxed);
        self.bytes.fetch_add(tally.bytes, Ordering::Relaxed);
        self.sounds_dropped
            .fetch_add(tally.sounds_dropped, Ordering::Relaxed);
    }
}

/// Writes the counters of every protocol.
pub(super) fn render(text: &mut String, of_protocols: &[(&str, &DesktopMetrics)]) {
    type Field = fn(&DesktopMetrics) -> &AtomicU64;
    let counters: [(&str, Field); 3] = [
        ("causeway_node_desktop_frames_total", |of| &of.frames),
        ("causeway_node_desktop_bytes_total", |of| &of.bytes),
        ("causeway_node_desktop_sounds_dropped_total", |of| {
            &of.sounds_dropped
        }),
    ];
    // Writing to a string cannot fail.
    for (name, field) in counters {
        let _ = writeln!(text, "# TYPE {name} counter");
        for (protocol, metrics) in of_protocols {
            let value = field(metrics).load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}{{protocol=\"{protocol}\"}} {value}");
        }
    }
    let name = "causeway_node_desktop_encode_seconds";
    let _ = writeln!(text, "# TYPE {name} histogram");
    for (protocol, metrics) in of_protocols {
        let label = format!("protocol=\"{protocol}\"");
        metrics.encoding.render(text, name, &label);
    }
}
