//! Identities: whom the subject of a source (an identity provider) is here.
//!
//! Two items say it, one to find the user by and one to find the identities of
//! a user by; they come and go together. A link needs its user, so none is
//! made while the user goes. What a deleted user leaves behind when the process
//! dies between the two is a link to nobody: it is found by nobody, and the
//! next link takes its place.

use causeway_model::id::{SourceId, UserId};
use causeway_model::object::{Event, User};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::{ABSENT, Action, PRESENT};
use crate::error::{TableError, WriteError};
use crate::events::event_item;
use crate::failure::Refused;
use crate::item::{Item, text};
use crate::key::{IDENTITY_PREFIX, Key, user_partition};
use crate::kind::Kind;
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;
use crate::write::{Change, Meaning, ObjectChange, Refusable};

const USER_ID: &str = "user_id";

/// A subject of a source, and who that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The source.
    pub source: SourceId,
    /// What the source calls the person (OpenID Connect's `sub`), of any
    /// length.
    pub subject: String,
    /// Who that is here.
    pub user: UserId,
    /// When the two were linked.
    pub created_at: Timestamp,
}

impl Identity {
    fn forth(&self) -> Key {
        Key::identity(self.source, &self.subject)
    }

    fn back(&self) -> Key {
        Key::identity_of(self.user, self.source, &self.subject)
    }

    fn forth_item(&self) -> Item {
        Item::new(&self.forth()).with(USER_ID, text(self.user))
    }

    fn back_item(&self) -> Result<Item, TableError> {
        Item::new(&self.back()).with_document(self)
    }
}

impl Stored for Identity {
    fn read(item: &Item) -> Result<Self, TableError> {
        item.document()
    }
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOutcome {
    /// The subject is that user now, or was before.
    Linked,
    /// The subject is another user, who exists.
    LinkedTo(UserId),
    /// There is no such user (any more).
    UserGone,
}

/// The identities in a table.
#[derive(Debug, Clone, Copy)]
pub struct Identities<'a>(&'a Table);

impl Table {
    /// Whom subjects of sources are.
    #[must_use]
    pub const fn identities(&self) -> Identities<'_> {
        Identities(self)
    }
}

const FORTH: usize = 0;
const USER: usize = 2;

impl Identities<'_> {
    /// The user that a subject is linked to, if there is one. Two round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn find(self, source: SourceId, subject: &str) -> Result<Option<User>, TableError> {
        let item = self.0.store().get(&Key::identity(source, subject)).await?;
        match item {
            Some(item) => self.0.users().by_id(item.parsed(USER_ID)?).await,
            None => Ok(None),
        }
    }

    /// Links a subject to a user who exists. May be repeated.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Being refused is no error.
    pub async fn link(
        self,
        identity: &Identity,
        event: Option<&Event>,
    ) -> Result<LinkOutcome, TableError> {
        let there = match self.try_link(identity, None, event).await? {
            Ok(()) => return Ok(LinkOutcome::Linked),
            Err(Refusal::UserGone) => return Ok(LinkOutcome::UserGone),
            Err(Refusal::LinkedTo(user)) => user,
        };
        if there == identity.user {
            return Ok(LinkOutcome::Linked);
        }
        if self.0.users().by_id(there).await?.is_some() {
            return Ok(LinkOutcome::LinkedTo(there));
        }
        // What a deleted user left behind.
        Ok(match self.try_link(identity, Some(there), event).await? {
            Ok(()) => LinkOutcome::Linked,
            Err(Refusal::UserGone) => LinkOutcome::UserGone,
            Err(Refusal::LinkedTo(user)) if user == identity.user => LinkOutcome::Linked,
            Err(Refusal::LinkedTo(user)) => LinkOutcome::LinkedTo(user),
        })
    }

    async fn try_link(
        self,
        identity: &Identity,
        instead_of: Option<UserId>,
        event: Option<&Event>,
    ) -> Result<Result<(), Refusal>, TableError> {
        let mut actions = vec![
            forth(identity, instead_of),
            Action::put(identity.back_item()?),
            Action::check(Key::user(identity.user), PRESENT),
        ];
        if let Some(event) = event {
            actions.push(Action::put(event_item(event)?));
        }
        let cancelled = match self.0.store().transact(actions).await? {
            Ok(()) => return Ok(Ok(())),
            Err(cancelled) => cancelled,
        };
        if cancelled.refusal(USER).is_some() {
            return Ok(Err(Refusal::UserGone));
        }
        match cancelled.refusal(FORTH) {
            Some(Refused(Some(item))) => Ok(Err(Refusal::LinkedTo(item.parsed(USER_ID)?))),
            // Gone between two attempts: somebody else is at it.
            Some(Refused(None)) | None => Err(TableError::Contention),
        }
    }

    /// Makes a user and links a subject to them, in one transaction with the
    /// events: neither is there without the other.
    ///
    /// # Errors
    ///
    /// [`WriteError`] as [`Table::write`] gives it; [`WriteError::NameTaken`]
    /// of [`Kind::Identity`] when the subject is linked already, of
    /// [`Kind::User`] when the username is taken.
    pub async fn create_user_linked(
        self,
        user: &User,
        identity: &Identity,
        events: &[Event],
    ) -> Result<(), WriteError> {
        let change: ObjectChange = Change::Create(user.clone()).into();
        let item = self.0.store().get(&identity.forth()).await?;
        let there: Option<UserId> = item.map(|item| item.parsed(USER_ID)).transpose()?;
        let instead_of = match there {
            Some(there) if self.0.users().by_id(there).await?.is_some() => {
                return Err(taken(identity));
            }
            there => there,
        };
        let with = [
            Refusable {
                action: forth(identity, instead_of),
                meaning: Meaning::Taken {
                    kind: Kind::Identity,
                    name: identity.subject.clone(),
                },
            },
            Refusable {
                action: Action::put(identity.back_item()?),
                meaning: Meaning::Damage,
            },
        ];
        self.0.write_together(&[change], events, with).await
    }

    /// The identities of a user.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_user(self, user: UserId) -> Result<Vec<Identity>, TableError> {
        let pk = user_partition(user);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, IDENTITY_PREFIX))
            .await?;
        items.iter().map(Identity::read).collect()
    }

    /// Unlinks a subject from a user; says whether they were linked.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn unlink(
        self,
        user: UserId,
        source: SourceId,
        subject: &str,
    ) -> Result<bool, TableError> {
        let actions = vec![
            Action::delete(Key::identity(source, subject))
                .when("user_id = :user")
                .value(":user", text(user)),
            Action::delete(Key::identity_of(user, source, subject)),
        ];
        Ok(self.0.store().transact(actions).await?.is_ok())
    }

    /// Unlinks everything of a deleted user.
    pub(crate) async fn forget_all(self, user: UserId) -> Result<(), TableError> {
        for identity in self.of_user(user).await? {
            let forth = Action::delete(identity.forth())
                .when("user_id = :user")
                .value(":user", text(user));
            // Somebody else's by now, or gone: either is well.
            let _ = self.0.store().write(forth).await?;
            let _ = self
                .0
                .store()
                .write(Action::delete(identity.back()))
                .await?;
        }
        Ok(())
    }
}

/// Why a link was not made.
enum Refusal {
    LinkedTo(UserId),
    UserGone,
}

/// The item that finds the user, new or in place of a link to nobody.
fn forth(identity: &Identity, instead_of: Option<UserId>) -> Action {
    let put = Action::put(identity.forth_item());
    match instead_of {
        None => put.when(ABSENT),
        Some(user) => put
            .when("attribute_not_exists(pk) OR user_id = :user")
            .value(":user", text(user)),
    }
}

fn taken(identity: &Identity) -> WriteError {
    WriteError::NameTaken {
        kind: Kind::Identity,
        name: identity.subject.clone(),
    }
}
