//! From one type to another, and sizes.

use super::{Function, bad, time, wrong};
use crate::evaluate::{Evaluated, Machine, out_of_range};
use crate::value::Value;

/// The longest text that a number, a time or a duration is read from, in bytes.
const READ_BYTES_MAX: usize = 64;

pub(super) fn size<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let size = match arguments.first() {
        Some(Value::Text(text)) => {
            machine.meter.spend_bytes(at, text.as_str().len())?;
            text.as_str().chars().count()
        }
        Some(Value::Bytes(bytes)) => bytes.len(),
        Some(Value::List(list)) => list.len(),
        Some(Value::Map(map)) => map.len(),
        other => return Err(wrong(at, "a text, bytes, a list or a map", other)),
    };
    i64::try_from(size)
        .map(Value::Int)
        .map_err(|_| out_of_range(at))
}

pub(super) fn call<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    function: Function,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let Some(value) = arguments.first() else {
        return Err(wrong(at, "a value", None));
    };
    if let Value::Text(text) = value
        && text.as_str().len() > READ_BYTES_MAX
        && !matches!(
            function,
            Function::Dyn | Function::TypeOf | Function::ToText | Function::ToBytes
        )
    {
        return Err(bad(
            at,
            "this text is too long to be read as something else",
        ));
    }
    match function {
        Function::ToInt => int(at, value),
        Function::ToUint => uint(at, value),
        Function::ToDouble => double(at, value),
        Function::ToText => text(machine, at, value),
        Function::ToBytes => bytes(machine, at, value),
        Function::ToBool => boolean(at, value),
        Function::ToTimestamp => timestamp(at, value),
        Function::ToDuration => duration(at, value),
        Function::TypeOf => Ok(Value::Type(value.type_of())),
        _ => Ok(value.clone()),
    }
}

fn int<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    let value = match value {
        Value::Int(value) => Some(*value),
        Value::Uint(value) => i64::try_from(*value).ok(),
        Value::Double(value) => whole(*value).and_then(|whole| i64::try_from(whole).ok()),
        Value::Text(text) => {
            return text
                .as_str()
                .parse()
                .map(Value::Int)
                .map_err(|_| bad(at, "this text is no whole number"));
        }
        Value::Timestamp(time) => Some(time.as_second()),
        other => return Err(wrong(at, "a number, a text or a time", Some(other))),
    };
    value.map(Value::Int).ok_or_else(|| out_of_range(at))
}

fn uint<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    let value = match value {
        Value::Uint(value) => Some(*value),
        Value::Int(value) => u64::try_from(*value).ok(),
        Value::Double(value) => whole(*value).and_then(|whole| u64::try_from(whole).ok()),
        Value::Text(text) => {
            return text
                .as_str()
                .parse()
                .map(Value::Uint)
                .map_err(|_| bad(at, "this text is no whole number without sign"));
        }
        other => return Err(wrong(at, "a number or a text", Some(other))),
    };
    value.map(Value::Uint).ok_or_else(|| out_of_range(at))
}

/// The number towards zero; nothing far outside of what `int` and `uint` hold.
fn whole(value: f64) -> Option<i128> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "truncation is meant, and the range is looked at"
    )]
    (value.is_finite() && value.abs() < 1e20).then(|| value.trunc() as i128)
}

fn double<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "the nearest number is what is asked for"
    )]
    match value {
        Value::Double(value) => Ok(Value::Double(*value)),
        Value::Int(value) => Ok(Value::Double(*value as f64)),
        Value::Uint(value) => Ok(Value::Double(*value as f64)),
        Value::Text(text) => text
            .as_str()
            .parse()
            .map(Value::Double)
            .map_err(|_| bad(at, "this text is no number")),
        other => Err(wrong(at, "a number or a text", Some(other))),
    }
}

fn text<'a>(machine: &mut Machine<'a>, at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Text(_) => Ok(value.clone()),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => machine.text(at, text),
            Err(_) => Err(bad(at, "these bytes are no UTF-8")),
        },
        other => match text_of(other) {
            Some(text) => machine.text(at, &text),
            None => Err(wrong(
                at,
                "a number, a boolean, a time, a duration or bytes",
                Some(other),
            )),
        },
    }
}

/// A value that has one text, as that text.
pub(crate) fn text_of(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Text(text) => text.as_str().to_owned(),
        Value::Timestamp(time) => time.to_string(),
        Value::Duration(duration) => time::duration_text(*duration),
        _ => return None,
    })
}

fn bytes<'a>(machine: &mut Machine<'a>, at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Bytes(_) => Ok(value.clone()),
        Value::Text(text) => {
            machine.meter.take_text(at, text.as_str().len())?;
            Ok(Value::Bytes(text.as_str().as_bytes().into()))
        }
        other => Err(wrong(at, "a text", Some(other))),
    }
}

fn boolean<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::Text(text) => match text.as_str() {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Value::Bool(false)),
            _ => Err(bad(at, "this text is neither true nor false")),
        },
        other => Err(wrong(at, "a text or a boolean", Some(other))),
    }
}

fn timestamp<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Timestamp(time) => Ok(Value::Timestamp(*time)),
        Value::Int(seconds) => jiff::Timestamp::from_second(*seconds)
            .map(Value::Timestamp)
            .map_err(|_| out_of_range(at)),
        Value::Text(text) => time::timestamp(text.as_str())
            .map(Value::Timestamp)
            .map_err(|message| bad(at, message)),
        other => Err(wrong(at, "a text or a whole number", Some(other))),
    }
}

fn duration<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        Value::Text(text) => time::duration(text.as_str())
            .map(Value::Duration)
            .map_err(|message| bad(at, message)),
        other => Err(wrong(at, "a text", Some(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_whole_towards_zero() {
        assert_eq!(whole(-1.9), Some(-1));
        assert_eq!(whole(1.9), Some(1));
        assert_eq!(whole(f64::NAN), None);
        assert_eq!(whole(1e30), None);
    }
}
