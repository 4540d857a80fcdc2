//! Where the program under test is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, ensure};

/// Path of the `causeway` program, built from the sources as they are.
///
/// Cargo tells a test only the programs of its own package. So the runner
/// builds the program once and names it in `CAUSEWAY_BINARY` (see
/// `.config/nextest.toml`); without that variable it is built here, in the
/// profile that the test itself was built in.
///
/// # Errors
/// When it does not build.
pub fn binary() -> Result<PathBuf> {
    static BINARY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BINARY
        .get_or_init(|| find_or_build().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(|error| anyhow!(error))
}

fn find_or_build() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CAUSEWAY_BINARY") {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let profile = test
        .ancestors()
        .find(|directory| is_named(directory, "debug") || is_named(directory, "release"))
        .with_context(|| format!("{} is in no target directory", test.display()))?;
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // It says what it does: this may take minutes.
    build.args(["build", "--package", "causeway"]);
    if is_named(profile, "release") {
        build.arg("--release");
    }
    let status = build
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::null())
        .status()
        .context("run cargo")?;
    ensure!(status.success(), "the program does not build: {status}");
    Ok(profile.join("causeway"))
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|found| found == name)
}
