//! Functions of texts. Places are counted in characters, as CEL has it.

use std::sync::Arc;

use super::{Failure, Function, bad, int_at, text_at, wrong};
use crate::error::EvaluateErrorKind;
use crate::evaluate::{Evaluated, Machine};
use crate::value::{List, Text, Value};

pub(super) fn call<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    function: Function,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    if function == Function::Join {
        return join(machine, at, arguments);
    }
    let text = text_at(at, arguments, 0)?;
    machine.meter.spend_walk(at, text.len())?;
    match function {
        Function::LowerAscii => machine.text(at, &text.to_ascii_lowercase()),
        Function::UpperAscii => machine.text(at, &text.to_ascii_uppercase()),
        Function::Trim => machine.text(at, text.trim()),
        Function::Split => split(machine, at, text, arguments),
        Function::Replace => replace(machine, at, text, arguments),
        Function::Substring => substring(machine, at, text, arguments),
        _ => {
            let other = text_at(at, arguments, 1)?;
            machine.meter.spend_walk(at, other.len())?;
            Ok(match function {
                Function::StartsWith => Value::Bool(text.starts_with(other)),
                Function::EndsWith => Value::Bool(text.ends_with(other)),
                Function::Contains => Value::Bool(text.contains(other)),
                _ => Value::Int(index_of(text, other)),
            })
        }
    }
}

fn index_of(text: &str, other: &str) -> i64 {
    text.find(other)
        .and_then(|byte| i64::try_from(text[..byte].chars().count()).ok())
        .unwrap_or(-1)
}

/// How many at most: absent or negative for all.
fn count(at: u32, arguments: &[Value<'_>], index: usize) -> Result<usize, Failure> {
    if arguments.len() <= index {
        return Ok(usize::MAX);
    }
    Ok(usize::try_from(int_at(at, arguments, index)?).unwrap_or(usize::MAX))
}

fn split<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    text: &str,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let separator = text_at(at, arguments, 1)?;
    let most = count(at, arguments, 2)?;
    let mut parts: Vec<Value<'a>> = Vec::new();
    let mut add = |part: &str| -> Result<(), Failure> {
        machine.meter.take_values(at, 1)?;
        machine.meter.take_text(at, part.len())?;
        parts.push(Value::Text(Text::Shared(Arc::from(part))));
        Ok(())
    };
    if most == 0 {
        return Ok(Value::List(List::Values(parts.into())));
    }
    if separator.is_empty() {
        // Between characters, and nothing before the first or after the last.
        let mut rest = text;
        let mut left = most;
        while let Some(first) = rest.chars().next() {
            if left == 1 {
                add(rest)?;
                break;
            }
            add(&rest[..first.len_utf8()])?;
            rest = &rest[first.len_utf8()..];
            left -= 1;
        }
    } else {
        for part in text.splitn(most, separator) {
            add(part)?;
        }
    }
    Ok(Value::List(List::Values(parts.into())))
}

fn join<'a>(machine: &mut Machine<'a>, at: u32, arguments: &[Value<'a>]) -> Evaluated<'a> {
    let Some(Value::List(list)) = arguments.first() else {
        return Err(wrong(at, "a list of texts", arguments.first()));
    };
    let separator = if arguments.len() > 1 {
        text_at(at, arguments, 1)?
    } else {
        ""
    };
    let mut joined = String::new();
    for index in 0..list.len() {
        let element = list.at(index);
        let Some(Value::Text(part)) = &element else {
            return Err(wrong(at, "a list of texts", element.as_ref()));
        };
        machine.meter.spend(at, 1)?;
        machine
            .meter
            .take_text(at, part.as_str().len() + separator.len())?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part.as_str());
    }
    machine.text(at, &joined)
}

fn replace<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    text: &str,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let from = text_at(at, arguments, 1)?;
    let to = text_at(at, arguments, 2)?;
    let most = count(at, arguments, 3)?;
    // What comes out is known before it is made.
    let found = text.match_indices(from).take(most).count();
    machine.meter.spend(at, found)?;
    let bytes = text
        .len()
        .saturating_sub(found.saturating_mul(from.len()))
        .saturating_add(found.saturating_mul(to.len()));
    machine.meter.take_text(at, bytes)?;
    let replaced = text.replacen(from, to, most);
    Ok(Value::Text(Text::Shared(replaced.into())))
}

fn substring<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    text: &str,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let outside = || {
        Failure::new(
            at,
            EvaluateErrorKind::Missing,
            "the text has no such characters",
        )
    };
    let place = |index: usize| -> Result<usize, Failure> {
        let character = usize::try_from(int_at(at, arguments, index)?).map_err(|_| outside())?;
        text.char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()])
            .nth(character)
            .ok_or_else(outside)
    };
    let begin = place(1)?;
    let end = if arguments.len() > 2 {
        place(2)?
    } else {
        text.len()
    };
    match text.get(begin..end) {
        Some(part) => machine.text(at, part),
        None => Err(bad(at, "a part of a text ends before it begins")),
    }
}
