//! One object as a document: its written fields, references by name.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use causeway_model::id::{ApplicationId, GroupId, UserId};
use causeway_model::object::{
    Application, ApprovalStage, Endpoint, Flow, FlowStage, Group, Outpost, Policy, PolicyBinding,
    PropertyMapping, Provider, Source, Stage, Subject, User,
};
use causeway_table::{Batch, ConfigSnapshot, TableError};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::use_case::object::Object;
use crate::use_case::policy_binding::BindingWords;

/// Fields that only the system writes.
const READ_ONLY: [&str; 4] = ["id", "version", "created_at", "updated_at"];

/// Approvers that are read from the table at once.
const APPROVERS_AT_ONCE: usize = 100;

/// Names of users by id.
pub(super) type Usernames = HashMap<UserId, String>;

/// The names of what objects refer to; the id of what is gone.
pub(super) struct Names<'a>(&'a ConfigSnapshot);

impl<'a> Names<'a> {
    pub(super) const fn new(snapshot: &'a ConfigSnapshot) -> Self {
        Self(snapshot)
    }

    pub(super) fn outpost(&self, outpost: &Outpost) -> Map<String, Value> {
        document(outpost.clone())
    }

    pub(super) fn property_mapping(&self, mapping: &PropertyMapping) -> Map<String, Value> {
        document(mapping.clone())
    }

    pub(super) fn policy(&self, policy: &Policy) -> Map<String, Value> {
        document(policy.clone())
    }

    pub(super) fn source(&self, source: &Source) -> Map<String, Value> {
        document(source.clone())
    }

    pub(super) fn group(&self, group: &Group) -> Map<String, Value> {
        let mut fields = document(group.clone());
        fields.insert("operates".to_owned(), self.applications(&group.operates));
        fields
    }

    pub(super) fn user(&self, user: &User) -> Map<String, Value> {
        let mut fields = document(user.clone());
        fields.retain(|name, _| WRITTEN_OF_USERS.contains(&name.as_str()));
        fields.insert("operates".to_owned(), self.applications(&user.operates));
        let groups = user.groups.iter().map(|id| self.group_name(*id));
        fields.insert("groups".to_owned(), groups.collect());
        fields
    }

    pub(super) fn flow(&self, flow: &Flow, users: &Usernames) -> Map<String, Value> {
        let mut fields = document(flow.clone());
        let stages = flow.stages.iter().map(|stage| self.stage(stage, users));
        fields.insert("stages".to_owned(), stages.collect());
        fields
    }

    /// A stage is found by its name, so its id stays out.
    fn stage(&self, stage: &FlowStage, users: &Usernames) -> Value {
        let named = match &stage.stage {
            Stage::Approval(approval) => Stage::Approval(ApprovalStage {
                groups: each(&approval.groups, |id: GroupId| self.group_name(id)),
                users: each(&approval.users, |id: UserId| {
                    users.get(&id).cloned().unwrap_or_else(|| id.to_string())
                }),
                ..approval.clone()
            }),
            other => other.clone(),
        };
        json!(named)
    }

    pub(super) fn provider(&self, provider: &Provider) -> Map<String, Value> {
        let mut fields = document(provider.clone());
        let flow = provider.authorization_flow.map(|id| {
            let found = self.0.flows().get(id.uuid());
            found.map_or_else(|| id.to_string(), |flow| flow.name.clone())
        });
        fields.insert("authorization_flow".to_owned(), json!(flow));
        let outposts = provider.outposts.iter().map(|id| {
            let found = self.0.outposts().get(id.uuid());
            found.map_or_else(|| id.to_string(), |outpost| outpost.name.clone())
        });
        fields.insert("outposts".to_owned(), outposts.collect());
        let mappings = self.mappings(&provider.property_mappings);
        fields.insert("property_mappings".to_owned(), mappings);
        fields
    }

    pub(super) fn application(&self, application: &Application) -> Map<String, Value> {
        let mut fields = document(application.clone());
        fields.insert(
            "provider".to_owned(),
            self.provider_name(application.provider),
        );
        fields
    }

    pub(super) fn endpoint(&self, endpoint: Endpoint) -> Map<String, Value> {
        let provider = self.provider_name(endpoint.provider);
        let mappings = self.mappings(&endpoint.property_mappings);
        let mut fields = document(endpoint);
        fields.insert("provider".to_owned(), provider);
        fields.insert("property_mappings".to_owned(), mappings);
        fields
    }

    fn provider_name(&self, id: causeway_model::id::ProviderId) -> Value {
        let found = self.0.providers().get(id.uuid());
        found.map_or_else(|| json!(id), |provider| json!(provider.name))
    }

    fn mappings(&self, ids: &[causeway_model::id::PropertyMappingId]) -> Value {
        let name = |id: &causeway_model::id::PropertyMappingId| {
            let found = self.0.property_mappings().get(id.uuid());
            found.map_or_else(|| id.to_string(), |mapping| mapping.name.clone())
        };
        ids.iter().map(name).collect()
    }

    fn applications(&self, ids: &[ApplicationId]) -> Value {
        let name = |id: &ApplicationId| {
            let found = self.0.applications().get(id.uuid());
            found.map_or_else(|| id.to_string(), |application| application.slug.clone())
        };
        ids.iter().map(name).collect()
    }

    fn group_name(&self, id: GroupId) -> String {
        let found = self.0.groups().get(id.uuid());
        found.map_or_else(|| id.to_string(), |group| group.name.clone())
    }
}

/// What people write of a user; what a source gave them is not among it.
const WRITTEN_OF_USERS: [&str; 9] = [
    "kind",
    "username",
    "name",
    "email",
    "role",
    "groups",
    "operates",
    "attributes",
    "active",
];

/// A binding, by the text of its target and the name of its subject.
pub(super) fn policy_binding(binding: &PolicyBinding, words: &BindingWords) -> Map<String, Value> {
    let mut fields = document(binding.clone());
    fields.remove("name");
    fields.insert("target".to_owned(), json!(words.target));
    let subject = match binding.subject {
        Subject::Policy(_) => "policy",
        Subject::Group(_) => "group",
        Subject::User(_) => "user",
    };
    fields.insert(subject.to_owned(), json!(words.subject));
    fields
}

/// The users whom flows name as approvers; a batch for each hundred.
pub(super) async fn approvers(app: &App, flows: &[&Arc<Flow>]) -> Result<Usernames, TableError> {
    let stages = flows.iter().flat_map(|flow| &flow.stages);
    let approvers = stages.flat_map(|stage| match &stage.stage {
        Stage::Approval(approval) => approval.users.as_slice(),
        _ => &[],
    });
    let ids: BTreeSet<UserId> = approvers.filter_map(|id| id.parse().ok()).collect();
    let ids: Vec<UserId> = ids.into_iter().collect();
    let mut names = Usernames::new();
    for chunk in ids.chunks(APPROVERS_AT_ONCE) {
        let mut batch = Batch::new();
        let slots: Vec<_> = chunk.iter().map(|id| batch.user(*id)).collect();
        let answer = app.table().read(batch).await?;
        for slot in slots {
            if let Some(user) = answer.take(slot)? {
                names.insert(user.id, user.username);
            }
        }
    }
    Ok(names)
}

/// The fields of an object as readers see it, without what the system writes.
fn document<T: Object + Serialize>(object: T) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("kind".to_owned(), json!(T::KIND_NAME));
    if let Value::Object(all) = json!(object.masked()) {
        let written = all
            .into_iter()
            .filter(|(name, value)| !READ_ONLY.contains(&name.as_str()) && !value.is_null());
        fields.extend(written);
    }
    fields
}

fn each<T: std::str::FromStr>(ids: &[String], name: impl Fn(T) -> String) -> Vec<String> {
    ids.iter()
        .map(|text| text.parse().map_or_else(|_| text.clone(), &name))
        .collect()
}
