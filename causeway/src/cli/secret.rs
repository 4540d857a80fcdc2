//! Flags that say which secrets, kept elsewhere, settings may refer to.

use std::path::PathBuf;

use causeway_functions::outside_secret::VariablePrefix;
use clap::Args;

/// Where secrets are kept that settings refer to.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// What the names of environment variables begin with that settings may refer
    /// to as `env:NAME`
    #[arg(
        long,
        env = "CAUSEWAY_SECRET_ENV_PREFIX",
        value_name = "PREFIX",
        default_value_t = VariablePrefix::default()
    )]
    pub(crate) secret_env_prefix: VariablePrefix,
    /// Directory of the files that settings may refer to as `file:PATH`; none
    /// unless given
    #[arg(long, env = "CAUSEWAY_SECRET_DIR", value_name = "DIR")]
    pub(crate) secret_dir: Option<PathBuf>,
    /// AWS region of what settings may refer to as `aws-secretsmanager:NAME` and
    /// `aws-ssm:NAME`; none unless given
    #[arg(long, env = "CAUSEWAY_SECRET_AWS_REGION", value_name = "REGION")]
    pub(crate) secret_aws_region: Option<String>,
}
