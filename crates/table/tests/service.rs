//! The whole suite on a service that speaks DynamoDB by HTTP: DynamoDB Local,
//! an emulator of the cloud, or DynamoDB itself. All tests share one table.
//!
//!     java -jar DynamoDBLocal.jar -inMemory -sharedDb -port 8000 &
//!     CAUSEWAY_TEST_DYNAMODB=http://127.0.0.1:8000 cargo test -p causeway-table --test service -- --ignored
//!
//! The tests are ignored elsewhere: they need a service that is not started here.

#![allow(clippy::unwrap_used, reason = "tests")]

mod suite;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use causeway_table::{CloudConfig, Table};
use suite::Test;
use tokio::runtime::Runtime;

/// Where the service is.
const URL_VARIABLE: &str = "CAUSEWAY_TEST_DYNAMODB";

suite::conforms!(
    #[ignore = "needs a DynamoDB service at CAUSEWAY_TEST_DYNAMODB"]
    crate::run
);

fn run(test: impl FnOnce(Table) -> Test) {
    let url = std::env::var(URL_VARIABLE).unwrap();
    Runtime::new().unwrap().block_on(async {
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let config = CloudConfig::over_http(
            "causeway-conformance".to_owned(),
            "eu-central-1".to_owned(),
            SharedCredentialsProvider::new(credentials),
            reqwest::Client::new(),
        );
        let table = Table::cloud(config.at(url));
        // Of tests that start at once, one makes the table.
        if table.create_if_missing().await.is_err() {
            table.create_if_missing().await.unwrap();
        }
        test(table).await;
    });
}
