//! How long the table is asked again, and how long to wait between two times.
//!
//! Everything that one call does is under one deadline: a table that is slow
//! or throttles makes answers late, and only what is too late fails.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// Attempts at a request that others' writes got in the way of.
const CONFLICTS_MAX: u32 = 12;

/// Attempts at a request that was answered by trouble: connections refused,
/// errors of the service.
const TROUBLES_MAX: u32 = 6;

/// Longest time that one call takes, turns and waits included.
const CALL_MAX: Duration = Duration::from_secs(20);

/// How long before a request's deadline its calls end, so that it can be
/// answered.
const TO_ANSWER: Duration = Duration::from_millis(250);

/// How long the first attempt waits for its answer. Doubles with each: an
/// answer that is lost is asked for soon, one that is slow is waited for.
const FIRST_ATTEMPT: Duration = Duration::from_secs(4);

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs `future`, whose calls to the table end in time for it to be done
/// `longest` from now. What it spawns is not bound by that.
pub async fn within<F: Future>(longest: Duration, future: F) -> F::Output {
    let deadline = Instant::now() + longest.saturating_sub(TO_ANSWER);
    DEADLINE.scope(deadline, future).await
}

/// Why a request is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Others wrote the same items.
    Conflict,
    /// It was refused for now, or not answered in time; nobody knows whether it
    /// was done in the latter case.
    Busy,
    /// The table cannot be reached or is in trouble.
    Trouble,
}

impl Why {
    /// Longest first wait; doubles with each attempt.
    const fn first_wait(self) -> Duration {
        match self {
            Self::Conflict => Duration::from_millis(8),
            Self::Busy | Self::Trouble => Duration::from_millis(50),
        }
    }

    /// Longest wait between two attempts.
    const fn wait_max(self) -> Duration {
        match self {
            Self::Conflict => Duration::from_millis(250),
            Self::Busy | Self::Trouble => Duration::from_secs(2),
        }
    }

    /// Attempts at most, where the deadline is not what ends them.
    const fn attempts_max(self) -> u32 {
        match self {
            Self::Conflict => CONFLICTS_MAX,
            Self::Busy => u32::MAX,
            Self::Trouble => TROUBLES_MAX,
        }
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Tries {
    deadline: Instant,
    conflicts: u32,
    busy: u32,
    troubles: u32,
}

impl Tries {
    /// None so far; the call ends with the request that it is made for.
    pub(crate) fn new() -> Self {
        let longest = Instant::now() + CALL_MAX;
        let deadline = DEADLINE.try_with(|deadline| longest.min(*deadline));
        Self {
            deadline: deadline.unwrap_or(longest),
            conflicts: 0,
            busy: 0,
            troubles: 0,
        }
    }

    /// Whether nothing was tried again yet.
    pub(crate) const fn is_first(&self) -> bool {
        self.conflicts == 0 && self.busy == 0 && self.troubles == 0
    }

    /// When the call is given up.
    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long the next attempt waits for its answer.
    pub(crate) fn patience(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        FIRST_ATTEMPT
            .saturating_mul(1 << self.busy.min(10))
            .min(left)
    }

    /// Waits before the next attempt; `false` when there is none.
    ///
    /// The wait is a random part of a time that doubles, so that those who
    /// collided do not collide again.
    pub(crate) async fn again(&mut self, why: Why) -> bool {
        let count = match why {
            Why::Conflict => &mut self.conflicts,
            Why::Busy => &mut self.busy,
            Why::Trouble => &mut self.troubles,
        };
        *count = count.saturating_add(1);
        let ceiling = why
            .first_wait()
            .saturating_mul(1 << (*count - 1).min(10))
            .min(why.wait_max());
        let wait = ceiling.mul_f64(draw());
        let left = self.deadline.saturating_duration_since(Instant::now());
        if *count >= why.attempts_max() || wait >= left {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }
}

/// A random number from 0 to 1.
fn draw() -> f64 {
    // A fresh `RandomState` is randomly keyed; no other quality is needed.
    (RandomState::new().hash_one(0_u8) % 1000) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_busy_table_is_asked_until_the_deadline() {
        let began = Instant::now();
        let mut tries = Tries::new();
        let mut attempts = 0;
        while tries.again(Why::Busy).await {
            attempts += 1;
        }
        let took = began.elapsed();
        assert!(
            took <= CALL_MAX && took >= CALL_MAX.mul_f64(0.5),
            "{took:?}"
        );
        assert!((10..200).contains(&attempts), "{attempts}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_before_its_request() {
        let longest = Duration::from_secs(3);
        let began = Instant::now();
        within(longest, async {
            let mut tries = Tries::new();
            assert!(tries.patience() < longest);
            while tries.again(Why::Busy).await {}
        })
        .await;
        assert!(began.elapsed() < longest);
    }

    #[tokio::test(start_paused = true)]
    async fn conflicts_and_trouble_are_given_up_sooner() {
        for (why, most) in [(Why::Conflict, CONFLICTS_MAX), (Why::Trouble, TROUBLES_MAX)] {
            let (began, mut tries, mut attempts) = (Instant::now(), Tries::new(), 1);
            while tries.again(why).await {
                attempts += 1;
            }
            assert_eq!(attempts, most, "{why:?}");
            assert!(began.elapsed() < CALL_MAX / 2, "{why:?}");
        }
    }

    #[tokio::test]
    async fn a_slow_answer_is_waited_for_longer_each_time() {
        let mut tries = Tries::new();
        let first = tries.patience();
        tries.busy = 1;
        assert!(first == FIRST_ATTEMPT && tries.patience() == 2 * FIRST_ATTEMPT);
    }
}
