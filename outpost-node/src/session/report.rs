//! Tells the control plane what became of a session, in order, and does not
//! give up at the first trouble.

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{CallError, ControlPlane, HostKey, Report, ReportAnswer, ReportEvent};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use tokio::time::{sleep, timeout};

use super::common::HANDOVER_DEADLINE;
use super::facts::Facts;

/// How long one report is worth trying. A node's heartbeat tells the same
/// truth a little later.
pub(super) const REPORT_DEADLINE: Duration = Duration::from_secs(20);
/// Pause after the first failure; it doubles up to the maximum.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The code with which the control plane refuses a host key that is not the
/// one that it remembers.
const HOST_KEY_CHANGED: &str = "host_key_changed";

/// Tells one event and returns what was answered; nothing when it could not be
/// told.
pub(super) async fn report(control_plane: Arc<dyn ControlPlane>, report: Report) -> ReportAnswer {
    let deadline = match report.event {
        ReportEvent::ConnectFailed { .. } => HANDOVER_DEADLINE,
        ReportEvent::Attached
        | ReportEvent::Detached
        | ReportEvent::Opened
        | ReportEvent::Ended { .. }
        | ReportEvent::HostKey(_) => REPORT_DEADLINE,
    };
    let error = match timeout(deadline, persist(&*control_plane, &report)).await {
        Ok(Ok(answer)) => return answer,
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    tracing::warn!(
        connection = %report.connection,
        error = error.map(tracing::field::display),
        "report given up, the heartbeat will tell"
    );
    ReportAnswer::default()
}

/// Has a host key remembered that was seen for the first time.
pub(super) async fn remember(
    control_plane: Arc<dyn ControlPlane>,
    facts: &Facts,
    key: HostKey,
) -> Result<(), Failure> {
    let fingerprint = key.fingerprint.clone();
    let report = event(facts, ReportEvent::HostKey(key));
    let told = control_plane.report(&report).await;
    told.map(drop).map_err(|error| {
        let code = match error.code() {
            Some(HOST_KEY_CHANGED) => FailureCode::HostKeyChanged,
            Some(_) | None => FailureCode::HostKeyNotRemembered,
        };
        Failure::new(code, Step::VerifyHost)
            .with("presented_fingerprint", fingerprint)
            .because(error)
    })
}

/// A report about a session.
pub(super) const fn event(facts: &Facts, event: ReportEvent) -> Report {
    Report {
        connection: facts.connection,
        user: facts.user,
        event,
    }
}

async fn persist(
    control_plane: &dyn ControlPlane,
    report: &Report,
) -> Result<ReportAnswer, CallError> {
    let mut pause = PAUSE_FIRST;
    loop {
        match control_plane.report(report).await {
            Err(error) if error.retry_can_help() => {
                tracing::debug!(connection = %report.connection, %error, "report failed, trying again");
            }
            result => return result,
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
