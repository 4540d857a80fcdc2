//! The effective settings of one connection, secrets in clear: for the answer
//! to a claim and for nothing else.

use causeway_model::id::PropertyMappingId;
use causeway_model::object::{Endpoint, PropertyMapping, Provider, User};
use causeway_model::settings::{
    Effective, Levels, MappingLayer, NamedLayer, Settings, defaults, merge,
};
use causeway_table::ConfigSnapshot;
use causeway_trust::{SealError, SecretBox};

use super::settings::{self, Owner};
use crate::app::App;

/// The settings of one launch.
#[derive(Debug)]
pub(crate) struct Merged {
    /// All settings, secrets in clear.
    pub(crate) settings: Effective,
    /// Property mappings that were left out, by name: their expression did not
    /// give a map.
    pub(crate) skipped: Vec<String>,
}

/// Merges all levels. There are no connection settings yet: only flows may set
/// them.
///
/// # Errors
/// [`SealError`] when a stored secret does not open.
pub(crate) fn effective(
    app: &App,
    snapshot: &ConfigSnapshot,
    provider: &Provider,
    endpoint: &Endpoint,
    user: &User,
) -> Result<Merged, SealError> {
    let secrets = app.secrets();
    let defaults = defaults(&endpoint.host, endpoint.protocol, &user.username);
    let of_provider = opened(secrets, "provider", provider.id.uuid(), &provider.settings)?;
    let of_endpoint = opened(secrets, "endpoint", endpoint.id.uuid(), &endpoint.settings)?;
    let for_provider = Mappings::of(secrets, snapshot, &provider.property_mappings)?;
    let for_endpoint = Mappings::of(secrets, snapshot, &endpoint.property_mappings)?;
    let merged = merge(&Levels {
        defaults: &defaults,
        provider: NamedLayer {
            name: &provider.name,
            settings: &of_provider,
        },
        endpoint: NamedLayer {
            name: &endpoint.name,
            settings: &of_endpoint,
        },
        connection: &Settings::default(),
        provider_mappings: &for_provider.layers(),
        endpoint_mappings: &for_endpoint.layers(),
    });
    let skipped = for_provider
        .skipped
        .into_iter()
        .chain(for_endpoint.skipped)
        .collect();
    Ok(Merged {
        settings: merged,
        skipped,
    })
}

/// The opened static settings of an object's property mappings, by name.
struct Mappings {
    usable: Vec<(String, Settings)>,
    skipped: Vec<String>,
}

impl Mappings {
    fn of(
        secrets: &SecretBox,
        snapshot: &ConfigSnapshot,
        ids: &[PropertyMappingId],
    ) -> Result<Self, SealError> {
        let mut mappings = Self {
            usable: Vec::new(),
            skipped: Vec::new(),
        };
        for id in ids {
            let Some(mapping) = snapshot.property_mappings().get(id.uuid()) else {
                continue;
            };
            mappings.add(secrets, mapping)?;
        }
        Ok(mappings)
    }

    /// No engine evaluates expressions yet; writing one is refused, and one
    /// that is there all the same counts as failed.
    fn add(&mut self, secrets: &SecretBox, mapping: &PropertyMapping) -> Result<(), SealError> {
        if !mapping.expression.trim().is_empty() {
            self.skipped.push(mapping.name.clone());
            return Ok(());
        }
        let settings = opened(
            secrets,
            "property_mapping",
            mapping.id.uuid(),
            &mapping.static_settings,
        )?;
        self.usable.push((mapping.name.clone(), settings));
        Ok(())
    }

    fn layers(&self) -> Vec<MappingLayer<'_>> {
        self.usable
            .iter()
            .map(|(name, settings)| MappingLayer {
                name,
                static_settings: settings,
                expression: None,
            })
            .collect()
    }
}

fn opened(
    secrets: &SecretBox,
    kind: &'static str,
    id: uuid::Uuid,
    sealed: &Settings,
) -> Result<Settings, SealError> {
    settings::open(secrets, Owner { kind, id }, sealed.clone())
}
