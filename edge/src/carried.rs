//! The browsers that are being carried, so that each can be sent on to another
//! edge when this one stops.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// All of them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Carried(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Ends everybody at once.
    cut: CancellationToken,
    browsers: Mutex<Browsers>,
}

#[derive(Debug, Default)]
struct Browsers {
    come: u64,
    sent_on: BTreeMap<u64, CancellationToken>,
}

impl Carried {
    /// One more, until the guard is dropped.
    pub(crate) fn enter(&self) -> Ride {
        let sent_on = self.0.cut.child_token();
        let mut browsers = self.lock();
        browsers.come += 1;
        let number = browsers.come;
        browsers.sent_on.insert(number, sent_on.clone());
        drop(browsers);
        Ride {
            carried: self.clone(),
            number,
            sent_on,
        }
    }

    /// Ends everybody at once when it is cancelled.
    pub(crate) fn cut(&self) -> &CancellationToken {
        &self.0.cut
    }

    /// Sends everybody on, one after another, evenly over `period`: whom they
    /// go to is not to be run over. Ends when nobody is left to be told.
    pub(crate) async fn send_on(&self, period: Duration) {
        let all: Vec<_> = self.lock().sent_on.values().cloned().collect();
        let Ok(count) = u32::try_from(all.len()) else {
            return;
        };
        let begun = Instant::now();
        for (turn, sent_on) in (0..).zip(all) {
            sleep_until(begun + period * turn / count).await;
            sent_on.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Browsers> {
        // Every change is whole before the lock is released, also in a panic.
        self.0
            .browsers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One browser that is being carried.
#[derive(Debug)]
pub(crate) struct Ride {
    carried: Carried,
    number: u64,
    sent_on: CancellationToken,
}

impl Ride {
    /// Cancelled when the browser is to take another edge.
    pub(crate) const fn sent_on(&self) -> &CancellationToken {
        &self.sent_on
    }
}

impl Drop for Ride {
    fn drop(&mut self) {
        self.carried.lock().sent_on.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn everybody_is_sent_on_evenly_over_the_period() {
        let carried = Carried::default();
        let rides: Vec<_> = (0..4).map(|_| carried.enter()).collect();
        let left = carried.enter();
        drop(left);
        let begun = Instant::now();
        let sending = carried.send_on(Duration::from_secs(8));
        let watching = async {
            let mut after = Vec::new();
            for ride in &rides {
                ride.sent_on().cancelled().await;
                after.push(begun.elapsed().as_secs());
            }
            after
        };
        let ((), after) = tokio::join!(sending, watching);
        assert_eq!(after, [0, 2, 4, 6]);
        assert_eq!(begun.elapsed().as_secs(), 6);
    }

    #[tokio::test]
    async fn the_cut_sends_on_those_who_come_later_too() {
        let carried = Carried::default();
        carried.send_on(Duration::from_secs(60)).await;
        let ride = carried.enter();
        assert!(!ride.sent_on().is_cancelled());
        carried.cut().cancel();
        assert!(ride.sent_on().is_cancelled());
        assert!(carried.enter().sent_on().is_cancelled());
    }
}
