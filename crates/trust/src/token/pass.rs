//! Passes: the control plane's word for a member's key.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Claims;
use crate::key::VerifyingKey;
use crate::member::MemberId;

/// How long a pass is good for; every heartbeat brings a fresh one.
pub const PASS_LIFE: Duration = Duration::from_secs(600);

/// States that a key is that of a member in good standing. Worthless to anyone
/// who does not hold the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Who.
    pub member: MemberId,
    /// With which key.
    pub public_key: VerifyingKey,
    /// Until when; Unix time in ms.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub expires_at: Timestamp,
}

impl Claims for Pass {
    const PURPOSE: &'static str = "causeway-pass";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
