//! Collecting what is wrong with the fields of a document, so that a person
//! hears all of it at once.

use causeway_model::names::{NameError, check_label};
use causeway_model::object::Labels;
use serde_json::{Map, Value};

use crate::problem::FieldError;

/// Most references that one field may hold.
const REFERENCES_MAX: usize = 32;
/// Most labels of one object.
const LABELS_MAX: usize = 32;
/// Longest value of a label, in characters.
const LABEL_VALUE_CHARS_MAX: usize = 128;

/// Largest attributes of one object as JSON, in bytes.
const ATTRIBUTES_BYTES_MAX: usize = 8 * 1024;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<FieldError>);

impl Errors {
    pub(crate) fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Notes what is wrong with a name.
    pub(crate) fn name(&mut self, field: &str, checked: Result<(), NameError>) {
        if let Err(error) = checked {
            self.push(FieldError::new(field, "invalid_name", error.to_string()));
        }
    }

    /// Notes a text that is too long.
    pub(crate) fn at_most(&mut self, field: &str, text: &str, chars_max: usize) {
        if text.len() > chars_max * 4 || text.chars().count() > chars_max {
            let message = format!("has more than {chars_max} characters");
            self.push(FieldError::new(field, "too_long", message));
        }
    }

    /// Takes a good value, notes a wrong one.
    pub(crate) fn keep<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Resolves each reference of a field, without doubles.
    pub(crate) fn references<T: PartialEq>(
        &mut self,
        field: &str,
        written: &[String],
        resolve: impl Fn(&str, &str) -> Result<T, FieldError>,
    ) -> Vec<T> {
        if written.len() > REFERENCES_MAX {
            let message = format!("has more than {REFERENCES_MAX} entries");
            self.push(FieldError::new(field, "too_many", message));
            return Vec::new();
        }
        let mut found = Vec::with_capacity(written.len());
        for (index, reference) in written.iter().enumerate() {
            let id = self.keep(resolve(&format!("{field}.{index}"), reference));
            found.extend(id.filter(|id| !found.contains(id)));
        }
        found
    }

    pub(crate) fn labels(&mut self, field: &str, labels: &Labels) {
        if labels.len() > LABELS_MAX {
            let message = format!("has more than {LABELS_MAX} labels");
            self.push(FieldError::new(field, "too_many", message));
            return;
        }
        for (name, value) in labels {
            let path = format!("{field}.{}", name.chars().take(64).collect::<String>());
            self.name(&path, check_label(name));
            self.at_most(&path, value, LABEL_VALUE_CHARS_MAX);
        }
    }

    /// Notes attributes that are more than expressions can be given.
    pub(crate) fn attributes(&mut self, field: &str, attributes: &Map<String, Value>) {
        let length = serde_json::to_vec(attributes).map_or(usize::MAX, |json| json.len());
        if length > ATTRIBUTES_BYTES_MAX {
            let message = format!("takes more than {ATTRIBUTES_BYTES_MAX} bytes as JSON");
            self.push(FieldError::new(field, "too_large", message));
        }
    }

    /// Whether all is well.
    pub(crate) fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}
