//! Expressions where they are written: compiled once to see that they can be.

use super::object::check::Errors;
use crate::problem::FieldError;

pub(crate) use causeway_policy::{Expression, Purpose};

/// Notes what is wrong with an expression; an empty one is none.
pub(crate) fn check(errors: &mut Errors, field: &str, source: &str, purpose: Purpose) {
    if !source.trim().is_empty() {
        required(errors, field, source, purpose);
    }
}

/// Notes what is wrong with an expression that must be there.
pub(crate) fn required(errors: &mut Errors, field: &str, source: &str, purpose: Purpose) {
    if let Err(error) = Expression::compile(source, purpose) {
        let wrong = FieldError::new(field, "expression_invalid", error.to_string());
        errors.push(FieldError {
            line: Some(error.line),
            column: Some(error.column),
            hint: error.hint.map(Into::into),
            ..wrong
        });
    }
}
