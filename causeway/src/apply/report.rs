//! What an apply call answered, in words for a terminal.

use serde::Deserialize;

use super::Document;

/// One object of an apply call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Change {
    /// Its kind.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    /// `created`, `updated` or `unchanged`.
    pub(super) action: String,
    /// What was taken and is probably not meant.
    #[serde(default)]
    pub(super) warnings: Vec<WrongField>,
}

/// The code of an expression that does not compile.
const EXPRESSION_INVALID: &str = "expression_invalid";

/// What is wrong with a field of a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct WrongField {
    /// The field, with dots between levels; empty for the whole document.
    #[serde(default)]
    pub(crate) field: String,
    /// A sentence for people.
    pub(crate) message: String,
    /// Which document, from 0.
    #[serde(default)]
    pub(crate) document: Option<usize>,
    /// Stable code.
    #[serde(default)]
    pub(crate) code: String,
    /// Of an expression the line in it, from 1; otherwise what was sent along
    /// with the document.
    #[serde(default)]
    pub(crate) line: Option<u64>,
}

impl WrongField {
    /// The line in the field's own text, from 1, where there is one.
    fn line_in_text(&self) -> Option<u64> {
        self.line.filter(|_| self.code == EXPRESSION_INVALID)
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<9} {} {}", self.action, self.kind, self.name)
    }
}

/// `file:line: field: message` for each wrong field, in the documents' order.
pub(crate) fn explain(documents: &[Document], errors: &[WrongField]) -> Vec<String> {
    let mut errors: Vec<_> = errors.iter().collect();
    errors.sort_by_key(|error| error.document);
    errors
        .into_iter()
        .map(|error| line(documents, error))
        .collect()
}

/// The same for what was taken and is probably not meant; `changes` are in the
/// documents' order.
pub(super) fn warnings(documents: &[Document], changes: &[Change]) -> Vec<String> {
    let of_change = |(index, change): (usize, &Change)| {
        let numbered = change.warnings.iter().map(move |warning| WrongField {
            document: Some(index),
            ..warning.clone()
        });
        numbered.collect::<Vec<_>>()
    };
    explain(
        documents,
        &changes
            .iter()
            .enumerate()
            .flat_map(of_change)
            .collect::<Vec<_>>(),
    )
}

fn line(documents: &[Document], error: &WrongField) -> String {
    let field = match error.field.as_str() {
        "" => String::new(),
        field => format!("{field}: "),
    };
    match error.document.and_then(|index| documents.get(index)) {
        Some(document) => {
            let place = match error.line_in_text() {
                Some(line) => document.place_in(&error.field, line),
                None => document.place(&error.field),
            };
            format!("{place}: {field}{}", error.message)
        }
        None => format!("{field}{}", error.message),
    }
}

/// `2 created, 1 unchanged`; of a dry run, what would be.
pub(super) fn summary(changes: &[Change], dry_run: bool) -> String {
    let count = |action: &str| {
        changes
            .iter()
            .filter(|change| change.action == action)
            .count()
    };
    let parts: Vec<_> = ["created", "updated", "unchanged"]
        .into_iter()
        .map(|action| (count(action), action))
        .filter(|(count, _)| *count > 0)
        .map(|(count, action)| format!("{count} {action}"))
        .collect();
    let dry = if dry_run {
        " (dry run: nothing was written)"
    } else {
        ""
    };
    format!("{}{dry}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::apply::document::read_text;

    #[test]
    fn an_error_names_file_line_and_field() {
        let text = "kind: group\nname: a\n---\nkind: endpoint\nsettings:\n  port: many\n";
        let documents = read_text(Path::new("x.yaml"), text).unwrap();
        let wrong = |field: &str, document| WrongField {
            field: field.to_owned(),
            message: "is wrong".to_owned(),
            document,
            code: String::new(),
            line: None,
        };
        let errors = [
            wrong("settings.port", Some(1)),
            wrong("name", Some(0)),
            wrong("", None),
        ];
        assert_eq!(
            explain(&documents, &errors),
            [
                "is wrong",
                "x.yaml:2: name: is wrong",
                "x.yaml:6: settings.port: is wrong"
            ]
        );
    }

    #[test]
    fn a_warning_names_its_place_too() {
        let text = "kind: group\nname: a\n---\nkind: endpoint\nsettings:\n  colour: red\n";
        let documents = read_text(Path::new("x.yaml"), text).unwrap();
        let change = |warnings| Change {
            kind: "endpoint".to_owned(),
            name: "a".to_owned(),
            action: "created".to_owned(),
            warnings,
        };
        let unknown = WrongField {
            field: "settings.colour".to_owned(),
            message: "is not known".to_owned(),
            document: None,
            code: String::new(),
            line: None,
        };
        assert_eq!(
            warnings(&documents, &[change(Vec::new()), change(vec![unknown])]),
            ["x.yaml:6: settings.colour: is not known"]
        );
    }

    #[test]
    fn a_summary_counts() {
        let change = |action: &str| Change {
            kind: "group".to_owned(),
            name: "a".to_owned(),
            action: action.to_owned(),
            warnings: Vec::new(),
        };
        let changes = [change("created"), change("unchanged"), change("created")];
        assert_eq!(summary(&changes, false), "2 created, 1 unchanged");
        assert!(summary(&changes, true).ends_with("(dry run: nothing was written)"));
        assert_eq!(changes[0].to_string(), "created   group a");
    }
}
