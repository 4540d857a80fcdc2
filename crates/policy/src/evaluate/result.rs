//! The result as JSON: what it may be, and how large.
//!
//! Times become RFC 3339, durations seconds (`"90s"`), keys that are no texts
//! the text of them, as CEL's own mapping to JSON has it. `secret("...")` becomes
//! a reference as settings have it, and nothing else does.

use causeway_model::settings::REFERENCE_KEY;
use serde_json::{Map as JsonMap, Number, Value as Json, json};

use super::{Failure, Meter};
use crate::error::EvaluateErrorKind as Kind;
use crate::function::text_of;
use crate::purpose::Purpose;
use crate::value::Value;

/// What a value takes in JSON besides its own text, in bytes.
const OVERHEAD_BYTES: usize = 4;

/// `value` as JSON, if `purpose` takes it.
pub(super) fn json(
    meter: &mut Meter,
    at: u32,
    purpose: Purpose,
    value: &Value<'_>,
) -> Result<Json, Failure> {
    let (fits, wanted) = match purpose {
        Purpose::Policy | Purpose::PromptValidation => {
            (matches!(value, Value::Bool(_)), "`true` or `false`")
        }
        Purpose::PropertyMapping | Purpose::Stage | Purpose::SourceAttributes => {
            (matches!(value, Value::Map(_)), "a map")
        }
        Purpose::PromptDefault => (
            matches!(
                value,
                Value::Null
                    | Value::Bool(_)
                    | Value::Int(_)
                    | Value::Uint(_)
                    | Value::Double(_)
                    | Value::Text(_)
            ),
            "a text, a number, `true`, `false` or `null`",
        ),
    };
    if !fits {
        let message = format!(
            "{} must give {wanted}, and this gave {}",
            purpose.in_words(),
            value.type_of()
        );
        return Err(Failure::new(at, Kind::WrongResult, message));
    }
    let mut writer = Writer {
        left: usize::try_from(meter.limits().result_bytes).unwrap_or(usize::MAX),
        meter,
        at,
        purpose,
    };
    writer.value(value)
}

struct Writer<'m> {
    meter: &'m mut Meter,
    at: u32,
    left: usize,
    purpose: Purpose,
}

impl Writer<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), Failure> {
        self.meter.spend(self.at, 1)?;
        self.meter.spend_bytes(self.at, bytes)?;
        match self.left.checked_sub(bytes.saturating_add(OVERHEAD_BYTES)) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let message = format!(
                    "the result is larger than {} bytes",
                    self.meter.limits().result_bytes
                );
                Err(Failure::new(self.at, Kind::ResultTooLarge, message))
            }
        }
    }

    fn value(&mut self, value: &Value<'_>) -> Result<Json, Failure> {
        Ok(match value {
            Value::Null => {
                self.take(0)?;
                Json::Null
            }
            Value::Bool(value) => {
                self.take(0)?;
                Json::Bool(*value)
            }
            Value::Int(value) => {
                self.take(8)?;
                Json::from(*value)
            }
            Value::Uint(value) => {
                self.take(8)?;
                Json::from(*value)
            }
            Value::Double(value) => {
                self.take(8)?;
                let number = Number::from_f64(*value).ok_or_else(|| {
                    let message = "a number of the result is infinite or not a number";
                    Failure::new(self.at, Kind::WrongResult, message)
                })?;
                Json::Number(number)
            }
            Value::Text(text) => {
                self.take(text.as_str().len())?;
                Json::String(text.as_str().to_owned())
            }
            Value::List(list) => {
                self.take(0)?;
                let mut values = Vec::new();
                let mut index = 0;
                while let Some(element) = list.at(index) {
                    index += 1;
                    values.push(self.value(&element)?);
                }
                Json::Array(values)
            }
            Value::Map(map) => {
                self.take(0)?;
                Json::Object(self.entries(map)?)
            }
            Value::Timestamp(_) | Value::Duration(_) => {
                let text = text_of(value).unwrap_or_default();
                self.take(text.len())?;
                Json::String(text)
            }
            Value::Secret(reference) => {
                self.take(REFERENCE_KEY.len() + reference.len())?;
                json!({ REFERENCE_KEY: reference })
            }
            Value::Bytes(_) | Value::Type(_) => {
                let message = format!("{} cannot be part of a result", value.type_of());
                return Err(Failure::new(self.at, Kind::WrongResult, message));
            }
        })
    }

    fn entries(&mut self, map: &crate::value::Map<'_>) -> Result<JsonMap<String, Json>, Failure> {
        let mut entries = JsonMap::new();
        map.each(|key, value| {
            let key = text_of(key).unwrap_or_default();
            // Data from outside, an attribute for instance, may look like a
            // reference to a secret; only `secret("...")` is one.
            if key == REFERENCE_KEY && self.purpose.gives_settings() {
                let message = "a map of the result has the key `secret`, which only \
                               secret(\"...\") may give";
                return Err(Failure::new(self.at, Kind::WrongResult, message));
            }
            self.take(key.len())?;
            let value = self.value(value)?;
            entries.insert(key, value);
            Ok(())
        })?;
        Ok(entries)
    }
}
