//! Flags about logging, the same for every command.

use clap::{Args, ValueEnum};

/// How the program logs; always to standard error.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// What to log, e.g. `info` or `info,causeway_edge=debug`
    #[arg(
        long,
        global = true,
        help_heading = "Logging",
        env = "CAUSEWAY_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub(crate) log: String,
    /// Shape of a log line
    #[arg(
        long,
        global = true,
        help_heading = "Logging",
        env = "CAUSEWAY_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub(crate) log_format: LogFormat,
}

/// Shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    // For people.
    Text,
    // One object a line.
    Json,
}
