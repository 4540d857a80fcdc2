//! A YAML value that remembers where it stood.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

/// A value and the line it stood at, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    line: u64,
    content: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Scalar(Value),
    Sequence(Vec<Node>),
    Mapping(Vec<(String, Node)>),
}

impl Node {
    /// The line it stood at, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Whether it has fields.
    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(_))
    }

    /// The value without its lines.
    pub(super) fn value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::Sequence(items) => items.iter().map(Self::value).collect(),
            Content::Mapping(entries) => {
                let fields = entries
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }

    /// The line of the field at `path` (`settings.port`, `outposts.1`), or of the
    /// deepest part of the path that there is.
    pub(super) fn line_of(&self, path: &str) -> u64 {
        if path.is_empty() {
            return self.line;
        }
        match &self.content {
            Content::Scalar(_) => self.line,
            Content::Sequence(items) => sequence_line(items, path).unwrap_or(self.line),
            Content::Mapping(entries) => mapping_line(entries, path).unwrap_or(self.line),
        }
    }
}

/// A key may hold dots itself (`connection_settings.username`), so the longest
/// key that begins the path wins.
fn mapping_line(entries: &[(String, Node)], path: &str) -> Option<u64> {
    entries
        .iter()
        .filter_map(|(key, node)| {
            let rest = path.strip_prefix(key.as_str())?;
            let inner = match rest.chars().next() {
                None | Some('[') => rest,
                Some('.') => &rest[1..],
                Some(_) => return None,
            };
            Some((key.len(), node.line_of(inner)))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, line)| line)
}

/// An item is written `[1]` where a document does not read, and `1` where what it
/// says is wrong.
fn sequence_line(items: &[Node], path: &str) -> Option<u64> {
    let inner = path.strip_prefix('[').unwrap_or(path);
    let end = inner.find(|c: char| !c.is_ascii_digit());
    let (index, rest) = inner.split_at(end.unwrap_or(inner.len()));
    let item = items.get(index.parse::<usize>().ok()?)?;
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    Some(item.line_of(rest.strip_prefix('.').unwrap_or(rest)))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self {
            line: spanned.referenced.line(),
            content: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, number, boolean, list or map")
    }

    fn visit_unit<E: Error>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Content, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Content::deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Content, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Content::Scalar(number.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Content::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Content::Mapping(entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "\
name: shell
settings:
  port: 22
  font.name: mono
labels: {site: a}
outposts:
  - one
  - name: two
    size: 3
    parts: [[1], [2]]
";

    fn node() -> Node {
        serde_saphyr::from_str(TEXT).unwrap()
    }

    #[test]
    fn values_survive() {
        let expected = json!({
            "name": "shell",
            "settings": {"port": 22, "font.name": "mono"},
            "labels": {"site": "a"},
            "outposts": ["one", {"name": "two", "size": 3, "parts": [[1], [2]]}],
        });
        assert_eq!(node().value(), expected);
    }

    #[test]
    fn a_path_leads_to_its_line() {
        let node = node();
        for (path, line) in [
            ("", 1),
            ("name", 1),
            ("settings.port", 3),
            ("settings.font.name", 4),
            ("settings.missing", 3),
            ("labels.site", 5),
            ("outposts[0]", 7),
            ("outposts[1].size", 9),
            ("outposts[1].parts[1][0]", 10),
            ("outposts[7]", 7),
            ("outposts.0", 7),
            ("outposts.1.size", 9),
            ("outposts.1.parts.1.0", 10),
            ("outposts.1.nothing", 8),
            ("outposts.7", 7),
            ("outposts.one", 7),
            ("nowhere", 1),
        ] {
            assert_eq!(node.line_of(path), line, "{path}");
        }
    }
}
