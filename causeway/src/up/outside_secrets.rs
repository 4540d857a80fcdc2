//! The stores of secrets that settings may refer to, as the flags say.

use std::sync::Arc;

use causeway_functions::outside_secret::aws::Aws;
use causeway_functions::outside_secret::{Local, OutsideSecrets, Stores};

use crate::cli::SecretArgs;

/// The stores of `args`.
///
/// # Errors
/// When no HTTP client can be made.
pub(super) fn stores(args: &SecretArgs) -> anyhow::Result<Arc<Stores>> {
    let local = Local::new(args.secret_env_prefix.clone(), args.secret_dir.clone());
    let cloud = match &args.secret_aws_region {
        Some(region) => {
            let client = causeway_fleet::http::client_builder().build()?;
            let aws = Aws::with_environment(client, region.clone());
            Some(Arc::new(aws) as Arc<dyn OutsideSecrets>)
        }
        None => None,
    };
    Ok(Arc::new(Stores::new(local, cloud)))
}
