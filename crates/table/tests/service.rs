//! The whole suite on services that speak DynamoDB by HTTP: AWS's own DynamoDB
//! Local, and ministack. Each test has a table of its own.
//!
//!     scripts/with-services cargo nextest run -p causeway-table --test service --run-ignored only

#![allow(clippy::unwrap_used, reason = "tests")]

mod suite;
mod support;

use causeway_table::Table;
use suite::Test;
use tokio::runtime::Runtime;

mod dynamodb_local {
    crate::suite::conforms!(
        #[ignore = "needs services: scripts/with-services"]
        crate::on_dynamodb_local
    );
}

mod ministack {
    crate::suite::conforms!(
        #[ignore = "needs services: scripts/with-services"]
        crate::on_ministack
    );
}

fn on_dynamodb_local(test: impl FnOnce(Table) -> Test) {
    run(support::DYNAMODB_LOCAL, test);
}

fn on_ministack(test: impl FnOnce(Table) -> Test) {
    run(support::MINISTACK, test);
}

fn run(variable: &str, test: impl FnOnce(Table) -> Test) {
    Runtime::new().unwrap().block_on(async {
        test(support::table(variable).await).await;
    });
}
