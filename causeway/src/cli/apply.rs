//! Flags of `causeway apply`.

use std::path::PathBuf;

use causeway_trust::Secret;
use clap::Args;
use clap::builder::BoolishValueParser;
use url::Url;

/// What stands below the flags.
pub(super) const AFTER_HELP: &str = "Each document says its `kind` (endpoint, provider, \
    application ...) and the fields of the API's object of that kind. Objects are matched by \
    kind and name, so that a second run changes nothing.";

/// Objects from YAML files, written all or nothing.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Files to read, in this order; `-` is standard input
    #[arg(required = true, value_name = "FILE.yaml")]
    pub(crate) files: Vec<PathBuf>,
    /// URL of the control plane
    #[arg(
        long,
        env = "CAUSEWAY_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) server: Url,
    /// API token of an administrator
    #[arg(
        long,
        env = "CAUSEWAY_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<Secret>,
    /// Say what would change and change nothing
    #[arg(long, env = "CAUSEWAY_DRY_RUN", value_parser = BoolishValueParser::new())]
    pub(crate) dry_run: bool,
}
