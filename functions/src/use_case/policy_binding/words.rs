//! Bindings in words: the names of what they are attached to and of whom they
//! ask for. The text of a target finds it again, but for names with slashes that
//! can be read in two ways: [`exact_words_of`] tells those apart.

use std::collections::HashMap;

use causeway_model::id::{EndpointId, UserId};
use causeway_model::object::{PolicyBinding, Subject, TargetKind};
use causeway_table::{Batch, ConfigSnapshot, Kind, TableError};
use uuid::Uuid;

use super::target;
use crate::app::App;
use crate::use_case::object::Draft;

/// Bindings whose endpoints and users are read at once.
const BATCH: usize = 50;

/// The words of one binding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct BindingWords {
    /// `application/linux`, `endpoint/ssh/web-01`, `stage/ask/credentials`; the
    /// id of what is gone.
    pub(crate) target: String,
    /// Kind of the subject.
    pub(crate) subject_kind: &'static str,
    /// Name of the policy, group or user; the id of what is gone.
    pub(crate) subject: String,
}

/// The words of some bindings, in their order; a batch for each fifty.
pub(crate) async fn words_of(
    app: &App,
    snapshot: &ConfigSnapshot,
    bindings: &[PolicyBinding],
) -> Result<Vec<BindingWords>, TableError> {
    let mut words = Vec::with_capacity(bindings.len());
    for chunk in bindings.chunks(BATCH) {
        let names = Names::read(app, snapshot, chunk).await?;
        words.extend(chunk.iter().map(|binding| BindingWords {
            target: target(snapshot, &names, binding),
            subject_kind: subject_kind(binding.subject),
            subject: subject(snapshot, &names, binding.subject),
        }));
    }
    Ok(words)
}

/// The same, with the id of a target whose text means something else as well.
pub(crate) async fn exact_words_of(
    app: &App,
    snapshot: &ConfigSnapshot,
    bindings: &[PolicyBinding],
) -> Result<Vec<BindingWords>, TableError> {
    let mut words = words_of(app, snapshot, bindings).await?;
    let has_more_slashes = |words: &BindingWords| words.target.matches('/').count() > 2;
    if !words.iter().any(has_more_slashes) {
        return Ok(words);
    }
    let draft = Draft::open(app).await?;
    for (binding, words) in bindings.iter().zip(&mut words) {
        if !has_more_slashes(words) {
            continue;
        }
        let found = target::find(&draft, "target", &words.target, None).await?;
        if !found.is_ok_and(|found| found.id == binding.target) {
            words.target = binding.target.to_string();
        }
    }
    Ok(words)
}

/// What people call a binding, which the same call may have made along with
/// what it is about.
pub(super) async fn title(
    binding: &PolicyBinding,
    draft: &Draft<'_>,
) -> Result<String, TableError> {
    let one = std::slice::from_ref(binding);
    let snapshot = draft.snapshot();
    let mut names = Names::read(draft.app(), snapshot, one).await?;
    names.promised(draft);
    Ok(format!(
        "{} {} {}",
        target(snapshot, &names, binding),
        subject_kind(binding.subject),
        subject(snapshot, &names, binding.subject)
    ))
}

/// Names of what is not in the configuration.
#[derive(Default)]
struct Names(HashMap<Uuid, String>);

impl Names {
    async fn read(
        app: &App,
        snapshot: &ConfigSnapshot,
        bindings: &[PolicyBinding],
    ) -> Result<Self, TableError> {
        let mut batch = Batch::new();
        let (mut endpoints, mut users) = (Vec::new(), Vec::new());
        for binding in bindings {
            if binding.target_kind == TargetKind::Endpoint {
                endpoints.push(batch.endpoint(EndpointId::new(binding.target)));
            }
            if let Subject::User(id) = binding.subject {
                users.push(batch.user(id));
            }
        }
        let mut names = Self::default();
        if endpoints.is_empty() && users.is_empty() {
            return Ok(names);
        }
        let answer = app.table().read(batch).await?;
        for slot in endpoints {
            let Some(endpoint) = answer.take(slot)? else {
                continue;
            };
            let provider = snapshot.providers().get(endpoint.provider.uuid());
            let provider = provider.map_or_else(
                || endpoint.provider.to_string(),
                |provider| provider.name.clone(),
            );
            let path = format!("endpoint/{provider}/{}", endpoint.name);
            names.0.insert(endpoint.id.uuid(), path);
        }
        for slot in users {
            if let Some(user) = answer.take(slot)? {
                names.0.insert(user.id.uuid(), user.username);
            }
        }
        Ok(names)
    }

    /// Adds what the same call makes.
    fn promised(&mut self, draft: &Draft<'_>) {
        for endpoint in draft.promised_endpoints() {
            let id = endpoint.provider.uuid();
            let stored = draft.snapshot().providers().get(id);
            let provider = stored
                .map(|provider| provider.name.as_str())
                .or_else(|| draft.promised_name(Kind::Provider, id));
            let path = format!("endpoint/{}/{}", provider.unwrap_or("?"), endpoint.name);
            self.0.insert(endpoint.id.uuid(), path);
        }
        for stage in draft.promised_stages() {
            let path = format!("stage/{}/{}", stage.flow_name, stage.name);
            self.0.insert(stage.id.uuid(), path);
        }
        for (kind, prefix) in [
            (Kind::Application, "application/"),
            (Kind::Policy, ""),
            (Kind::Group, ""),
            (Kind::User, ""),
        ] {
            let names = draft.promised_of(kind);
            self.0
                .extend(names.map(|(name, id)| (id, format!("{prefix}{name}"))));
        }
    }

    fn of(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

fn target(snapshot: &ConfigSnapshot, names: &Names, binding: &PolicyBinding) -> String {
    let id = binding.target;
    let found = match binding.target_kind {
        TargetKind::Application => snapshot
            .applications()
            .get(id)
            .map(|found| format!("application/{}", found.slug)),
        TargetKind::Stage => snapshot.flows().iter().find_map(|flow| {
            let stage = flow.stages.iter().find(|stage| stage.id.uuid() == id)?;
            Some(format!("stage/{}/{}", flow.name, stage.stage.name()))
        }),
        TargetKind::Endpoint => None,
    };
    found.unwrap_or_else(|| names.of(id))
}

const fn subject_kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Policy(_) => "policy",
        Subject::Group(_) => "group",
        Subject::User(_) => "user",
    }
}

fn subject(snapshot: &ConfigSnapshot, names: &Names, subject: Subject) -> String {
    let (id, found) = match subject {
        Subject::Policy(id) => {
            let found = snapshot.policies().get(id.uuid());
            (id.uuid(), found.map(|found| found.name.clone()))
        }
        Subject::Group(id) => {
            let found = snapshot.groups().get(id.uuid());
            (id.uuid(), found.map(|found| found.name.clone()))
        }
        Subject::User(id) => (UserId::uuid(id), None),
    };
    found.unwrap_or_else(|| names.of(id))
}
