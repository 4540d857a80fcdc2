//! `all`, `exists`, `exists_one`, `filter` and `map`, over the elements of a
//! list or the keys of a map.

use super::{Evaluated, Failure, Machine, bool_of};
use crate::error::EvaluateErrorKind as Kind;
use crate::program::{Macro, MacroKind, Step};
use crate::value::{List, Map, Value};

/// What a macro goes over.
enum Range<'a> {
    List(List<'a>),
    Keys(Vec<Value<'a>>),
}

impl<'a> Range<'a> {
    fn at(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::List(list) => list.at(index),
            Self::Keys(keys) => keys.get(index).cloned(),
        }
    }
}

impl<'a> Machine<'a> {
    pub(super) fn macro_call(&mut self, at: u32, call: &'a Macro) -> Evaluated<'a> {
        let range = self.step(&call.range)?;
        let range = self.range(call.range.at, range)?;
        match call.kind {
            MacroKind::All => self.decide(at, &range, &call.body, false),
            MacroKind::Exists => self.decide(at, &range, &call.body, true),
            MacroKind::ExistsOne => self.exists_one(at, &range, &call.body),
            MacroKind::Filter => self.filter(at, &range, &call.body),
            MacroKind::Map => self.mapped(at, &range, call),
        }
    }

    fn range(&mut self, at: u32, value: Value<'a>) -> Result<Range<'a>, Failure> {
        match value {
            Value::List(list) => Ok(Range::List(list)),
            Value::Map(map) => {
                self.meter.take_values(at, map.len())?;
                Ok(Range::Keys(self.keys(&map)))
            }
            other => {
                let message = format!("a macro goes over a list or map, not {}", other.type_of());
                Err(Failure::new(at, Kind::WrongType, message))
            }
        }
    }

    fn keys(&self, map: &Map<'a>) -> Vec<Value<'a>> {
        map.keys().collect()
    }

    /// Evaluates `body` with `element` as the macro's variable.
    fn with(&mut self, at: u32, element: Value<'a>, body: &'a Step) -> Evaluated<'a> {
        self.meter.spend(at, 1)?;
        self.locals.push(element);
        let value = self.step(body);
        self.locals.pop();
        value
    }

    fn asks(&mut self, at: u32, element: Value<'a>, body: &'a Step) -> Result<bool, Failure> {
        let value = self.with(at, element, body)?;
        bool_of(body.at, "what a macro asks of each element", &value)
    }

    /// `all` and `exists`: joined by `&&` or `||`, so an element that decides
    /// makes up for those that fail.
    fn decide(
        &mut self,
        at: u32,
        range: &Range<'a>,
        body: &'a Step,
        decides: bool,
    ) -> Evaluated<'a> {
        let mut failed = None;
        let mut index = 0;
        while let Some(element) = range.at(index) {
            index += 1;
            match self.asks(at, element, body) {
                Ok(value) if value == decides => return Ok(Value::Bool(decides)),
                Ok(_) => {}
                Err(failure) if failure.kind.is_limit() => return Err(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decides)), Err)
    }

    fn exists_one(&mut self, at: u32, range: &Range<'a>, body: &'a Step) -> Evaluated<'a> {
        let mut count = 0_u32;
        let mut index = 0;
        while let Some(element) = range.at(index) {
            index += 1;
            count += u32::from(self.asks(at, element, body)?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn filter(&mut self, at: u32, range: &Range<'a>, body: &'a Step) -> Evaluated<'a> {
        let mut values = Vec::new();
        let mut index = 0;
        while let Some(element) = range.at(index) {
            index += 1;
            if self.asks(at, element.clone(), body)? {
                self.meter.take_values(at, 1)?;
                values.push(element);
            }
        }
        Ok(Value::List(List::Values(values.into())))
    }

    fn mapped(&mut self, at: u32, range: &Range<'a>, call: &'a Macro) -> Evaluated<'a> {
        let mut values = Vec::new();
        let mut index = 0;
        while let Some(element) = range.at(index) {
            index += 1;
            if let Some(filter) = &call.filter
                && !self.asks(at, element.clone(), filter)?
            {
                continue;
            }
            self.meter.take_values(at, 1)?;
            values.push(self.with(at, element, &call.body)?);
        }
        Ok(Value::List(List::Values(values.into())))
    }
}
