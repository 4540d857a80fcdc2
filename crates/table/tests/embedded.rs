//! The whole suite on the engine in this process, each test with a table in
//! memory of its own.

#![allow(clippy::unwrap_used, reason = "tests")]

mod suite;

use causeway_table::Table;
use suite::Test;
use tokio::runtime::Runtime;

suite::conforms!(crate::run);

fn run(test: impl FnOnce(Table) -> Test) {
    Runtime::new().unwrap().block_on(async {
        let table = Table::in_memory().await.unwrap();
        test(table.clone()).await;
        table.close().await;
    });
}
