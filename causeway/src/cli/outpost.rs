//! Flags of `causeway outpost`.

use std::path::PathBuf;

use causeway_trust::Secret;
use clap::Args;
use url::Url;

use super::{ListenAddress, RoleArgs};

/// An outpost node as a process of its own.
#[derive(Debug, Args)]
pub(crate) struct OutpostArgs {
    /// URL of the control plane
    #[arg(long, env = "CAUSEWAY_JOIN", value_name = "URL")]
    pub(crate) join: Url,
    /// One-time enrolment token; needed at the first start only
    #[arg(
        long,
        env = "CAUSEWAY_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<Secret>,
    /// Joining by role.
    #[command(flatten)]
    pub(crate) role: RoleArgs,
    /// Where the node's key and identity are kept; made when it is missing
    #[arg(long, env = "CAUSEWAY_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Name of the node; by default the machine's host name
    #[arg(long, env = "CAUSEWAY_NAME", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// How many connections the node takes at once
    #[arg(
        long,
        env = "CAUSEWAY_CAPACITY",
        value_name = "COUNT",
        default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub(crate) capacity: u32,
    /// Address of /healthz, /readyz and /metrics
    #[arg(long, env = "CAUSEWAY_HEALTH_LISTEN", value_name = "ADDR")]
    pub(crate) health_listen: Option<ListenAddress>,
    /// How long sessions may go on after SIGTERM, up to a week; for an upgrade
    /// that ends none, as long as the longest may take
    #[arg(
        long,
        env = "CAUSEWAY_DRAIN_SECONDS",
        value_name = "SECONDS",
        default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(0..=604_800)
    )]
    pub(crate) drain_seconds: u64,
}
