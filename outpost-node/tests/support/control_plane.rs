//! A control plane that remembers what it was told, and answers as it is set.

use std::net::IpAddr;
use std::sync::Mutex;

use async_trait::async_trait;
use causeway_fleet::{
    CallError, Claim, Claimed, ControlPlane, Heartbeat, HeartbeatAnswer, HostKey, MemberStatus,
    NodeStatus, Problem, Report, ReportAnswer, ReportEvent,
};
use tokio::sync::watch;

use super::viewer::within_patience;

/// Takes every report, unless told otherwise.
pub(crate) struct FakeControlPlane {
    reports: watch::Sender<Vec<ReportEvent>>,
    beats: watch::Sender<Vec<NodeStatus>>,
    /// What claims are answered with.
    pub(crate) claimed: Mutex<Option<Claimed>>,
    /// Where the browsers of claims came from, as far as it was told.
    pub(crate) came_from: Mutex<Vec<Option<IpAddr>>>,
    /// What heartbeats are answered with.
    pub(crate) answer: Mutex<Option<HeartbeatAnswer>>,
    host_key_refusal: Option<&'static str>,
    /// Whether another node takes over what this one cannot open.
    pub(crate) takes_over: bool,
}

impl FakeControlPlane {
    /// Answers host keys with this code, if any.
    pub(crate) fn new(host_key_refusal: Option<&'static str>) -> Self {
        Self {
            reports: watch::Sender::default(),
            beats: watch::Sender::default(),
            claimed: Mutex::default(),
            came_from: Mutex::default(),
            answer: Mutex::default(),
            host_key_refusal,
            takes_over: false,
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
        seen("a report", &self.reports, wanted).await
    }

    /// Waits for a heartbeat.
    pub(crate) async fn beat(&self, wanted: impl Fn(&NodeStatus) -> bool) -> NodeStatus {
        seen("a heartbeat", &self.beats, wanted).await
    }
}

async fn seen<T: Clone>(what: &str, all: &watch::Sender<Vec<T>>, wanted: impl Fn(&T) -> bool) -> T {
    let mut all = all.subscribe();
    let found = within_patience(what, all.wait_for(|all| all.iter().any(&wanted))).await;
    let found = found.unwrap().clone();
    found.into_iter().find(wanted).unwrap()
}

fn refused(status: u16, code: &str) -> CallError {
    let problem = Box::new(Problem::new(status, code, code, ""));
    CallError::Refused { problem }
}

#[async_trait]
impl ControlPlane for FakeControlPlane {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        let MemberStatus::Node(status) = &heartbeat.status else {
            return Err(refused(403, "not_a_node"));
        };
        let status = status.clone();
        self.beats.send_modify(|beats| beats.push(status));
        let answer = self.answer.lock().unwrap().clone();
        answer.ok_or_else(|| refused(503, "not_ready"))
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed, CallError> {
        self.came_from.lock().unwrap().push(claim.client_address);
        let claimed = self.claimed.lock().unwrap().clone();
        claimed.ok_or_else(|| refused(409, "connection_ended"))
    }

    async fn report(&self, report: &Report) -> Result<ReportAnswer, CallError> {
        if let (ReportEvent::HostKey(_), Some(code)) = (&report.event, self.host_key_refusal) {
            return Err(refused(409, code));
        }
        let event = report.event.clone();
        let moved = matches!(event, ReportEvent::ConnectFailed { .. }) && self.takes_over;
        self.reports.send_modify(|reports| reports.push(event));
        Ok(ReportAnswer { moved })
    }
}
