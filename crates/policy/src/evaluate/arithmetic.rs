//! Sums, differences and the like. What leaves its range is a failure, never a
//! wrong number.

use std::sync::Arc;

use super::{Evaluated, Failure, Machine};
use crate::error::EvaluateErrorKind as Kind;
use crate::syntax::Binary;
use crate::value::{List, Text, Value};

impl<'a> Machine<'a> {
    pub(super) fn arithmetic(
        &mut self,
        at: u32,
        operator: Binary,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Evaluated<'a> {
        match (left, right) {
            (Value::Int(left), Value::Int(right)) => int(at, operator, *left, *right),
            (Value::Uint(left), Value::Uint(right)) => uint(at, operator, *left, *right),
            (Value::Double(one), Value::Double(other)) => Ok(Value::Double(match operator {
                Binary::Add => one + other,
                Binary::Subtract => one - other,
                Binary::Multiply => one * other,
                Binary::Divide => one / other,
                _ => return Err(cannot(at, operator, left, right)),
            })),
            _ => match operator {
                Binary::Add => self.add(at, left, right),
                Binary::Subtract => subtract(at, left, right),
                _ => Err(cannot(at, operator, left, right)),
            },
        }
    }

    fn add(&mut self, at: u32, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => {
                let (left, right) = (left.as_str(), right.as_str());
                self.meter.take_text(at, left.len() + right.len())?;
                let mut text = String::with_capacity(left.len() + right.len());
                text.push_str(left);
                text.push_str(right);
                Ok(Value::Text(Text::Shared(text.into())))
            }
            (Value::Bytes(left), Value::Bytes(right)) => {
                self.meter.take_text(at, left.len() + right.len())?;
                let bytes: Arc<[u8]> = [&**left, &**right].concat().into();
                Ok(Value::Bytes(bytes))
            }
            (Value::List(left), Value::List(right)) => self.append(at, left, right),
            (Value::Timestamp(time), Value::Duration(duration))
            | (Value::Duration(duration), Value::Timestamp(time)) => time
                .checked_add(*duration)
                .map(Value::Timestamp)
                .map_err(|_| out_of_range(at)),
            (Value::Duration(left), Value::Duration(right)) => left
                .checked_add(*right)
                .map(Value::Duration)
                .ok_or_else(|| out_of_range(at)),
            _ => Err(cannot(at, Binary::Add, left, right)),
        }
    }

    fn append(&mut self, at: u32, left: &List<'a>, right: &List<'a>) -> Evaluated<'a> {
        let length = left.len() + right.len();
        self.meter.take_values(at, length)?;
        let mut values = Vec::with_capacity(length);
        for list in [left, right] {
            values.extend((0..list.len()).filter_map(|index| list.at(index)));
        }
        Ok(Value::List(List::Values(values.into())))
    }
}

pub(super) fn negate<'a>(at: u32, value: &Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Int(value) => value
            .checked_neg()
            .map(Value::Int)
            .ok_or_else(|| out_of_range(at)),
        Value::Double(value) => Ok(Value::Double(-value)),
        _ => {
            let message = format!("`-` needs a number, not {}", value.type_of());
            Err(Failure::new(at, Kind::WrongType, message))
        }
    }
}

fn subtract<'a>(at: u32, left: &Value<'a>, right: &Value<'a>) -> Evaluated<'a> {
    match (left, right) {
        (Value::Timestamp(left), Value::Timestamp(right)) => {
            Ok(Value::Duration(left.duration_since(*right)))
        }
        (Value::Timestamp(time), Value::Duration(duration)) => time
            .checked_sub(*duration)
            .map(Value::Timestamp)
            .map_err(|_| out_of_range(at)),
        (Value::Duration(left), Value::Duration(right)) => left
            .checked_sub(*right)
            .map(Value::Duration)
            .ok_or_else(|| out_of_range(at)),
        _ => Err(cannot(at, Binary::Subtract, left, right)),
    }
}

fn int<'a>(at: u32, operator: Binary, left: i64, right: i64) -> Evaluated<'a> {
    let value = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide | Binary::Remainder if right == 0 => return Err(by_zero(at)),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    value.map(Value::Int).ok_or_else(|| out_of_range(at))
}

fn uint<'a>(at: u32, operator: Binary, left: u64, right: u64) -> Evaluated<'a> {
    let value = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide | Binary::Remainder if right == 0 => return Err(by_zero(at)),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    value.map(Value::Uint).ok_or_else(|| out_of_range(at))
}

fn by_zero(at: u32) -> Failure {
    Failure::new(at, Kind::Arithmetic, "a number was divided by zero")
}

pub(crate) fn out_of_range(at: u32) -> Failure {
    Failure::new(at, Kind::Arithmetic, "the result is out of range")
}

fn cannot(at: u32, operator: Binary, left: &Value<'_>, right: &Value<'_>) -> Failure {
    let message = format!(
        "`{}` cannot go between {} and {}",
        operator.as_str(),
        left.type_of(),
        right.type_of()
    );
    Failure::new(at, Kind::WrongType, message)
}
