//! What is measured in Chromium: by Playwright scripts in `bench/browser`
//! that write down one line of JSON a figure.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser");

/// What one run of a script has written.
pub(crate) struct Figures(Vec<Value>);

impl Figures {
    /// Runs a script, one of the projects of `bench.config.ts`.
    ///
    /// # Errors
    /// When it fails, or writes anything but JSON.
    pub(crate) async fn of(project: &str, environment: &[(&str, String)]) -> Result<Self> {
        let output = tempfile::NamedTempFile::new()?;
        let status = Command::new("npx")
            .args(["playwright", "test", "--config", "bench.config.ts"])
            .args(["--project", project])
            .current_dir(FOLDER)
            .envs(environment.iter().cloned())
            .env("BENCH_OUTPUT", output.path())
            // The table alone is to be on standard output.
            .stdout(std::io::stderr())
            .status()
            .await
            .context("run Playwright (npm ci in tests/browser)")?;
        ensure!(status.success(), "the browser's script failed");
        let lines = std::fs::read_to_string(output.path())?;
        let lines = lines.lines().map(serde_json::from_str);
        Ok(Self(lines.collect::<Result<_, _>>()?))
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<f64> {
        self.0
            .iter()
            .filter_map(|line| line[name].as_f64())
            .collect()
    }
}

/// The program, so that a script builds none of its own.
///
/// # Errors
/// When it does not build.
pub(crate) fn program() -> Result<(&'static str, String)> {
    let program: PathBuf = causeway_tests::stack::binary()?;
    let program = program.to_str().context("a path that is no text")?;
    Ok(("CAUSEWAY_BINARY", program.to_owned()))
}
