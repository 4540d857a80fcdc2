//! What the operator decides about the control plane, and the limits that
//! follow from it.

use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

/// Settings of one control plane.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where browsers reach the portal; `https` makes the cookie secure.
    pub public_url: Url,
    /// Origins whose pages may write here and open sessions at the edges, in
    /// the browser's spelling: `https://causeway.example`.
    pub own_origins: Vec<String>,
    /// How long a sign-in lasts, idle or not.
    pub session_life: SignedDuration,
    /// How often nodes and edges are asked to report.
    pub heartbeat_interval: Duration,
    /// A member that was not heard of for this long is lost.
    pub heartbeat_deadline: Duration,
    /// How long a node keeps a session whose browser is gone.
    pub resume_grace: Duration,
    /// How long an ended connection stays readable.
    pub ended_kept: SignedDuration,
    /// How long a token that admits a node or an edge can be used.
    pub join_token_life: SignedDuration,
    /// What limits guessing at sign-in.
    pub sign_in: SignInLimits,
    /// What a password hash costs.
    pub password_cost: PasswordCost,
}

impl Config {
    /// The defaults for a control plane at `public_url`.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            own_origins: vec![public_url.origin().ascii_serialization()],
            public_url,
            session_life: SignedDuration::from_hours(12),
            heartbeat_interval: Duration::from_secs(2),
            heartbeat_deadline: Duration::from_secs(7),
            resume_grace: Duration::from_secs(120),
            ended_kept: SignedDuration::from_hours(7 * 24),
            join_token_life: SignedDuration::from_hours(1),
            sign_in: SignInLimits::default(),
            password_cost: PasswordCost::default(),
        }
    }

    /// Whether browsers reach the portal over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// How many failed sign-ins are borne before further ones are refused.
#[derive(Debug, Clone, Copy)]
pub struct SignInLimits {
    /// For one username, from anywhere.
    pub by_username: u32,
    /// From one address, for any username.
    pub by_address: u32,
    /// The window in which they are counted.
    pub window: SignedDuration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            by_username: 10,
            by_address: 100,
            window: SignedDuration::from_mins(5),
        }
    }
}

/// Parameters of argon2id (RFC 9106, section 3.1).
#[derive(Debug, Clone, Copy)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Hashes that may run at once.
    pub parallel: usize,
}

impl Default for PasswordCost {
    /// 19 MiB and two passes, the OWASP recommendation for argon2id.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            parallel: 2,
        }
    }
}
