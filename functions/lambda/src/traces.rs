//! Traces out of a process that Lambda stops between invocations: what has
//! ended is sent before the answer is given back. A collector that is slow or
//! gone holds up one answer for a moment, then none for a while, and fails none.

use std::time::Duration;

use anyhow::Context as _;
use causeway_telemetry::{TraceSettings, Traces};
use tokio::runtime::Handle;

/// How long an answer may wait for its spans to be sent.
const FLUSH_DEADLINE: Duration = Duration::from_millis(300);

/// What the traces of function `name` are sent with; nothing when they are off.
/// That they cannot be sent is no reason not to serve, so it is returned to be
/// told.
pub(crate) fn start(name: &str, runtime: &Handle) -> (Option<Traces>, Option<anyhow::Error>) {
    match begin(name, runtime) {
        Ok(traces) => (traces, None),
        Err(error) => (None, Some(error)),
    }
}

fn begin(name: &str, runtime: &Handle) -> anyhow::Result<Option<Traces>> {
    let Some(settings) = TraceSettings::from_environment()? else {
        return Ok(None);
    };
    // Fails when there is one already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Traces::start(&settings, &format!("causeway-{name}"), runtime.clone())
        .map(Some)
        .context("no traces are sent")
}

/// Sends what has ended, before an answer is given back.
pub(crate) async fn flush(traces: Option<&Traces>) {
    if let Some(traces) = traces {
        traces.flush(FLUSH_DEADLINE).await;
    }
}
