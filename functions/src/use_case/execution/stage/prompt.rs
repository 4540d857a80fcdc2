//! Prompt: the user fills in fields. Their values go into the plan's context,
//! nested by the dots in their names; what goes into `connection_settings` is
//! held against the catalogue. A field that is left empty writes nothing, so
//! that lower levels stand.

use causeway_model::object::{PromptField, PromptFieldKind, PromptStage};
use causeway_model::settings::{SecretReference, Settings};
use causeway_policy::Purpose;
use serde_json::{Map, Value};

use super::{Step, Surroundings, invalid};
use crate::problem::FieldError;
use crate::use_case::authorize::ExpressionKey;
use crate::use_case::execution::challenge::{PromptQuestion, PromptQuestionField, Question};
use crate::use_case::execution::plan::{CONNECTION_SETTINGS, Memory};
use crate::use_case::execution::{Answer, ExecutionError, value};

/// Longest text of one line, in characters, whatever the field allows.
const LINE_CHARS_MAX: usize = 1024;
/// Longest text of several lines and longest password, in characters: room for
/// a private key.
const TEXT_CHARS_MAX: usize = 16 * 1024;

pub(super) async fn reach(around: &Surroundings<'_>, stage: &PromptStage) -> Step {
    let mut fields = Vec::with_capacity(stage.fields.len());
    for (index, field) in stage.fields.iter().enumerate() {
        fields.push(PromptQuestionField {
            name: field.name.clone(),
            label: non_empty(&field.label, &field.name),
            kind: field.kind,
            required: field.required,
            placeholder: field.placeholder.clone(),
            help: field.help.clone(),
            value: at_first(around, field, index),
            choices: field.choices.clone(),
            minimum: field.minimum,
            maximum: field.maximum,
        });
    }
    let question = PromptQuestion {
        name: stage.name.clone(),
        title: stage.title.clone(),
        text: stage.text.clone(),
        fields,
    };
    Step::Ask(Question::Prompt(question), Memory::Nothing)
}

pub(super) async fn answer(
    around: &Surroundings<'_>,
    stage: &PromptStage,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    let Some(written) = answer.fields else {
        return Err(invalid("fields", "required", "fill in the fields"));
    };
    let mut written = by_field(stage, written);
    let mut errors = Vec::new();
    let mut context = Map::new();
    for (index, field) in stage.fields.iter().enumerate() {
        let taken = value::read(field, written.remove(&field.name), limit(field.kind));
        match taken.and_then(|value| validated(around, field, index, value)) {
            Ok(Some(value)) => put(&mut context, &field.name, value),
            Ok(None) => {}
            Err(wrong) => errors.push(wrong.of(&field.name)),
        }
    }
    for name in written.keys() {
        errors.push(FieldError::new(
            format!("fields.{name}"),
            "unknown_field",
            "is no field of this form",
        ));
    }
    if errors.is_empty() {
        errors = wrong_settings(around, stage, &context);
    }
    if errors.is_empty() {
        Ok(Step::set(context))
    } else {
        Err(ExecutionError::Invalid(errors))
    }
}

/// Values by the names of their fields, also of what was written as maps in
/// maps: `{"connection_settings": {"username": "ada"}}`.
fn by_field(stage: &PromptStage, written: Map<String, Value>) -> Map<String, Value> {
    let mut values = Map::new();
    let mut left: Vec<_> = written.into_iter().collect();
    while let Some((name, value)) = left.pop() {
        let is_field = stage.fields.iter().any(|field| field.name == name);
        match value {
            Value::Object(inner) if !is_field && !inner.is_empty() => {
                left.extend(
                    inner
                        .into_iter()
                        .map(|(key, value)| (format!("{name}.{key}"), value)),
                );
            }
            value => {
                values.insert(name, value);
            }
        }
    }
    values
}

/// What a field holds at first: its expression, else its default. A secret
/// holds nothing, and neither does what fails or is no plain value.
fn at_first(around: &Surroundings<'_>, field: &PromptField, index: usize) -> Option<Value> {
    if field.takes_secret() {
        return None;
    }
    let computed = if field.default_expression.trim().is_empty() {
        None
    } else {
        evaluate(
            around,
            index,
            Part::Default,
            &field.default_expression,
            Value::Null,
        )
        .inspect_err(|reason| tracing::info!(field = field.name, reason, "no default"))
        .ok()
    };
    computed
        .or_else(|| field.default.clone())
        .filter(|value| value.is_string() || value.is_number() || value.is_boolean())
}

fn validated(
    around: &Surroundings<'_>,
    field: &PromptField,
    index: usize,
    value: Option<Value>,
) -> Result<Option<Value>, value::Wrong> {
    let Some(value) = value else {
        return Ok(None);
    };
    if field.validation.trim().is_empty() {
        return Ok(Some(value));
    }
    let verdict = evaluate(
        around,
        index,
        Part::Validation,
        &field.validation,
        value.clone(),
    );
    match verdict {
        Ok(Value::Bool(true)) => Ok(Some(value)),
        Ok(_) => Err(value::Wrong::new("not_accepted", "is not accepted here")),
        Err(reason) => {
            tracing::info!(field = field.name, reason, "a field cannot be validated");
            Err(value::Wrong::new(
                "cannot_be_checked",
                "cannot be checked at the moment; ask an administrator",
            ))
        }
    }
}

/// Which expression of a field.
#[derive(Clone, Copy)]
enum Part {
    Default,
    Validation,
}

fn evaluate(
    around: &Surroundings<'_>,
    field: usize,
    part: Part,
    source: &str,
    value: Value,
) -> Result<Value, String> {
    let (offset, purpose) = match part {
        Part::Default => (0, Purpose::PromptDefault),
        Part::Validation => (1, Purpose::PromptValidation),
    };
    let field = u32::try_from(field).map_err(|error| error.to_string())?;
    let key = ExpressionKey {
        object: around.stage.id.uuid(),
        version: around.flow.meta.version,
        part: field * 2 + offset,
    };
    let compiled = around.app.expressions().of(key, source, purpose);
    let expression = compiled.as_ref().as_ref().map_err(ToString::to_string)?;
    let mut scope = around.scope.clone();
    scope.value = value;
    expression
        .evaluate(&scope)
        .map_err(|error| error.to_string())
}

/// Holds what goes into `connection_settings` against the catalogue; names that
/// it does not know are kept.
fn wrong_settings(
    around: &Surroundings<'_>,
    stage: &PromptStage,
    context: &Map<String, Value>,
) -> Vec<FieldError> {
    let Some(Value::Object(settings)) = context.get(CONNECTION_SETTINGS) else {
        return Vec::new();
    };
    let protocol = around.facts.endpoint.protocol;
    let checked = Settings::from(settings.clone()).check(Some(protocol));
    let named = |name: &str| {
        let path = format!("{CONNECTION_SETTINGS}.{name}");
        let field = stage
            .fields
            .iter()
            .find(|field| field.name == path || field.name.starts_with(&format!("{path}.")));
        field.map_or(path, |field| field.name.clone())
    };
    let mut errors: Vec<_> = checked
        .errors
        .iter()
        .map(|error| {
            let field = error.name().map(named).unwrap_or_default();
            FieldError::new(format!("fields.{field}"), error.code(), error.to_string())
        })
        .collect();
    // Whoever launches must not choose which of the operator's secrets is read.
    let references = settings
        .iter()
        .filter(|(_, value)| value.is_object())
        .filter(|(_, value)| !matches!(SecretReference::of(value), Ok(None)));
    errors.extend(references.map(|(name, _)| {
        let message = "a reference to a secret cannot be typed in";
        FieldError::new(
            format!("fields.{}", named(name)),
            "setting_reference",
            message,
        )
    }));
    errors
}

/// Writes a value under a name whose dots nest.
fn put(context: &mut Map<String, Value>, name: &str, value: Value) {
    let Some((first, rest)) = name.split_once('.') else {
        context.insert(name.to_owned(), value);
        return;
    };
    let nested = context
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    if !nested.is_object() {
        *nested = Value::Object(Map::new());
    }
    if let Value::Object(nested) = nested {
        put(nested, rest, value);
    }
}

const fn limit(kind: PromptFieldKind) -> usize {
    match kind {
        PromptFieldKind::Multiline | PromptFieldKind::Password => TEXT_CHARS_MAX,
        PromptFieldKind::Text
        | PromptFieldKind::Number
        | PromptFieldKind::Boolean
        | PromptFieldKind::Choice => LINE_CHARS_MAX,
    }
}

fn non_empty(label: &str, name: &str) -> String {
    if label.is_empty() { name } else { label }.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dots_nest() {
        let mut context = Map::new();
        put(&mut context, "connection_settings.username", json!("ada"));
        put(&mut context, "connection_settings.port", json!(22));
        put(&mut context, "why", json!("x"));
        put(&mut context, "why.not", json!("y"));
        assert_eq!(
            Value::Object(context),
            json!({
                "connection_settings": {"username": "ada", "port": 22}, "why": {"not": "y"},
            })
        );
    }
}
