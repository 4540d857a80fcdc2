//! The same on services that speak DynamoDB by HTTP, where requests overtake each
//! other and transactions get in each other's way.
//!
//!     scripts/with-services cargo nextest run -p causeway-table --test leases --run-ignored only

use crate::{follows_the_model, nothing_overshoots, support};

/// Random steps that are held against the model.
const STEPS: usize = 80;
/// Random steps of each task.
const TASK_STEPS: usize = 40;

async fn follows(variable: &str) {
    follows_the_model(&support::table(variable).await, 1, STEPS).await;
}

async fn holds(variable: &str) {
    nothing_overshoots(&support::table(variable).await, 1, TASK_STEPS).await;
}

#[tokio::test]
#[ignore = "needs services: scripts/with-services"]
async fn dynamodb_local_follows_the_model() {
    follows(support::DYNAMODB_LOCAL).await;
}

#[tokio::test]
#[ignore = "needs services: scripts/with-services"]
async fn ministack_follows_the_model() {
    follows(support::MINISTACK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs services: scripts/with-services"]
async fn nothing_overshoots_on_dynamodb_local() {
    holds(support::DYNAMODB_LOCAL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs services: scripts/with-services"]
async fn nothing_overshoots_on_ministack() {
    holds(support::MINISTACK).await;
}
