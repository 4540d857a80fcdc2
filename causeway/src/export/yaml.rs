//! JSON values as YAML that people like to read: block style, texts of several
//! lines as blocks, everything else that is not plain in double quotes.

use serde_json::{Map, Value};

/// How far each level stands in.
const INDENT: usize = 2;

/// Appends a map as a document.
pub(super) fn write(document: &Map<String, Value>, text: &mut String) {
    map(document, 0, text);
}

fn map(fields: &Map<String, Value>, indent: usize, text: &mut String) {
    // What a document is comes first.
    let (kind, rest): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "kind");
    for (name, value) in kind.into_iter().chain(rest) {
        pad(indent, text);
        text.push_str(&scalar(name));
        text.push(':');
        value_behind(value, indent, text);
    }
}

/// What stands behind a key or a dash, and its line's end.
fn value_behind(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.push('\n');
            map(fields, indent + INDENT, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for item in items {
                pad(indent + INDENT, text);
                text.push('-');
                value_behind(item, indent + INDENT, text);
            }
        }
        Value::String(lines) if is_block(lines) => block(lines, indent + INDENT, text),
        other => {
            text.push(' ');
            text.push_str(&match other {
                Value::String(words) => scalar(words),
                other => other.to_string(),
            });
            text.push('\n');
        }
    }
}

/// Whether a text can stand as a literal block without losing anything.
fn is_block(lines: &str) -> bool {
    lines.contains('\n')
        && !lines.starts_with([' ', '\n'])
        && !lines.ends_with("\n\n")
        && lines
            .chars()
            .all(|c| c == '\n' || (!c.is_control() && !is_break(c)))
}

fn block(lines: &str, indent: usize, text: &mut String) {
    let keep = if lines.ends_with('\n') { "|" } else { "|-" };
    text.push(' ');
    text.push_str(keep);
    text.push('\n');
    for line in lines.trim_end_matches('\n').split('\n') {
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
        text.push('\n');
    }
}

/// A text on one line: plain when nothing in it could be taken for anything
/// else, else in double quotes as JSON writes them.
fn scalar(words: &str) -> String {
    const TAKEN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = words.starts_with(|c: char| c.is_ascii_alphabetic())
        && words
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'))
        && !TAKEN.contains(&words.to_ascii_lowercase().as_str());
    if is_plain {
        return words.to_owned();
    }
    let mut quoted = Value::from(words).to_string();
    for c in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{7f}'] {
        quoted = quoted.replace(c, &format!("\\u{:04x}", u32::from(c)));
    }
    quoted
}

/// Characters that YAML takes for the end of a line or for no text.
fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(value.as_object().unwrap(), &mut text);
        text
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let value = json!({
            "kind": "policy", "name": "office", "order": -3, "enabled": true, "none": null,
            "expression": "a\n  && b\n\n|| c", "ends": "x\ny\n", "two": "x\n\n", "lead": " x\ny",
            "texts": ["true", "1", "", "a: b", "# no", "- x", "ü", "\u{2028}", "tab\tx\ny", "~", "=",
                "2026-01-01", "0x1f", "null", "Yes", "a\u{7f}b"],
            "empty": {"list": [], "map": {}},
            "deep": [{"a": {"b": ["c", {"d": [1.5, false]}]}}, [["x"]]],
            "a key: with #": {"$secret": "set"},
            "numbers": [0, -7, 18_446_744_073_709_551_615_u64, i64::MIN, 1e16, 1.5e300, -2.5e-7, 0.1],
            "keys": {"": 1, "true": 2, "1": 3, "a\nb": 4, "- x": 5, "ü": 6, "<<": 7, "~": 8},
        });
        let text = written(&value);
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }

    #[test]
    fn it_reads_well() {
        let value = json!({
            "name": "ask", "kind": "flow",
            "stages": [{"type": "expression", "expression": "{\n  'deny': ''\n}"}],
        });
        assert_eq!(
            written(&value),
            "kind: flow\nname: ask\nstages:\n  -\n    expression: |-\n      {\n        \
             'deny': ''\n      }\n    type: expression\n"
        );
    }
}
