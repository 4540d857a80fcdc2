//! What the policies of a target come to, and what is told of it: to the
//! person that they may not, to the audit trail which policy said so.

use causeway_model::object::{EventAction, Outcome, TargetKind};
use causeway_policy::{BindingResult, Verdict};

use crate::use_case::event::Entry;

/// What the policies of one target come to.
#[derive(Debug)]
pub(crate) struct Ruling {
    /// Kind of the target.
    pub(crate) target_kind: TargetKind,
    /// Its name in references: `linux`, `ssh/web-01`.
    pub(crate) target: String,
    /// The verdict with all its reasons.
    pub(crate) verdict: Verdict,
}

impl Ruling {
    /// Those bindings that could not be evaluated.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &BindingResult> {
        self.verdict
            .results
            .iter()
            .filter(|result| result.failed.is_some())
    }
}

/// What application and endpoint say together.
#[derive(Debug)]
pub(crate) struct Decision {
    rulings: Vec<Ruling>,
}

/// Who said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The target whose policies refuse: `application/linux`.
    pub target: String,
    /// Names of the bindings' subjects that did not pass. For the audit trail,
    /// not for the person.
    pub policies: String,
}

impl Decision {
    pub(crate) const fn of(rulings: Vec<Ruling>) -> Self {
        Self { rulings }
    }

    /// Every target, in the order they were asked.
    pub(crate) fn rulings(&self) -> &[Ruling] {
        &self.rulings
    }

    /// Whether all of them let the user in.
    pub(crate) fn is_allowed(&self) -> bool {
        self.refusal().is_none()
    }

    /// The first that does not.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        let refusing = self.rulings.iter().find(|ruling| !ruling.verdict.passing)?;
        let names: Vec<_> = refusing
            .verdict
            .results
            .iter()
            .filter(|result| !result.passing)
            .map(|result| result.name.as_str())
            .collect();
        Some(Refusal {
            target: format!("{}/{}", refusing.target_kind, refusing.target),
            policies: names.join(", "),
        })
    }

    /// What the audit trail is told of policies that could not be evaluated:
    /// one entry a decision, however many failed.
    pub(crate) fn failure_entry(&self) -> Option<Entry> {
        failure_entry(self.rulings.iter().flat_map(Ruling::failed))
    }
}

/// One entry for all of these failures; none without any.
pub(crate) fn failure_entry<'a>(failed: impl Iterator<Item = &'a BindingResult>) -> Option<Entry> {
    let failed: Vec<_> = failed.collect();
    let first = failed.first()?;
    let names: Vec<_> = failed.iter().map(|result| result.name.as_str()).collect();
    Some(
        Entry::new(EventAction::PolicyFailed, Outcome::Failed)
            .policy(&names.join(", "))
            .detail(&first.reason),
    )
}
