//! What is good once: the state of a sign-in elsewhere, a ceremony with a
//! security key, a sign-in that waits for its second factor, the id of a
//! message that must not be taken twice.

use jiff::Timestamp;

use crate::action::{ABSENT, Action};
use crate::error::TableError;
use crate::failure::Refused;
use crate::item::{Item, millis, text};
use crate::key::Key;
use crate::table::Table;

const SEALED: &str = "sealed";
const EXPIRES: &str = "expires_ms";

/// What is good once, in a table.
#[derive(Debug, Clone, Copy)]
pub struct OneTime<'a>(&'a Table);

impl Table {
    /// What is good once.
    #[must_use]
    pub const fn one_time(&self) -> OneTime<'_> {
        OneTime(self)
    }
}

impl OneTime<'_> {
    /// Keeps a text under `id`, unless there is one; says whether it was kept.
    ///
    /// `what` is a name of ours that keeps purposes apart, `id` a text of any
    /// length, kept as a hash only. The text is the caller's to seal. One that
    /// has expired still takes its id until it is deleted: ids are random or
    /// belong to messages that have expired by then too.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn put(
        self,
        what: &'static str,
        id: &str,
        sealed: &str,
        expires_at: Timestamp,
    ) -> Result<bool, TableError> {
        let item = Item::new(&Key::once(what, id))
            .with(SEALED, text(sealed))
            .with(EXPIRES, millis(expires_at))
            .expiring(expires_at);
        let put = Action::put(item).when(ABSENT);
        Ok(self.0.store().write(put).await?.is_ok())
    }

    /// Takes the text away; of any number who ask, one gets it. `None` when it
    /// was taken, never kept, or has expired at `now`.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. The text may be gone then.
    pub async fn take(
        self,
        what: &'static str,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<String>, TableError> {
        let delete = Action::delete(Key::once(what, id))
            .when("expires_ms > :now")
            .value(":now", millis(now));
        match self.0.store().write(delete).await? {
            Ok(Some(item)) => item.text(SEALED).map(|sealed| Some(sealed.to_owned())),
            Ok(None) | Err(Refused(_)) => Ok(None),
        }
    }

    /// The text, which stays; `None` when there is none or it has expired at
    /// `now`.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn peek(
        self,
        what: &'static str,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<String>, TableError> {
        let Some(item) = self.0.store().get(&Key::once(what, id)).await? else {
            return Ok(None);
        };
        if item.time(EXPIRES)? <= now {
            return Ok(None);
        }
        item.text(SEALED).map(|sealed| Some(sealed.to_owned()))
    }
}
