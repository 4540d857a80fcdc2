//! A compiled expression.

use std::sync::Arc;

use serde_json::Value;

use crate::check::check;
use crate::error::{CompileError, EvaluateError, Place};
use crate::evaluate::evaluate;
use crate::limits::Limits;
use crate::program::Step;
use crate::purpose::Purpose;
use crate::scope::Scope;
use crate::syntax::parse;

/// A compiled expression. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: Box<str>,
    purpose: Purpose,
    step: Step,
}

/// What an evaluation gave, and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The result, or why there is none.
    pub value: Result<Value, EvaluateError>,
    /// Operations that it took.
    pub operations: u32,
}

impl Expression {
    /// Compiles `source` for `purpose`. Takes time in proportion to the source,
    /// which is bounded.
    ///
    /// # Errors
    /// The first thing that is wrong with it: what stands there, where, and what
    /// may help.
    pub fn compile(source: &str, purpose: Purpose) -> Result<Self, CompileError> {
        let step = parse(source)
            .and_then(|node| check(&node, purpose))
            .map_err(|fault| fault.in_source(source))?;
        Ok(Self(Arc::new(Compiled {
            source: source.into(),
            purpose,
            step,
        })))
    }

    /// What it says.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.0.purpose
    }

    /// Evaluates it over `scope` within [`Limits::STANDARD`].
    ///
    /// # Errors
    /// What failed, and where; a limit that was reached.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, EvaluateError> {
        self.evaluate_metered(scope, &Limits::STANDARD).value
    }

    /// The same within `limits`, with the number of operations it took. The same
    /// expression over the same scope always takes the same number.
    #[must_use]
    pub fn evaluate_metered(&self, scope: &Scope, limits: &Limits) -> Outcome {
        let (value, operations) = evaluate(&self.0.step, self.0.purpose, scope, limits);
        let value = value.map_err(|failure| {
            let place = Place::of(&self.0.source, failure.at);
            EvaluateError {
                kind: failure.kind,
                line: place.line,
                column: place.column,
                message: failure.message.into_owned(),
            }
        });
        Outcome { value, operations }
    }
}
