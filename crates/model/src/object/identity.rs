//! Who: users, groups, their sign-in sessions and API tokens.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Meta;
use crate::id::{GroupId, SessionId, TokenId, UserId};

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
    /// A user who is not active cannot sign in.
    pub active: bool,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// A group as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// Unique name.
    pub name: String,
}

/// A group of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Unique name.
    pub name: String,
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
