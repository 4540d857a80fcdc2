//! Expressions that end whatever they say, and verdicts over policy bindings.
//!
//! One language serves policies, property mappings, stages, prompts and sources:
//! the Common Expression Language, read, checked and evaluated here. Nothing here
//! does I/O or reads a clock: what an expression sees is a [`Scope`].
//! `docs/expressions.md` tells people about it.
//!
//! # Why our own interpreter
//!
//! Whoever may write a policy must not be able to stop the control plane. The
//! same bombs were run against what exists (2 MB of stack, as tasks have):
//!
//! | bomb | `cel` 0.15 | Rhai 1.27, 50,000 operations | here |
//! | --- | --- | --- | --- |
//! | seven nested `map`s, 211 bytes | 9.5 s, 1 GiB | has none | refused: macros nest 3 deep |
//! | `1+1+...`, 4 KB | stack overflow, the process ends | refused | refused: nests too deep |
//! | `.map(x,x)` or `.a`, in a row, 20 KB | stack overflow, the process ends | refused | refused: too long |
//! | endless loop | has none | stopped, 0.7 ms | has none |
//! | sorting 10,000 elements in a loop | has none | stopped after 1.0 s | has none |
//! | searching 60 kB of text in a loop | has none | stopped after 0.8 s | stopped by operations |
//! | an array in an array, again and again | has none | stopped after 5.0 s | nests only as deep as the source |
//!
//! `cel` counts nothing, and its evaluator borrows from its own parser, so that
//! a guard would have to stand before every call; its parser and its walkers
//! recurse as deep as a source leans. Rhai counts statements, but not what its
//! own functions do inside, and it is a language of loops where one of
//! conditions is enough. CEL has no loop: with every step, element and byte
//! counted, and memory counted before it is taken, an evaluation here ends after
//! [`Limits::operations`] whatever it is. A hand-written parser also knows line,
//! column and what may have been meant.

mod check;
pub mod document;
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

pub use check::WRONG_RESULT;
pub use error::{CompileError, EvaluateError, EvaluateErrorKind};
pub use expression::{Expression, Outcome};
pub use limits::Limits;
pub use purpose::Purpose;
pub use scope::{
    ApplicationFacts, EndpointFacts, ProviderFacts, RequestFacts, Scope, SessionFacts, UserFacts,
};
pub use verdict::{BindingFacts, BindingResult, SubjectFacts, Verdict, decide, decide_quick};
