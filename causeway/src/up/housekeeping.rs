//! What time alone brings about in a control plane of one process.

use std::time::Duration;

use causeway_functions::{App, use_case};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often what has outlived its time is deleted from the store.
const PURGE_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// How often connections are looked for whose sign-in is gone, because a
/// process died in the middle of a sign-out.
const ORPHANS_INTERVAL: Duration = Duration::from_secs(30);

/// How often calls of `apply` are looked for whose process died in the middle.
const BEGUN_INTERVAL: Duration = Duration::from_secs(20);

/// Ends lost, orphaned and expired connections, finishes what was begun and
/// deletes what has outlived its time, until `stop` is cancelled.
pub(super) async fn run(app: App, stop: CancellationToken) {
    let mut sweep = interval(app.config().heartbeat_interval);
    let mut orphans = interval(ORPHANS_INTERVAL);
    let mut begun = interval(BEGUN_INTERVAL);
    let mut purge = interval(PURGE_INTERVAL);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    orphans.set_missed_tick_behavior(MissedTickBehavior::Delay);
    begun.set_missed_tick_behavior(MissedTickBehavior::Delay);
    purge.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = sweep.tick() => match use_case::sweep::sweep(&app).await {
                Ok(0) => {}
                Ok(ended) => tracing::info!(ended, "swept"),
                Err(error) => tracing::warn!(%error, "cannot sweep"),
            },
            _ = orphans.tick() => match use_case::sweep::sweep_orphans(&app).await {
                Ok(0) => {}
                Ok(ended) => tracing::info!(ended, "swept connections without a sign-in"),
                Err(error) => tracing::warn!(%error, "cannot sweep connections without a sign-in"),
            },
            _ = begun.tick() => match use_case::apply::finish_begun(&app).await {
                Ok(0) => {}
                Ok(calls) => tracing::info!(calls, "finished what was begun"),
                Err(error) => tracing::warn!(%error, "cannot finish what was begun"),
            },
            _ = purge.tick() => match app.table().purge_expired().await {
                Ok(0) => {}
                Ok(deleted) => tracing::debug!(deleted, "purged"),
                Err(error) => tracing::warn!(%error, "cannot purge"),
            },
        }
    }
}
