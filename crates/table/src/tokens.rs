//! API tokens.

use causeway_model::id::{TokenId, UserId};
use causeway_model::object::Token;

use crate::action::{ABSENT, Action, PRESENT};
use crate::credential::StoredToken;
use crate::error::{TableError, WriteError};
use crate::indexed;
use crate::key::{Key, TOKEN_PREFIX, TOKENS, user_partition};
use crate::kind::Kind;
use crate::page::{Cursor, Page};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// The API tokens in a table.
///
/// A token that has expired may still be found: compare `expires_at`.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a>(&'a Table);

impl Table {
    /// The API tokens.
    #[must_use]
    pub const fn tokens(&self) -> Tokens<'_> {
        Tokens(self)
    }
}

impl Tokens<'_> {
    /// Keeps a token of a user who exists.
    ///
    /// # Errors
    ///
    /// [`WriteError::NotFound`] when the user is gone, [`WriteError::Exists`]
    /// when the id is taken.
    pub async fn create(self, stored: &StoredToken) -> Result<(), WriteError> {
        let user = stored.token.user;
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
                kind: Kind::Token,
                id: stored.token.id.uuid(),
            },
        })
    }

    /// Revokes a token; says whether there was one. Connections that live in it
    /// are the caller's to end.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn delete(self, user: UserId, id: TokenId) -> Result<bool, TableError> {
        let delete = Action::delete(Key::token(user, id)).when(PRESENT);
        Ok(self.0.store().write(delete).await?.is_ok())
    }

    /// The tokens of a user.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_user(self, user: UserId) -> Result<Vec<Token>, TableError> {
        let pk = user_partition(user);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, TOKEN_PREFIX))
            .await?;
        items.iter().map(Token::read).collect()
    }

    /// All tokens, by falling id. The list lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Token>, TableError> {
        indexed::list(self.0.store(), TOKENS, cursor, limit, true).await
    }

    /// The token with this id, whoever's. Found through the index, which
    /// lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_id(self, id: TokenId) -> Result<Option<Token>, TableError> {
        indexed::find(self.0.store(), TOKENS, &id.to_string()).await
    }
}
