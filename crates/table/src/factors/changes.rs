//! Several changes of one user's factors that happen together or not at all:
//! they stand in one item, so that one conditional update makes all of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use causeway_model::id::{FactorId, UserId};

use super::{FACTORS_MAX, Factors, StoredFactor, attribute};
use crate::action::{Action, PRESENT};
use crate::error::WriteError;
use crate::item::{Item, number};
use crate::key::Key;
use crate::kind::Kind;
use crate::write::REVISION;

/// [`FACTORS_MAX`], as numbers in the table are.
const MOST: i64 = FACTORS_MAX as i64;

/// What one write does to the factors of a user.
#[derive(Debug, Clone)]
pub struct FactorChanges {
    user: UserId,
    changes: BTreeMap<FactorId, Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Create(StoredFactor),
    Replace { before: u64, after: StoredFactor },
    Remove,
}

impl FactorChanges {
    /// No changes yet, of the factors of `user`.
    #[must_use]
    pub const fn of(user: UserId) -> Self {
        Self {
            user,
            changes: BTreeMap::new(),
        }
    }

    /// Adds a factor; its user is the one whose changes these are.
    #[must_use]
    pub fn create(self, factor: StoredFactor) -> Self {
        self.with(factor.factor.id, Change::Create(factor))
    }

    /// Replaces a factor that is at version `before`. The caller has set the
    /// next version in `after`.
    #[must_use]
    pub fn replace(self, before: u64, after: StoredFactor) -> Self {
        self.with(after.factor.id, Change::Replace { before, after })
    }

    /// Removes a factor.
    #[must_use]
    pub fn remove(self, id: FactorId) -> Self {
        self.with(id, Change::Remove)
    }

    fn with(mut self, id: FactorId, change: Change) -> Self {
        self.changes.insert(id, change);
        self
    }

    fn creates(&self) -> bool {
        let mut changes = self.changes.values();
        changes.any(|change| matches!(change, Change::Create(_)))
    }

    /// The one update that makes all of them.
    fn action(&self) -> Result<Action, WriteError> {
        let (mut set, mut removed, mut conditions) = (Vec::new(), Vec::new(), Vec::new());
        let mut values = Vec::new();
        for (at, (id, change)) in self.changes.iter().enumerate() {
            let name = attribute(*id);
            conditions.push(match change {
                Change::Create(_) => format!("attribute_not_exists({name})"),
                Change::Replace { .. } => format!("{name}.{REVISION} = :before{at}"),
                Change::Remove => format!("attribute_exists({name})"),
            });
            if let Change::Replace { before, .. } = change {
                values.push((format!(":before{at}"), number(*before)));
            }
            if let Some(factor) = change.written() {
                factor.check_size()?;
                set.push(format!("{name} = :factor{at}"));
                values.push((format!(":factor{at}"), factor.to_value()?));
            } else {
                removed.push(name);
            }
        }
        let mut clauses = Vec::new();
        if !set.is_empty() {
            clauses.push(format!("SET {}", set.join(", ")));
        }
        if !removed.is_empty() {
            clauses.push(format!("REMOVE {}", removed.join(", ")));
        }
        let growth: i64 = self.changes.values().map(Change::growth).sum();
        if growth != 0 {
            clauses.push("ADD factors :growth".to_owned());
            values.push((":growth".to_owned(), number(growth)));
        }
        if growth > 0 {
            conditions.push("(attribute_not_exists(factors) OR factors <= :room)".to_owned());
            values.push((":room".to_owned(), number(MOST - growth)));
        }
        let action = Action::update(Key::factors(self.user), clauses.join(" "))
            .when(conditions.join(" AND "));
        Ok(values
            .into_iter()
            .fold(action, |action, (name, value)| action.value(&name, value)))
    }

    /// Why they were refused over these factors.
    fn refusal(&self, found: Option<&Item>) -> WriteError {
        let stored = |id: FactorId| found?.attributes().get(&attribute(id));
        let refused = self
            .changes
            .iter()
            .find(|(id, change)| !change.fits(stored(**id)));
        let kind = Kind::Factor;
        match refused {
            Some((id, Change::Create(_))) => WriteError::Exists {
                kind,
                id: id.uuid(),
            },
            Some((id, _)) => WriteError::VersionChanged {
                kind,
                id: id.uuid(),
            },
            None => WriteError::TooMany {
                kind,
                limit: FACTORS_MAX,
            },
        }
    }
}

impl Change {
    /// What the factor is from then on, unless it is gone.
    const fn written(&self) -> Option<&StoredFactor> {
        match self {
            Self::Create(factor) | Self::Replace { after: factor, .. } => Some(factor),
            Self::Remove => None,
        }
    }

    /// By how much it makes the number of factors grow.
    const fn growth(&self) -> i64 {
        match self {
            Self::Create(_) => 1,
            Self::Replace { .. } => 0,
            Self::Remove => -1,
        }
    }

    /// Whether what is stored under the factor's id lets it happen.
    fn fits(&self, stored: Option<&AttributeValue>) -> bool {
        match self {
            Self::Create(_) => stored.is_none(),
            Self::Replace { before, .. } => {
                let revision = stored
                    .and_then(|factor| factor.as_m().ok())
                    .and_then(|attributes| attributes.get(REVISION));
                revision == Some(&number(*before))
            }
            Self::Remove => stored.is_some(),
        }
    }
}

impl Factors<'_> {
    /// Makes all of `changes`, or none of them.
    ///
    /// # Errors
    ///
    /// [`WriteError::NotFound`] when a factor is added to a user who is gone,
    /// [`WriteError::Exists`] when the id of one is taken,
    /// [`WriteError::VersionChanged`] when one that is replaced or removed is
    /// not as it was thought, [`WriteError::TooMany`] when the user would have
    /// more than [`FACTORS_MAX`], [`WriteError::TooLarge`].
    pub async fn write(self, changes: &FactorChanges) -> Result<(), WriteError> {
        if changes.changes.is_empty() {
            return Ok(());
        }
        let action = changes.action()?;
        let user = changes.user;
        if !changes.creates() {
            let done = self.0.store().write(action).await?;
            return match done {
                Ok(_) => Ok(()),
                Err(refused) => Err(changes.refusal(refused.0.as_ref())),
            };
        }
        let actions = vec![Action::check(Key::user(user), PRESENT), action];
        let done = self.0.store().transact(actions).await?;
        done.map_err(|cancelled| {
            if cancelled.refusal(0).is_some() {
                return WriteError::NotFound {
                    kind: Kind::User,
                    id: user.uuid(),
                };
            }
            let found = cancelled.refusal(1).and_then(|refused| refused.0.as_ref());
            changes.refusal(found)
        })
    }
}
