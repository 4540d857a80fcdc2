//! Values of the language. What a scope holds is borrowed from it and never
//! copied; what an expression makes is shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use causeway_model::object::AuthenticationMethod;

use crate::scope::Record;
use crate::types::Type;

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Bytes(Arc<[u8]>),
    List(List<'a>),
    Map(Map<'a>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    Type(Type),
    /// A reference to a secret that is kept elsewhere. It stands in the source
    /// as it is: nothing that an expression does makes one.
    Secret(&'a str),
}

/// A text.
#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Shared(Arc<str>),
}

/// A list.
#[derive(Debug, Clone)]
pub(crate) enum List<'a> {
    Values(Arc<[Value<'a>]>),
    Json(&'a [Json]),
    Names(&'a [String]),
    Methods(&'a [AuthenticationMethod]),
}

/// A map.
#[derive(Debug, Clone)]
pub(crate) enum Map<'a> {
    /// What an expression made: keys are texts, numbers and booleans.
    Entries(Arc<[(Value<'a>, Value<'a>)]>),
    Json(&'a serde_json::Map<String, Json>),
    Labels(&'a BTreeMap<String, String>),
    Record(Record<'a>),
}

impl<'a> Value<'a> {
    /// The same in the language's types. A whole number becomes an `int` where
    /// it is one.
    pub(crate) fn of_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Self::Int(value),
                (None, Some(value)) => Self::Uint(value),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(Text::Borrowed(text)),
            Json::Array(values) => Self::List(List::Json(values)),
            Json::Object(map) => Self::Map(Map::Json(map)),
        }
    }

    /// A text that the scope holds.
    pub(crate) const fn borrowed(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    /// Its type.
    pub(crate) const fn type_of(&self) -> Type {
        match self {
            Self::Null => Type::Null,
            Self::Bool(_) => Type::Bool,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::Text(_) => Type::Text,
            Self::Bytes(_) => Type::Bytes,
            Self::List(_) => Type::List(&Type::Dyn),
            Self::Map(_) => Type::Map(&Type::Dyn),
            Self::Timestamp(_) => Type::Timestamp,
            Self::Duration(_) => Type::Duration,
            Self::Type(_) => Type::Meta,
            Self::Secret(_) => Type::Secret,
        }
    }
}

impl Text<'_> {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl<'a> List<'a> {
    /// Number of elements.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Json(values) => values.len(),
            Self::Names(names) => names.len(),
            Self::Methods(methods) => methods.len(),
        }
    }

    /// The element at `index`, from 0.
    pub(crate) fn at(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::Values(values) => values.get(index).cloned(),
            Self::Json(values) => values.get(index).map(Value::of_json),
            Self::Names(names) => names.get(index).map(|name| Value::borrowed(name)),
            Self::Methods(methods) => methods
                .get(index)
                .map(|method| Value::borrowed(method.as_str())),
        }
    }
}

impl<'a> Map<'a> {
    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Entries(entries) => entries.len(),
            Self::Json(map) => map.len(),
            Self::Labels(labels) => labels.len(),
            Self::Record(record) => record.kind().fields().count(),
        }
    }

    /// What stands under the text `key`. A map that an expression made is not
    /// asked here: looking through its entries costs operations.
    pub(crate) fn named(&self, key: &str) -> Option<Value<'a>> {
        match self {
            Self::Entries(entries) => entries
                .iter()
                .find(|(held, _)| matches!(held, Value::Text(text) if text.as_str() == key))
                .map(|(_, value)| value.clone()),
            Self::Json(map) => map.get(key).map(Value::of_json),
            Self::Labels(labels) => labels.get(key).map(|label| Value::borrowed(label)),
            Self::Record(record) => record.field(key),
        }
    }

    /// Its keys, in their order.
    pub(crate) fn keys(&self) -> Box<dyn Iterator<Item = Value<'a>> + '_> {
        match self {
            Self::Entries(entries) => Box::new(entries.iter().map(|(key, _)| key.clone())),
            Self::Json(map) => Box::new(map.keys().map(|key| Value::borrowed(key))),
            Self::Labels(labels) => Box::new(labels.keys().map(|key| Value::borrowed(key))),
            Self::Record(record) => Box::new(
                record
                    .kind()
                    .fields()
                    .map(|field| Value::borrowed(field.name)),
            ),
        }
    }

    /// Shows every entry to `visit`, in their order, up to the first failure.
    pub(crate) fn each<E>(
        &self,
        mut visit: impl FnMut(&Value<'a>, &Value<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Entries(entries) => {
                for (key, value) in entries.iter() {
                    visit(key, value)?;
                }
            }
            Self::Json(map) => {
                for (key, value) in *map {
                    visit(&Value::borrowed(key), &Value::of_json(value))?;
                }
            }
            Self::Labels(labels) => {
                for (key, value) in *labels {
                    visit(&Value::borrowed(key), &Value::borrowed(value))?;
                }
            }
            Self::Record(record) => {
                for field in record.kind().fields() {
                    let value = record.field(field.name).unwrap_or(Value::Null);
                    visit(&Value::borrowed(field.name), &value)?;
                }
            }
        }
        Ok(())
    }
}
