//! What a call sees while it writes: the stored configuration, and the names of
//! what the same call is about to make.

use std::collections::HashMap;
use std::sync::Arc;

use causeway_model::id::{
    ApplicationId, EndpointId, FlowId, GroupId, OutpostId, PolicyId, PropertyMappingId, ProviderId,
    StageId, UserId,
};
use causeway_model::names::fold_username;
use causeway_table::{ConfigSnapshot, Kind, TableError};
use uuid::Uuid;

use crate::app::App;
use crate::problem::FieldError;
use crate::use_case::user;

/// The view of one writing call.
pub(crate) struct Draft<'a> {
    app: &'a App,
    snapshot: Arc<ConfigSnapshot>,
    promised: HashMap<(Kind, String), Uuid>,
    endpoints: Vec<PromisedEndpoint>,
    stages: Vec<PromisedStage>,
}

/// An endpoint that a call makes.
#[derive(Debug, Clone)]
pub(crate) struct PromisedEndpoint {
    pub(crate) provider: ProviderId,
    pub(crate) name: String,
    pub(crate) id: EndpointId,
}

/// A stage that a call makes.
#[derive(Debug, Clone)]
pub(crate) struct PromisedStage {
    pub(crate) flow: FlowId,
    pub(crate) flow_name: String,
    pub(crate) name: String,
    pub(crate) id: StageId,
}

/// Makes a method for each kind that is kept as configuration: the id of the
/// object that a field refers to.
macro_rules! resolvers {
    ($($(#[$doc:meta])* $name:ident($kind:ident, $objects:ident) -> $id:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(&self, field: &str, reference: &str) -> Result<$id, FieldError> {
            let stored = self.snapshot.$objects().resolve(reference);
            let stored = stored.map(|found| found.id.uuid());
            self.resolve(Kind::$kind, field, reference, stored).map($id::new)
        }
    )*};
}

impl<'a> Draft<'a> {
    /// A draft over the configuration as it is now.
    pub(crate) async fn open(app: &'a App) -> Result<Self, TableError> {
        let snapshot = app.table().config().current().await?;
        Ok(Self {
            app,
            snapshot,
            promised: HashMap::new(),
            endpoints: Vec::new(),
            stages: Vec::new(),
        })
    }

    pub(crate) const fn app(&self) -> &'a App {
        self.app
    }

    pub(crate) fn snapshot(&self) -> &ConfigSnapshot {
        &self.snapshot
    }

    /// Promises that this call makes an object of that name and id.
    pub(crate) fn promise(&mut self, kind: Kind, name: &str, id: Uuid) {
        let name = match kind {
            Kind::User => fold_username(name),
            _ => name.to_owned(),
        };
        self.promised.insert((kind, name), id);
    }

    /// Promises that this call makes an endpoint in a provider.
    pub(crate) fn promise_endpoint(&mut self, provider: ProviderId, name: &str, id: EndpointId) {
        self.endpoints.push(PromisedEndpoint {
            provider,
            name: name.to_owned(),
            id,
        });
    }

    /// Promises that this call makes a stage in a flow.
    pub(crate) fn promise_stage(&mut self, stage: PromisedStage) {
        self.stages.push(stage);
    }

    /// The endpoints that this call makes.
    pub(crate) fn promised_endpoints(&self) -> &[PromisedEndpoint] {
        &self.endpoints
    }

    /// The stages that this call makes.
    pub(crate) fn promised_stages(&self) -> &[PromisedStage] {
        &self.stages
    }

    /// The name of an object of that kind that this call makes.
    pub(crate) fn promised_name<'d>(&'d self, kind: Kind, id: Uuid) -> Option<&'d str> {
        let of_id = |((of, name), promised): (&'d (Kind, String), &'d Uuid)| {
            (*of == kind && *promised == id).then_some(name.as_str())
        };
        self.promised.iter().find_map(of_id)
    }

    /// Name and id of each object of that kind that this call makes.
    pub(crate) fn promised_of(&self, kind: Kind) -> impl Iterator<Item = (&str, Uuid)> {
        self.promised
            .iter()
            .filter(move |((of, _), _)| *of == kind)
            .map(|((_, name), id)| (name.as_str(), *id))
    }

    /// The id of the object of that name that this call makes.
    pub(crate) fn promised_id(&self, kind: Kind, name: &str) -> Option<Uuid> {
        self.promised.get(&(kind, name.to_owned())).copied()
    }

    resolvers! {
        /// An application, by slug or id.
        application(Application, applications) -> ApplicationId;
        /// A provider, by name or id.
        provider(Provider, providers) -> ProviderId;
        /// An outpost, by name or id.
        outpost(Outpost, outposts) -> OutpostId;
        /// A property mapping, by name or id.
        property_mapping(PropertyMapping, property_mappings) -> PropertyMappingId;
        /// A policy, by name or id.
        policy(Policy, policies) -> PolicyId;
        /// A flow, by name or id.
        flow(Flow, flows) -> FlowId;
        /// A group, by name or id.
        group(Group, groups) -> GroupId;
    }

    /// A user, by username or id.
    pub(crate) async fn user(
        &self,
        field: &str,
        reference: &str,
    ) -> Result<Result<UserId, FieldError>, TableError> {
        let folded = fold_username(reference);
        let is_promised = self.promised.contains_key(&(Kind::User, folded.clone()));
        let stored = if is_promised {
            None
        } else {
            user::resolve(self.app, reference).await?
        };
        let stored = stored.map(|user| user.id.uuid());
        let found = self.resolve(Kind::User, field, &folded, stored);
        Ok(found.map(UserId::new))
    }

    fn resolve(
        &self,
        kind: Kind,
        field: &str,
        reference: &str,
        stored: Option<Uuid>,
    ) -> Result<Uuid, FieldError> {
        let promised = self.promised.get(&(kind, reference.to_owned())).copied();
        promised.or(stored).ok_or_else(|| {
            let shown: String = reference.chars().take(64).collect();
            let message = format!("there is no {kind} {shown:?}");
            FieldError::new(field, "unknown_reference", message)
        })
    }
}
