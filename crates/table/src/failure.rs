//! What a refusal of the SDK means: a condition that failed, others in the
//! way, or trouble.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use crate::error::TableError;
use crate::item::{Attributes, Item};
use crate::retry::Why;

/// A write whose condition failed, with the item as it was then.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Option<Item>);

/// A transaction of which at least one condition failed; nothing was written.
/// One entry an action, in order: `Some` where its condition failed.
#[derive(Debug)]
pub(crate) struct Cancelled(pub(crate) Vec<Option<Refused>>);

impl Cancelled {
    /// The item that made action `index` fail, when that one failed.
    pub(crate) fn refusal(&self, index: usize) -> Option<&Refused> {
        self.0.get(index).and_then(Option::as_ref)
    }

    /// The same to keep; without an item when that action did not fail.
    pub(crate) fn take(&mut self, index: usize) -> Refused {
        let refused = self.0.get_mut(index).and_then(Option::take);
        refused.unwrap_or(Refused(None))
    }
}

/// How a single write failed.
pub(crate) enum SingleError {
    Refused(Option<Attributes>),
    Conflict,
    Table(TableError),
}

impl SingleError {
    pub(crate) fn of<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + OldItem + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        if let Some(service) = error.as_service_error() {
            if let Some(old) = service.old_item() {
                return Self::Refused(old);
            }
            if service.code() == Some("TransactionConflictException") {
                return Self::Conflict;
            }
        }
        Self::Table(TableError::from_sdk(error))
    }
}

/// Whether and why a request that ended so is made again as it is.
pub(crate) fn why_again<E, R>(error: &SdkError<E, R>) -> Option<Why>
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ConstructionFailure(_) => None,
        SdkError::TimeoutError(_) => Some(Why::Busy),
        SdkError::ServiceError(service) => match service.err().code()? {
            "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "TransactionInProgressException" => Some(Why::Busy),
            "InternalServerError" | "ServiceUnavailable" => Some(Why::Trouble),
            _ => None,
        },
        // No connection, one that broke off, or no answer of DynamoDB's.
        _ => Some(Why::Trouble),
    }
}

/// The item that a failed condition hands back.
pub(crate) trait OldItem {
    /// `None` when the error is no failed condition.
    fn old_item(&self) -> Option<Option<Attributes>>;
}

macro_rules! old_items {
    ($($error:path),*) => {$(
        impl OldItem for $error {
            fn old_item(&self) -> Option<Option<Attributes>> {
                match self {
                    Self::ConditionalCheckFailedException(failed) => Some(failed.item.clone()),
                    _ => None,
                }
            }
        }
    )*};
}

old_items!(
    aws_sdk_dynamodb::operation::put_item::PutItemError,
    aws_sdk_dynamodb::operation::update_item::UpdateItemError,
    aws_sdk_dynamodb::operation::delete_item::DeleteItemError
);

/// How a transaction failed.
pub(crate) enum Cancellation {
    Conditions(Cancelled),
    Conflict,
    /// One of its items was throttled.
    Throttled,
    Failed(TableError),
}

impl Cancellation {
    pub(crate) fn of<R>(error: SdkError<TransactWriteItemsError, R>) -> Self
    where
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancelled.cancellation_reasons()
            }
            _ => return Self::Failed(TableError::from_sdk(error)),
        };
        let code = |reason: &CancellationReason| reason.code.clone().unwrap_or_default();
        if reasons
            .iter()
            .any(|reason| code(reason) == "ConditionalCheckFailed")
        {
            return Self::Conditions(Cancelled(reasons.iter().map(refusal).collect()));
        }
        let codes: Vec<String> = reasons.iter().map(code).collect();
        let is_one_of = |known: &[&str]| codes.iter().all(|code| known.contains(&code.as_str()));
        if is_one_of(&["", "None", "TransactionConflict"]) {
            return Self::Conflict;
        }
        let throttled = ["ThrottlingError", "ProvisionedThroughputExceeded"];
        if is_one_of(&[&["", "None", "TransactionConflict"], &throttled[..]].concat()) {
            return Self::Throttled;
        }
        Self::Failed(TableError::from_sdk(error))
    }
}

fn refusal(reason: &CancellationReason) -> Option<Refused> {
    (reason.code() == Some("ConditionalCheckFailed"))
        .then(|| Refused(reason.item.clone().map(Item::from_attributes)))
}
