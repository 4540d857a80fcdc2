//! The port through which a member speaks to the control plane.

use async_trait::async_trait;

use crate::contract::{Claim, Claimed, Heartbeat, HeartbeatAnswer, Report, ReportAnswer};
use crate::error::CallError;

/// The control plane as one enrolled member sees it: every call is made in
/// that member's name, and every call has a deadline of its own.
///
/// Enrolment comes before there is a member to speak for, see
/// [`enrol`](crate::enrol).
#[async_trait]
pub trait ControlPlane: Send + Sync + 'static {
    /// Says that the member is alive and what it holds.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError>;

    /// Burns a ticket and returns what it admits to. Nodes only. Not to be
    /// repeated after an error: the ticket may be burnt.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn claim(&self, claim: &Claim) -> Result<Claimed, CallError>;

    /// Tells what became of a connection. Nodes only; may be repeated.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn report(&self, report: &Report) -> Result<ReportAnswer, CallError>;
}
