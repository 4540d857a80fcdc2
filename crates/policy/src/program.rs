//! A checked expression: names are resolved, patterns compiled. What the
//! evaluator walks.

use std::sync::Arc;

use regex::Regex;

use crate::function::Function;
use crate::scope::Variable;
use crate::syntax::Binary;
use crate::types::Type;

/// A step, with the byte of the source that it came from.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) at: u32,
    pub(crate) act: Act,
}

/// What a step does.
#[derive(Debug)]
pub(crate) enum Act {
    Constant(Constant),
    Variable(Variable),
    /// The variable of a macro, counted from the outermost.
    Local(usize),
    List(Box<[Step]>),
    Map(Box<[(Step, Step)]>),
    Select(Box<Step>, Box<str>),
    /// Whether the field is there.
    Has(Box<Step>, Box<str>),
    Index(Box<[Step; 2]>),
    Not(Box<Step>),
    Negate(Box<Step>),
    And(Box<[Step]>),
    Or(Box<[Step]>),
    If(Box<[Step; 3]>),
    Binary(Binary, Box<[Step; 2]>),
    /// A function; what stood before the dot is its first argument.
    Call(Function, Box<[Step]>),
    Matches(Box<Step>, Pattern),
    Macro(Box<Macro>),
}

/// A value that is written out.
#[derive(Debug)]
pub(crate) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Box<str>),
    Bytes(Arc<[u8]>),
    Type(Type),
    /// `secret("...")`.
    Secret(Box<str>),
}

/// A compiled regular expression.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) regex: Regex,
    /// Operations for each byte that it is matched against.
    pub(crate) operations_per_byte: u32,
}

/// A macro over the elements of a list or the keys of a map.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) kind: MacroKind,
    pub(crate) range: Step,
    /// `map` with three arguments: what is left out.
    pub(crate) filter: Option<Step>,
    pub(crate) body: Step,
}

/// Which macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MacroKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

impl MacroKind {
    /// All of them, with how they are written.
    pub(crate) const NAMED: [(&'static str, Self); 6] = [
        ("all", Self::All),
        ("exists", Self::Exists),
        ("exists_one", Self::ExistsOne),
        ("existsOne", Self::ExistsOne),
        ("filter", Self::Filter),
        ("map", Self::Map),
    ];
}
