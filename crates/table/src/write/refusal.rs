//! What a cancelled transaction means for the one who asked for it.

use uuid::Uuid;

use super::plan::Slot;
use super::{REFERRERS, REVISION};
use crate::error::{TableError, WriteError};
use crate::failure::{Cancelled, Refused};
use crate::item::Item;
use crate::kind::Kind;

/// What an action of a plan is about.
#[derive(Debug)]
pub(super) enum Concern {
    /// A new object.
    Created { kind: Kind, id: Uuid },
    /// An object that is written anew.
    Object { kind: Kind, id: Uuid },
    /// An object that goes.
    Deleted {
        kind: Kind,
        id: Uuid,
        before: u64,
        ours: i64,
    },
    /// An object that others refer to.
    Reference { kind: Kind, id: Uuid },
    /// An object that connections use.
    Busy { kind: Kind, id: Uuid },
    /// A unique item.
    Slot(Slot),
    /// What permits the whole.
    Permit,
    /// The version of the configuration that the whole was made for.
    Epoch,
    /// Holds unless the table is damaged.
    Invariant,
}

/// The error for the first refusal that says something; what is wrong with an
/// object itself says more than what follows from it.
pub(super) fn refused(concerns: Vec<Concern>, cancelled: &Cancelled) -> WriteError {
    let refusals = concerns
        .into_iter()
        .enumerate()
        .filter_map(|(index, concern)| Some((concern, cancelled.refusal(index)?)));
    refusals
        .min_by_key(|(concern, _)| concern.rank())
        .map_or_else(
            || TableError::refused("a transaction was cancelled without a reason").into(),
            |(concern, refusal)| concern.error(refusal),
        )
}

/// Whether the configuration is not the one that the plan was pinned to.
pub(super) fn has_moved(concerns: &[Concern], cancelled: &Cancelled) -> bool {
    concerns.iter().enumerate().any(|(index, concern)| {
        matches!(concern, Concern::Epoch) && cancelled.refusal(index).is_some()
    })
}

impl Concern {
    const fn rank(&self) -> u8 {
        match self {
            Self::Permit | Self::Created { .. } | Self::Object { .. } | Self::Deleted { .. } => 0,
            Self::Reference { .. } => 1,
            Self::Slot(_) => 2,
            Self::Busy { .. } => 3,
            // With another configuration it may come out otherwise.
            Self::Epoch => 4,
            Self::Invariant => 5,
        }
    }

    fn error(self, Refused(old): &Refused) -> WriteError {
        match self {
            Self::Created { kind, id } => WriteError::Exists { kind, id },
            Self::Object { kind, id } if old.is_none() => WriteError::NotFound { kind, id },
            Self::Object { kind, id } => WriteError::VersionChanged { kind, id },
            Self::Deleted {
                kind,
                id,
                before,
                ours,
            } => match old {
                None => WriteError::NotFound { kind, id },
                Some(item) if revision(item) != Some(before) => {
                    WriteError::VersionChanged { kind, id }
                }
                Some(item) => WriteError::InUse {
                    kind,
                    id,
                    references: count(item, REFERRERS)
                        .saturating_sub(u64::try_from(ours).unwrap_or(0)),
                    referrers: Vec::new(),
                },
            },
            Self::Reference { kind, id } => WriteError::MissingReference { kind, id },
            Self::Busy { kind, id } => WriteError::InUse {
                kind,
                id,
                references: old.as_ref().map_or(0, |item| count(item, "connections")),
                referrers: Vec::new(),
            },
            Self::Slot(slot) => slot.taken(),
            // The plan looks for this one itself.
            Self::Epoch => TableError::Contention.into(),
            Self::Permit => WriteError::NotFound {
                kind: Kind::Enrolment,
                id: Uuid::nil(),
            },
            Self::Invariant => {
                TableError::refused("an item that belongs to an object is not as it should be")
                    .into()
            }
        }
    }
}

fn revision(item: &Item) -> Option<u64> {
    item.optional_number(REVISION).ok().flatten()
}

fn count(item: &Item, name: &str) -> u64 {
    item.optional_number(name).ok().flatten().unwrap_or(0)
}
