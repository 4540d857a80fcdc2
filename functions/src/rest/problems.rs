//! What the errors of several use cases look like to the caller. Errors of one
//! use case become problems beside its handler.

use std::time::Duration;

use causeway_table::{Dependent, Kind, TableError, WriteError};
use http::StatusCode;

use crate::access::{AccessError, NotAllowed};
use crate::password::PasswordError;
use crate::problem::{Chain, FieldError, Problem, UsedBy};
use crate::sealing::SealingError;
use crate::signing::SigningError;
use crate::use_case::connection::EndError;
use crate::use_case::object::{DeleteError, ListError, SaveError};
use crate::use_case::used_by::kind_name;

/// When what needs a key that cannot be had now may be tried again.
const SECRETS_RETRY: Duration = Duration::from_secs(2);

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        if matches!(error, TableError::BadCursor) {
            return bad_cursor();
        }
        if matches!(error, TableError::NewerLayout { .. }) {
            tracing::error!(%error, "this program is older than the table");
            return Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "newer_layout",
                "this server is older than its data: upgrade it",
            );
        }
        if !error.is_transient() {
            return Self::internal(&error);
        }
        tracing::warn!(error = %Chain(&error), "the table is not available");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "table_unavailable",
            "the table does not answer; try again",
        )
        .retry_after(Duration::from_secs(1))
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotSignedIn => Self::not_signed_in(),
            AccessError::TokenScope => Self::new(
                StatusCode::FORBIDDEN,
                "token_scope",
                "this API token was made for less: its scope does not reach this far",
            ),
            AccessError::Table(error) => error.into(),
        }
    }
}

impl From<NotAllowed> for Problem {
    fn from(_: NotAllowed) -> Self {
        Self::not_allowed()
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => busy(),
            PasswordError::Hash => Self::internal(&error),
        }
    }
}

/// 503 `busy`: too many passwords are being checked.
pub(super) fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "too many people sign in; try again",
    )
    .retry_after(Duration::from_secs(1))
}

/// 409 `in_use`, with some of those that refer to the object.
fn in_use(kind: Kind, references: u64, referrers: &[Dependent]) -> Problem {
    let named: Vec<_> = referrers
        .iter()
        .map(|referrer| format!("{} {}", referrer.kind, referrer.name))
        .collect();
    let detail = if named.is_empty() {
        format!("the {kind} is in use ({references} references)")
    } else {
        format!("the {kind} is in use by {}", named.join(", "))
    };
    let used_by = referrers.iter().map(|referrer| UsedBy {
        kind: kind_name(referrer.kind),
        id: referrer.id.to_string(),
        name: referrer.name.clone(),
    });
    Problem {
        used_by: used_by.collect(),
        ..Problem::new(StatusCode::CONFLICT, "in_use", detail)
    }
}

fn bad_cursor() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_cursor",
        "the cursor is not one of this list",
    )
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        let conflict =
            |code, error: &WriteError| Self::new(StatusCode::CONFLICT, code, error.to_string());
        let error = match error {
            WriteError::Table(error) => return error.into(),
            error => error,
        };
        match &error {
            WriteError::NotFound { kind, .. } => Self::not_found(kind.as_str()),
            WriteError::NameTaken {
                kind: Kind::PolicyBinding,
                ..
            } => conflict("name_taken", &error)
                .explained("it is bound to this target already: change that binding"),
            WriteError::NameTaken { .. } => conflict("name_taken", &error),
            WriteError::ProviderTaken { .. } => conflict("provider_taken", &error),
            WriteError::InUse {
                kind,
                references,
                referrers,
                ..
            } => in_use(*kind, *references, referrers),
            WriteError::VersionChanged { .. } | WriteError::Exists { .. } => {
                conflict("version_conflict", &error)
            }
            WriteError::MissingReference { kind, .. } => conflict("version_conflict", &error)
                .explained(format!("a {kind} it refers to is gone")),
            WriteError::BadName { .. } => Self::invalid(vec![FieldError::new(
                "name",
                "invalid_name",
                error.to_string(),
            )]),
            WriteError::TooLarge { bytes, limit, .. } => {
                let message = format!("has {bytes} bytes, at most {limit} can be kept");
                Self::invalid(vec![FieldError::new("", "too_large", message)])
            }
            WriteError::TooManyChanges { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_changes",
                format!(
                    "{error}; split the file: what others refer to goes into a first one, each \
                     new application or endpoint with its first bindings into the next, further \
                     bindings into a last one"
                ),
            ),
            WriteError::TooMany { .. } => conflict("too_many", &error),
            WriteError::ChangedTwice { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "duplicate",
                error.to_string(),
            ),
            WriteError::Table(error) => Self::internal(error),
        }
    }
}

impl From<SealingError> for Problem {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Seal(error) => Self::internal(&error),
            SealingError::Unavailable(_) => {
                tracing::error!(error = %Chain(&error), "secrets cannot be sealed or opened");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "secrets_unavailable",
                    "secrets cannot be sealed or opened right now, and nothing was changed; try again in a moment",
                )
                .retry_after(SECRETS_RETRY)
            }
        }
    }
}

impl From<SigningError> for Problem {
    fn from(error: SigningError) -> Self {
        tracing::error!(error = %Chain(&error), "nothing can be signed");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "signing_keys_unavailable",
            "nothing can be signed right now, and nothing was changed; try again in a moment",
        )
        .retry_after(SECRETS_RETRY)
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::NotFound => Self::not_found("object"),
            SaveError::NotAllowed => Self::not_allowed(),
            SaveError::Fields(errors) => Self::invalid(errors),
            SaveError::PreconditionFailed { .. } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "version_conflict",
                error.to_string(),
            ),
            SaveError::Write(error) => error.into(),
            SaveError::Seal(error) => error.into(),
            SaveError::Password(error) => error.into(),
            SaveError::Table(error) => error.into(),
        }
    }
}

impl From<DeleteError> for Problem {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::NotFound => Self::not_found("object"),
            DeleteError::NotAllowed => Self::not_allowed(),
            DeleteError::Write(error) => error.into(),
            DeleteError::Table(error) => error.into(),
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor => bad_cursor(),
            ListError::Table(error) => error.into(),
        }
    }
}

impl From<EndError> for Problem {
    fn from(error: EndError) -> Self {
        match error {
            EndError::NotFound => Self::not_found("object"),
            EndError::NotAllowed => Self::not_allowed(),
            EndError::Table(error) => error.into(),
        }
    }
}
