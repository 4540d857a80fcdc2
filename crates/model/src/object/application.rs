//! Applications: what the user sees.

use serde::{Deserialize, Serialize};

use super::Meta;
use crate::id::{ApplicationId, ProviderId};

/// How a target's policy bindings add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EngineMode {
    /// One passing binding is enough.
    #[default]
    Any,
    /// Every binding must pass.
    All,
}

/// An application as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationSpec {
    /// Name in URLs: lower-case letters, digits and hyphens, at most 64.
    pub slug: String,
    /// Name on the portal.
    pub name: String,
    /// URL or emoji of its picture; empty for none.
    #[serde(default)]
    pub icon: String,
    /// Heading under which the portal lists it; empty for none.
    #[serde(default)]
    pub group: String,
    /// Its provider, by name or id. A provider serves one application.
    pub provider: String,
    /// How its policy bindings add up.
    #[serde(default)]
    pub policy_engine_mode: EngineMode,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Name in URLs.
    pub slug: String,
    /// Name on the portal.
    pub name: String,
    /// URL or emoji of its picture; empty for none.
    pub icon: String,
    /// Heading under which the portal lists it; empty for none.
    pub group: String,
    /// Its provider.
    pub provider: ProviderId,
    /// How its policy bindings add up.
    pub policy_engine_mode: EngineMode,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}
