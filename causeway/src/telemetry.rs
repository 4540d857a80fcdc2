//! Logs, to standard error as text or JSON, and traces, to a collector when the
//! environment names one.

use std::io::{IsTerminal, stderr};

use anyhow::anyhow;
use causeway_telemetry::{TraceSettings, Traces, not_exported};
use tokio::runtime::Handle;
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::cli::{LogArgs, LogFormat};

/// Libraries that log what people type when they are asked for more than
/// warnings; a filter that names them still gets it.
const QUIET: &str = "russh=warn";

/// Starts logging for the life of the process, and traces of `service`, where
/// there is one and a collector for it. They are sent on `runtime`.
///
/// # Errors
/// When the filter or a variable about traces cannot be understood.
pub(crate) fn start(
    args: &LogArgs,
    service: Option<&'static str>,
    runtime: &Handle,
) -> anyhow::Result<Option<Traces>> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", args.log))
        .map_err(|error| anyhow!("--log {:?} is no filter: {error}", args.log))?
        .and(not_exported());
    let traces = match service {
        Some(service) => TraceSettings::from_environment()?
            .map(|settings| Traces::start(&settings, service, runtime.clone()))
            .transpose()?,
        None => None,
    };
    let lines = fmt::layer().with_writer(stderr);
    let lines = match args.log_format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(traces.as_ref().map(Traces::layer))
        .with(lines.with_filter(filter))
        .init();
    Ok(traces)
}
