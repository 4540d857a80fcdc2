//! ARCHITECTURE.md's code map is the folders that exist, no more and no less.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

/// Folders that are no part of the house: built, installed or kept by a run.
const NOT_OURS: [&str; 8] = [
    "target",
    "node_modules",
    "dist",
    "data",
    "corpus",
    "artifacts",
    "test-results",
    "playwright-report",
];
/// Folders that every crate may have; what is in them is listed, not they.
const CONVENTIONAL: [&str; 3] = ["src", "tests", "examples"];
/// The hidden folders that count.
const HIDDEN: [&str; 2] = [".ci", ".config"];

#[test]
fn the_code_map_is_the_folders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let listed = code_map(&text);
    assert!(listed.len() > 10, "no code map found: {listed:?}");

    let gone: Vec<_> = listed
        .iter()
        .filter(|folder| !root.join(folder).is_dir())
        .collect();
    assert!(gone.is_empty(), "listed, but no such folder: {gone:?}");

    let missing: Vec<_> = parents(&listed)
        .iter()
        .flat_map(|parent| folders(root, parent))
        .filter(|f| !listed.contains(f))
        .collect();
    assert!(
        missing.is_empty(),
        "folders without a line in the code map: {missing:?}"
    );
}

/// First cells of the table under the heading, without their back-quotes.
fn code_map(text: &str) -> BTreeSet<String> {
    let section = text
        .split("\n## ")
        .find(|section| section.starts_with("Code map"))
        .unwrap();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(folder, _)| folder.to_owned()).collect()
}

/// The root, and every folder of which one subfolder is listed: all of its
/// subfolders must be.
fn parents(listed: &BTreeSet<String>) -> BTreeSet<String> {
    listed
        .iter()
        .map(|folder| {
            folder
                .rsplit_once('/')
                .map_or("", |(parent, _)| parent)
                .to_owned()
        })
        .collect()
}

fn folders(root: &Path, parent: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root.join(parent))
        .unwrap()
        .map(Result::unwrap);
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !NOT_OURS.contains(&name.as_str()))
        .filter(|name| !name.starts_with('.') || HIDDEN.contains(&name.as_str()))
        .filter(|name| parent.is_empty() || !CONVENTIONAL.contains(&name.as_str()))
        .map(|name| {
            if parent.is_empty() {
                name
            } else {
                format!("{parent}/{name}")
            }
        })
        .collect()
}
