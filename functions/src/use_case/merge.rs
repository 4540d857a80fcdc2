//! The effective settings of one connection, secrets in clear: for the answer
//! to a claim, and masked for `explain`.

use causeway_model::id::PropertyMappingId;
use causeway_model::object::{Endpoint, PropertyMapping, Provider, User};
use causeway_model::settings::{
    Effective, Levels, MappingLayer, NamedLayer, Settings, defaults, merge,
};
use causeway_policy::Scope;
use causeway_table::ConfigSnapshot;
use serde_json::Value;

use super::settings::{self, Owner};
use crate::app::App;
use crate::sealing::SealingError;

/// What is merged for whom.
#[derive(Clone, Copy)]
pub(crate) struct Merging<'a> {
    pub(crate) app: &'a App,
    pub(crate) snapshot: &'a ConfigSnapshot,
    pub(crate) provider: &'a Provider,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) user: &'a User,
    /// Level 3: what the flow of the launch set, secrets in clear.
    pub(crate) connection: &'a Settings,
    /// What the expressions of mappings see.
    pub(crate) scope: &'a Scope,
}

/// The settings of one launch.
#[derive(Debug)]
pub(crate) struct Merged {
    /// All settings, secrets in clear.
    pub(crate) settings: Effective,
    /// Property mappings that were left out: their expression failed or gave no
    /// map.
    pub(crate) skipped: Vec<Skipped>,
}

/// A property mapping that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Its name.
    pub(crate) mapping: String,
    /// Why, in words; never a value.
    pub(crate) reason: String,
}

/// Merges all levels.
///
/// # Errors
/// [`SealingError`] when a stored secret does not open.
pub(crate) async fn effective(merging: Merging<'_>) -> Result<Merged, SealingError> {
    let Merging {
        provider, endpoint, ..
    } = merging;
    let defaults = defaults(&endpoint.host, endpoint.protocol, &merging.user.username);
    let of_provider = merging
        .opened("provider", provider.id.uuid(), &provider.settings)
        .await?;
    let of_endpoint = merging
        .opened("endpoint", endpoint.id.uuid(), &endpoint.settings)
        .await?;
    let for_provider = Mappings::of(merging, &provider.property_mappings).await?;
    let for_endpoint = Mappings::of(merging, &endpoint.property_mappings).await?;
    let settings = merge(&Levels {
        defaults: &defaults,
        provider: NamedLayer {
            name: &provider.name,
            settings: &of_provider,
        },
        endpoint: NamedLayer {
            name: &endpoint.name,
            settings: &of_endpoint,
        },
        connection: merging.connection,
        provider_mappings: &for_provider.layers(),
        endpoint_mappings: &for_endpoint.layers(),
    });
    let skipped = for_provider
        .skipped
        .into_iter()
        .chain(for_endpoint.skipped)
        .collect();
    Ok(Merged { settings, skipped })
}

impl Merging<'_> {
    async fn opened(
        &self,
        kind: &'static str,
        id: uuid::Uuid,
        sealed: &Settings,
    ) -> Result<Settings, SealingError> {
        settings::open(self.app.secrets(), Owner { kind, id }, sealed.clone()).await
    }
}

/// What an object's property mappings give, in any order.
#[derive(Default)]
struct Mappings {
    usable: Vec<Usable>,
    skipped: Vec<Skipped>,
}

struct Usable {
    name: String,
    static_settings: Settings,
    expression: Option<Settings>,
}

impl Mappings {
    async fn of(merging: Merging<'_>, ids: &[PropertyMappingId]) -> Result<Self, SealingError> {
        let mut mappings = Self::default();
        for id in ids {
            if let Some(mapping) = merging.snapshot.property_mappings().get(id.uuid()) {
                mappings.add(merging, mapping).await?;
            }
        }
        Ok(mappings)
    }

    /// A mapping whose expression fails is left out as a whole, its static
    /// settings too: half of it may be worse than none.
    async fn add(
        &mut self,
        merging: Merging<'_>,
        mapping: &PropertyMapping,
    ) -> Result<(), SealingError> {
        let expression = match evaluate(merging, mapping) {
            Ok(expression) => expression,
            Err(reason) => {
                self.skipped.push(Skipped {
                    mapping: mapping.name.clone(),
                    reason,
                });
                return Ok(());
            }
        };
        let id = mapping.id.uuid();
        self.usable.push(Usable {
            name: mapping.name.clone(),
            static_settings: merging
                .opened("property_mapping", id, &mapping.static_settings)
                .await?,
            expression,
        });
        Ok(())
    }

    fn layers(&self) -> Vec<MappingLayer<'_>> {
        self.usable
            .iter()
            .map(|usable| MappingLayer {
                name: &usable.name,
                static_settings: &usable.static_settings,
                expression: usable.expression.as_ref(),
            })
            .collect()
    }
}

/// The map that a mapping's expression gives; `None` when it has none.
fn evaluate(merging: Merging<'_>, mapping: &PropertyMapping) -> Result<Option<Settings>, String> {
    let Some(compiled) = merging.app.expressions().mapping(mapping) else {
        return Ok(None);
    };
    let expression = compiled.as_ref().as_ref().map_err(ToString::to_string)?;
    match expression.evaluate(merging.scope) {
        Ok(Value::Object(map)) => Ok(Some(Settings::from(map))),
        Ok(_) => Err("the expression does not give a map".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
