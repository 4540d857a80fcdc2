//! How long to wait before dialling again: exponential, with full jitter.
//!
//! Pure: the random number is an argument.

use std::time::Duration;

/// Upper bound of the first wait.
pub const FIRST: Duration = Duration::from_millis(200);
/// Upper bound of every wait.
pub const LONGEST: Duration = Duration::from_secs(15);

/// Counts failures in a row.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure; `random` is in `0.0..1.0` and spreads
    /// those who failed together over the whole span.
    pub fn wait(&mut self, random: f64) -> Duration {
        let ceiling = FIRST
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(random.clamp(0.0, 1.0))
    }

    /// It went well: the next failure is a first one again.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..9).map(|_| backoff.wait(1.0).as_millis()).collect();
        assert_eq!(
            waits,
            [200, 400, 800, 1600, 3200, 6400, 12800, 15000, 15000]
        );
        backoff.reset();
        assert_eq!(backoff.wait(1.0), FIRST);
    }

    #[test]
    fn jitter_is_full_and_failures_without_end_do_no_harm() {
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.wait(0.0), Duration::ZERO);
        assert_eq!(backoff.wait(0.5), LONGEST / 2);
    }
}
