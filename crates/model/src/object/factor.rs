//! Second factors: what a user proves who they are with besides a password.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{FactorId, UserId};

/// What a factor is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// An authenticator app (RFC 6238).
    Totp,
    /// A passkey or security key (WebAuthn).
    Webauthn,
    /// A list of codes, each good once.
    RecoveryCodes,
}

impl FactorKind {
    /// Its stable name on every wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::RecoveryCodes => "recovery_codes",
        }
    }
}

/// A second factor of a user; its secret is kept apart and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Factor {
    /// Its id.
    pub id: FactorId,
    /// Whose.
    pub user: UserId,
    /// What it is.
    pub kind: FactorKind,
    /// What its user calls it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Whether its user has shown that it works; until then it is good for
    /// nothing.
    pub confirmed: bool,
}
