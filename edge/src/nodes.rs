//! Nodes' tunnels: greeted, kept, dropped.

use std::sync::Arc;

use causeway_tunnel::{Arrival, GreetError, Greeted, Listener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Limits;
use crate::shared::Shared;

/// Lets nodes in.
pub(crate) struct Nodes {
    shared: Arc<Shared>,
    greetings: Arc<Semaphore>,
    /// Below so many free places, whoever has not shown that its address is
    /// its own has to do so first.
    challenge_below: usize,
    tasks: TaskTracker,
}

impl Nodes {
    /// Tunnels are kept in `tasks`.
    pub(crate) fn new(shared: Arc<Shared>, limits: Limits, tasks: TaskTracker) -> Self {
        Self {
            shared,
            greetings: Arc::new(Semaphore::new(limits.greetings_max)),
            challenge_below: limits.greetings_max / 2,
            tasks,
        }
    }

    /// Lets nodes in until `stop`, or until the listener is closed.
    pub(crate) async fn run(self, listener: Arc<Listener>, stop: CancellationToken) {
        loop {
            let arrival = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                arrival = listener.accept() => arrival,
            };
            match arrival {
                Some(arrival) => self.take_in(arrival),
                None => return,
            }
        }
    }

    fn take_in(&self, arrival: Arrival) {
        if self.greetings.available_permits() < self.challenge_below && !arrival.address_is_proven()
        {
            arrival.challenge();
            return;
        }
        let Ok(place) = Arc::clone(&self.greetings).try_acquire_owned() else {
            self.shared.metrics.greetings_refused.add(1);
            arrival.refuse();
            return;
        };
        let shared = Arc::clone(&self.shared);
        self.tasks.spawn(async move {
            let peer = arrival.remote_address();
            let greeted = greet(&shared, arrival).await;
            drop(place);
            match greeted {
                Ok(greeted) => keep(&shared, greeted).await,
                Err(error) => {
                    shared.metrics.greetings_refused.add(1);
                    tracing::warn!(%peer, error = &error as &dyn std::error::Error, "node not let in");
                }
            }
        });
    }
}

async fn greet(shared: &Shared, arrival: Arrival) -> Result<Greeted, GreetError> {
    let keys = shared.keys.borrow().clone();
    arrival.greet(&keys).await
}

/// The tunnel is in use for as long as its control stream is served.
async fn keep(shared: &Shared, Greeted { tunnel, control }: Greeted) {
    let (node, peer) = (tunnel.node(), tunnel.remote_address());
    tracing::info!(%node, %peer, "tunnel up");
    let added = shared.tunnels.add(tunnel);
    let counted = shared.metrics.tunnels.enter();
    shared.count_nodes();
    let end = control.run(shared.keys.subscribe()).await;
    drop((added, counted));
    shared.count_nodes();
    tracing::info!(%node, %peer, error = &end as &dyn std::error::Error, "tunnel down");
}
