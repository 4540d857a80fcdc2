//! A member that joined by its role and was forgotten enrols again by itself:
//! with its key, so that it becomes who it was, and what it carries goes on.
//!
//! It is forgotten when it was not heard of for minutes, or when the table was
//! restored to a time before it. Whom an administrator removed is told so and
//! does not ask again ([`MEMBER_REMOVED`]).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use causeway_trust::{MemberId, VerifyingKey};
use reqwest::Client;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::contract::{
    Claim, Claimed, Heartbeat, HeartbeatAnswer, MEMBER_REMOVED, MEMBER_UNKNOWN, Report,
    ReportAnswer,
};
use crate::control_plane::ControlPlane;
use crate::enrolment::{Enrolment, EnrolmentError};
use crate::error::CallError;
use crate::http::HttpControlPlane;
use crate::identity::Identity;

/// How soon and how often a forgotten member asks.
#[derive(Debug, Clone, Copy)]
pub struct RejoinLimits {
    /// After this at most it asks for the first time. A whole fleet may have
    /// been forgotten at once, and is spread over it.
    pub first_within: Duration,
    /// Longest wait after the first refusal; it doubles from there.
    pub again_first: Duration,
    /// Longest wait of all.
    pub again_longest: Duration,
}

impl Default for RejoinLimits {
    fn default() -> Self {
        Self {
            first_within: Duration::from_secs(5),
            again_first: Duration::from_secs(4),
            again_longest: Duration::from_secs(300),
        }
    }
}

/// The control plane of one member that can enrol again.
pub struct Rejoining {
    control_plane: HttpControlPlane,
    client: Client,
    enrolment: Enrolment,
    member: MemberId,
    key: VerifyingKey,
    limits: RejoinLimits,
    pace: Mutex<Pace>,
    removed: CancellationToken,
}

impl Rejoining {
    /// Speaks in the name of `identity`, and enrols again by `enrolment` when
    /// it is forgotten.
    #[must_use]
    pub fn new(client: Client, identity: &Identity, enrolment: Enrolment) -> Self {
        Self {
            control_plane: HttpControlPlane::new(client.clone(), identity),
            client,
            enrolment,
            member: identity.member,
            key: identity.key.verifying_key(),
            limits: RejoinLimits::default(),
            pace: Mutex::default(),
            removed: CancellationToken::new(),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: RejoinLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Cancelled when an administrator has removed this member: nothing brings
    /// it back, so its process should end.
    #[must_use]
    pub fn removed(&self) -> CancellationToken {
        self.removed.clone()
    }

    /// Whether it is known again.
    async fn rejoin(&self) -> bool {
        if self.removed.is_cancelled() || !self.is_due() {
            return false;
        }
        let problem = match self.enrolment.ask(&self.client, &self.key).await {
            Ok(enrolled) if enrolled.member == self.member => {
                tracing::info!(member = %self.member, "was forgotten and has enrolled again");
                self.pace().reset();
                return true;
            }
            Ok(enrolled) => Problem::Another(enrolled.member),
            Err(error) if error.code() == Some(MEMBER_REMOVED) => {
                tracing::error!(member = %self.member, "an administrator removed this member");
                self.removed.cancel();
                return false;
            }
            Err(error) => Problem::Refused(error),
        };
        let wait = self
            .pace()
            .failed(&self.limits, Instant::now(), fastrand::f64());
        let wait_s = wait.as_secs();
        match problem {
            Problem::Refused(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                wait_s,
                "was forgotten and cannot enrol again yet"
            ),
            Problem::Another(other) => tracing::error!(
                %other, wait_s,
                "was forgotten, and would now be another member: stop it, delete its identity, \
                 start it again"
            ),
        }
        false
    }

    fn is_due(&self) -> bool {
        self.pace()
            .is_due(&self.limits, Instant::now(), fastrand::f64())
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Problem {
    Refused(EnrolmentError),
    /// Its id is not made of its key: it enrolled otherwise at first.
    Another(MemberId),
}

#[async_trait]
impl ControlPlane for Rejoining {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        let answer = self.control_plane.heartbeat(heartbeat).await;
        match &answer {
            Err(error) if error.code() == Some(MEMBER_UNKNOWN) => {}
            Ok(_) => {
                self.pace().reset();
                return answer;
            }
            Err(_) => return answer,
        }
        if self.rejoin().await {
            return self.control_plane.heartbeat(heartbeat).await;
        }
        answer
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed, CallError> {
        self.control_plane.claim(claim).await
    }

    async fn report(&self, report: &Report) -> Result<ReportAnswer, CallError> {
        self.control_plane.report(report).await
    }
}

/// When to ask next. Random numbers are in `0.0..1.0`.
#[derive(Debug, Default)]
struct Pace {
    next: Option<Instant>,
    failures: u32,
}

impl Pace {
    fn is_due(&mut self, limits: &RejoinLimits, now: Instant, random: f64) -> bool {
        let next = self
            .next
            .get_or_insert_with(|| now + limits.first_within.mul_f64(random));
        *next <= now
    }

    /// How long to wait from now on: between half of the longest and the
    /// longest, which doubles.
    fn failed(&mut self, limits: &RejoinLimits, now: Instant, random: f64) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let longest = limits.again_first.saturating_mul(doubled);
        let longest = longest.min(limits.again_longest);
        self.failures = self.failures.saturating_add(1);
        let wait = longest.mul_f64(0.5 + random / 2.0);
        self.next = Some(now + wait);
        wait
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_fleet_is_spread_and_the_refused_ask_ever_more_seldom() {
        let (limits, now) = (RejoinLimits::default(), Instant::now());
        let mut pace = Pace::default();
        let secs = |seconds: f64| now + Duration::from_secs_f64(seconds);
        assert!(!pace.is_due(&limits, now, 0.5));
        assert!(!pace.is_due(&limits, secs(2.4), 0.0), "drawn once");
        assert!(pace.is_due(&limits, secs(2.5), 0.0));
        let waits: Vec<_> = (0..8)
            .map(|_| pace.failed(&limits, now, 1.0).as_secs())
            .collect();
        assert_eq!(waits, [4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(pace.failed(&limits, now, 0.0), Duration::from_secs(150));
        assert!(!pace.is_due(&limits, secs(149.9), 0.0));
        assert!(pace.is_due(&limits, secs(150.0), 0.0));
        pace.reset();
        assert!(pace.is_due(&limits, now, 0.0));
    }
}
