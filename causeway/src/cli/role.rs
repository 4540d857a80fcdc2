//! Flags about joining by the role that a process runs with in AWS.

use clap::Args;
use clap::builder::BoolishValueParser;
use url::Url;

/// Joining without a token.
#[derive(Debug, Clone, Args)]
pub(crate) struct RoleArgs {
    /// Join by the role in AWS that this process runs with, without a token
    #[arg(long, env = "CAUSEWAY_JOIN_AWS", value_parser = BoolishValueParser::new())]
    pub(crate) join_aws: bool,
    /// The control plane's region; by default AWS_REGION
    #[arg(long, env = "CAUSEWAY_JOIN_REGION", value_name = "REGION")]
    pub(crate) join_region: Option<String>,
    /// Where browsers reach the portal, when members reach the control plane
    /// elsewhere
    #[arg(long, env = "CAUSEWAY_JOIN_AUDIENCE", value_name = "URL")]
    pub(crate) join_audience: Option<Url>,
}
