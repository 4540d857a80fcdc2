//! What a listener carries, for metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one listener. Cheap to clone; all clones count the same.
#[derive(Debug, Clone, Default)]
pub struct Load(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicU64,
    dropped: AtomicU64,
}

impl Load {
    /// Connections that are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Connections that were closed unread because of a limit, since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn drop_one(&self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// One more, for as long as the guard lives.
    pub(crate) fn enter(&self) -> Entered {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Entered(self.clone())
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Entered(Load);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
