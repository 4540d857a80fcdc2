//! How long to wait before asking the table again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Attempts at a request that others' writes got in the way of.
pub(crate) const ATTEMPTS: u32 = 12;

/// Longest first wait; doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(4);

/// Longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_millis(250);

/// Waits before attempt `attempt` (counted from 1): a random part of a time
/// that doubles, so that those who collided do not collide again.
pub(crate) async fn back_off(attempt: u32) {
    let ceiling = FIRST_WAIT
        .saturating_mul(1 << attempt.min(10))
        .min(WAIT_MAX);
    // A fresh `RandomState` is randomly keyed; no other quality is needed.
    let draw = RandomState::new().hash_one(attempt) % 1000;
    let wait = ceiling.mul_f64(draw as f64 / 1000.0);
    tokio::time::sleep(wait).await;
}
