//! Expressions where they are written: compiled once to see that they can be.

use super::object::check::Errors;
use crate::problem::FieldError;

use causeway_policy::CompileError;
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
        errors.push(wrong(field, error));
    }
}

/// Notes what is wrong with a property mapping's expression. One that gives
/// something else than a map is taken with a warning: its mapping is skipped at
/// each launch, as one whose expression fails.
pub(crate) fn mapping(errors: &mut Errors, field: &str, source: &str) -> Option<FieldError> {
    if source.trim().is_empty() {
        return None;
    }
    let error = Expression::compile(source, Purpose::PropertyMapping).err()?;
    let gives_no_map = error.code == causeway_policy::WRONG_RESULT;
    let wrong = wrong(field, error);
    if gives_no_map {
        return Some(wrong);
    }
    errors.push(wrong);
    None
}

fn wrong(field: &str, error: CompileError) -> FieldError {
    let wrong = FieldError::new(field, "expression_invalid", error.to_string());
    FieldError {
        line: Some(error.line),
        column: Some(error.column),
        hint: error.hint.map(Into::into),
        ..wrong
    }
}
