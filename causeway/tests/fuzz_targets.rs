//! The fuzz targets are those that `fuzz/README.md` tells of and `fuzz/Cargo.toml`
//! builds, and each has something to start from: without it `scripts/fuzz` does
//! not begin.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn each_is_told_of_and_built_and_has_seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let text = |name: &str| std::fs::read_to_string(fuzz.join(name)).unwrap();
    let targets = names(&fuzz.join("fuzz_targets"));
    assert!(targets.len() > 10, "no targets found: {targets:?}");
    assert_eq!(told(&text("README.md")), targets, "in the table");
    assert_eq!(built(&text("Cargo.toml")), targets, "in the manifest");
    assert_eq!(names(&fuzz.join("seeds")), targets, "with seeds");
    for target in targets {
        let seeds = names(&fuzz.join("seeds").join(&target));
        assert!(!seeds.is_empty(), "{target} has nothing to start from");
    }
}

/// The entries of a folder, without what follows a dot.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// First cells of the table.
fn told(readme: &str) -> BTreeSet<String> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split_once('`').unwrap().0.to_owned())
        .collect()
}

fn built(manifest: &str) -> BTreeSet<String> {
    let paths = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    paths
        .map(|path| path.strip_suffix(".rs\"").unwrap().to_owned())
        .collect()
}
