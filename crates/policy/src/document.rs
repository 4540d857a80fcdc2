//! The tables of `docs/expressions.md`, made from what the checker and the
//! evaluator read.

use std::fmt::Write as _;

use crate::function::FUNCTIONS;
use crate::limits::{self, Limits};
use crate::purpose::Purpose;
use crate::scope::{FIELDS, VARIABLES};
use crate::types::Type;

/// The table of variables and their fields, in Markdown.
#[must_use]
pub fn variables() -> String {
    let mut table =
        String::from("| variable | type | what it is | who has it |\n| --- | --- | --- | --- |\n");
    for shape in &VARIABLES {
        let kind = match shape.kind {
            Type::Record(_) => "record".to_owned(),
            kind => kind.to_string(),
        };
        let who: Vec<&str> = Purpose::ALL
            .into_iter()
            .filter(|purpose| shape.variable.is_for(*purpose))
            .map(Purpose::as_str)
            .collect();
        let who = match who.len() {
            count if count == Purpose::ALL.len() => "all".to_owned(),
            count if count + 1 == Purpose::ALL.len() => {
                let without: Vec<&str> = Purpose::ALL
                    .into_iter()
                    .filter(|purpose| !shape.variable.is_for(*purpose))
                    .map(Purpose::as_str)
                    .collect();
                format!("all but `{}`", without.join("`, `"))
            }
            _ => format!("`{}`", who.join("`, `")),
        };
        let _ = writeln!(
            table,
            "| `{}` | {kind} | {} | {who} |",
            shape.name, shape.help
        );
        let Type::Record(record) = shape.kind else {
            continue;
        };
        for field in FIELDS.iter().filter(|field| field.record == record) {
            let (name, kind) = (field.name, field.kind);
            let _ = writeln!(
                table,
                "| `{}.{name}` | {kind} | {} | |",
                shape.name, field.help
            );
        }
    }
    table
}

/// The table of functions, in Markdown.
#[must_use]
pub fn functions() -> String {
    let mut table = String::from("| function | what it gives | example |\n| --- | --- | --- |\n");
    for signature in FUNCTIONS {
        let example = signature.example.replace('|', "\\|");
        let words = signature.in_words();
        let _ = writeln!(table, "| `{words}` | {} | `{example}` |", signature.help);
    }
    table
}

/// Every example of a function, with its expression.
#[must_use]
pub fn examples() -> Vec<&'static str> {
    FUNCTIONS
        .iter()
        .map(|signature| signature.example)
        .collect()
}

/// The table of limits, in Markdown.
#[must_use]
pub fn limits() -> String {
    let standard = Limits::STANDARD;
    let kib = |bytes: u32| format!("{} KiB", bytes / 1024);
    let rows = [
        (
            "length of a source",
            format!("{} bytes", limits::SOURCE_BYTES_MAX),
        ),
        (
            "parts of a source (names, numbers, texts, operators, brackets)",
            limits::TOKENS_MAX.to_string(),
        ),
        ("nesting", format!("{} levels", limits::DEPTH_MAX)),
        (
            "macros in macros",
            format!("{} levels", limits::MACRO_DEPTH_MAX),
        ),
        (
            "regular expressions in a source",
            limits::PATTERNS_MAX.to_string(),
        ),
        (
            "length of a regular expression",
            format!("{} bytes", limits::PATTERN_BYTES_MAX),
        ),
        (
            "length of a text that one is matched against",
            format!("{} bytes", limits::MATCHED_BYTES_MAX),
        ),
        (
            "operations of an evaluation",
            standard.operations.to_string(),
        ),
        ("memory of an evaluation", kib(standard.memory_bytes)),
        ("size of a result", kib(standard.result_bytes)),
    ];
    let mut table = String::from("| limit | |\n| --- | --- |\n");
    for (what, limit) in rows {
        let _ = writeln!(table, "| {what} | {limit} |");
    }
    table
}
