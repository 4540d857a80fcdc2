//! The sessions that live on a node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_fleet::HeldConnection;
use causeway_model::id::{ConnectionId, UserId};
use causeway_model::object::EndReason;
use causeway_telemetry::trace_id;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::metrics::Metrics;
use crate::session::{SessionHandle, SessionTask};

/// All live sessions, and the owner of their tasks.
#[derive(Debug, Default)]
pub(super) struct Registry {
    sessions: Mutex<Sessions>,
    tasks: TaskTracker,
    /// How many live, for those who wait for a change.
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Sessions {
    live: HashMap<ConnectionId, Entry>,
    /// What was told to all, and is told to those who come later too.
    drained: bool,
    ended: Option<EndReason>,
}

#[derive(Debug, Clone)]
struct Entry {
    user: UserId,
    handle: SessionHandle,
}

impl Registry {
    /// The session of a connection, if it lives here.
    pub(super) fn find(&self, connection: ConnectionId) -> Option<SessionHandle> {
        self.lock()
            .live
            .get(&connection)
            .map(|entry| entry.handle.clone())
    }

    /// Starts a session, unless one of the same connection lives: that one is
    /// returned then.
    pub(super) fn start(
        self: &Arc<Self>,
        task: SessionTask,
        metrics: &Arc<Metrics>,
    ) -> SessionHandle {
        let facts = task.facts();
        let (connection, user) = (facts.connection, facts.user);
        let mut sessions = self.lock();
        if let Some(entry) = sessions.live.get(&connection) {
            return entry.handle.clone();
        }
        let (handle, inbox) = SessionHandle::new();
        let entry = Entry {
            user,
            handle: handle.clone(),
        };
        sessions.live.insert(connection, entry);
        self.count.send_replace(sessions.live.len());
        if sessions.drained {
            handle.drain();
        }
        if let Some(reason) = sessions.ended {
            handle.end(reason);
        }
        drop(sessions);
        let guard = Leave {
            registry: Arc::clone(self),
            connection,
        };
        let count = metrics.session();
        let span = tracing::info_span!(parent: None, "session", %connection, %user, trace_id = trace_id().map(display));
        let living = async move {
            task.run(inbox).await;
            drop((guard, count));
        };
        self.tasks.spawn(living.instrument(span));
        handle
    }

    /// Ends one session; false when it does not live here.
    pub(super) fn end(&self, connection: ConnectionId, reason: EndReason) -> bool {
        let handle = self.find(connection);
        handle.inspect(|handle| handle.end(reason)).is_some()
    }

    /// Hands over to other nodes what is not opened yet, now and later.
    pub(super) fn drain(&self) {
        let mut sessions = self.lock();
        sessions.drained = true;
        for entry in sessions.live.values() {
            entry.handle.drain();
        }
    }

    /// Whether [`Registry::drain`] was called.
    pub(super) fn is_drained(&self) -> bool {
        self.lock().drained
    }

    /// Ends every session, now and later.
    pub(super) fn end_all(&self, reason: EndReason) {
        let mut sessions = self.lock();
        sessions.ended = Some(reason);
        for entry in sessions.live.values() {
            entry.handle.end(reason);
        }
    }

    /// Runs what may start a session; it is waited for like one.
    pub(super) fn spawn(&self, reception: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(reception);
    }

    /// What the control plane is told to be here.
    pub(super) fn held(&self) -> Vec<HeldConnection> {
        let sessions = self.lock();
        let held = sessions.live.iter();
        held.map(|(id, entry)| HeldConnection {
            id: *id,
            user: entry.user,
        })
        .collect()
    }

    /// How many sessions live here.
    pub(super) fn len(&self) -> usize {
        self.lock().live.len()
    }

    /// How many sessions live here, from now on.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    /// Waits until every session has ended, and nobody is being received.
    pub(super) async fn wait(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Strikes a session off, however its task ends.
struct Leave {
    registry: Arc<Registry>,
    connection: ConnectionId,
}

impl Drop for Leave {
    fn drop(&mut self) {
        let mut sessions = self.registry.lock();
        sessions.live.remove(&self.connection);
        self.registry.count.send_replace(sessions.live.len());
    }
}
