//! `docs/expressions.md` says what the code says. `UPDATE_DOCS=1` writes its
//! tables anew.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use causeway_policy::{Expression, Purpose, document};

/// `document` with `table` between the marks of `name`.
fn with_table(document: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- begin {name} -->\n");
    let end = format!("<!-- end {name} -->");
    let (before, rest) = document.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{table}{end}{after}")
}

#[test]
fn the_tables_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/expressions.md");
    let found = std::fs::read_to_string(&path).unwrap();
    let mut expected = found.clone();
    for (name, table) in [
        ("variables", document::variables()),
        ("functions", document::functions()),
        ("limits", document::limits()),
    ] {
        expected = with_table(&expected, name, &table);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    assert!(
        found == expected,
        "docs/expressions.md is not that of the code: run UPDATE_DOCS=1 cargo nextest run -p causeway-policy documents"
    );
}

#[test]
fn every_example_of_a_function_works() {
    for example in document::examples() {
        let source = format!("{{'it': {example}}}");
        let compiled = Expression::compile(&source, Purpose::PropertyMapping);
        assert!(compiled.is_ok(), "{example}: {compiled:?}");
    }
}

/// Blocks of the document marked as an expression for a purpose compile, those
/// marked `wrong` do not.
#[test]
fn every_example_of_the_document_works() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/expressions.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut count = 0;
    for block in text.split("```cel ").skip(1) {
        let (purpose, rest) = block.split_once('\n').unwrap();
        let (source, _) = rest.split_once("```").unwrap();
        let purpose = Purpose::from_name(purpose.trim()).unwrap();
        let compiled = Expression::compile(source, purpose);
        assert!(compiled.is_ok(), "{source}: {compiled:?}");
        compiled.unwrap().evaluate(&common::scope()).unwrap();
        count += 1;
    }
    assert!(count >= 10, "{count} examples");
}
