//! The objects that `causeway up` writes at start, by the same code as
//! `causeway apply`.

use std::path::Path;

use anyhow::bail;
use causeway_functions::App;
use causeway_functions::access::Admin;
use causeway_functions::problem::{FieldError, Problem};
use causeway_functions::use_case::apply::apply as write;
use serde_json::Value;

use crate::apply::{Document, WrongField, explain, read_files};

/// Writes the objects in the file.
///
/// # Errors
/// When the file cannot be read or a document is wrong; nothing was written
/// then.
pub(super) async fn apply_file(app: &App, path: &Path) -> anyhow::Result<()> {
    let documents = read_files(&[path.to_owned()])?;
    let values = documents.iter().map(Document::value).collect();
    match apply(app, values).await {
        Ok(warnings) => {
            for warning in explain(&documents, &warnings) {
                tracing::warn!("{warning}");
            }
            Ok(())
        }
        Err(problem) if problem.errors.is_empty() => bail!("{}", problem.detail),
        Err(problem) => bail!(
            "{}",
            explain(&documents, &wrong_fields(&problem)).join("\n")
        ),
    }
}

/// Writes objects of our own.
///
/// # Errors
/// When they are refused, which says that a person changed what they rest on.
pub(super) async fn apply_own(app: &App, documents: Vec<Value>) -> anyhow::Result<()> {
    match apply(app, documents).await {
        Ok(_warnings) => Ok(()),
        Err(problem) => bail!("the demo's objects were refused: {}", problem.detail),
    }
}

/// Writes and says what was taken and is probably not meant.
async fn apply(app: &App, documents: Vec<Value>) -> Result<Vec<WrongField>, Problem> {
    let changes = write(app, &Admin::operator(), documents, false).await?;
    let mut warnings = Vec::new();
    for (document, change) in changes.iter().enumerate() {
        tracing::debug!(kind = change.kind, name = change.name, action = ?change.action, "applied");
        warnings.extend(
            change
                .warnings
                .iter()
                .map(|warning| wrong_field(warning, Some(document))),
        );
    }
    Ok(warnings)
}

fn wrong_fields(problem: &Problem) -> Vec<WrongField> {
    problem
        .errors
        .iter()
        .map(|error| wrong_field(error, error.document))
        .collect()
}

fn wrong_field(error: &FieldError, document: Option<usize>) -> WrongField {
    WrongField {
        field: error.field.clone(),
        message: error.message.clone(),
        document,
        code: error.code.clone(),
        line: error.line.map(u64::from),
    }
}
