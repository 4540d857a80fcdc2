//! Flags of `causeway migrate`.

use clap::Args;
use url::Url;

/// What stands below the flags.
pub(super) const AFTER_HELP: &str = "First replace every program that writes to the table: from \
    the first moment on, those of before refuse it. Who breaks it off asks again. Credentials are \
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, of somebody who may scan and \
    write the table. A data directory of `causeway up` needs none of this: it is brought up to \
    date when it is opened.";

/// A table in the cloud, brought up to date.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Name of the DynamoDB table
    #[arg(long, env = "CAUSEWAY_TABLE", value_name = "NAME")]
    pub(crate) table: String,
    /// Region of the table; by default AWS_REGION
    #[arg(long, env = "CAUSEWAY_REGION", value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Where DynamoDB is when it is not AWS's, e.g. an emulator
    #[arg(long, env = "CAUSEWAY_ENDPOINT_URL", value_name = "URL")]
    pub(crate) endpoint_url: Option<Url>,
    /// Only say what is to be done
    #[arg(long, env = "CAUSEWAY_CHECK", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) check: bool,
}
