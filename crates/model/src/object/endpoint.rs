//! Endpoints: one machine, one protocol.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{EngineMode, Meta};
use crate::host::Host;
use crate::id::{EndpointId, PropertyMappingId, ProviderId};
use crate::settings::Settings;

/// Free names and values that narrow down which outposts reach an endpoint.
pub type Labels = BTreeMap<String, String>;

/// How a target is spoken to.
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
pub enum Protocol {
    /// Remote Desktop Protocol (MS-RDPBCGR).
    Rdp,
    /// Secure Shell (RFC 4251).
    Ssh,
    /// Remote Framebuffer (RFC 6143).
    Vnc,
}

impl Protocol {
    /// The port that the protocol is served on by default.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Rdp => 3389,
            Self::Ssh => 22,
            Self::Vnc => 5900,
        }
    }

    /// Its name in settings, URLs and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rdp => "rdp",
            Self::Ssh => "ssh",
            Self::Vnc => "vnc",
        }
    }
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many connections an endpoint may have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum MaximumConnections {
    /// Written as -1.
    Unlimited,
    /// This many; 0 admits nobody.
    Limited(u32),
}

impl Default for MaximumConnections {
    fn default() -> Self {
        Self::Limited(1)
    }
}

impl TryFrom<i64> for MaximumConnections {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        match number {
            -1 => Ok(Self::Unlimited),
            _ => u32::try_from(number)
                .map(Self::Limited)
                .map_err(|_| "maximum_connections is -1 (unlimited) or a number from 0".to_owned()),
        }
    }
}

impl From<MaximumConnections> for i64 {
    fn from(maximum: MaximumConnections) -> Self {
        match maximum {
            MaximumConnections::Unlimited => -1,
            MaximumConnections::Limited(count) => Self::from(count),
        }
    }
}

impl utoipa::PartialSchema for MaximumConnections {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(-1))
            .maximum(Some(u32::MAX))
            .default(Some(serde_json::json!(1)))
            .description(Some("How many connections at once; -1 for unlimited."))
            .into()
    }
}

impl utoipa::ToSchema for MaximumConnections {}

/// An endpoint as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointSpec {
    /// Name, unique in its provider.
    pub name: String,
    /// The provider that it belongs to, by name or id.
    pub provider: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where it is: `host`, `host:port`, `[v6]:port`.
    pub host: Host,
    /// Settings of level `endpoint`.
    #[serde(default)]
    pub settings: Settings,
    /// Its property mappings, by name or id.
    #[serde(default)]
    pub property_mappings: Vec<String>,
    /// How many connections it may have at once; -1 for unlimited.
    #[serde(default)]
    pub maximum_connections: MaximumConnections,
    /// Outposts must carry all of these labels to reach it.
    #[serde(default)]
    pub labels: Labels,
    /// How its policy bindings add up.
    #[serde(default)]
    pub policy_engine_mode: EngineMode,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Name, unique in its provider.
    pub name: String,
    /// The provider that it belongs to.
    pub provider: ProviderId,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where it is.
    pub host: Host,
    /// Settings of level `endpoint`.
    pub settings: Settings,
    /// Its property mappings.
    pub property_mappings: Vec<PropertyMappingId>,
    /// How many connections it may have at once.
    pub maximum_connections: MaximumConnections,
    /// Outposts must carry all of these labels to reach it.
    pub labels: Labels,
    /// How its policy bindings add up.
    pub policy_engine_mode: EngineMode,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn maximum_connections_is_minus_one_or_a_number_from_zero() {
        fn check(written: Value, expected: Option<MaximumConnections>) {
            let read = serde_json::from_value::<MaximumConnections>(written.clone()).ok();
            assert_eq!(read, expected, "{written}");
            if let Some(maximum) = read {
                assert_eq!(serde_json::to_value(maximum).unwrap(), written);
            }
        }
        check(json!(-1), Some(MaximumConnections::Unlimited));
        check(json!(0), Some(MaximumConnections::Limited(0)));
        check(
            json!(4_294_967_295_u32),
            Some(MaximumConnections::Limited(u32::MAX)),
        );
        check(json!(-2), None);
        check(json!(4_294_967_296_u64), None);
        check(json!("1"), None);
    }

    #[test]
    fn an_endpoint_is_written_with_few_fields_and_no_unknown_ones() {
        let fields = json!({
            "name": "web-01", "provider": "linux", "protocol": "ssh", "host": "Web-01:2222",
        });
        let spec: EndpointSpec = serde_json::from_value(fields.clone()).unwrap();
        assert_eq!((spec.host.name(), spec.host.port()), ("web-01", Some(2222)));
        assert_eq!(spec.maximum_connections, MaximumConnections::Limited(1));
        assert!(spec.settings.is_empty() && spec.labels.is_empty());
        let mut unknown = fields;
        unknown["hostname"] = json!("h");
        assert!(serde_json::from_value::<EndpointSpec>(unknown).is_err());
    }
}
