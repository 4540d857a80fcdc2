//! YAML files as documents: each with its kind, its fields and its lines.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::node::Node;

/// Longest YAML file that is read, in bytes.
const FILE_LENGTH_MAX: u64 = 1024 * 1024;

/// Documents of one file that are read. How many are applied at once is for the
/// control plane to say.
const DOCUMENTS_READ_MAX: usize = 100_000;

/// One YAML document of one file.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    file: PathBuf,
    text: Arc<str>,
    node: Node,
}

/// Why files are no documents.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} is larger than {FILE_LENGTH_MAX} bytes: apply it in several files", path.display())]
    TooLong { path: PathBuf },
    #[error("{}:{line}: {message}", path.display())]
    Yaml {
        path: PathBuf,
        line: u64,
        message: String,
    },
    #[error("{}:{line}: a document is a map with `kind` and the fields of that kind", path.display())]
    NoMapping { path: PathBuf, line: u64 },
    #[error("there is no document in {}", path.display())]
    Empty { path: PathBuf },
}

impl Document {
    /// The document as the API takes it.
    pub(crate) fn value(&self) -> Value {
        self.node.value()
    }

    /// Where the field at `path` stands, as `file:line`.
    pub(crate) fn place(&self, path: &str) -> String {
        format!("{}:{}", self.file.display(), self.node.line_of(path))
    }

    /// Where a line of the text at `path` stands, counted from 1, as
    /// `file:line`. Of a block the first line stands below the key.
    pub(crate) fn place_in(&self, path: &str, line: u64) -> String {
        let key = self.node.line_of(path);
        let text_of = |line: u64| {
            let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
            self.text.lines().nth(index).unwrap_or_default()
        };
        let first = if begins_block(text_of(key)) {
            key + 1
        } else {
            key
        };
        format!("{}:{}", self.file.display(), first + line.saturating_sub(1))
    }
}

/// Reads every document of every file; `-` is standard input.
///
/// # Errors
/// When a file cannot be read, is no YAML, or holds something else than maps.
pub(crate) fn read_files(paths: &[PathBuf]) -> Result<Vec<Document>, ReadError> {
    let mut documents = Vec::new();
    for path in paths {
        let text = read_bounded(path)?;
        documents.extend(read_text(path, &text)?);
    }
    Ok(documents)
}

/// The documents in `text`, which stood in the file `path`.
///
/// # Errors
/// When it is no YAML or holds something else than maps.
pub(super) fn read_text(path: &Path, text: &str) -> Result<Vec<Document>, ReadError> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! { max_documents: DOCUMENTS_READ_MAX },
    };
    let nodes: Vec<Node> = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| yaml_error(path, &error))?;
    if nodes.is_empty() {
        return Err(ReadError::Empty { path: path.into() });
    }
    let text: Arc<str> = text.into();
    nodes
        .into_iter()
        .map(|node| document(path, &text, node))
        .collect()
}

/// Whether a line ends with the head of a block: `key: |`, `- >-`.
fn begins_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    let head = line.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    head.ends_with(": |") || head.ends_with(": >") || head.ends_with("- |") || head.ends_with("- >")
}

fn document(path: &Path, text: &Arc<str>, node: Node) -> Result<Document, ReadError> {
    if !node.is_mapping() {
        return Err(ReadError::NoMapping {
            path: path.into(),
            line: node.line(),
        });
    }
    Ok(Document {
        file: path.into(),
        text: Arc::clone(text),
        node,
    })
}

fn yaml_error(path: &Path, error: &serde_saphyr::Error) -> ReadError {
    let line = error.location().map_or(1, |location| location.line());
    let message = error.to_string();
    // The library ends its sentence with the place that stands in front already.
    let message = match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    };
    // What could be set in the library is of no use to who writes the file.
    let message = message
        .split(", set ")
        .next()
        .unwrap_or_default()
        .to_owned();
    ReadError::Yaml {
        path: path.into(),
        line,
        message,
    }
}

fn read_bounded(path: &Path) -> Result<String, ReadError> {
    let io = |source| ReadError::Io {
        path: path.into(),
        source,
    };
    let mut text = String::new();
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(io)?)
    };
    source
        .take(FILE_LENGTH_MAX + 1)
        .read_to_string(&mut text)
        .map_err(io)?;
    if text.len() as u64 > FILE_LENGTH_MAX {
        return Err(ReadError::TooLong { path: path.into() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str) -> Result<Vec<Document>, String> {
        read_text(Path::new("a.yaml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn documents_keep_their_lines() {
        let documents =
            check("# one\nkind: group\nname: a\n---\n\nkind: group\nname: b\n").unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].place("name"), "a.yaml:3");
        assert_eq!(documents[1].place("name"), "a.yaml:7");
        assert_eq!(documents[1].place(""), "a.yaml:6");
        assert_eq!(documents[1].value(), json!({"kind": "group", "name": "b"}));
    }

    #[test]
    fn a_line_of_a_text_is_found() {
        let text = "kind: policy\nname: a\nexpression: |-\n  true\n  && no\nother: 'x'\n";
        let documents = check(text).unwrap();
        assert_eq!(documents[0].place_in("expression", 2), "a.yaml:5");
        assert_eq!(documents[0].place_in("other", 1), "a.yaml:6");
    }

    #[test]
    fn empty_documents_are_skipped() {
        assert_eq!(check("---\nkind: group\n---\n---\n").unwrap().len(), 1);
    }

    #[test]
    fn more_documents_are_read_than_are_applied_at_once() {
        let documents = check(&"---\nkind: group\n".repeat(5_000)).unwrap();
        assert_eq!(documents.len(), 5_000);
    }

    #[test]
    fn an_anchor_is_resolved() {
        let documents = check("kind: a\nx: &x {y: 1}\nz: *x\n").unwrap();
        assert_eq!(documents[0].value()["z"], json!({"y": 1}));
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, start) in [
            ("kind: a\nname: [\n", "a.yaml:"),
            ("kind: a\nkind: b\n", "a.yaml:2: "),
            ("- kind: a\n", "a.yaml:1: a document is a map"),
            ("", "there is no document in a.yaml"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.starts_with(start), "{text:?}: {error}");
            assert!(!error.contains(" at line "), "{text:?}: {error}");
            assert!(!error.contains('\n'), "{text:?}: {error}");
        }
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
        }
        assert!(check(&text).is_err());
    }
}
