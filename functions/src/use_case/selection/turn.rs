//! Whose turn it is to choose: the launches of a provider choose one after the
//! other, in the order in which they came. Those of other providers are not in
//! their way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::id::ProviderId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Providers whose queues are kept. Of more, those that nobody stands in are
/// forgotten.
const QUEUES_MAX: usize = 1024;

/// The queues of all providers. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<ProviderId, Arc<Semaphore>>>>);

/// It is somebody's turn until this is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held")] Option<OwnedSemaphorePermit>);

impl Turns {
    /// Waits for one's turn.
    pub(super) async fn take(&self, provider: ProviderId) -> Turn {
        let queue = self.queue(provider);
        // It is never closed.
        Turn(queue.acquire_owned().await.ok())
    }

    fn queue(&self, provider: ProviderId) -> Arc<Semaphore> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.len() >= QUEUES_MAX {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        let queue = queues.entry(provider);
        Arc::clone(queue.or_insert_with(|| Arc::new(Semaphore::new(1))))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use uuid::Uuid;

    use super::*;

    fn provider(number: u128) -> ProviderId {
        ProviderId::new(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn one_after_the_other_and_each_provider_by_itself() {
        let turns = Turns::default();
        let first = turns.take(provider(1)).await;
        let mut second = Box::pin(turns.take(provider(1)));
        assert!((&mut second).now_or_never().is_none());
        assert!(turns.take(provider(2)).now_or_never().is_some());
        drop(first);
        drop(second.await);
    }

    #[tokio::test]
    async fn queues_that_nobody_stands_in_are_forgotten() {
        let turns = Turns::default();
        let kept = turns.take(provider(0)).await;
        for number in 1..=2 * QUEUES_MAX as u128 {
            drop(turns.take(provider(number)).await);
        }
        assert!(turns.0.lock().unwrap().len() <= QUEUES_MAX);
        assert!(turns.take(provider(0)).now_or_never().is_none());
        drop(kept);
    }
}
