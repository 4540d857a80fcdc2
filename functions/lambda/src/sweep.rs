//! Sweeping on a schedule. A schedule's shortest period is a minute and a dead
//! node is to be noticed within seconds, so one invocation sweeps as long as it
//! may; the next begins where it ends. A round without work reads the epoch and
//! the nodes' states.
//!
//! Members that joined by a role are forgotten here when they were lost at the
//! beginning of an invocation and still are at its end.

use std::time::{Duration, Instant};

use causeway_functions::{App, use_case};
use tokio::time::{MissedTickBehavior, interval};

use crate::report::{self, Before};

/// How long one invocation sweeps at most.
const SWEPT_FOR_MAX: Duration = Duration::from_secs(55);
/// What is left of the invocation's time for a last round.
const MARGIN: Duration = Duration::from_secs(4);

/// Sweeps until shortly before `left` has passed; says how many rounds it was.
///
/// # Errors
/// When no round went well.
pub(crate) async fn sweep(app: &App, left: Duration) -> anyhow::Result<u32> {
    let (started, before) = (Instant::now(), Before::of(app));
    let until = left.saturating_sub(MARGIN).min(SWEPT_FOR_MAX);
    let mut ticks = interval(app.config().heartbeat_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut rounds, mut failed) = (0, 0);
    let lost = use_case::ephemeral::lost(app).await.unwrap_or_default();
    let orphans = use_case::sweep::sweep_orphans(app).await;
    if let Err(error) = orphans {
        tracing::error!(%error, "cannot sweep connections without a sign-in");
    }
    loop {
        ticks.tick().await;
        rounds += 1;
        if let Err(error) = use_case::sweep::sweep(app).await {
            failed += 1;
            tracing::error!(%error, "cannot sweep");
        }
        if started.elapsed() + app.config().heartbeat_interval > until {
            break;
        }
    }
    if let Err(error) = use_case::ephemeral::forget(app, &lost).await {
        tracing::error!(%error, "cannot forget lost members");
    }
    match use_case::fleet_load::fleet_load(app).await {
        Ok(load) => report::fleet(app, &load),
        Err(error) => tracing::error!(%error, "cannot say how full the fleet is"),
    }
    report::sweep(app, &before, started.elapsed(), rounds, failed);
    anyhow::ensure!(failed < rounds, "no round of the sweep went well");
    Ok(rounds)
}
