//! Sign-in sessions.

use causeway_model::id::{SessionId, UserId};
use causeway_model::object::Session;

use crate::action::{ABSENT, Action, PRESENT};
use crate::credential::StoredSession;
use crate::error::{TableError, WriteError};
use crate::indexed;
use crate::key::{Key, SESSION_PREFIX, SESSIONS, user_partition};
use crate::kind::Kind;
use crate::page::{Cursor, Page};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// The sign-in sessions in a table.
///
/// A session that has expired may still be found: compare `expires_at`.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a>(&'a Table);

impl Table {
    /// The sign-in sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Begins a session of a user who exists.
    ///
    /// # Errors
    ///
    /// [`WriteError::NotFound`] when the user is gone, [`WriteError::Exists`]
    /// when the id is taken.
    pub async fn create(self, stored: &StoredSession) -> Result<(), WriteError> {
        let user = stored.session.user;
        let actions = vec![
            Action::check(Key::user(user), PRESENT),
            Action::put(stored.to_item()?).when(ABSENT),
        ];
        let done = self.0.store().transact(actions).await?;
        done.map_err(|cancelled| match cancelled.refusal(0) {
            Some(_) => WriteError::NotFound {
                kind: Kind::User,
                id: user.uuid(),
            },
            None => WriteError::Exists {
                kind: Kind::Session,
                id: stored.session.id.uuid(),
            },
        })
    }

    /// Ends a session; says whether there was one. Connections that live in it
    /// are the caller's to end.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn delete(self, user: UserId, id: SessionId) -> Result<bool, TableError> {
        let delete = Action::delete(Key::session(user, id)).when(PRESENT);
        Ok(self.0.store().write(delete).await?.is_ok())
    }

    /// The sessions of a user.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_user(self, user: UserId) -> Result<Vec<Session>, TableError> {
        let pk = user_partition(user);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, SESSION_PREFIX))
            .await?;
        items.iter().map(Session::read).collect()
    }

    /// All sessions, by falling id. The list lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Session>, TableError> {
        indexed::list(self.0.store(), SESSIONS, cursor, limit, true).await
    }

    /// The session with this id, whoever's. Found through the index, which
    /// lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_id(self, id: SessionId) -> Result<Option<Session>, TableError> {
        indexed::find(self.0.store(), SESSIONS, &id.to_string()).await
    }
}
