//! The value of one field of a prompt, as somebody filled it in.

use causeway_model::object::{PromptField, PromptFieldKind};
use serde_json::Value;

use crate::problem::FieldError;

/// What is wrong with a value. Never holds the value: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    code: &'static str,
    message: String,
}

impl Wrong {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// As an error of the field of that name.
    pub(super) fn of(self, name: &str) -> FieldError {
        FieldError::new(format!("fields.{name}"), self.code, self.message)
    }
}

/// Reads a value as its field wants it; `None` when it was left empty. Texts
/// have at most `chars_max` characters.
pub(super) fn read(
    field: &PromptField,
    written: Option<Value>,
    chars_max: usize,
) -> Result<Option<Value>, Wrong> {
    let written = match written {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(written) => Some(written),
    };
    let Some(written) = written else {
        return if field.required {
            Err(Wrong::new("required", "must be filled in"))
        } else {
            Ok(None)
        };
    };
    let value = match field.kind {
        PromptFieldKind::Text => line(field, written, chars_max)?,
        PromptFieldKind::Multiline | PromptFieldKind::Password => text(field, written, chars_max)?,
        PromptFieldKind::Number => number(field, &written)?,
        PromptFieldKind::Boolean => boolean(&written)?,
        PromptFieldKind::Choice => choice(field, written)?,
    };
    Ok(Some(value))
}

fn line(field: &PromptField, written: Value, chars_max: usize) -> Result<Value, Wrong> {
    let text = text(field, written, chars_max)?;
    let has_control = |text: &str| text.chars().any(char::is_control);
    if text.as_str().is_some_and(has_control) {
        return Err(Wrong::new("wrong_type", "must be one line"));
    }
    Ok(text)
}

fn text(field: &PromptField, written: Value, chars_max: usize) -> Result<Value, Wrong> {
    let Value::String(text) = written else {
        return Err(Wrong::new("wrong_type", "must be a text"));
    };
    let chars = text.chars().count();
    let least = field.minimum.and_then(|least| usize::try_from(least).ok());
    let most = field.maximum.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(chars_max).min(chars_max);
    if least.is_some_and(|least| chars < least) {
        let message = format!("must have at least {} characters", least.unwrap_or(0));
        return Err(Wrong::new("too_short", message));
    }
    if chars > most {
        let message = format!("must have at most {most} characters");
        return Err(Wrong::new("too_long", message));
    }
    Ok(Value::String(text))
}

fn number(field: &PromptField, written: &Value) -> Result<Value, Wrong> {
    let number = match written {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number = number.ok_or_else(|| Wrong::new("wrong_type", "must be a whole number"))?;
    if let Some(least) = field.minimum.filter(|least| number < *least) {
        return Err(Wrong::new("too_small", format!("must be at least {least}")));
    }
    if let Some(most) = field.maximum.filter(|most| number > *most) {
        return Err(Wrong::new("too_large", format!("must be at most {most}")));
    }
    Ok(Value::from(number))
}

fn boolean(written: &Value) -> Result<Value, Wrong> {
    match written {
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        Value::String(text) if text == "true" => Ok(Value::Bool(true)),
        Value::String(text) if text == "false" => Ok(Value::Bool(false)),
        _ => Err(Wrong::new("wrong_type", "must be true or false")),
    }
}

fn choice(field: &PromptField, written: Value) -> Result<Value, Wrong> {
    let is_offered = |text: &str| field.choices.iter().any(|choice| choice.value == text);
    if written.as_str().is_some_and(is_offered) {
        return Ok(written);
    }
    Err(Wrong::new("not_a_choice", "must be one of the choices"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn check(field: Value, written: Value, expected: Result<Option<Value>, &str>) {
        let mut document = json!({"name": "x"});
        let fields = field.as_object().unwrap().clone();
        document.as_object_mut().unwrap().extend(fields);
        let field: PromptField = serde_json::from_value(document).unwrap();
        let read = read(&field, Some(written.clone()), 10);
        let read = read.clone().map_err(|wrong| wrong.code);
        assert_eq!(read, expected, "{written} for {field:?}");
    }

    #[test]
    fn texts_are_bounded() {
        check(json!({}), json!("ada"), Ok(Some(json!("ada"))));
        check(json!({}), json!(7), Err("wrong_type"));
        check(json!({}), json!("a\nb"), Err("wrong_type"));
        check(
            json!({"type": "multiline"}),
            json!("a\nb"),
            Ok(Some(json!("a\nb"))),
        );
        check(json!({"minimum": 3}), json!("ab"), Err("too_short"));
        check(json!({"maximum": 3}), json!("äöüß"), Err("too_long"));
        check(
            json!({"maximum": 99}),
            json!("12345678901"),
            Err("too_long"),
        );
        check(
            json!({"type": "password"}),
            json!({"$secret": "set"}),
            Err("wrong_type"),
        );
    }

    #[test]
    fn an_empty_field_is_required_or_writes_nothing() {
        check(json!({}), json!(""), Ok(None));
        check(json!({}), json!(null), Ok(None));
        check(json!({"required": true}), json!(""), Err("required"));
        check(
            json!({"type": "number", "required": true}),
            json!(null),
            Err("required"),
        );
    }

    #[test]
    fn numbers_booleans_and_choices_are_what_they_say() {
        let number = json!({"type": "number", "minimum": 1, "maximum": 9});
        check(number.clone(), json!(5), Ok(Some(json!(5))));
        check(number.clone(), json!("5"), Ok(Some(json!(5))));
        check(number.clone(), json!(0), Err("too_small"));
        check(number.clone(), json!(10), Err("too_large"));
        check(number, json!(1.5), Err("wrong_type"));
        check(
            json!({"type": "boolean"}),
            json!("true"),
            Ok(Some(json!(true))),
        );
        check(json!({"type": "boolean"}), json!("yes"), Err("wrong_type"));
        let choice = json!({"type": "choice", "choices": [{"value": "a"}, {"value": "b"}]});
        check(choice.clone(), json!("b"), Ok(Some(json!("b"))));
        check(choice, json!("c"), Err("not_a_choice"));
    }
}
