//! Flags of `causeway export`.

use causeway_trust::Secret;
use clap::Args;
use url::Url;

/// What stands below the flags.
pub(super) const AFTER_HELP: &str = "`causeway apply` takes the documents back unchanged. Secrets \
    are left out: `$secret: set` stands for one and keeps it where it is.";

/// Objects as YAML on standard output.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Only objects of this kind, e.g. `endpoint`
    #[arg(long, env = "CAUSEWAY_KIND", value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// URL of the control plane
    #[arg(
        long,
        env = "CAUSEWAY_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) server: Url,
    /// API token of an auditor or an administrator
    #[arg(
        long,
        env = "CAUSEWAY_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<Secret>,
}
