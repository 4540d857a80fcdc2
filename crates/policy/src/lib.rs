//! Expressions that end whatever they say, and verdicts over policy bindings.
//!
//! One language serves policies, property mappings, stages, prompts and sources:
//! the Common Expression Language, read, checked and evaluated here. Nothing here
//! does I/O or reads a clock: what an expression sees is a [`Scope`].

mod check;
mod error;
mod evaluate;
mod expression;
mod function;
pub mod limits;
mod program;
mod purpose;
mod scope;
mod syntax;
mod types;
mod value;
mod verdict;

pub use error::{CompileError, EvaluateError, EvaluateErrorKind};
pub use expression::{Expression, Outcome};
pub use limits::Limits;
pub use purpose::Purpose;
pub use scope::{
    ApplicationFacts, EndpointFacts, ProviderFacts, RequestFacts, Scope, SessionFacts, UserFacts,
};
pub use verdict::{BindingFacts, BindingResult, SubjectFacts, Verdict, decide, decide_quick};
