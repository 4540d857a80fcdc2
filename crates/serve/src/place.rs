//! The places of a listener, and what takes them.

use std::sync::Arc;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::limits::Limits;
use crate::load::{Entered, Load};

/// All places of a listener.
#[derive(Debug)]
pub(crate) struct Places {
    connections: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    load: Load,
}

/// What one connection takes; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    _connection: OwnedSemaphorePermit,
    stranger: Option<OwnedSemaphorePermit>,
    _counted: Entered,
}

impl Place {
    /// The connection has shown that it is wanted: its place among strangers is
    /// another's.
    pub fn is_known(&mut self) {
        self.stranger = None;
    }
}

impl Places {
    pub(crate) fn new(limits: &Limits, load: Load) -> Self {
        Self {
            connections: Arc::new(Semaphore::new(limits.connections_max)),
            strangers: Arc::new(Semaphore::new(limits.strangers_max)),
            load,
        }
    }

    /// A place for a connection that is there, if one is free.
    pub(crate) fn take(&self) -> Option<Place> {
        let free = Free {
            connection: Arc::clone(&self.connections).try_acquire_owned().ok()?,
            stranger: Arc::clone(&self.strangers).try_acquire_owned().ok()?,
        };
        Some(free.taken(&self.load))
    }

    /// Waits for a place that the next connection may take.
    pub(crate) async fn wait(&self) -> Result<Free, AcquireError> {
        Ok(Free {
            connection: Arc::clone(&self.connections).acquire_owned().await?,
            stranger: Arc::clone(&self.strangers).acquire_owned().await?,
        })
    }

    pub(crate) const fn load(&self) -> &Load {
        &self.load
    }
}

/// A place that is kept for whoever comes next.
#[derive(Debug)]
pub(crate) struct Free {
    connection: OwnedSemaphorePermit,
    stranger: OwnedSemaphorePermit,
}

impl Free {
    pub(crate) fn taken(self, load: &Load) -> Place {
        Place {
            _connection: self.connection,
            stranger: Some(self.stranger),
            _counted: load.enter(),
        }
    }
}
