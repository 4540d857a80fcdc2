//! Flags of `causeway edge`.

use std::path::PathBuf;

use causeway_trust::Secret;
use clap::Args;
use url::Url;

use super::{ListenAddress, RoleArgs, TlsArgs};

/// An edge as a process of its own.
#[derive(Debug, Args)]
pub(crate) struct EdgeArgs {
    /// URL of the control plane
    #[arg(long, env = "CAUSEWAY_CONTROL_PLANE", value_name = "URL")]
    pub(crate) control_plane: Url,
    /// One-time enrolment token; needed at the first start only
    #[arg(
        long,
        env = "CAUSEWAY_JOIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub(crate) join_token: Option<Secret>,
    /// Joining by role.
    #[command(flatten)]
    pub(crate) role: RoleArgs,
    /// Where the edge's key and identity are kept; made when it is missing
    #[arg(long, env = "CAUSEWAY_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Address for browsers (TCP); port 0 takes any free port
    #[arg(
        long,
        env = "CAUSEWAY_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:8443"
    )]
    pub(crate) listen: ListenAddress,
    /// Address for outpost nodes (UDP); by default the same as --listen
    #[arg(long, env = "CAUSEWAY_TUNNEL_LISTEN", value_name = "ADDR")]
    pub(crate) tunnel_listen: Option<ListenAddress>,
    /// Where browsers reach this edge, e.g. `wss://edge.example.com`
    #[arg(long, env = "CAUSEWAY_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<Url>,
    /// Where outpost nodes reach this edge (UDP); by default the host of
    /// --public-url with the port of --tunnel-listen
    #[arg(long, env = "CAUSEWAY_TUNNEL_ADDRESS", value_name = "HOST:PORT")]
    pub(crate) tunnel_address: Option<String>,
    /// Name of the edge; by default the machine's host name
    #[arg(long, env = "CAUSEWAY_NAME", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// TLS.
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    /// Address of /healthz, /readyz and /metrics; --listen serves them too
    #[arg(long, env = "CAUSEWAY_HEALTH_LISTEN", value_name = "ADDR")]
    pub(crate) health_listen: Option<ListenAddress>,
    /// Within how many seconds of SIGTERM browsers are sent on to other edges,
    /// evenly, so that those are not run over
    #[arg(
        long,
        env = "CAUSEWAY_DRAIN_SECONDS",
        value_name = "SECONDS",
        default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(0..=3600)
    )]
    pub(crate) drain_seconds: u64,
}
