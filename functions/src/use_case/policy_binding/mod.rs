//! Policy bindings: what must pass before an application, an endpoint or a
//! stage is used.

mod target;
mod words;

pub(crate) use words::{BindingWords, exact_words_of, words_of};

use std::borrow::Cow;
use std::sync::Arc;

use causeway_model::id::{ApplicationId, EndpointId, PolicyBindingId};
use causeway_model::object::{
    BINDING_TIMEOUT_S_MAX, PolicyBinding, PolicyBindingSpec, Subject, TargetKind,
};
use causeway_table::{Batch, Change, ConfigSnapshot, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use self::target::Target;
use super::object::check::Errors;
use super::object::{
    self, Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, page_by,
};
use super::provider;
use crate::access::{Rights, Staff};
use crate::app::App;
use crate::problem::FieldError;

/// Most bindings of one target.
const BINDINGS_OF_TARGET_MAX: usize = 100;
/// Bindings that are looked through for one page at most, when the reader sees
/// but some of them.
const LOOKED_THROUGH_MAX: usize = 1000;

impl Object for PolicyBinding {
    type Spec = PolicyBindingSpec;
    const KIND_NAME: &'static str = "policy_binding";
    const OPERATORS: Operators = Operators::Keep;
    const READ_ONLY: &'static [&'static str] = &["name", "target_text", "subject_name"];

    object::fields!(PolicyBinding, name);

    async fn is_operated(
        &self,
        app: &App,
        snapshot: &ConfigSnapshot,
        rights: &Rights,
    ) -> Result<bool, TableError> {
        if rights.is_admin() {
            return Ok(true);
        }
        match self.target_kind {
            TargetKind::Application => Ok(rights.operates(ApplicationId::new(self.target))),
            TargetKind::Stage => Ok(false),
            TargetKind::Endpoint => {
                let id = EndpointId::new(self.target);
                let endpoint = app.table().endpoints().by_id(id).await?;
                Ok(endpoint.is_some_and(|endpoint| {
                    provider::is_operated(snapshot, rights, endpoint.provider)
                }))
            }
        }
    }

    fn operator_may(_before: Option<&Self>, _after: Option<&Self>) -> bool {
        true
    }

    async fn title(&self, draft: &Draft<'_>) -> Result<String, TableError> {
        words::title(self, draft).await
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::PolicyBinding(change)
    }

    /// Target and subject as they are written.
    fn spec_name(spec: &PolicyBindingSpec) -> Cow<'_, str> {
        let subject = [
            ("policy", &spec.policy),
            ("group", &spec.group),
            ("user", &spec.user),
        ];
        let subject = subject
            .iter()
            .find_map(|(kind, name)| Some(format!(" {kind} {}", name.as_deref()?)));
        Cow::Owned(format!("{}{}", spec.target, subject.unwrap_or_default()))
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .policy_bindings()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(
        draft: &Draft<'_>,
        spec: &PolicyBindingSpec,
    ) -> Result<Option<Self>, TableError> {
        let mut unheard = Errors::default();
        let resolved = resolve(draft, spec, &mut unheard).await?;
        let Some((target, subject)) = resolved else {
            return Ok(None);
        };
        let name = Self::name_of(target.kind, target.id, subject);
        let found = draft.snapshot().policy_bindings().named(&name);
        Ok(found.map(|found| Self::clone(found)))
    }

    async fn page(app: &App, staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        page(app, staff, filter).await
    }

    /// Nothing refers to a binding.
    fn promise(
        _draft: &mut Draft<'_>,
        _spec: &PolicyBindingSpec,
        _id: Uuid,
        _stored: Option<&Self>,
    ) {
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: PolicyBindingSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        if !(1..=BINDING_TIMEOUT_S_MAX).contains(&spec.timeout_s) {
            let message = format!("expected 1 to {BINDING_TIMEOUT_S_MAX} seconds");
            errors.push(FieldError::new("timeout_s", "out_of_range", message));
        }
        let resolved = resolve(draft, &spec, &mut errors).await?;
        if let Some((target, _)) = &resolved
            && base.before.is_none_or(|before| before.target != target.id)
            && draft.snapshot().bindings_of(target.id).len() >= BINDINGS_OF_TARGET_MAX
        {
            let message = format!("has {BINDINGS_OF_TARGET_MAX} bindings, and no room for more");
            errors.push(FieldError::new("target", "too_many", message));
        }
        errors.finish()?;
        // Without errors both are there.
        let Some((target, subject)) = resolved else {
            return Err(PrepareError::Fields(Vec::new()));
        };
        Ok(Prepared::plain(Self {
            id: PolicyBindingId::new(base.id),
            name: Self::name_of(target.kind, target.id, subject),
            target: target.id,
            target_kind: target.kind,
            order: spec.order,
            enabled: spec.enabled,
            negate: spec.negate,
            timeout_s: spec.timeout_s,
            failure_result: spec.failure_result,
            subject,
            meta: base.meta,
        }))
    }
}

/// What a binding is attached to and whom it asks for; what is wrong with
/// either is noted.
async fn resolve(
    draft: &Draft<'_>,
    spec: &PolicyBindingSpec,
    errors: &mut Errors,
) -> Result<Option<(Target, Subject)>, TableError> {
    let target = target::find(draft, "target", &spec.target, spec.target_kind).await?;
    let target = errors.keep(target);
    let subject = match (&spec.policy, &spec.group, &spec.user) {
        (Some(policy), None, None) => draft.policy("policy", policy).map(Subject::Policy),
        (None, Some(group), None) => draft.group("group", group).map(Subject::Group),
        (None, None, Some(user)) => draft.user("user", user).await?.map(Subject::User),
        (None, None, None) => {
            let message = "one of policy, group and user is required";
            Err(FieldError::new("policy", "required", message))
        }
        (Some(_) | None, Some(_) | None, Some(_) | None) => {
            let message = "only one of policy, group and user can be given";
            Err(FieldError::new("policy", "several_subjects", message))
        }
    };
    let subject = errors.keep(subject);
    Ok(target.zip(subject))
}

/// A page of bindings: those of one target in the order of their evaluation,
/// else all that the reader may see, by target.
async fn page(app: &App, staff: &Staff, filter: &Filter) -> Result<Page<PolicyBinding>, ListError> {
    let draft = Draft::open(app).await?;
    let snapshot = draft.snapshot();
    let found: Vec<Arc<PolicyBinding>> = match &filter.of {
        None => snapshot.policy_bindings().iter().cloned().collect(),
        Some(target) => match target::find(&draft, "target", target, None).await? {
            Ok(target) => snapshot.bindings_of(target.id).to_vec(),
            Err(_) => Vec::new(),
        },
    };
    // The order of evaluation, made into a text that sorts like it.
    let key = |binding: &Arc<PolicyBinding>| match filter.of {
        None => binding.name.clone(),
        Some(_) => format!("{:010}{}", i64::from(binding.order) + (1 << 31), binding.id),
    };
    if staff.rights().reads_everything() {
        let page = page_by(found.into_iter(), key, filter)?;
        return Ok(Page {
            items: page
                .items
                .iter()
                .map(|found| PolicyBinding::clone(found))
                .collect(),
            next: page.next,
        });
    }
    let wider = Filter {
        limit: LOOKED_THROUGH_MAX,
        ..filter.clone()
    };
    let looked_through = page_by(found.into_iter(), key, &wider)?;
    let seen = operated(app, snapshot, staff.rights(), &looked_through.items).await?;
    let within = Filter {
        cursor: None,
        ..filter.clone()
    };
    let page = page_by(seen.into_iter(), key, &within)?;
    Ok(Page {
        items: page
            .items
            .iter()
            .map(|found| PolicyBinding::clone(found))
            .collect(),
        next: page.next.or(looked_through.next),
    })
}

/// Those of some bindings that belong to applications which these rights keep;
/// a batch for each hundred that are bound to endpoints.
async fn operated(
    app: &App,
    snapshot: &ConfigSnapshot,
    rights: &Rights,
    bindings: &[Arc<PolicyBinding>],
) -> Result<Vec<Arc<PolicyBinding>>, TableError> {
    let mut operated = Vec::new();
    for chunk in bindings.chunks(100) {
        let mut batch = Batch::new();
        let slots: Vec<_> = chunk
            .iter()
            .map(|binding| match binding.target_kind {
                TargetKind::Endpoint => Some(batch.endpoint(EndpointId::new(binding.target))),
                TargetKind::Application | TargetKind::Stage => None,
            })
            .collect();
        let answer = app.table().read(batch).await?;
        for (binding, slot) in chunk.iter().zip(slots) {
            let is_operated = match slot {
                Some(slot) => answer.take(slot)?.is_some_and(|endpoint| {
                    provider::is_operated(snapshot, rights, endpoint.provider)
                }),
                None => {
                    binding.target_kind == TargetKind::Application
                        && rights.operates(ApplicationId::new(binding.target))
                }
            };
            if is_operated {
                operated.push(Arc::clone(binding));
            }
        }
    }
    Ok(operated)
}
