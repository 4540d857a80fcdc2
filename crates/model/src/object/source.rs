//! Sources: identity providers that people sign in with (OpenID Connect).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Meta;
use crate::id::SourceId;

/// A source as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// Name in URLs: lower-case letters, digits and hyphens, at most 64.
    pub slug: String,
    /// Name on the sign-in page.
    pub name: String,
    /// URL or emoji of its picture; empty for none.
    #[serde(default)]
    pub icon: String,
    /// Whether people may sign in with it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The provider's issuer; its configuration is found at
    /// `/.well-known/openid-configuration` below it (OpenID Connect Discovery
    /// 1.0, section 4).
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there, or a reference to it; a secret: never shown. A
    /// client without one relies on PKCE alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub client_secret: Option<Value>,
    /// What is asked for.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim that names a new user.
    #[serde(default = "username_claim")]
    pub username_claim: String,
    /// The claim that lists the user's groups; empty to leave groups alone.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// A CEL expression over `claims` that gives a map of user attributes; empty
    /// for none.
    #[serde(default)]
    pub attributes: String,
    /// How somebody seen for the first time becomes a user.
    #[serde(default)]
    pub matching: SourceMatching,
}

const fn yes() -> bool {
    true
}

fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

fn username_claim() -> String {
    "preferred_username".to_owned()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

/// How somebody whom a source names for the first time becomes a user. Once
/// known, a person is found by the issuer's subject alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceMatching {
    /// A new user is made; a username that is taken is refused.
    #[default]
    Create,
    /// A user of the same username is taken, else a new one is made. Only for
    /// issuers that are trusted with usernames.
    Username,
    /// A user of the same mail address is taken if the issuer verified it, else
    /// a new one is made. Only for issuers that are trusted with addresses.
    Email,
    /// Only people who were linked before may sign in.
    Linked,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Name in URLs.
    pub slug: String,
    /// Name on the sign-in page.
    pub name: String,
    /// URL or emoji of its picture; empty for none.
    pub icon: String,
    /// Whether people may sign in with it.
    pub enabled: bool,
    /// The provider's issuer.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there, sealed or a reference; masked for readers.
    #[schema(value_type = Option<Object>)]
    pub client_secret: Option<Value>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The claim that names a new user.
    pub username_claim: String,
    /// The claim that lists the user's groups; empty to leave groups alone.
    pub groups_claim: String,
    /// A CEL expression over `claims` that gives a map of user attributes.
    pub attributes: String,
    /// How somebody seen for the first time becomes a user.
    pub matching: SourceMatching,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}
