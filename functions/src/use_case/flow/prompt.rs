//! The fields of a prompt as they are written.

use std::collections::BTreeSet;

use causeway_model::object::{PromptField, PromptFieldKind};
use causeway_model::settings::catalogue;
use serde_json::Value;

use super::stage::TEXT_CHARS_MAX;
use crate::problem::FieldError;
use crate::use_case::expression::{self, Purpose};
use crate::use_case::object::check::Errors;

/// Most fields of one prompt.
const FIELDS_MAX: usize = 32;
/// Most choices of one field.
const CHOICES_MAX: usize = 100;
/// Longest name of a field, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// Longest words beside a field, in characters.
const WORDS_CHARS_MAX: usize = 256;
/// Fields below this name are settings of the connection.
const SETTINGS: &str = "connection_settings";

/// Checks the fields of a prompt.
pub(super) fn check(
    field: &str,
    fields: &[PromptField],
    errors: &mut Errors,
    warnings: &mut Vec<FieldError>,
) {
    let count = match fields.len() {
        0 => Some(FieldError::new(
            field,
            "required",
            "a prompt asks for at least one field",
        )),
        1..=FIELDS_MAX => None,
        _ => {
            let message = format!("has more than {FIELDS_MAX} fields");
            Some(FieldError::new(field, "too_many", message))
        }
    };
    if let Some(error) = count {
        errors.push(error);
        return;
    }
    let mut names = BTreeSet::new();
    for (index, prompted) in fields.iter().enumerate() {
        let at = |name: &str| format!("{field}.{index}.{name}");
        name(&at("name"), prompted, &names, errors, warnings);
        names.insert(prompted.name.as_str());
        errors.at_most(&at("label"), &prompted.label, WORDS_CHARS_MAX);
        errors.at_most(&at("placeholder"), &prompted.placeholder, WORDS_CHARS_MAX);
        errors.at_most(&at("help"), &prompted.help, TEXT_CHARS_MAX);
        range(&at, prompted, errors);
        choices(&at("choices"), prompted, errors);
        default(&at, prompted, errors);
        let source = &prompted.validation;
        expression::check(errors, &at("validation"), source, Purpose::PromptValidation);
    }
}

fn name(
    field: &str,
    prompted: &PromptField,
    earlier: &BTreeSet<&str>,
    errors: &mut Errors,
    warnings: &mut Vec<FieldError>,
) {
    let name = prompted.name.as_str();
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    if name.len() > NAME_BYTES_MAX || !name.split('.').all(is_part) || name == SETTINGS {
        let message = "expected letters, digits, _ and -, with dots between levels, e.g. \
                       connection_settings.username";
        errors.push(FieldError::new(field, "invalid_name", message));
        return;
    }
    let is_below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if earlier
        .iter()
        .any(|other| is_below(name, other) || is_below(other, name))
    {
        let message = "another field of this prompt writes the same key";
        errors.push(FieldError::new(field, "duplicate", message));
    }
    let Some(setting) = name
        .strip_prefix(SETTINGS)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.split('.').next())
    else {
        return;
    };
    if catalogue::find(setting).is_none() {
        let meant = catalogue::nearest(setting);
        let meant = meant.map(|name| format!(": was {name} meant?"));
        let message = format!(
            "setting {setting} is not known{}",
            meant.unwrap_or_default()
        );
        warnings.push(FieldError::new(field, "setting_unknown", message));
    }
    if catalogue::is_secret(setting) && prompted.kind != PromptFieldKind::Password {
        let message = format!("setting {setting} is a secret: a field of type password hides it");
        warnings.push(FieldError::new(field, "setting_secret", message));
    }
}

fn range(at: &impl Fn(&str) -> String, prompted: &PromptField, errors: &mut Errors) {
    let has_range = prompted.minimum.is_some() || prompted.maximum.is_some();
    match prompted.kind {
        PromptFieldKind::Boolean | PromptFieldKind::Choice if has_range => {
            let message = "a field of this type has no least and no most";
            errors.push(FieldError::new(at("minimum"), "not_for_this_type", message));
        }
        PromptFieldKind::Text
        | PromptFieldKind::Multiline
        | PromptFieldKind::Password
        | PromptFieldKind::Number
        | PromptFieldKind::Boolean
        | PromptFieldKind::Choice => {}
    }
    if let (Some(minimum), Some(maximum)) = (prompted.minimum, prompted.maximum)
        && minimum > maximum
    {
        let message = "is less than the minimum";
        errors.push(FieldError::new(at("maximum"), "out_of_range", message));
    }
}

fn choices(field: &str, prompted: &PromptField, errors: &mut Errors) {
    let is_choice = prompted.kind == PromptFieldKind::Choice;
    let wrong = match prompted.choices.len() {
        0 if is_choice => Some((
            "required",
            "a choice needs something to choose from".to_owned(),
        )),
        0 => None,
        _ if !is_choice => Some((
            "not_for_this_type",
            "only a field of type choice has choices".to_owned(),
        )),
        1..=CHOICES_MAX => None,
        _ => Some(("too_many", format!("has more than {CHOICES_MAX} choices"))),
    };
    if let Some((code, message)) = wrong {
        errors.push(FieldError::new(field, code, message));
        return;
    }
    let mut values = BTreeSet::new();
    for (index, choice) in prompted.choices.iter().enumerate() {
        let at = |name: &str| format!("{field}.{index}.{name}");
        errors.at_most(&at("value"), &choice.value, WORDS_CHARS_MAX);
        errors.at_most(&at("label"), &choice.label, WORDS_CHARS_MAX);
        if !values.insert(&choice.value) {
            let message = "another choice has this value";
            errors.push(FieldError::new(at("value"), "duplicate", message));
        }
    }
}

fn default(at: &impl Fn(&str) -> String, prompted: &PromptField, errors: &mut Errors) {
    let has_expression = !prompted.default_expression.trim().is_empty();
    let given = prompted.default.as_ref().filter(|value| !value.is_null());
    if prompted.takes_secret() {
        if given.is_some() || has_expression {
            let message = "a field for a secret begins empty";
            errors.push(FieldError::new(at("default"), "not_for_this_type", message));
        }
        return;
    }
    let source = &prompted.default_expression;
    expression::check(
        errors,
        &at("default_expression"),
        source,
        Purpose::PromptDefault,
    );
    let Some(value) = given else { return };
    let expected = match prompted.kind {
        PromptFieldKind::Text | PromptFieldKind::Multiline | PromptFieldKind::Password => {
            (!value.is_string()).then_some("a text")
        }
        PromptFieldKind::Number => (!is_whole(value)).then_some("a whole number"),
        PromptFieldKind::Boolean => (!value.is_boolean()).then_some("true or false"),
        PromptFieldKind::Choice => {
            let is_choice = |text| prompted.choices.iter().any(|choice| choice.value == text);
            let is_one = value.as_str().is_some_and(is_choice);
            (!is_one).then_some("the value of one of the choices")
        }
    };
    if let Some(expected) = expected {
        let message = format!("expected {expected}");
        errors.push(FieldError::new(at("default"), "wrong_type", message));
    }
    if let Some(text) = value.as_str() {
        errors.at_most(&at("default"), text, TEXT_CHARS_MAX);
    }
}

fn is_whole(value: &Value) -> bool {
    value.as_i64().is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    /// Codes of what is wrong, and of what is warned of, each behind its field.
    fn checked(fields: Value) -> (Vec<String>, Vec<String>) {
        let fields: Vec<PromptField> = serde_json::from_value(fields).unwrap();
        let (mut errors, mut warnings) = (Errors::default(), Vec::new());
        check("fields", &fields, &mut errors, &mut warnings);
        let told = |found: Vec<FieldError>| -> Vec<String> {
            let found = found.into_iter();
            found
                .map(|error| format!("{} {}", error.field, error.code))
                .collect()
        };
        (
            told(errors.finish().err().unwrap_or_default()),
            told(warnings),
        )
    }

    fn wrong(field: Value, expected: &str) {
        let (errors, _) = checked(json!([field]));
        assert_eq!(errors, [format!("fields.0.{expected}")]);
    }

    #[test]
    fn good_fields_are_taken_in_silence() {
        let fields = json!([
            {"name": "connection_settings.username", "required": true, "default": "root"},
            {"name": "connection_settings.password", "type": "password"},
            {"name": "ticket-1", "minimum": 3, "maximum": 9},
            {"name": "size", "type": "choice", "default": "s",
                "choices": [{"value": "s"}, {"value": "l", "label": "large"}]},
            {"name": "days", "type": "number", "default": 3, "minimum": 1, "maximum": 7},
            {"name": "sure", "type": "boolean", "default": false},
        ]);
        assert_eq!(checked(fields), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(checked(json!([])).0, ["fields required"]);
        for name in ["", "a b", ".a", "a..b", "connection_settings", "ü"] {
            wrong(json!({"name": name}), "name invalid_name");
        }
        wrong(
            json!({"name": "a", "type": "password", "default": "x"}),
            "default not_for_this_type",
        );
        wrong(json!({"name": "a", "type": "choice"}), "choices required");
        wrong(
            json!({"name": "a", "choices": [{"value": "x"}]}),
            "choices not_for_this_type",
        );
        wrong(
            json!({"name": "a", "type": "choice", "choices": [{"value": "x"}, {"value": "x"}]}),
            "choices.1.value duplicate",
        );
        wrong(
            json!({"name": "a", "type": "choice", "choices": [{"value": "x"}], "default": "y"}),
            "default wrong_type",
        );
        wrong(
            json!({"name": "a", "type": "number", "default": 1.5}),
            "default wrong_type",
        );
        wrong(
            json!({"name": "a", "minimum": 2, "maximum": 1}),
            "maximum out_of_range",
        );
        wrong(
            json!({"name": "a", "type": "boolean", "minimum": 1}),
            "minimum not_for_this_type",
        );
    }

    #[test]
    fn two_fields_never_write_the_same_key() {
        let (errors, _) = checked(json!([{"name": "a"}, {"name": "a.b"}, {"name": "ab"}]));
        assert_eq!(errors, ["fields.1.name duplicate"]);
    }

    #[test]
    fn settings_are_looked_up() {
        let (errors, warnings) = checked(json!([
            {"name": "connection_settings.usernam"}, {"name": "connection_settings.password"},
        ]));
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(
            warnings,
            [
                "fields.0.name setting_unknown",
                "fields.1.name setting_secret"
            ]
        );
    }
}
