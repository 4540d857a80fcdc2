//! The written objects as documents that apply takes back unchanged.
//!
//! References are written as names. Secrets are left out: where one is set
//! stands the mask, which keeps it when the document is applied to where it
//! came from, and is refused, by name, where there is none to keep.

mod document;

use causeway_table::{ConfigSnapshot, PAGE_ITEMS_MAX, TableError};
use serde_json::{Map, Value};

use self::document::Names;
use super::object::Object as _;
use super::policy_binding::words_of;
use crate::access::Reader;
use crate::app::App;
use causeway_model::object::PolicyBinding;

/// Most documents of one export.
pub const DOCUMENTS_MAX: usize = 20_000;

/// The kinds in the order in which they are written.
pub const KINDS: [&str; 11] = [
    "outpost",
    "property_mapping",
    "policy",
    "group",
    "user",
    "flow",
    "source",
    "provider",
    "application",
    "endpoint",
    "policy_binding",
];

/// Objects as documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Export {
    /// The documents: `kind` and the fields of that kind.
    pub documents: Vec<Value>,
    /// The secrets that they leave out.
    pub left_out: Vec<LeftOut>,
}

/// A secret that is not in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which document, from 0.
    pub document: usize,
    /// The field, with dots between levels.
    pub field: String,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such kind.
    #[error("there is no such kind: expected one of {}", KINDS.join(", "))]
    Kind,
    /// More than one answer holds.
    #[error("there are more than {DOCUMENTS_MAX} objects: export them kind by kind")]
    TooMany,
    /// The table did not answer.
    #[error("the objects could not be read")]
    Table(#[from] TableError),
}

/// All written objects, or those of one kind.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    app: &App,
    _reader: &Reader,
    kind: Option<&str>,
) -> Result<Export, ExportError> {
    let kind = kind.map(|kind| kind.replace('-', "_"));
    if kind.as_deref().is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(ExportError::Kind);
    }
    let snapshot = app.table().config().current().await?;
    let names = Names::new(&snapshot);
    let mut export = Export::default();
    for of in KINDS {
        if kind.as_deref().is_none_or(|kind| kind == of) {
            add(app, &snapshot, &names, of, &mut export).await?;
        }
    }
    Ok(export)
}

async fn add(
    app: &App,
    snapshot: &ConfigSnapshot,
    names: &Names<'_>,
    kind: &str,
    export: &mut Export,
) -> Result<(), ExportError> {
    match kind {
        "outpost" => export.extend(snapshot.outposts().iter().map(|found| names.outpost(found))),
        "property_mapping" => {
            let found = snapshot.property_mappings().iter();
            export.extend(found.map(|found| names.property_mapping(found)))
        }
        "policy" => export.extend(snapshot.policies().iter().map(|found| names.policy(found))),
        "group" => export.extend(snapshot.groups().iter().map(|found| names.group(found))),
        "user" => users(app, names, export).await,
        "flow" => {
            for flow in snapshot.flows().iter() {
                let users = document::approvers(app, flow).await?;
                export.add(names.flow(flow, &users))?;
            }
            Ok(())
        }
        "source" => export.extend(snapshot.sources().iter().map(|found| names.source(found))),
        "provider" => export.extend(
            snapshot
                .providers()
                .iter()
                .map(|found| names.provider(found)),
        ),
        "application" => {
            let found = snapshot.applications().iter();
            export.extend(found.map(|found| names.application(found)))
        }
        "endpoint" => endpoints(app, snapshot, names, export).await,
        "policy_binding" => bindings(app, snapshot, export).await,
        _ => Err(ExportError::Kind),
    }
}

async fn users(app: &App, names: &Names<'_>, export: &mut Export) -> Result<(), ExportError> {
    let mut cursor = None;
    loop {
        let users = app.table().users();
        let page = users.list(cursor.as_ref(), PAGE_ITEMS_MAX).await?;
        export.extend(page.items.iter().map(|user| names.user(user)))?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

async fn endpoints(
    app: &App,
    snapshot: &ConfigSnapshot,
    names: &Names<'_>,
    export: &mut Export,
) -> Result<(), ExportError> {
    for provider in snapshot.providers().iter() {
        let mut cursor = None;
        loop {
            let endpoints = app.table().endpoints();
            let page = endpoints
                .list(provider.id, cursor.as_ref(), PAGE_ITEMS_MAX)
                .await?;
            let found = page.items.into_iter();
            export.extend(found.map(|endpoint| names.endpoint(endpoint.masked())))?;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn bindings(
    app: &App,
    snapshot: &ConfigSnapshot,
    export: &mut Export,
) -> Result<(), ExportError> {
    let found: Vec<PolicyBinding> = snapshot
        .policy_bindings()
        .iter()
        .map(|binding| PolicyBinding::clone(binding))
        .collect();
    let words = words_of(app, snapshot, &found).await?;
    let documents = found.iter().zip(&words);
    export.extend(documents.map(|(binding, words)| document::policy_binding(binding, words)))
}

impl Export {
    fn extend(
        &mut self,
        documents: impl Iterator<Item = Map<String, Value>>,
    ) -> Result<(), ExportError> {
        for document in documents {
            self.add(document)?;
        }
        Ok(())
    }

    fn add(&mut self, document: Map<String, Value>) -> Result<(), ExportError> {
        if self.documents.len() >= DOCUMENTS_MAX {
            return Err(ExportError::TooMany);
        }
        let at = self.documents.len();
        let mut fields = Vec::new();
        for (name, value) in &document {
            masks(value, name, &mut fields);
        }
        let left_out = fields.into_iter().map(|field| LeftOut {
            document: at,
            field,
        });
        self.left_out.extend(left_out);
        self.documents.push(Value::Object(document));
        Ok(())
    }
}

/// Finds where the mask of a secret stands.
fn masks(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) if map.len() == 1 && map.get("$secret") == Some(&Value::from("set")) => {
            found.push(path.to_owned());
        }
        Value::Object(map) => {
            for (name, value) in map {
                masks(value, &format!("{path}.{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                masks(value, &format!("{path}.{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
