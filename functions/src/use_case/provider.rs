//! Providers: how an application's endpoints are reached.

use causeway_model::id::ProviderId;
use causeway_model::names::check_name;
use causeway_model::object::{Provider, ProviderSpec};
use causeway_model::settings::Settings;
use causeway_table::{ConfigSnapshot, TableError};

use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared};
use super::settings::{self, Owner};
use crate::access::Rights;
use crate::app::App;

impl Object for Provider {
    type Spec = ProviderSpec;
    const KIND_NAME: &'static str = "provider";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(Provider, name, providers);

    fn masked(self) -> Self {
        Self {
            settings: self.settings.masked(),
            ..self
        }
    }

    /// Operators write endpoints into the providers of their applications.
    async fn is_operated(
        &self,
        _app: &App,
        snapshot: &ConfigSnapshot,
        rights: &Rights,
    ) -> Result<bool, TableError> {
        Ok(is_operated(snapshot, rights, self.id))
    }

    fn is_seen(&self, snapshot: &ConfigSnapshot, rights: &Rights) -> bool {
        is_seen(snapshot, rights, self.id)
    }

    fn for_operator(self) -> Self {
        Self {
            settings: Settings::default(),
            ..self
        }
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: ProviderSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        let property_mappings = errors.references(
            "property_mappings",
            &spec.property_mappings,
            |field, reference| draft.property_mapping(field, reference),
        );
        let outposts = errors.references("outposts", &spec.outposts, |field, reference| {
            draft.outpost(field, reference)
        });
        let flow = spec
            .authorization_flow
            .as_deref()
            .filter(|flow| !flow.is_empty());
        let authorization_flow =
            flow.and_then(|flow| errors.keep(draft.flow("authorization_flow", flow)));
        errors.finish()?;
        let accepted = settings::accept(
            draft.app().secrets(),
            Owner {
                kind: Self::KIND_NAME,
                id: base.id,
            },
            "settings",
            None,
            spec.settings,
            base.before.map(|before| &before.settings),
        )
        .await?;
        let object = Self {
            id: ProviderId::new(base.id),
            name: spec.name,
            settings: accepted.sealed,
            property_mappings,
            authorization_flow,
            connection_expiry: spec.connection_expiry,
            delete_token_on_disconnect: spec.delete_token_on_disconnect,
            outposts,
            meta: base.meta,
        };
        Ok(Prepared::with_warnings(object, accepted.warnings))
    }
}

/// Whether a provider serves an application that these rights keep.
pub(super) fn is_operated(snapshot: &ConfigSnapshot, rights: &Rights, id: ProviderId) -> bool {
    rights.is_admin()
        || snapshot
            .application_of(id)
            .is_some_and(|application| rights.operates(application.id))
}

/// Whether a provider, or what belongs to it, may be read with these rights.
pub(super) fn is_seen(snapshot: &ConfigSnapshot, rights: &Rights, id: ProviderId) -> bool {
    rights.reads_everything() || is_operated(snapshot, rights, id)
}
