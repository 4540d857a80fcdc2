//! Verdicts: what the bindings of a target add up to.
//!
//! | mode | passes when |
//! | --- | --- |
//! | any | no binding is enabled, or one of them passes |
//! | all | every enabled binding passes |
//!
//! A binding's raw result is turned around by `negate`. An expression that fails
//! or is stopped counts as `failure_result`, which nothing turns around. The
//! binding's `timeout_s` needs no clock here: an expression's operations are
//! bounded, and all of them take milliseconds.

use serde_json::Value;

use causeway_model::id::PolicyBindingId;
use causeway_model::object::{EngineMode, PolicyBinding};

use crate::error::{CompileError, EvaluateError};
use crate::expression::Expression;
use crate::scope::Scope;

/// A binding with what is known of whom or what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct BindingFacts<'a> {
    /// The binding.
    pub binding: &'a PolicyBinding,
    /// Its policy, group or user.
    pub subject: SubjectFacts<'a>,
}

/// Whom or what a binding asks for.
#[derive(Debug, Clone, Copy)]
pub enum SubjectFacts<'a> {
    /// A policy.
    Policy {
        /// Its name.
        name: &'a str,
        /// Its expression; one that does not compile (any more) fails.
        expression: Result<&'a Expression, &'a CompileError>,
    },
    /// A group.
    Group {
        /// Its name.
        name: &'a str,
        /// Whether the user is in it.
        is_member: bool,
    },
    /// A user.
    User {
        /// Their name.
        username: &'a str,
        /// Whether it is the one who asks.
        is_it: bool,
    },
}

/// What the bindings of a target add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the target is open.
    pub passing: bool,
    /// What each enabled binding said, by order; [`decide_quick`] may leave out
    /// those that could change nothing.
    pub results: Vec<BindingResult>,
}

/// What one binding said.
#[derive(Debug, Clone, PartialEq)]
pub struct BindingResult {
    /// Which.
    pub binding: PolicyBindingId,
    /// `policy`, `group` or `user`.
    pub subject_kind: &'static str,
    /// Name of that.
    pub name: String,
    /// Whether it passes, everything counted.
    pub passing: bool,
    /// Why, in words.
    pub reason: String,
    /// Why its expression gave nothing.
    pub failed: Option<EvaluateError>,
}

/// The verdict, with what every enabled binding said.
#[must_use]
pub fn decide(mode: EngineMode, bindings: &[BindingFacts<'_>], scope: &Scope) -> Verdict {
    verdict(mode, bindings, scope, false)
}

/// The same verdict, without asking bindings that can no longer change it.
#[must_use]
pub fn decide_quick(mode: EngineMode, bindings: &[BindingFacts<'_>], scope: &Scope) -> Verdict {
    verdict(mode, bindings, scope, true)
}

fn verdict(mode: EngineMode, bindings: &[BindingFacts<'_>], scope: &Scope, quick: bool) -> Verdict {
    let mut enabled: Vec<&BindingFacts<'_>> = bindings
        .iter()
        .filter(|facts| facts.binding.enabled)
        .collect();
    // By order; what is of the same order by id, so that the same bindings are
    // always asked in the same sequence.
    enabled.sort_by_key(|facts| (facts.binding.order, facts.binding.id));
    let decides = match mode {
        EngineMode::Any => true,
        EngineMode::All => false,
    };
    let mut passing = enabled.is_empty() || !decides;
    let mut results = Vec::with_capacity(enabled.len());
    for facts in enabled {
        let result = ask(facts, scope);
        let is_decided = result.passing == decides;
        results.push(result);
        if is_decided {
            passing = decides;
            if quick {
                break;
            }
        }
    }
    Verdict { passing, results }
}

fn ask(facts: &BindingFacts<'_>, scope: &Scope) -> BindingResult {
    let binding = facts.binding;
    let (subject_kind, name, raw) = match facts.subject {
        SubjectFacts::Policy { name, expression } => ("policy", name, evaluate(expression, scope)),
        SubjectFacts::Group { name, is_member } => ("group", name, Ok(is_member)),
        SubjectFacts::User { username, is_it } => ("user", username, Ok(is_it)),
    };
    let passing = match &raw {
        Ok(raw) => *raw != binding.negate,
        Err(_) => binding.failure_result,
    };
    let reason = match &raw {
        Ok(raw) => reason(subject_kind, *raw, binding.negate),
        Err(failure) => format!(
            "could not be evaluated ({failure}); such a failure {}",
            if passing {
                "passes here"
            } else {
                "does not pass"
            }
        ),
    };
    BindingResult {
        binding: binding.id,
        subject_kind,
        name: name.to_owned(),
        passing,
        reason,
        failed: raw.err(),
    }
}

fn evaluate(
    expression: Result<&Expression, &CompileError>,
    scope: &Scope,
) -> Result<bool, EvaluateError> {
    let expression = expression.map_err(|error| EvaluateError {
        kind: crate::error::EvaluateErrorKind::DoesNotCompile,
        line: error.line,
        column: error.column,
        message: error.message.clone(),
    })?;
    // A policy gives a boolean or fails.
    expression
        .evaluate(scope)
        .map(|value| value == Value::Bool(true))
}

fn reason(subject_kind: &str, raw: bool, negate: bool) -> String {
    let said = match (subject_kind, raw) {
        ("group", true) => "the user is in the group",
        ("group", false) => "the user is not in the group",
        ("user", true) => "it is this user",
        ("user", false) => "it is another user",
        (_, true) => "the policy gives true",
        (_, false) => "the policy gives false",
    };
    if negate {
        format!("{said}; the binding turns that around")
    } else {
        said.to_owned()
    }
}
