//! Reading a JSON document into a typed one, with errors that name the field.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::FieldError;

/// Reads `value` as a `T`.
///
/// # Errors
/// Which field is wrong: `required`, `unknown_field` or `wrong_type`.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = dotted(error.path());
        field_error(&path, &error.into_inner())
    })
}

/// Reads `bytes` as JSON and then as a `T`.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn read_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReadError> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = dotted(error.path());
        let error = error.into_inner();
        // Another type where a choice is expected is told as broken syntax.
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        match error.classify() {
            serde_json::error::Category::Data => ReadError::Field(field_error(&path, &error)),
            serde_json::error::Category::Syntax if is_json() => {
                ReadError::Field(FieldError::new(path, "wrong_type", WRONG_TYPE))
            }
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => syntax(&error),
        }
    })?;
    source.end().map_err(|error| syntax(&error))?;
    Ok(document)
}

fn syntax(error: &serde_json::Error) -> ReadError {
    ReadError::Syntax {
        line: error.line(),
        column: error.column(),
    }
}

/// `stages.1.name`, as errors of what was read are named.
fn dotted(path: &serde_path_to_error::Path) -> String {
    path.to_string().replace('[', ".").replace(']', "")
}

/// What is said of a value where nothing more is known of what it should be.
const WRONG_TYPE: &str = "the value is not of the right type";

/// Why bytes are not the document that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// Not JSON.
    #[error("not JSON: line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but a field is wrong.
    #[error("a field is wrong")]
    Field(FieldError),
}

/// Serde tells an unknown or missing field only in words; the name stands in
/// back-quotes.
fn field_error(path: &str, error: &serde_json::Error) -> FieldError {
    let text = without_position(&error.to_string());
    let quoted = text.split('`').nth(1).unwrap_or_default();
    let (code, name) = if text.starts_with("missing field") {
        ("required", quoted)
    } else if text.starts_with("unknown field") {
        ("unknown_field", quoted)
    } else {
        ("wrong_type", "")
    };
    let message = match code {
        "required" => "this field is required".to_owned(),
        "unknown_field" => "there is no such field".to_owned(),
        _ => without_value(&text),
    };
    FieldError::new(join(path, name), code, message)
}

fn join(path: &str, name: &str) -> String {
    let path = if path == "." || path == "?" { "" } else { path };
    // With `deny_unknown_fields` the path already ends with the unknown name.
    if path == name || path.ends_with(&format!(".{name}")) || name.is_empty() {
        return path.to_owned();
    }
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn without_position(text: &str) -> String {
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

/// `invalid type: string "hunter2", expected a map` repeats what was sent,
/// which may be a secret in the wrong place.
fn without_value(text: &str) -> String {
    match (text.starts_with("invalid "), text.rfind(", expected ")) {
        (true, Some(at)) => in_words(&text[at + 2..]),
        (true, None) => WRONG_TYPE.to_owned(),
        (false, Some(at)) if text.starts_with("unknown variant") => text[at + 2..].to_owned(),
        (false, _) => text.to_owned(),
    }
}

/// What was expected, without the names that types have in Rust.
fn in_words(expected: &str) -> String {
    match expected {
        "expected u8" | "expected u16" | "expected u32" | "expected u64" | "expected usize" => {
            "expected a whole number that is not negative".to_owned()
        }
        "expected i8" | "expected i16" | "expected i32" | "expected i64" | "expected isize" => {
            "expected a whole number".to_owned()
        }
        // A choice, given as something else.
        "expected string or map" => "expected a text".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Machine {
        name: String,
        #[serde(default)]
        size: Size,
        #[serde(default)]
        disks: Vec<Disk>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Disk {
        #[serde(default)]
        kind: Option<DiskKind>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum DiskKind {
        Fast,
        Large,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Size {
        #[serde(default)]
        cores: u8,
    }

    fn check(json: &str, field: &str, code: &str, message: &str) {
        let ReadError::Field(error) = read_bytes::<Machine>(json.as_bytes()).unwrap_err() else {
            panic!("{json} is not a wrong field");
        };
        assert_eq!(
            (
                error.field.as_str(),
                error.code.as_str(),
                error.message.as_str()
            ),
            (field, code, message),
            "{json}"
        );
        let value = serde_json::from_str(json).unwrap();
        assert_eq!(read::<Machine>(value).unwrap_err().field, field);
    }

    #[test]
    fn an_error_names_the_field_and_never_the_value() {
        check("{}", "name", "required", "this field is required");
        check(
            r#"{"name":"a","x":1}"#,
            "x",
            "unknown_field",
            "there is no such field",
        );
        check(r#"{"name":7}"#, "name", "wrong_type", "expected a string");
        let size = r#"{"name":"a","size":{"cores":"hunter2"}}"#;
        let whole = "expected a whole number that is not negative";
        check(size, "size.cores", "wrong_type", whole);
        let disk = r#"{"name":"a","disks":[{},{"kind":"floppy"}]}"#;
        let kinds = "expected `fast` or `large`";
        check(disk, "disks.1.kind", "wrong_type", kinds);
        let deep = r#"{"name":"a","size":{"y":1}}"#;
        check(deep, "size.y", "unknown_field", "there is no such field");
    }

    #[test]
    fn another_type_than_a_choice_is_a_wrong_field() {
        for json in [
            r#"{"name":"a","disks":[{"kind":1}]}"#,
            r#"{"name":"a","disks":[{"kind":[]}]}"#,
        ] {
            let ReadError::Field(error) = read_bytes::<Machine>(json.as_bytes()).unwrap_err()
            else {
                panic!("{json} is JSON");
            };
            assert_eq!(
                (error.field.as_str(), error.code.as_str()),
                ("disks.0.kind", "wrong_type")
            );
        }
    }

    #[test]
    fn what_is_not_json_is_located() {
        for json in ["", "{", "{} x", "{\"name\": nope}"] {
            let error = read_bytes::<Machine>(json.as_bytes());
            assert!(
                matches!(error, Err(ReadError::Syntax { .. } | ReadError::Field(_))),
                "{json}: {error:?}"
            );
        }
    }
}
