//! Logs: to standard error, as text or JSON.

use std::io::{IsTerminal, stderr};

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::cli::{LogArgs, LogFormat};

/// Libraries that log what people type when they are asked for more than
/// warnings; a filter that names them still gets it.
const QUIET: &str = "russh=warn";

/// Starts logging for the life of the process.
///
/// # Errors
/// When the filter cannot be understood.
pub(crate) fn start(args: &LogArgs) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", args.log))
        .map_err(|error| anyhow!("--log {:?} is no filter: {error}", args.log))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    match args.log_format {
        LogFormat::Text => builder.with_ansi(stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
