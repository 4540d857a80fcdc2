//! Property mappings: settings kept in one place for many objects.

use serde::{Deserialize, Serialize};

use super::Meta;
use crate::id::PropertyMappingId;
use crate::settings::Settings;

/// A property mapping as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyMappingSpec {
    /// Unique name; mappings are applied in the order of their names.
    pub name: String,
    /// Settings that are always the same; falsy values do not override.
    #[serde(default)]
    pub static_settings: Settings,
    /// An expression that returns a map of settings; empty for none.
    #[serde(default)]
    pub expression: String,
}

/// A property mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PropertyMapping {
    /// Its id.
    pub id: PropertyMappingId,
    /// Unique name.
    pub name: String,
    /// Settings that are always the same.
    pub static_settings: Settings,
    /// An expression that returns a map of settings; empty for none.
    pub expression: String,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}
