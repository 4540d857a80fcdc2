//! What the operator decides about the control plane, and the limits that
//! follow from it.

use std::time::Duration;

use causeway_telemetry::Sampling;
use jiff::SignedDuration;
use url::Url;

use crate::member_roles::MemberRoles;

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
    /// The roles in AWS whose members join without a token; `None` where there
    /// is no such cloud.
    pub member_roles: Option<MemberRoles>,
    /// How long a member that joined by a role is known after it was lost.
    pub ephemeral_kept: SignedDuration,
    /// Longest answer that can be carried, in bytes; `None` where answers are
    /// sent while they are made.
    pub answer_bytes_max: Option<usize>,
    /// What limits guessing at sign-in.
    pub sign_in: SignInLimits,
    /// What a password hash costs.
    pub password_cost: PasswordCost,
    /// Which traces are recorded; `None` when none are sent anywhere, and
    /// browsers are not asked to begin any.
    pub traces: Option<Sampling>,
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
            member_roles: None,
            ephemeral_kept: SignedDuration::from_mins(10),
            answer_bytes_max: None,
            sign_in: SignInLimits::default(),
            password_cost: PasswordCost::default(),
            traces: None,
        }
    }

    /// The host name that passkeys are bound to, and the origins of ours that
    /// bear it: that of the portal, or `localhost` where the portal is reached
    /// so too. `None` when there is no name, only addresses, to which no
    /// passkey can be bound (Web Authentication Level 2, section 5.1.2).
    #[must_use]
    pub fn passkey_party(&self) -> Option<(String, Vec<String>)> {
        let public = self.public_url.origin().ascii_serialization();
        let origins: Vec<_> = self.own_origins.iter().chain([&public]).cloned().collect();
        let name_of = |origin: &String| match Url::parse(origin).ok()?.host()? {
            url::Host::Domain(name) => Some(name.to_owned()),
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => None,
        };
        let name = name_of(&public).or_else(|| {
            let mut names = origins.iter().filter_map(name_of);
            names.find(|name| name == "localhost")
        })?;
        let ours = origins
            .into_iter()
            .filter(|origin| name_of(origin).as_ref() == Some(&name))
            .collect();
        Some((name, ours))
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
    /// Codes of one user, right or wrong: a code is short enough to guess.
    pub codes: u32,
    /// Sign-ins with a passkey or a source begun from one address.
    pub begun_by_address: u32,
    /// The window in which they are counted.
    pub window: SignedDuration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            by_username: 10,
            by_address: 100,
            codes: 10,
            begun_by_address: 300,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(public_url: &str, more: &[&str], expected: Option<(&str, usize)>) {
        let mut config = Config::new(public_url.parse().unwrap());
        let more = more.iter().map(|origin| (*origin).to_owned());
        config.own_origins.extend(more);
        config.own_origins.sort();
        config.own_origins.dedup();
        let party = config.passkey_party();
        let found = party.as_ref().map(|(name, _)| name.as_str());
        assert_eq!(found, expected.map(|(name, _)| name), "{public_url}");
        if let (Some((name, origins)), Some((_, count))) = (&party, expected) {
            assert!(origins.iter().all(|origin| origin.contains(name)));
            assert!(origins.len() >= count, "{origins:?}");
        }
    }

    #[test]
    fn passkeys_are_bound_to_a_name_never_to_an_address() {
        let local = ["http://127.0.0.1:8080", "http://localhost:8080"];
        check(
            "https://causeway.example",
            &[],
            Some(("causeway.example", 1)),
        );
        check("http://127.0.0.1:8080", &local, Some(("localhost", 1)));
        check("http://127.0.0.1:8080", &[], None);
        check("https://10.0.0.1", &["https://other.example"], None);
    }
}
