//! Providers: how an application's endpoints are reached.

use serde::{Deserialize, Serialize};

use super::Meta;
use crate::id::{FlowId, OutpostId, PropertyMappingId, ProviderId};
use crate::lifetime::ConnectionExpiry;
use crate::settings::Settings;

/// A provider as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderSpec {
    /// Unique name.
    pub name: String,
    /// Settings of level `provider`.
    #[serde(default)]
    pub settings: Settings,
    /// Its property mappings, by name or id.
    #[serde(default)]
    pub property_mappings: Vec<String>,
    /// Its authorization flow, by name or id; none for no further questions.
    #[serde(default)]
    pub authorization_flow: Option<String>,
    /// How long a connection may last, idle or not: `8h`, `30m`, `hours=8`.
    #[serde(default)]
    pub connection_expiry: ConnectionExpiry,
    /// A connection that lost its browser cannot be resumed.
    #[serde(default)]
    pub delete_token_on_disconnect: bool,
    /// The outposts that serve it, by name or id.
    #[serde(default)]
    pub outposts: Vec<String>,
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Unique name.
    pub name: String,
    /// Settings of level `provider`.
    pub settings: Settings,
    /// Its property mappings.
    pub property_mappings: Vec<PropertyMappingId>,
    /// Its authorization flow.
    pub authorization_flow: Option<FlowId>,
    /// How long a connection may last, idle or not.
    pub connection_expiry: ConnectionExpiry,
    /// A connection that lost its browser cannot be resumed.
    pub delete_token_on_disconnect: bool,
    /// The outposts that serve it.
    pub outposts: Vec<OutpostId>,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}
