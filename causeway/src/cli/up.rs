//! Flags of `causeway up`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use url::Url;

use super::{ListenAddress, SecretArgs, TlsArgs};

/// What stands below the flags.
pub(super) const AFTER_HELP: &str = "The first administrator is `admin`; the password is taken \
    from CAUSEWAY_ADMIN_PASSWORD, else drawn and kept in DIR/admin-password.";

/// Everything in one process.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Where everything is kept; made when it is missing
    #[arg(long, env = "CAUSEWAY_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Address of portal and API; port 0 takes any free port
    #[arg(
        long,
        env = "CAUSEWAY_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: ListenAddress,
    /// Address of the edge, TCP for browsers; by default the one of --listen
    /// with the next port
    #[arg(long, env = "CAUSEWAY_EDGE_LISTEN", value_name = "ADDR")]
    pub(crate) edge_listen: Option<ListenAddress>,
    /// Address of the edge, UDP for outpost nodes; by default the same as the
    /// edge's for browsers
    #[arg(long, env = "CAUSEWAY_TUNNEL_LISTEN", value_name = "ADDR")]
    pub(crate) tunnel_listen: Option<ListenAddress>,
    /// Serve a demo target: a shell of this machine, for this machine only
    #[arg(long, env = "CAUSEWAY_DEMO", value_parser = BoolishValueParser::new())]
    pub(crate) demo: bool,
    /// YAML file with objects to write at start, as `causeway apply` does
    #[arg(long, env = "CAUSEWAY_CONFIG", value_name = "FILE.yaml")]
    pub(crate) config: Option<PathBuf>,
    /// Also write each entry of the audit trail as a line of JSON: `stdout`, or
    /// a file to append to
    #[arg(long, env = "CAUSEWAY_AUDIT_LOG", value_name = "stdout|FILE")]
    pub(crate) audit_log: Option<PathBuf>,
    /// Where browsers reach the portal, e.g. `https://causeway.example.com`
    #[arg(long, env = "CAUSEWAY_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<Url>,
    /// Where browsers reach the edge, e.g. `wss://edge.example.com`
    #[arg(long, env = "CAUSEWAY_EDGE_PUBLIC_URL", value_name = "URL")]
    pub(crate) edge_public_url: Option<Url>,
    /// Where outpost nodes reach the edge (UDP); by default the host of the
    /// edge's URL with the port of --tunnel-listen
    #[arg(long, env = "CAUSEWAY_TUNNEL_ADDRESS", value_name = "HOST:PORT")]
    pub(crate) tunnel_address: Option<String>,
    /// TLS.
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    /// Secrets that are kept elsewhere.
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// How many connections the built-in node takes at once
    #[arg(
        long,
        env = "CAUSEWAY_CAPACITY",
        value_name = "COUNT",
        default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub(crate) capacity: u32,
    /// How long running requests and sessions may go on after SIGTERM
    #[arg(
        long,
        env = "CAUSEWAY_DRAIN_SECONDS",
        value_name = "SECONDS",
        default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(0..=3600)
    )]
    pub(crate) drain_seconds: u64,
}
