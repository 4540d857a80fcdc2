//! From text to a tree: the grammar of CEL (language definition, section
//! "Syntax"), without messages (`Type{...}`) and without a leading dot.
//!
//! Every limit of a source is checked here, before anything else looks at it:
//! its length, its tokens and how deep its tree is. What comes out can be walked
//! by plain recursion.

mod lexer;
mod literal;
mod parser;
mod tree;

pub(crate) use parser::parse;
pub(crate) use tree::{Binary, Call, Literal, Node, Tree};

use crate::error::{CompileError, Place};

/// What is wrong, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: u32,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// The source is longer, or made of more parts, than it may be.
pub(crate) const TOO_LONG: &str = "expression_too_long";
/// The source nests deeper than it may.
pub(crate) const TOO_DEEP: &str = "expression_too_deep";
/// The source is not of the language.
pub(crate) const SYNTAX: &str = "expression_syntax";

impl Fault {
    pub(crate) fn new(at: u32, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            at,
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// The same with line and column.
    pub(crate) fn in_source(self, source: &str) -> CompileError {
        let place = Place::of(source, self.at);
        CompileError {
            line: place.line,
            column: place.column,
            message: self.message,
            hint: self.hint,
            code: self.code,
        }
    }
}
