//! Expressions, compiled once and kept while their object stays as it is.
//!
//! An object's id and version name its text for good, so what was compiled is
//! never out of date: a changed configuration compiles what changed and no
//! more. What is kept is bounded; beyond the bound everything is forgotten and
//! compiled again when it is needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::object::{Policy, PropertyMapping};
use causeway_policy::{CompileError, Expression, Purpose};
use uuid::Uuid;

/// Most expressions that are kept.
const KEPT_MAX: usize = 16_384;

/// An expression, or why it is none.
pub(crate) type Compiled = Arc<Result<Expression, CompileError>>;

/// Names the text of an expression for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ExpressionKey {
    /// The object that it stands in: a policy, a mapping, a stage.
    pub(crate) object: Uuid,
    /// The version of that object, or of the flow of that stage.
    pub(crate) version: u64,
    /// Which of the object's expressions.
    pub(crate) part: u32,
}

/// The expressions that this process has compiled.
#[derive(Debug, Default)]
pub(crate) struct CompiledExpressions(Mutex<HashMap<ExpressionKey, Compiled>>);

impl CompiledExpressions {
    /// The expression of a policy.
    pub(crate) fn policy(&self, policy: &Policy) -> Compiled {
        let key = ExpressionKey {
            object: policy.id.uuid(),
            version: policy.meta.version,
            part: 0,
        };
        self.of(key, &policy.expression, Purpose::Policy)
    }

    /// The expression of a property mapping; `None` when it has none.
    pub(crate) fn mapping(&self, mapping: &PropertyMapping) -> Option<Compiled> {
        let source = mapping.expression.trim();
        if source.is_empty() {
            return None;
        }
        let key = ExpressionKey {
            object: mapping.id.uuid(),
            version: mapping.meta.version,
            part: 0,
        };
        Some(self.of(key, source, Purpose::PropertyMapping))
    }

    /// Any expression by its key.
    pub(crate) fn of(&self, key: ExpressionKey, source: &str, purpose: Purpose) -> Compiled {
        if let Some(kept) = self.lock().get(&key) {
            return Arc::clone(kept);
        }
        let compiled = Arc::new(Expression::compile(source, purpose));
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        Arc::clone(kept.entry(key).or_insert(compiled))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ExpressionKey, Compiled>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(object: u128, version: u64) -> ExpressionKey {
        ExpressionKey {
            object: Uuid::from_u128(object),
            version,
            part: 0,
        }
    }

    #[test]
    fn a_version_is_compiled_once() {
        let kept = CompiledExpressions::default();
        let first = kept.of(key(1, 1), "true", Purpose::Policy);
        let again = kept.of(key(1, 1), "true", Purpose::Policy);
        assert!(Arc::ptr_eq(&first, &again));
        let next = kept.of(key(1, 2), "nothing.known", Purpose::Policy);
        assert!(next.is_err() && first.is_ok());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let kept = CompiledExpressions::default();
        for object in 0..=KEPT_MAX {
            kept.of(key(object as u128, 1), "true", Purpose::Policy);
        }
        assert_eq!(kept.lock().len(), 1);
    }
}
