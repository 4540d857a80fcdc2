//! What can go wrong between this crate and the table, and what a write can be
//! refused for.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use uuid::Uuid;

use crate::dependents::Dependent;
use crate::kind::Kind;

type BoxError = Box<dyn Error + Send + Sync>;

/// The table could not do what was asked; the caller is not at fault.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be reached, is overloaded, or did not answer in time. A retry
    /// can help.
    #[error("the table is not available")]
    Unavailable(#[source] BoxError),
    /// Others kept writing the same items until the retries were used up. A
    /// retry can help.
    #[error("too many writers at the same items")]
    Contention,
    /// It refused the request as malformed: a mistake of this program.
    #[error("the table refused the request")]
    Refused(#[source] BoxError),
    /// A cursor that was not given out for this list: the caller's mistake.
    #[error("the cursor does not belong to this list")]
    BadCursor,
    /// A newer version of this program keeps the table in a layout that this
    /// one does not know. Nothing is written.
    #[error("the table has layout {found}, this program knows {known}; upgrade it")]
    NewerLayout {
        /// The layout of the table.
        found: i32,
        /// The latest that this program knows.
        known: i32,
    },
    /// An item is not what this program wrote.
    #[error("the item {key} cannot be read: {what}")]
    Unreadable {
        /// Its key, `pk/sk`.
        key: String,
        /// What is wrong, without its contents.
        what: String,
    },
}

impl TableError {
    /// Whether the same call may succeed a little later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contention)
    }

    pub(crate) fn refused(error: impl Into<BoxError>) -> Self {
        Self::Refused(error.into())
    }

    /// Sorts an error of the SDK that no caller expects.
    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let transient = match &error {
            SdkError::ServiceError(service) => service.err().code().is_some_and(is_transient),
            SdkError::ConstructionFailure(_) => false,
            _ => true,
        };
        if transient {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Refused(Box::new(error))
        }
    }
}

fn is_transient(code: &str) -> bool {
    matches!(
        code,
        "InternalServerError"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ServiceUnavailable"
            | "ThrottlingException"
            | "TransactionConflictException"
            | "TransactionInProgressException"
    )
}

/// Why objects were not written. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// An object with this id exists already.
    #[error("the {kind} {id} exists already")]
    Exists {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// The object to change or delete does not exist.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// Somebody else wrote the object in the meantime.
    #[error("the {kind} {id} has been changed by somebody else")]
    VersionChanged {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// Another object of the kind has the name.
    #[error("there is another {kind} named {name:?}")]
    NameTaken {
        /// Kind of the object.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// The name is empty or longer than [`crate::key::NAME_BYTES_MAX`].
    #[error("the name of a {kind} is empty or too long")]
    BadName {
        /// Kind of the object.
        kind: Kind,
    },
    /// Others refer to the object that was to be deleted, or it is busy.
    #[error("the {kind} {id} is in use")]
    InUse {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
        /// How many objects refer to it, or connections use it.
        references: u64,
        /// Some of those that refer to it, up to [`crate::REFERRERS_NAMED_MAX`].
        referrers: Vec<Dependent>,
    },
    /// An object that is referred to does not exist.
    #[error("there is no {kind} {id} to refer to")]
    MissingReference {
        /// Kind of the missing object.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// The provider serves another application already.
    #[error("the provider {provider} serves another application")]
    ProviderTaken {
        /// The provider.
        provider: Uuid,
    },
    /// One object appears twice in the changes.
    #[error("the {kind} {id} is changed twice")]
    ChangedTwice {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// More than fits in one transaction.
    #[error("the changes need {actions} actions, one transaction has at most {limit}")]
    TooManyChanges {
        /// How many actions they need.
        actions: usize,
        /// How many there may be.
        limit: usize,
    },
    /// As many of the kind as there may be.
    #[error("there are {limit} of kind {kind} already, which is the most")]
    TooMany {
        /// Kind of the object.
        kind: Kind,
        /// How many there may be.
        limit: usize,
    },
    /// An object is larger than [`crate::DOCUMENT_BYTES_MAX`].
    #[error("the {kind} {id} has {bytes} bytes, at most {limit} can be kept")]
    TooLarge {
        /// Kind of the object.
        kind: Kind,
        /// Its id.
        id: Uuid,
        /// Size of its document.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The table could not do it.
    #[error(transparent)]
    Table(#[from] TableError),
}
