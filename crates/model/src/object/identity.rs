//! Who: users, groups, their sign-in sessions and API tokens.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Meta;
use crate::id::{ApplicationId, GroupId, SessionId, SourceId, TokenId, UserId};

/// What a user may do besides launching.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Launches what policies allow.
    #[default]
    User,
    /// Also keeps the applications that they operate: endpoints, bindings,
    /// live connections.
    Operator,
    /// Also reads everything.
    Auditor,
    /// Reads and writes everything.
    Admin,
}

/// A user as written. `Debug` does not show the password.
#[derive(Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// Unique name at sign-in; case does not matter.
    pub username: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Mail address; empty for none.
    #[serde(default)]
    pub email: String,
    /// What the user may do besides launching.
    #[serde(default)]
    pub role: Role,
    /// Groups, by name or id.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Applications that they operate, by slug or id.
    #[serde(default)]
    pub operates: Vec<String>,
    /// What expressions may read as `user.attributes`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// A user who is not active cannot sign in.
    #[serde(default = "yes")]
    pub active: bool,
    /// New password; absent to leave it as it is. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

const fn yes() -> bool {
    true
}

impl std::fmt::Debug for UserSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserSpec")
            .field("username", &self.username)
            .field("name", &self.name)
            .field("email", &self.email)
            .field("role", &self.role)
            .field("groups", &self.groups)
            .field("operates", &self.operates)
            .field("attributes", &self.attributes)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Unique name at sign-in.
    pub username: String,
    /// Name for people.
    pub name: String,
    /// Mail address; empty for none.
    pub email: String,
    /// What the user may do besides launching.
    pub role: Role,
    /// Groups.
    pub groups: Vec<GroupId>,
    /// Applications that they operate.
    #[serde(default)]
    pub operates: Vec<ApplicationId>,
    /// What expressions may read as `user.attributes`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// A user who is not active cannot sign in.
    pub active: bool,
    /// What sources gave them. Everything else was given by hand and stays.
    #[serde(default)]
    pub sourced: Vec<Sourced>,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// What one source gave a user at their last sign-in with it. It is taken back
/// and given anew at the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sourced {
    /// The source.
    pub source: SourceId,
    /// Groups that the user would not be in without it.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// Names of attributes that it set.
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// A group as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// Unique name.
    pub name: String,
    /// What its members may do besides launching; the highest of all counts.
    #[serde(default)]
    pub role: Role,
    /// Applications that its members operate, by slug or id.
    #[serde(default)]
    pub operates: Vec<String>,
    /// What expressions may read as attributes of the group.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Unique name.
    pub name: String,
    /// What its members may do besides launching.
    #[serde(default)]
    pub role: Role,
    /// Applications that its members operate.
    #[serde(default)]
    pub operates: Vec<ApplicationId>,
    /// What expressions may read as attributes of the group.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// A sign-in session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Session {
    /// Its id; not the secret in the cookie.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// When the user signed in.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where from; empty when unknown.
    pub address: String,
    /// The browser's own description; cut to 200 characters.
    pub user_agent: String,
    /// How the user proved who they are.
    #[serde(default)]
    pub methods: Vec<AuthenticationMethod>,
    /// When they last did.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<Timestamp>,
    /// The source that they signed in with; absent for a local account.
    #[serde(default)]
    pub source: Option<SourceId>,
}

/// A way to prove who one is.
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
pub enum AuthenticationMethod {
    /// A password that is kept here.
    Password,
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// A passkey or security key (WebAuthn).
    Webauthn,
    /// A recovery code.
    RecoveryCode,
    /// An identity provider (OpenID Connect).
    Source,
    /// An API token.
    Token,
}

impl AuthenticationMethod {
    /// Its name in expressions and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::RecoveryCode => "recovery_code",
            Self::Source => "source",
            Self::Token => "token",
        }
    }
}

/// What an API token may be used for, within its user's rights.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Everything that its user may do.
    #[default]
    Full,
    /// Reading only.
    Read,
    /// What the portal does: launching, and the user's own connections.
    Launch,
}

/// An API token as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSpec {
    /// What it is for.
    pub name: String,
    /// Whose rights it carries, by username or id; absent for the caller.
    #[serde(default)]
    pub user: Option<String>,
    /// What it may be used for.
    #[serde(default)]
    pub scope: TokenScope,
    /// When it ends; absent for never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// An API token; the secret itself is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Whose rights it carries.
    pub user: UserId,
    /// What it may be used for.
    #[serde(default)]
    pub scope: TokenScope,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends; absent for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_enough_for_a_user() {
        let spec: UserSpec = serde_json::from_str(r#"{"username": "ada"}"#).unwrap();
        assert!(spec.active && spec.role == Role::User && spec.password.is_none());
        assert!(!serde_json::to_string(&spec).unwrap().contains("password"));
    }

    #[test]
    fn debug_does_not_show_a_password() {
        let text = r#"{"username": "ada", "password": "hunter2"}"#;
        let spec: UserSpec = serde_json::from_str(text).unwrap();
        assert!(!format!("{spec:?}").contains("hunter2"));
    }
}
