//! Time and randomness as the functions see them: two ports, so that tests
//! decide both.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use uuid::Uuid;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved; for tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where unpredictable bytes come from.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The random generator of the cryptographic library, seeded by the system.
#[derive(Debug, Default)]
pub struct SystemRandomness(SystemRandom);

impl Randomness for SystemRandomness {
    /// # Panics
    /// When the system has no randomness to give: nothing safe can be done
    /// without it.
    fn fill(&self, bytes: &mut [u8]) {
        #[allow(clippy::expect_used)]
        self.0.fill(bytes).expect("the system gives randomness");
    }
}

/// A UUID of version 7 (RFC 9562, section 5.7): ids grow with time.
#[must_use]
pub fn uuid_v7(now: Timestamp, randomness: &dyn Randomness) -> Uuid {
    let mut random = [0_u8; 10];
    randomness.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_grow_with_time() {
        let clock = ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap());
        let first = uuid_v7(clock.now(), &SystemRandomness::default());
        clock.advance(Duration::from_millis(1));
        let second = uuid_v7(clock.now(), &SystemRandomness::default());
        assert!(first < second);
        assert_eq!(second.get_version_num(), 7);
    }
}
