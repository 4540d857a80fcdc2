//! The node's compute threads: work that is too heavy for the threads that
//! move bytes.
//!
//! One for the whole node, as wide as the machine. Who asks first is served
//! first; a session that bounds how much it asks for at once
//! ([`Compute::width`]) therefore cannot keep the others waiting.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Threads for heavy work. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Compute {
    turns: Arc<Semaphore>,
    width: usize,
}

/// Work panicked, or the runtime is being shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work was not done")]
pub struct WorkLost;

impl Compute {
    /// As many threads as the machine has cores.
    #[must_use]
    pub fn of_machine() -> Self {
        Self::new(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// At most `width` threads.
    #[must_use]
    pub fn new(width: NonZeroUsize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(width.get())),
            width: width.get(),
        }
    }

    /// How many pieces of work run at once.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Does work when its turn has come. Dropping the future gives up work
    /// that still waits for its turn.
    ///
    /// # Errors
    /// [`WorkLost`].
    pub async fn run<T, W>(&self, work: W) -> Result<T, WorkLost>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let turns = Arc::clone(&self.turns);
        let turn = turns.acquire_owned().await.map_err(|_| WorkLost)?;
        let done = spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(|_| WorkLost)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;

    use super::*;

    fn narrow() -> Compute {
        Compute::new(NonZeroUsize::MIN)
    }

    #[tokio::test]
    async fn work_is_done_one_after_the_other_when_there_is_one_thread() {
        let compute = narrow();
        let (release, released) = mpsc::channel::<()>();
        let first = compute.run(move || released.recv().is_ok());
        let second = compute.run(|| 2);
        tokio::pin!(first, second);
        tokio::select! {
            biased;
            _ = &mut first => panic!("the first was not released"),
            _ = &mut second => panic!("the second overtook the first"),
            () = std::future::ready(()) => {}
        }
        release.send(()).unwrap();
        assert_eq!(first.await, Ok(true));
        assert_eq!(second.await, Ok(2));
    }

    #[tokio::test]
    async fn work_that_panics_is_lost_and_its_turn_is_not() {
        let compute = narrow();
        let lost = compute.run(|| panic!("a fault in the work")).await;
        assert_eq!(lost, Err::<(), _>(WorkLost));
        assert_eq!(compute.run(|| 1).await, Ok(1));
    }
}
