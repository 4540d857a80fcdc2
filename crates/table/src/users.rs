//! Users: found by id or by name, listed, and their password hashes, which
//! stand apart so that no reading of a user brings one along.
//!
//! They are written through [`Table::write`](crate::Table::write).

use causeway_model::id::{GroupId, UserId};
use causeway_model::object::{Role, User};

use crate::action::{Action, PRESENT, key_attributes};
use crate::batch::{Answer, Batch};
use crate::credential::{Credential, StoredCredential};
use crate::error::{TableError, WriteError};
use crate::indexed;
use crate::item::{Item, text};
use crate::key::{
    EXECUTION_PREFIX, Key, SESSION_PREFIX, SK, TOKEN_PREFIX, USER_PREFIX, USERS, email_partition,
    fold_email, referrers_partition, user_partition,
};
use crate::kind::Kind;
use crate::listed::{Search, listed, part};
use crate::named::name_of;
use crate::page::{Cursor, ITEMS_READ_MAX, PAGE_ITEMS_MAX, Page, clamp_limit};
use crate::secret::PasswordHash;
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;
use crate::walk::Bounds;
use crate::write::ID;

/// The user and the credential of a request, as the table has them. Nothing
/// has been checked: not the secret, not the expiry, not that the user is
/// active.
#[derive(Debug, Clone, PartialEq)]
pub struct Authenticated {
    /// The user.
    pub user: User,
    /// What the user came with.
    pub credential: StoredCredential,
}

/// Users of one mail address that are looked at.
pub const SAME_EMAIL_MAX: usize = 2;

/// The users in a table.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a>(&'a Table);

impl Table {
    /// The users.
    #[must_use]
    pub const fn users(&self) -> Users<'_> {
        Users(self)
    }

    /// Reads a user and one of their credentials along with everything else
    /// that the caller needs: one round trip.
    ///
    /// The first part is `None` unless both exist. **Nothing is checked**, see
    /// [`Authenticated`].
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn authenticate(
        &self,
        user: UserId,
        credential: Credential,
        mut batch: Batch,
    ) -> Result<(Option<Authenticated>, Answer), TableError> {
        let user_slot = batch.user(user);
        let credential_slot = batch.credential(user, credential);
        let answer = self.read(batch).await?;
        let found = answer.take(user_slot)?.zip(answer.take(credential_slot)?);
        let authenticated = found.map(|(user, credential)| Authenticated { user, credential });
        Ok((authenticated, answer))
    }
}

/// Which users are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserFilter<'a> {
    /// Those whose username, name or mail address has this, whatever the case.
    pub search: Option<&'a str>,
    /// Those with this role of their own.
    pub role: Option<Role>,
    /// The members of this group.
    pub group: Option<GroupId>,
}

impl UserFilter<'_> {
    fn takes(&self, user: &User, search: &Search) -> bool {
        search.finds_in(&[&user.username, &user.name, &user.email])
            && self.role.is_none_or(|role| user.role == role)
    }
}

/// What a user is listed by.
pub(crate) fn listed_by(user: &User) -> Result<String, TableError> {
    let role = name_of(&user.role)?;
    Ok(listed(&[&user.username, &role, &user.name, &user.email]))
}

/// The users that items named `USER#<id>` lead to.
fn member_keys(items: &[Item]) -> Result<Vec<Key>, TableError> {
    let key = |item: &Item| {
        let id = item.text(SK)?.strip_prefix(USER_PREFIX);
        id.and_then(|id| id.parse().ok())
            .map(Key::user)
            .ok_or_else(|| item.unreadable("no user".to_owned()))
    };
    items.iter().map(key).collect()
}

impl Users<'_> {
    /// The user with this id.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_id(self, id: UserId) -> Result<Option<User>, TableError> {
        let item = self.0.store().get(&Key::user(id)).await?;
        item.as_ref().map(User::read).transpose()
    }

    /// The user of this name; case does not matter. Two round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_username(self, username: &str) -> Result<Option<User>, TableError> {
        match self.id_of(username).await? {
            Some(id) => self.by_id(id).await,
            None => Ok(None),
        }
    }

    /// The user of this name and their password hash. Two round trips, one
    /// when there is no such user: whoever answers a sign-in must see to it
    /// that the difference does not show.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn for_sign_in(
        self,
        username: &str,
    ) -> Result<Option<(User, Option<PasswordHash>)>, TableError> {
        let Some(id) = self.id_of(username).await? else {
            return Ok(None);
        };
        let mut batch = Batch::new();
        let user = batch.user(id);
        let hash = batch.password_hash(id);
        let answer = self.0.read(batch).await?;
        let hash = answer.take(hash)?;
        Ok(answer.take(user)?.map(|user| (user, hash)))
    }

    /// The users of a mail address, whatever its case, up to [`SAME_EMAIL_MAX`]:
    /// whoever finds more than one knows that it names nobody. Two round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_email(self, email: &str) -> Result<Vec<User>, TableError> {
        let folded = fold_email(email);
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let pk = email_partition(&folded);
        let slice = self
            .0
            .store()
            .query(Range {
                limit: SAME_EMAIL_MAX,
                ..Range::new(&pk, USER_PREFIX)
            })
            .await?;
        let keys = member_keys(&slice.items)?;
        indexed::read_all(self.0.store(), &keys).await
    }

    /// Users by name. The list lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<User>, TableError> {
        indexed::list(self.0.store(), USERS, cursor, limit, false).await
    }

    /// Users that a filter lets through, by name, or by id when it asks for a
    /// group. Reads [`ENTRIES_READ_MAX`](crate::ENTRIES_READ_MAX) index entries and as many users as it
    /// returns at most (with a group, [`ITEMS_READ_MAX`] users): a page may be
    /// short and yet not the last. The list lags a little behind, that of a
    /// group does not.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn search(
        self,
        filter: &UserFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<User>, TableError> {
        match filter.group {
            Some(group) => self.of_group(group, filter, cursor, limit).await,
            None => self.listed(filter, cursor, limit).await,
        }
    }

    async fn listed(
        self,
        filter: &UserFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<User>, TableError> {
        let search = Search::of(filter.search);
        let role = filter.role.as_ref().map(name_of).transpose()?;
        indexed::search(self.0.store(), USERS, cursor, limit, false, |listed| {
            search.finds(listed, &[0, 2, 3])
                && role.as_deref().is_none_or(|role| part(listed, 1) == role)
        })
        .await
    }

    async fn of_group(
        self,
        group: GroupId,
        filter: &UserFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<User>, TableError> {
        let search = Search::of(filter.search);
        let pk = referrers_partition(Kind::Group, group.uuid());
        let mut bounds = Bounds {
            wanted: clamp_limit(limit),
            read: ITEMS_READ_MAX,
        };
        let mut after = Cursor::in_partition(cursor, &pk)?;
        let mut items = Vec::new();
        // Members are read a page at a time, until enough of them pass.
        loop {
            let slice = self
                .0
                .store()
                .query(Range {
                    limit: PAGE_ITEMS_MAX.min(bounds.read),
                    after: after.take(),
                    ..Range::new(&pk, USER_PREFIX)
                })
                .await?;
            let keys = member_keys(&slice.items)?;
            let users: Vec<User> = indexed::read_all(self.0.store(), &keys).await?;
            bounds.read = bounds.read.saturating_sub(slice.items.len());
            for user in users {
                if !filter.takes(&user, &search) {
                    continue;
                }
                let here = Key::referrer((Kind::Group, group.uuid()), (Kind::User, user.id.uuid()));
                items.push(user);
                bounds.wanted -= 1;
                if bounds.wanted == 0 {
                    let next = Some(Cursor::after(&key_attributes(&here)));
                    return Ok(Page { items, next });
                }
            }
            match slice.last {
                None => return Ok(Page { items, next: None }),
                Some(last) if bounds.is_spent() => {
                    let next = Some(Cursor::after(&last));
                    return Ok(Page { items, next });
                }
                last => after = last,
            }
        }
    }

    /// Gives a user another password.
    ///
    /// # Errors
    ///
    /// [`WriteError::NotFound`] when there is no such user.
    pub async fn set_password(self, id: UserId, hash: &PasswordHash) -> Result<(), WriteError> {
        let put = Item::new(&Key::password(id)).with("hash", text(hash.expose()));
        let actions = vec![Action::check(Key::user(id), PRESENT), Action::put(put)];
        self.0
            .store()
            .transact(actions)
            .await?
            .map_err(|_| WriteError::NotFound {
                kind: Kind::User,
                id: id.uuid(),
            })
    }

    async fn id_of(self, username: &str) -> Result<Option<UserId>, TableError> {
        if username.len() > crate::key::NAME_BYTES_MAX {
            return Ok(None);
        }
        let item = self.0.store().get(&Key::username(username)).await?;
        item.map(|item| item.parsed(ID)).transpose()
    }

    /// Deletes the sessions and tokens of a deleted user.
    pub(crate) async fn clear_up(self, id: UserId) -> Result<(), TableError> {
        let store = self.0.store();
        let pk = user_partition(id);
        self.0.identities().forget_all(id).await?;
        for prefix in [SESSION_PREFIX, TOKEN_PREFIX, EXECUTION_PREFIX] {
            for item in store.query_all(Range::new(&pk, prefix)).await? {
                // Without a condition nothing is refused.
                let _ = store.write(Action::delete(item.key()?)).await?;
            }
        }
        Ok(())
    }
}
