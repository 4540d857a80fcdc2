//! The functions of the language: one table that the checker, the evaluator and
//! the documentation read.

mod access;
mod convert;
mod table;
mod text;
mod time;

pub(crate) use convert::text_of;
pub(crate) use table::{FUNCTIONS, Signature};

use causeway_model::settings::SecretReference;

use crate::error::EvaluateErrorKind;
use crate::evaluate::{Evaluated, Failure, Machine};
use crate::value::Value;

/// A function. What has several signatures is one function still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    Size,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    LowerAscii,
    UpperAscii,
    Trim,
    Split,
    Join,
    Replace,
    Substring,
    IndexOf,
    InNetwork,
    InTimeWindow,
    Weekday,
    InGroup,
    HasMethod,
    Secret,
    ToInt,
    ToUint,
    ToDouble,
    ToText,
    ToBytes,
    ToBool,
    ToTimestamp,
    ToDuration,
    TypeOf,
    Dyn,
    FullYear,
    Month,
    DayOfMonth,
    Date,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// The most arguments that a function takes, what stands before the dot among
/// them.
pub(crate) const ARGUMENTS_MAX: usize = 4;

impl Function {
    /// Whether it looks at the user or their sign-in, whom not every purpose
    /// knows.
    pub(crate) const fn needs_user(self) -> bool {
        matches!(self, Self::InGroup | Self::HasMethod)
    }
}

/// Calls `function`.
pub(crate) fn call<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    function: Function,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    use Function as F;
    match function {
        F::Size => convert::size(machine, at, arguments),
        // The checker reads it where it is written.
        F::Secret => Err(bad(at, "secret() takes a text written out")),
        F::InGroup => access::in_group(machine, at, arguments),
        F::HasMethod => access::has_method(machine, at, arguments),
        F::InNetwork => access::in_network(machine, at, arguments),
        F::InTimeWindow => time::in_time_window(machine, at, arguments),
        F::Weekday => time::weekday(machine, at, arguments),
        F::StartsWith
        | F::EndsWith
        | F::Contains
        | F::Matches
        | F::LowerAscii
        | F::UpperAscii
        | F::Trim
        | F::Split
        | F::Join
        | F::Replace
        | F::Substring
        | F::IndexOf => text::call(machine, at, function, arguments),
        F::ToInt
        | F::ToUint
        | F::ToDouble
        | F::ToText
        | F::ToBytes
        | F::ToBool
        | F::ToTimestamp
        | F::ToDuration
        | F::TypeOf
        | F::Dyn => convert::call(machine, at, function, arguments),
        F::FullYear
        | F::Month
        | F::DayOfMonth
        | F::Date
        | F::DayOfWeek
        | F::DayOfYear
        | F::Hours
        | F::Minutes
        | F::Seconds
        | F::Milliseconds => time::part(machine, at, function, arguments),
    }
}

/// Whether `text`, written out as argument `index` (from 0, without what stands
/// before the dot) of `function`, can be read.
pub(crate) fn check_literal(function: Function, index: usize, text: &str) -> Result<(), String> {
    match (function, index) {
        (Function::InNetwork, 0) => access::address(text).map(|_| ()),
        (Function::InNetwork, 1) => access::network(text).map(|_| ()),
        (Function::InTimeWindow, 1 | 2) => time::clock(text).map(|_| ()),
        (Function::InTimeWindow, 3) | (Function::Weekday, 1) => time::zone(text).map(|_| ()),
        (
            Function::FullYear
            | Function::Month
            | Function::DayOfMonth
            | Function::Date
            | Function::DayOfWeek
            | Function::DayOfYear
            | Function::Hours
            | Function::Minutes
            | Function::Seconds
            | Function::Milliseconds,
            0,
        ) => time::zone(text).map(|_| ()),
        (Function::HasMethod, 0) => access::method(text).map(|_| ()),
        (Function::Secret, 0) => text
            .parse::<SecretReference>()
            .map(|_| ())
            .map_err(|error| error.to_string()),
        (Function::ToDuration, 0) => time::duration(text).map(|_| ()),
        (Function::ToTimestamp, 0) => time::timestamp(text).map(|_| ()),
        _ => Ok(()),
    }
}

/// What stands at `index`, as a text.
fn text_at<'v>(at: u32, arguments: &'v [Value<'_>], index: usize) -> Result<&'v str, Failure> {
    match arguments.get(index) {
        Some(Value::Text(text)) => Ok(text.as_str()),
        other => Err(wrong(at, "a text", other)),
    }
}

fn int_at(at: u32, arguments: &[Value<'_>], index: usize) -> Result<i64, Failure> {
    match arguments.get(index) {
        Some(Value::Int(value)) => Ok(*value),
        other => Err(wrong(at, "a whole number", other)),
    }
}

fn wrong(at: u32, wanted: &str, found: Option<&Value<'_>>) -> Failure {
    let found = match found {
        Some(Value::Null) | None => "null: it is not known here".to_owned(),
        Some(value) => value.type_of().to_string(),
    };
    let message = format!("this function needs {wanted}, not {found}");
    Failure::new(at, EvaluateErrorKind::WrongType, message)
}

fn bad(at: u32, message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(at, EvaluateErrorKind::BadValue, message)
}
