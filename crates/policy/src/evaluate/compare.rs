//! Equality and order. Numbers of different types are compared by their value
//! (language definition, "Equality" and "Ordering"); values of other different
//! types are not equal, and have no order.

use std::cmp::Ordering;

use super::{Evaluated, Failure, Machine};
use crate::error::EvaluateErrorKind as Kind;
use crate::syntax::Binary;
use crate::value::{List, Map, Value};

/// Two to the power of 63 and 64: beyond them lies no `int` and no `uint`.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

impl<'a> Machine<'a> {
    pub(super) fn equal(
        &mut self,
        at: u32,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Result<bool, Failure> {
        Ok(match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Text(left), Value::Text(right)) => {
                let (left, right) = (left.as_str(), right.as_str());
                self.meter.spend_bytes(at, left.len().min(right.len()))?;
                left == right
            }
            (Value::Bytes(left), Value::Bytes(right)) => {
                self.meter.spend_bytes(at, left.len().min(right.len()))?;
                left == right
            }
            (Value::Timestamp(left), Value::Timestamp(right)) => left == right,
            (Value::Duration(left), Value::Duration(right)) => left == right,
            (Value::Type(left), Value::Type(right)) => left == right,
            (Value::List(left), Value::List(right)) => self.equal_lists(at, left, right)?,
            (Value::Map(left), Value::Map(right)) => self.equal_maps(at, left, right)?,
            _ => numbers(left, right) == Some(Ordering::Equal),
        })
    }

    fn equal_lists(&mut self, at: u32, left: &List<'a>, right: &List<'a>) -> Result<bool, Failure> {
        if left.len() != right.len() {
            return Ok(false);
        }
        for index in 0..left.len() {
            self.meter.spend(at, 1)?;
            let (Some(one), Some(other)) = (left.at(index), right.at(index)) else {
                return Ok(false);
            };
            if !self.equal(at, &one, &other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_maps(&mut self, at: u32, left: &Map<'a>, right: &Map<'a>) -> Result<bool, Failure> {
        if left.len() != right.len() {
            return Ok(false);
        }
        for key in left.keys() {
            self.meter.spend(at, 1)?;
            let one = self.entry(at, left, &key)?;
            let other = self.entry(at, right, &key)?;
            let (Some(one), Some(other)) = (one, other) else {
                return Ok(false);
            };
            if !self.equal(at, &one, &other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn ordered(
        &mut self,
        at: u32,
        operator: Binary,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Evaluated<'a> {
        let order = match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
            (Value::Text(left), Value::Text(right)) => {
                let (left, right) = (left.as_str(), right.as_str());
                self.meter.spend_bytes(at, left.len().min(right.len()))?;
                Some(left.cmp(right))
            }
            (Value::Bytes(left), Value::Bytes(right)) => {
                self.meter.spend_bytes(at, left.len().min(right.len()))?;
                Some(left.cmp(right))
            }
            (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.cmp(right)),
            (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
            (
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
            ) => match numbers(left, right) {
                Some(order) => Some(order),
                // What is not a number is neither less nor more.
                None => return Ok(Value::Bool(false)),
            },
            _ => None,
        };
        let Some(order) = order else {
            let message = format!(
                "`{}` cannot go between {} and {}",
                operator.as_str(),
                left.type_of(),
                right.type_of()
            );
            return Err(Failure::new(at, Kind::WrongType, message));
        };
        Ok(Value::Bool(match operator {
            Binary::Less => order.is_lt(),
            Binary::LessOrEqual => order.is_le(),
            Binary::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }
}

/// The order of two numbers; nothing where one is none.
fn numbers(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Double(left), right) => {
            whole_and_double(whole(right)?, *left).map(Ordering::reverse)
        }
        (left, Value::Double(right)) => whole_and_double(whole(left)?, *right),
        _ => Some(whole(left)?.cmp(&whole(right)?)),
    }
}

fn whole(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    }
}

/// Exact, where a conversion of large numbers would round.
fn whole_and_double(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    if double >= TWO_64 {
        return Some(Ordering::Less);
    }
    if double < -TWO_63 {
        return Some(Ordering::Greater);
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the range was looked at, and the fraction counts below"
    )]
    let truncated = double.trunc() as i128;
    Some(whole.cmp(&truncated).then_with(|| {
        0.0_f64
            .partial_cmp(&double.fract())
            .unwrap_or(Ordering::Equal)
    }))
}
