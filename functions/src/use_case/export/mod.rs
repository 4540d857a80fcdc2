//! The written objects as documents that apply takes back unchanged.
//!
//! References are written as names. Secrets are left out: where one is set
//! stands the mask, which keeps it when the document is applied to where it
//! came from, and is refused, by name, where there is none to keep. Passwords,
//! second factors and tokens of users, and by whom else they sign in, are no part
//! of a user and so of no document.
//!
//! An export comes in parts where the length of an answer is limited, and where
//! there are more than [`DOCUMENTS_MAX`] objects. Each part is what is there
//! when it is read: who needs the objects of one moment changes none meanwhile.
//! A list of users in DynamoDB may lag behind by a moment.
//! What stays as it is comes exactly once. What is renamed may come under both
//! names or under none, and an endpoint that moves to another provider may come
//! twice or not at all.

mod document;
mod kind;
mod page;
mod position;

use causeway_table::{PAGE_ITEMS_MAX, TableError};
use serde_json::{Map, Value};

use self::kind::ExportedKind;
use self::position::Position;
use super::object::ListError;
use crate::access::Reader;
use crate::app::App;

/// Documents after which nothing more is read for a part, unless said otherwise.
pub const DOCUMENTS_MAX: usize = 20_000;

/// Pages that are read at most for a part whose length is limited: some seconds
/// where each is a request to the table.
const PAGES_MAX: usize = 100;

/// What a secret that is left out takes besides the name of its field, in bytes
/// of JSON.
const LEFT_OUT_BYTES: usize = 48;

/// Objects as documents: all of them, or a part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Export {
    /// The documents: `kind` and the fields of that kind.
    pub documents: Vec<Value>,
    /// The secrets that they leave out.
    pub left_out: Vec<LeftOut>,
    /// Where the next part begins; absent at the end. A part may have no
    /// documents and yet not be the last.
    pub next: Option<String>,
}

/// A secret that is not in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which document of the part, from 0.
    pub document: usize,
    /// The field, with dots between levels.
    pub field: String,
}

/// Which objects, and how much of them at once.
#[derive(Debug, Clone, Copy)]
pub struct ExportWanted<'a> {
    /// Only those of this kind.
    pub kind: Option<&'a str>,
    /// From there on: [`Export::next`] of the part before.
    pub cursor: Option<&'a str>,
    /// As many as fit into so many bytes of JSON, and one at least.
    pub bytes_max: Option<usize>,
    /// Documents after which nothing more is read for this part.
    pub documents_max: usize,
}

impl Default for ExportWanted<'_> {
    /// All objects.
    fn default() -> Self {
        Self {
            kind: None,
            cursor: None,
            bytes_max: None,
            documents_max: DOCUMENTS_MAX,
        }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such kind.
    #[error("there is no such kind: expected one of {}", ExportedKind::names())]
    Kind,
    /// The cursor is none of this export, or the table did not answer.
    #[error(transparent)]
    Read(#[from] ListError),
}

impl From<TableError> for ExportError {
    fn from(error: TableError) -> Self {
        Self::Read(error.into())
    }
}

/// The written objects, or those of one kind: kind by kind, each by name,
/// endpoints by provider and name.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    app: &App,
    _reader: &Reader,
    wanted: ExportWanted<'_>,
) -> Result<Export, ExportError> {
    let only = match wanted.kind {
        Some(name) => Some(ExportedKind::named(name).ok_or(ExportError::Kind)?),
        None => None,
    };
    let mut position = start(only, wanted.cursor)?;
    let snapshot = app.table().config().current().await?;
    let mut export = Export::default();
    let mut room = wanted.bytes_max.unwrap_or(usize::MAX);
    let pages_max = wanted.bytes_max.map_or(usize::MAX, |_| PAGES_MAX);
    let (mut pages, mut limit) = (0, PAGE_ITEMS_MAX);
    while pages < pages_max && export.documents.len() < wanted.documents_max {
        let page = page::page(app, &snapshot, &position, limit).await?;
        let read = Export::of(page.items);
        let bytes = wanted.bytes_max.map_or(0, |_| read.bytes());
        pages += 1;
        if bytes > room && (limit > 1 || !export.documents.is_empty()) {
            // As many as fit by their average length, if any do.
            let fitting = read.documents.len() * room / bytes;
            if fitting == 0 && !export.documents.is_empty() {
                break;
            }
            limit = fitting.clamp(1, limit - 1);
            continue;
        }
        room = room.saturating_sub(bytes);
        export.append(read);
        let next_kind = || only.is_none().then(|| position.kind.next()).flatten();
        position = match (page.next, next_kind()) {
            (Some(cursor), _) => Position {
                cursor: Some(cursor),
                ..position
            },
            (None, Some(kind)) => Position::first(kind),
            (None, None) => return Ok(export),
        };
    }
    export.next = Some(position.to_string());
    Ok(export)
}

/// Where an export begins that may be of one kind only.
fn start(only: Option<ExportedKind>, cursor: Option<&str>) -> Result<Position, ListError> {
    let Some(cursor) = cursor else {
        return Ok(Position::first(only.unwrap_or(ExportedKind::ALL[0])));
    };
    let position: Position = cursor.parse()?;
    if only.is_some_and(|only| only != position.kind) {
        return Err(ListError::Cursor);
    }
    Ok(position)
}

impl Export {
    fn of(documents: Vec<Map<String, Value>>) -> Self {
        let mut left_out = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let mut fields = Vec::new();
            for (name, value) in document {
                masks(value, name, &mut fields);
            }
            left_out.extend(fields.into_iter().map(|field| LeftOut {
                document: index,
                field,
            }));
        }
        Self {
            documents: documents.into_iter().map(Value::Object).collect(),
            left_out,
            next: None,
        }
    }

    /// What it takes as JSON, in bytes.
    fn bytes(&self) -> usize {
        let documents = self.documents.iter();
        let documents: usize = documents
            .map(|document| document.to_string().len() + 1)
            .sum();
        let left_out = self.left_out.iter();
        let left_out: usize = left_out
            .map(|left_out| Value::from(left_out.field.as_str()).to_string().len() + LEFT_OUT_BYTES)
            .sum();
        documents + left_out
    }

    fn append(&mut self, more: Self) {
        let before = self.documents.len();
        self.left_out
            .extend(more.left_out.into_iter().map(|left_out| LeftOut {
                document: before + left_out.document,
                ..left_out
            }));
        self.documents.extend(more.documents);
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
