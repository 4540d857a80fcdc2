//! Sign-in sessions.

use aws_sdk_dynamodb::types::AttributeValue;
use causeway_model::id::{SessionId, SourceId, UserId};
use causeway_model::object::{AuthenticationMethod, Session};
use jiff::Timestamp;

use crate::action::{ABSENT, Action, PRESENT};
use crate::credential::StoredSession;
use crate::error::{TableError, WriteError};
use crate::indexed;
use crate::item::{Item, millis};
use crate::key::{Key, SESSION_PREFIX, SESSIONS, SK, source_session_partition, user_partition};
use crate::kind::Kind;
use crate::named::name_of;
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
        let mut actions = vec![
            Action::check(Key::user(user), PRESENT),
            Action::put(stored.to_item()?).when(ABSENT),
        ];
        actions.extend(stored.source_item().map(Action::put));
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

    /// Notes that the user proved again who they are, by `methods`, which join
    /// those of the session; says whether the session still lives at
    /// `confirmed_at`.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn touch(
        self,
        user: UserId,
        id: SessionId,
        methods: &[AuthenticationMethod],
        confirmed_at: Timestamp,
    ) -> Result<bool, TableError> {
        let proofs: Vec<String> = methods.iter().map(name_of).collect::<Result<_, _>>()?;
        let update = if proofs.is_empty() {
            "SET confirmed_ms = :now"
        } else {
            "SET confirmed_ms = :now ADD proofs :proofs"
        };
        let mut touch = Action::update(Key::session(user, id), update)
            .when("attribute_exists(pk) AND expires_ms > :now")
            .value(":now", millis(confirmed_at));
        if !proofs.is_empty() {
            touch = touch.value(":proofs", AttributeValue::Ss(proofs));
        }
        Ok(self.0.store().write(touch).await?.is_ok())
    }

    /// The sessions that a source knows by `sid`. Two round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_source_session(
        self,
        source: SourceId,
        sid: &str,
    ) -> Result<Vec<Session>, TableError> {
        let pk = source_session_partition(source, sid);
        let store = self.0.store();
        let found = store.query_all(Range::new(&pk, SESSION_PREFIX)).await?;
        let key = |item: &Item| -> Result<Key, TableError> {
            let user: UserId = item.parsed("user_id")?;
            Ok(Key::new(user_partition(user), item.text(SK)?))
        };
        let keys: Vec<Key> = found.iter().map(key).collect::<Result<_, _>>()?;
        indexed::read_all(store, &keys).await
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
