//! What is wrong with an expression: where it is written, and when it runs.
//!
//! Messages name what the source says (variables, fields, functions, types) and
//! never a value: settings may be secrets.

use std::fmt;

/// A place in a source. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    /// The place of the byte `offset` of `source`; past its end the end.
    pub(crate) fn of(source: &str, offset: u32) -> Self {
        let mut end = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(source.len());
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let before = &source[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: count(before.matches('\n').count()).saturating_add(1),
            column: count(before[line_start..].chars().count()).saturating_add(1),
        }
    }
}

/// Why a source is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, in words.
    pub message: String,
    /// What may help, in words.
    pub hint: Option<String>,
    /// Stable code.
    pub code: &'static str,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CompileError {}

/// Why an evaluation gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluateError {
    /// What kind of failure it is.
    pub kind: EvaluateErrorKind,
    /// Line of what failed, from 1.
    pub line: u32,
    /// Column of what failed in characters, from 1.
    pub column: u32,
    /// What went wrong, in words; never a value.
    pub message: String,
}

/// What kind of failure ended an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvaluateErrorKind {
    /// It took more operations than it may.
    TooManyOperations,
    /// It took more memory than it may.
    TooMuchMemory,
    /// Its result is larger than it may be.
    ResultTooLarge,
    /// A field, key or index is not there.
    Missing,
    /// A value is not of the type that is needed.
    WrongType,
    /// A number left its range, or was divided by zero.
    Arithmetic,
    /// A text is not what a function can read: a time, a network, a number.
    BadValue,
    /// The result is not what the purpose asks for.
    WrongResult,
    /// The source is not of the language: it was stored before this version.
    DoesNotCompile,
}

impl EvaluateErrorKind {
    /// Its stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooManyOperations => "too_many_operations",
            Self::TooMuchMemory => "too_much_memory",
            Self::ResultTooLarge => "result_too_large",
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::Arithmetic => "arithmetic",
            Self::BadValue => "bad_value",
            Self::WrongResult => "wrong_result",
            Self::DoesNotCompile => "does_not_compile",
        }
    }

    /// Whether a limit ended it: such an end no `||` makes up for.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(
            self,
            Self::TooManyOperations | Self::TooMuchMemory | Self::ResultTooLarge
        )
    }
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl std::error::Error for EvaluateError {}
