//! Counts of attempts in windows of time, for limits that hold across
//! processes.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::action::Action;
use crate::error::TableError;
use crate::failure::Refused;
use crate::item::number;
use crate::key::Key;
use crate::table::Table;

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit<'a> {
    /// What is tried, e.g. `sign-in-user`: a name of ours, not of outside.
    pub what: &'a str,
    /// Attempts in one window.
    pub limit: u32,
    /// Length of a window, at least a second. Windows begin at multiples of
    /// it, so that up to twice the limit can pass around the turn of one.
    pub window: SignedDuration,
}

/// Whether an attempt is within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateDecision {
    /// It is, and so many more in this window.
    Allowed {
        /// Attempts left.
        remaining: u32,
    },
    /// It is not.
    Limited {
        /// Time until the next window.
        retry_after: SignedDuration,
    },
}

/// The counters in a table.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits<'a>(&'a Table);

impl Table {
    /// The counters of attempts.
    #[must_use]
    pub const fn rate_limits(&self) -> RateLimits<'_> {
        RateLimits(self)
    }
}

/// The counter of one window.
struct Window {
    key: Key,
    end_s: i64,
    limited: RateDecision,
}

impl Window {
    fn of(limit: RateLimit<'_>, who: &str, now: Timestamp) -> Self {
        let window_s = limit.window.as_secs().max(1);
        let start_s = now.as_second().div_euclid(window_s) * window_s;
        let end_s = start_s + window_s;
        Self {
            key: Key::rate(limit.what, &hex::encode(Sha256::digest(who)), start_s),
            end_s,
            limited: RateDecision::Limited {
                retry_after: SignedDuration::from_secs(end_s - now.as_second()),
            },
        }
    }
}

impl RateLimits<'_> {
    /// Whether another attempt by `who` would be within the limit; counts
    /// nothing. For limits on failures: look before, take after one.
    ///
    /// # Errors
    ///
    /// When the table cannot be read. Callers refuse the attempt then.
    pub async fn peek(
        self,
        limit: RateLimit<'_>,
        who: &str,
        now: Timestamp,
    ) -> Result<RateDecision, TableError> {
        let Window { key, limited, .. } = Window::of(limit, who, now);
        let item = self.0.store().get(&key).await?;
        let hits: u32 = item.as_ref().map_or(Ok(0), |item| item.number("hits"))?;
        Ok(match limit.limit.checked_sub(hits) {
            None | Some(0) => limited,
            Some(remaining) => RateDecision::Allowed { remaining },
        })
    }

    /// Counts an attempt by `who` (a name or an address, stored as a hash)
    /// unless the limit is reached; one conditional write.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Callers refuse the attempt then.
    pub async fn take(
        self,
        limit: RateLimit<'_>,
        who: &str,
        now: Timestamp,
    ) -> Result<RateDecision, TableError> {
        let Window {
            key,
            end_s,
            limited,
        } = Window::of(limit, who, now);
        if limit.limit == 0 {
            return Ok(limited);
        }
        let count = Action::update(key, "ADD hits :one SET delete_after_s = :end")
            .when("attribute_not_exists(hits) OR hits < :limit")
            .value(":one", number(1))
            .value(":end", number(end_s))
            .value(":limit", number(limit.limit));
        match self.0.store().write(count).await? {
            Ok(item) => {
                let hits: u32 = item.as_ref().map_or(Ok(1), |item| item.number("hits"))?;
                Ok(RateDecision::Allowed {
                    remaining: limit.limit.saturating_sub(hits),
                })
            }
            Err(Refused(_)) => Ok(limited),
        }
    }
}
