//! Operators: which types go together, and what they give.

use super::{Checked, Checker, WRONG_TYPE, checked};
use crate::program::Act;
use crate::syntax::{Binary, Fault, Node};
use crate::types::Type;

impl Checker {
    pub(super) fn not(&mut self, at: u32, inner: &Node) -> Result<Checked, Fault> {
        let inner = self.node(inner)?;
        must_be_bool(at, "`!`", inner.kind)?;
        Ok(checked(at, Act::Not(Box::new(inner.step)), Type::Bool))
    }

    pub(super) fn negate(&mut self, at: u32, inner: &Node) -> Result<Checked, Fault> {
        let inner = self.node(inner)?;
        let kind = inner.kind.plain();
        if !matches!(kind, Type::Dyn | Type::Int | Type::Double) {
            let message = format!("`-` needs a number, not {kind}");
            return Err(Fault::new(at, WRONG_TYPE, message));
        }
        Ok(checked(at, Act::Negate(Box::new(inner.step)), kind))
    }

    pub(super) fn joined(
        &mut self,
        at: u32,
        parts: &[Node],
        mark: &str,
        join: fn(Box<[crate::program::Step]>) -> Act,
    ) -> Result<Checked, Fault> {
        let mut steps = Vec::with_capacity(parts.len());
        for part in parts {
            let part_at = part.at;
            let part = self.node(part)?;
            must_be_bool(part_at, &format!("`{mark}`"), part.kind)?;
            steps.push(part.step);
        }
        Ok(checked(at, join(steps.into()), Type::Bool))
    }

    pub(super) fn condition(&mut self, at: u32, parts: &[Node; 3]) -> Result<Checked, Fault> {
        let [condition, this, that] = parts;
        let condition = self.node(condition)?;
        must_be_bool(at, "a condition", condition.kind)?;
        let this = self.node(this)?;
        let that = self.node(that)?;
        let kind = this.kind.join(that.kind);
        let steps = Box::new([condition.step, this.step, that.step]);
        Ok(checked(at, Act::If(steps), kind))
    }

    pub(super) fn binary(
        &mut self,
        at: u32,
        operator: Binary,
        sides: &[Node; 2],
    ) -> Result<Checked, Fault> {
        let [left, right] = sides;
        let left = self.node(left)?;
        let right = self.node(right)?;
        let kind = result_of(operator, left.kind, right.kind)
            .ok_or_else(|| refusal(at, operator, left.kind, right.kind))?;
        let steps = Box::new([left.step, right.step]);
        Ok(checked(at, Act::Binary(operator, steps), kind))
    }
}

fn must_be_bool(at: u32, who: &str, kind: Type) -> Result<(), Fault> {
    if kind.fits(Type::Bool) {
        return Ok(());
    }
    let message = format!("{who} needs `true` or `false`, not {kind}");
    let fault = Fault::new(at, WRONG_TYPE, message);
    Err(match kind.plain() {
        Type::Text => fault.hint("compare the text: `x != \"\"`"),
        Type::List(_) => fault.hint("ask `size(x) > 0`"),
        Type::Record(record) => fault.hint(format!("ask `{} != null`", record.name())),
        _ => fault,
    })
}

/// What `left operator right` gives; nothing where the two cannot go together.
fn result_of(operator: Binary, left: Type, right: Type) -> Option<Type> {
    match operator {
        Binary::Equal | Binary::NotEqual => left.comparable(right).then_some(Type::Bool),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            is_ordered(left.plain(), right.plain()).then_some(Type::Bool)
        }
        Binary::In => is_in(left, right).then_some(Type::Bool),
        Binary::Add => sum(left.plain(), right.plain()),
        Binary::Subtract => difference(left.plain(), right.plain()),
        Binary::Multiply | Binary::Divide => same_number(left.plain(), right.plain()),
        Binary::Remainder => {
            same_number(left.plain(), right.plain()).filter(|kind| !matches!(kind, Type::Double))
        }
    }
}

fn is_ordered(left: Type, right: Type) -> bool {
    let has_order = |kind: Type| {
        kind.is_number()
            || matches!(
                kind,
                Type::Dyn
                    | Type::Bool
                    | Type::Text
                    | Type::Bytes
                    | Type::Timestamp
                    | Type::Duration
            )
    };
    has_order(left) && has_order(right) && left.comparable(right)
}

fn is_in(left: Type, right: Type) -> bool {
    match right.plain() {
        Type::Dyn => true,
        Type::List(element) => left.comparable(*element),
        Type::Map(_) | Type::Record(_) => {
            matches!(left.plain(), Type::Dyn | Type::Text | Type::Bool) || left.is_number()
        }
        _ => false,
    }
}

fn sum(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        (Type::Dyn, _) | (_, Type::Dyn) => Some(Type::Dyn),
        (Type::Timestamp, Type::Duration) | (Type::Duration, Type::Timestamp) => {
            Some(Type::Timestamp)
        }
        (Type::List(left), Type::List(right)) => Some(Type::List(left.join(*right).as_element())),
        (Type::Text, Type::Text)
        | (Type::Bytes, Type::Bytes)
        | (Type::Duration, Type::Duration) => Some(left),
        _ => same_number(left, right),
    }
}

fn difference(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        (Type::Dyn, _) | (_, Type::Dyn) => Some(Type::Dyn),
        (Type::Timestamp, Type::Timestamp) | (Type::Duration, Type::Duration) => {
            Some(Type::Duration)
        }
        (Type::Timestamp, Type::Duration) => Some(Type::Timestamp),
        _ => same_number(left, right),
    }
}

fn same_number(left: Type, right: Type) -> Option<Type> {
    match (left, right) {
        (Type::Dyn, Type::Dyn) => Some(Type::Dyn),
        (Type::Dyn, kind) | (kind, Type::Dyn) => kind.is_number().then_some(kind),
        _ => (left == right && left.is_number()).then_some(left),
    }
}

fn refusal(at: u32, operator: Binary, left: Type, right: Type) -> Fault {
    let mark = operator.as_str();
    let fault = Fault::new(
        at,
        WRONG_TYPE,
        format!("`{mark}` cannot go between {left} and {right}"),
    );
    match (operator, left.plain(), right.plain()) {
        (Binary::Equal | Binary::NotEqual, Type::List(_), _) => {
            fault.hint("write `x in list` to ask whether it is there")
        }
        (Binary::Equal | Binary::NotEqual, _, Type::List(_)) => fault.hint("write `x in list`"),
        (Binary::In, _, Type::Text) => fault.hint("write `text.contains(\"x\")`"),
        (Binary::In, Type::List(_), Type::List(_)) => {
            fault.hint("write `list.exists(x, x in other)`")
        }
        (Binary::Add, Type::Text, _) | (Binary::Add, _, Type::Text) => {
            fault.hint("make a text of the other with `string(x)`")
        }
        (_, left, right) if left.is_number() && right.is_number() => {
            fault.hint("make one type of both with `int(x)` or `double(x)`")
        }
        (_, Type::Timestamp, Type::Text) | (_, Type::Text, Type::Timestamp) => {
            fault.hint("write timestamp(\"2027-01-01T00:00:00Z\")")
        }
        (_, Type::Duration, _) | (_, _, Type::Duration) => fault.hint("write duration(\"8h\")"),
        _ => fault,
    }
}
