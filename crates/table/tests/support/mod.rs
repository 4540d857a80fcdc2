//! Tables on services that speak DynamoDB by HTTP.
//!
//! `scripts/with-services COMMAND` starts them and says where they are. What
//! needs them is ignored elsewhere, and fails when it is run without them.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use causeway_table::{CloudConfig, Table};

/// Says where AWS's own DynamoDB Local is.
pub(crate) const DYNAMODB_LOCAL: &str = "CAUSEWAY_TEST_DYNAMODB_LOCAL";
/// Says where ministack is.
pub(crate) const MINISTACK: &str = "CAUSEWAY_TEST_MINISTACK";

/// A table of its own on the service that a variable names.
pub(crate) async fn table(variable: &str) -> Table {
    let url = std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run this by scripts/with-services"));
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let config = CloudConfig::over_http(
        format!("causeway-{}", uuid::Uuid::new_v4()),
        "eu-central-1".to_owned(),
        SharedCredentialsProvider::new(credentials),
        reqwest::Client::builder().no_proxy().build().unwrap(),
    );
    let table = Table::cloud(config.at(url));
    table.create_if_missing().await.unwrap();
    table
}
