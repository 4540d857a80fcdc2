//! Second factors of users, with their sealed secrets.
//!
//! All factors of a user stand in one item, so that a sign-in reads them along
//! with the user and the password's hash in one round trip. Each is an
//! attribute with a version of its own, so that one is written without the
//! others.

mod changes;

pub use changes::FactorChanges;

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use causeway_model::id::{FactorId, UserId};
use causeway_model::object::Factor;

use crate::action::{Action, PRESENT};
use crate::error::{TableError, WriteError};
use crate::item::{Attributes, DOC, Item, number, text, to_json};
use crate::key::Key;
use crate::kind::Kind;
use crate::stored::Stored;
use crate::table::Table;
use crate::write::REVISION;

/// Factors that one user can have.
pub const FACTORS_MAX: usize = 20;

/// Longest sealed secret of a factor, in bytes: what [`FACTORS_MAX`] of them
/// leaves each of the 400 KB that an item may have.
pub const FACTOR_SECRET_BYTES_MAX: usize = 16 * 1024;

const SECRET: &str = "secret";
const PREFIX: &str = "f_";

/// A factor with its secret. `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFactor {
    /// The factor.
    pub factor: Factor,
    /// Its secret, sealed by the caller.
    pub secret: String,
    /// Grows with each write; the optimistic lock.
    pub version: u64,
}

impl fmt::Debug for StoredFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFactor")
            .field("factor", &self.factor)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl StoredFactor {
    fn to_value(&self) -> Result<AttributeValue, TableError> {
        Ok(AttributeValue::M(HashMap::from([
            (DOC.to_owned(), text(to_json(&self.factor)?)),
            (SECRET.to_owned(), text(&self.secret)),
            (REVISION.to_owned(), number(self.version)),
        ])))
    }

    fn read(attributes: &Attributes) -> Result<Self, TableError> {
        let item = Item::from_attributes(attributes.clone());
        Ok(Self {
            factor: item.document()?,
            secret: item.text(SECRET)?.to_owned(),
            version: item.number(REVISION)?,
        })
    }

    /// Refuses a secret that would crowd out the others.
    fn check_size(&self) -> Result<(), WriteError> {
        let bytes = self.secret.len();
        if bytes > FACTOR_SECRET_BYTES_MAX {
            return Err(WriteError::TooLarge {
                kind: Kind::Factor,
                id: self.factor.id.uuid(),
                bytes,
                limit: FACTOR_SECRET_BYTES_MAX,
            });
        }
        Ok(())
    }
}

/// All factors of a user, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredFactors(pub Vec<StoredFactor>);

impl Stored for StoredFactors {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut factors = item
            .attributes()
            .iter()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .map(|(name, value)| match value {
                AttributeValue::M(attributes) => StoredFactor::read(attributes),
                _ => Err(item.unreadable(format!("{name} is no factor"))),
            })
            .collect::<Result<Vec<_>, _>>()?;
        factors.sort_by_key(|stored| (stored.factor.created_at, stored.factor.id));
        Ok(Self(factors))
    }
}

/// Name of the attribute of a factor.
fn attribute(id: FactorId) -> String {
    format!("{PREFIX}{}", id.uuid().simple())
}

/// The second factors in a table.
#[derive(Debug, Clone, Copy)]
pub struct Factors<'a>(&'a Table);

impl Table {
    /// The second factors of users.
    #[must_use]
    pub const fn factors(&self) -> Factors<'_> {
        Factors(self)
    }
}

impl Factors<'_> {
    /// The factors of a user, oldest first. Also a slot of a
    /// [`Batch`](crate::Batch).
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_user(self, user: UserId) -> Result<Vec<StoredFactor>, TableError> {
        let item = self.0.store().get(&Key::factors(user)).await?;
        let factors = item.as_ref().map(StoredFactors::read).transpose()?;
        Ok(factors.unwrap_or_default().0)
    }

    /// Adds a factor to a user who exists.
    ///
    /// # Errors
    ///
    /// As of [`Self::write`].
    pub async fn create(self, stored: &StoredFactor) -> Result<(), WriteError> {
        let changes = FactorChanges::of(stored.factor.user);
        self.write(&changes.create(stored.clone())).await
    }

    /// Replaces a factor if it is still at version `before`; says whether it
    /// was. The caller has set the next version in `after`.
    ///
    /// # Errors
    ///
    /// [`WriteError::TooLarge`], or when the table cannot be written.
    pub async fn update(self, before: u64, after: &StoredFactor) -> Result<bool, WriteError> {
        let changes = FactorChanges::of(after.factor.user);
        match self.write(&changes.replace(before, after.clone())).await {
            Ok(()) => Ok(true),
            Err(WriteError::VersionChanged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes all factors of a user, in one write; says whether there were
    /// any.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn delete_all(self, user: UserId) -> Result<bool, TableError> {
        let delete = Action::delete(Key::factors(user)).when(PRESENT);
        Ok(match self.0.store().write(delete).await? {
            Ok(Some(item)) => !StoredFactors::read(&item)?.0.is_empty(),
            Ok(None) | Err(_) => false,
        })
    }
}
