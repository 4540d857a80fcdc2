//! A control plane that remembers what it was told.

use async_trait::async_trait;
use causeway_fleet::{
    CallError, Claim, Claimed, ControlPlane, Heartbeat, HeartbeatAnswer, HostKey, Problem, Report,
    ReportEvent,
};
use tokio::sync::watch;

use super::viewer::within_patience;

/// Takes every report, unless told otherwise.
pub(crate) struct FakeControlPlane {
    reports: watch::Sender<Vec<ReportEvent>>,
    host_key_refusal: Option<&'static str>,
}

impl FakeControlPlane {
    /// Answers host keys with this code, if any.
    pub(crate) fn new(host_key_refusal: Option<&'static str>) -> Self {
        Self {
            reports: watch::Sender::new(Vec::new()),
            host_key_refusal,
        }
    }

    /// What was reported so far.
    pub(crate) fn reports(&self) -> Vec<ReportEvent> {
        self.reports.borrow().clone()
    }

    /// Host keys that were reported so far.
    pub(crate) fn host_keys(&self) -> Vec<HostKey> {
        let reports = self.reports.borrow();
        let keys = reports.iter().filter_map(|event| match event {
            ReportEvent::HostKey(key) => Some(key.clone()),
            _ => None,
        });
        keys.collect()
    }

    /// Waits for a report.
    pub(crate) async fn reported(&self, wanted: impl Fn(&ReportEvent) -> bool) -> ReportEvent {
        let mut reports = self.reports.subscribe();
        let seen = within_patience("a report", reports.wait_for(|all| all.iter().any(&wanted)));
        let seen = seen.await.unwrap().clone();
        seen.into_iter().find(wanted).unwrap()
    }
}

#[async_trait]
impl ControlPlane for FakeControlPlane {
    async fn heartbeat(&self, _: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        Err(CallError::Unmade("no heartbeats here".to_owned()))
    }

    async fn claim(&self, _: &Claim) -> Result<Claimed, CallError> {
        Err(CallError::Unmade("no claims here".to_owned()))
    }

    async fn report(&self, report: &Report) -> Result<(), CallError> {
        if let (ReportEvent::HostKey(_), Some(code)) = (&report.event, self.host_key_refusal) {
            let problem = Box::new(Problem::new(409, code, code, ""));
            return Err(CallError::Refused { problem });
        }
        self.reports.send_modify(|reports| reports.push(report.event.clone()));
        Ok(())
    }
}
