//! Walking the steps. Each costs an operation, what it makes costs memory; both
//! are counted before anything is done, so that nothing is ever half paid.
//!
//! The depth of the recursion is the depth of the source, which is bounded, plus
//! that of JSON from outside, which its reader bounded.

mod arithmetic;
mod compare;
mod macros;
mod meter;
mod result;

use std::sync::Arc;

pub(crate) use arithmetic::out_of_range;
pub(crate) use meter::{Failure, Meter};

use crate::error::EvaluateErrorKind as Kind;
use crate::function;
use crate::limits::{Limits, MATCHED_BYTES_MAX};
use crate::program::{Act, Constant, Pattern, Step};
use crate::purpose::Purpose;
use crate::scope::Scope;
use crate::syntax::Binary;
use crate::value::{List, Map, Text, Value};

/// A value, or why there is none.
pub(crate) type Evaluated<'a> = Result<Value<'a>, Failure>;

/// Evaluates `step` over `scope`; the result as JSON, and the operations it took.
pub(crate) fn evaluate(
    step: &Step,
    purpose: Purpose,
    scope: &Scope,
    limits: &Limits,
) -> (Result<serde_json::Value, Failure>, u32) {
    let mut machine = Machine {
        scope,
        meter: Meter::new(*limits),
        locals: Vec::new(),
    };
    let value = machine
        .step(step)
        .and_then(|value| result::json(&mut machine.meter, step.at, purpose, &value));
    (value, machine.meter.operations())
}

/// An evaluation under way.
pub(crate) struct Machine<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) meter: Meter,
    /// Variables of the macros around, the innermost last.
    locals: Vec<Value<'a>>,
}

impl<'a> Machine<'a> {
    fn step(&mut self, step: &'a Step) -> Evaluated<'a> {
        let at = step.at;
        self.meter.spend(at, 1)?;
        match &step.act {
            Act::Constant(constant) => Ok(self.constant(constant)),
            Act::Variable(variable) => Ok(variable.of(self.scope)),
            Act::Local(index) => Ok(self.locals.get(*index).cloned().unwrap_or(Value::Null)),
            Act::List(elements) => self.list(at, elements),
            Act::Map(entries) => self.map(at, entries),
            Act::Select(of, field) => {
                let of = self.step(of)?;
                self.select(at, &of, field)
            }
            Act::Has(of, field) => {
                let of = self.step(of)?;
                self.has(at, &of, field)
            }
            Act::Index(parts) => {
                let of = self.step(&parts[0])?;
                let index = self.step(&parts[1])?;
                self.index(at, &of, &index)
            }
            Act::Not(inner) => {
                let inner = self.step(inner)?;
                Ok(Value::Bool(!bool_of(at, "`!`", &inner)?))
            }
            Act::Negate(inner) => {
                let inner = self.step(inner)?;
                arithmetic::negate(at, &inner)
            }
            Act::And(parts) => self.joined(parts, false, "`&&`"),
            Act::Or(parts) => self.joined(parts, true, "`||`"),
            Act::If(parts) => {
                let [condition, this, that] = &**parts;
                let value = self.step(condition)?;
                let chosen = if bool_of(condition.at, "a condition", &value)? {
                    this
                } else {
                    that
                };
                self.step(chosen)
            }
            Act::Binary(operator, sides) => {
                let left = self.step(&sides[0])?;
                let right = self.step(&sides[1])?;
                self.binary(at, *operator, &left, &right)
            }
            Act::Call(function, arguments) => {
                let mut values = [const { Value::Null }; function::ARGUMENTS_MAX];
                for (value, argument) in values.iter_mut().zip(arguments) {
                    *value = self.step(argument)?;
                }
                let count = arguments.len().min(values.len());
                function::call(self, at, *function, &values[..count])
            }
            Act::Matches(text, pattern) => {
                let text = self.step(text)?;
                self.matches(at, &text, pattern)
            }
            Act::Macro(call) => self.macro_call(at, call),
        }
    }

    fn constant(&self, constant: &'a Constant) -> Value<'a> {
        match constant {
            Constant::Null => Value::Null,
            Constant::Bool(value) => Value::Bool(*value),
            Constant::Int(value) => Value::Int(*value),
            Constant::Uint(value) => Value::Uint(*value),
            Constant::Double(value) => Value::Double(*value),
            Constant::Text(text) => Value::borrowed(text),
            Constant::Bytes(bytes) => Value::Bytes(Arc::clone(bytes)),
            Constant::Type(kind) => Value::Type(*kind),
            Constant::Secret(reference) => Value::Secret(reference),
        }
    }

    fn list(&mut self, at: u32, elements: &'a [Step]) -> Evaluated<'a> {
        self.meter.take_values(at, elements.len())?;
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            values.push(self.step(element)?);
        }
        Ok(Value::List(List::Values(values.into())))
    }

    fn map(&mut self, at: u32, entries: &'a [(Step, Step)]) -> Evaluated<'a> {
        self.meter.take_values(at, entries.len() * 2)?;
        let mut values: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
        for (key_step, value) in entries {
            let key = self.step(key_step)?;
            let is_key = matches!(
                key,
                Value::Text(_) | Value::Int(_) | Value::Uint(_) | Value::Bool(_)
            );
            if !is_key {
                let message = format!("a key of a map cannot be {}", key.type_of());
                return Err(Failure::new(key_step.at, Kind::WrongType, message));
            }
            for (other, _) in &values {
                if self.equal(key_step.at, other, &key)? {
                    let message = "a key stands in a map twice";
                    return Err(Failure::new(key_step.at, Kind::BadValue, message));
                }
            }
            values.push((key, self.step(value)?));
        }
        Ok(Value::Map(Map::Entries(values.into())))
    }

    fn select(&mut self, at: u32, of: &Value<'a>, field: &str) -> Evaluated<'a> {
        let Value::Map(map) = of else {
            return Err(no_fields(at, of, field));
        };
        self.spend_lookup(at, map)?;
        map.named(field)
            .ok_or_else(|| Failure::new(at, Kind::Missing, format!("there is no field `{field}`")))
    }

    /// What is not known (`null`) has no fields.
    fn has(&mut self, at: u32, of: &Value<'a>, field: &str) -> Evaluated<'a> {
        match of {
            Value::Map(map) => {
                self.spend_lookup(at, map)?;
                Ok(Value::Bool(map.named(field).is_some()))
            }
            Value::Null => Ok(Value::Bool(false)),
            _ => Err(no_fields(at, of, field)),
        }
    }

    /// A map that an expression made is looked through from its beginning.
    fn spend_lookup(&mut self, at: u32, map: &Map<'_>) -> Result<(), Failure> {
        match map {
            Map::Entries(entries) => self.meter.spend(at, entries.len()),
            Map::Json(_) | Map::Labels(_) | Map::Record(_) => Ok(()),
        }
    }

    fn index(&mut self, at: u32, of: &Value<'a>, index: &Value<'a>) -> Evaluated<'a> {
        match of {
            Value::List(list) => {
                let position = match index {
                    Value::Int(position) => usize::try_from(*position).ok(),
                    Value::Uint(position) => usize::try_from(*position).ok(),
                    _ => {
                        let message = format!("a list cannot be indexed by {}", index.type_of());
                        return Err(Failure::new(at, Kind::WrongType, message));
                    }
                };
                position
                    .and_then(|position| list.at(position))
                    .ok_or_else(|| {
                        Failure::new(at, Kind::Missing, "the list has no element of that number")
                    })
            }
            Value::Map(map) => self
                .entry(at, map, index)?
                .ok_or_else(|| Failure::new(at, Kind::Missing, "the map has no such key")),
            _ => {
                let message = format!("{} has no elements", of.type_of());
                Err(Failure::new(at, Kind::WrongType, message))
            }
        }
    }

    /// What stands under `key`.
    fn entry(
        &mut self,
        at: u32,
        map: &Map<'a>,
        key: &Value<'a>,
    ) -> Result<Option<Value<'a>>, Failure> {
        match (map, key) {
            (Map::Entries(entries), _) => {
                for (held, value) in entries.iter() {
                    self.meter.spend(at, 1)?;
                    if self.equal(at, held, key)? {
                        return Ok(Some(value.clone()));
                    }
                }
                Ok(None)
            }
            (_, Value::Text(text)) => {
                self.meter.spend_bytes(at, text.as_str().len())?;
                Ok(map.named(text.as_str()))
            }
            _ => Ok(None),
        }
    }

    /// `&&` and `||`: what decides, decides, whatever fails beside it (language
    /// definition, "Logical operators"). A limit is no such failure.
    fn joined(&mut self, parts: &'a [Step], decides: bool, mark: &str) -> Evaluated<'a> {
        let mut failed = None;
        for part in parts {
            let value = self
                .step(part)
                .and_then(|value| bool_of(part.at, mark, &value));
            match value {
                Ok(value) if value == decides => return Ok(Value::Bool(decides)),
                Ok(_) => {}
                Err(failure) if failure.kind.is_limit() => return Err(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decides)), Err)
    }

    fn binary(
        &mut self,
        at: u32,
        operator: Binary,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Evaluated<'a> {
        match operator {
            Binary::Equal => Ok(Value::Bool(self.equal(at, left, right)?)),
            Binary::NotEqual => Ok(Value::Bool(!self.equal(at, left, right)?)),
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                self.ordered(at, operator, left, right)
            }
            Binary::In => self.is_in(at, left, right),
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Remainder => self.arithmetic(at, operator, left, right),
        }
    }

    fn is_in(&mut self, at: u32, value: &Value<'a>, held_by: &Value<'a>) -> Evaluated<'a> {
        match held_by {
            Value::List(list) => {
                for index in 0..list.len() {
                    self.meter.spend(at, 1)?;
                    let element = list.at(index).unwrap_or(Value::Null);
                    if self.equal(at, &element, value)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Value::Map(map) => Ok(Value::Bool(self.entry(at, map, value)?.is_some())),
            _ => {
                let message = format!("`in` needs a list or map, not {}", held_by.type_of());
                Err(Failure::new(at, Kind::WrongType, message))
            }
        }
    }

    fn matches(&mut self, at: u32, text: &Value<'a>, pattern: &Pattern) -> Evaluated<'a> {
        let Value::Text(text) = text else {
            let message = format!("matches() needs a text, not {}", text.type_of());
            return Err(Failure::new(at, Kind::WrongType, message));
        };
        let text = text.as_str();
        if text.len() > MATCHED_BYTES_MAX {
            let message = format!("matches() takes texts of {MATCHED_BYTES_MAX} bytes at most");
            return Err(Failure::new(at, Kind::BadValue, message));
        }
        let operations = u32::try_from(text.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(pattern.operations_per_byte);
        self.meter
            .spend(at, usize::try_from(operations).unwrap_or(usize::MAX))?;
        Ok(Value::Bool(pattern.regex.is_match(text)))
    }

    /// A text that the expression makes.
    pub(crate) fn text(&mut self, at: u32, text: &str) -> Evaluated<'a> {
        self.meter.take_text(at, text.len())?;
        Ok(Value::Text(Text::Shared(text.into())))
    }
}

fn bool_of(at: u32, who: &str, value: &Value<'_>) -> Result<bool, Failure> {
    match value {
        Value::Bool(value) => Ok(*value),
        _ => {
            let message = format!("{who} needs `true` or `false`, not {}", value.type_of());
            Err(Failure::new(at, Kind::WrongType, message))
        }
    }
}

fn no_fields(at: u32, of: &Value<'_>, field: &str) -> Failure {
    match of {
        Value::Null => Failure::new(
            at,
            Kind::Missing,
            format!("there is no field `{field}`: what it is asked of is not known here (null)"),
        ),
        _ => Failure::new(
            at,
            Kind::WrongType,
            format!("{} has no field `{field}`", of.type_of()),
        ),
    }
}
