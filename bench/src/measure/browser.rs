//! What a person sees in Chromium, by a Playwright script that writes down
//! one line of JSON a figure.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::report::{Report, Row};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser");

pub(crate) async fn browser(runs: u32, report: &mut Report) -> Result<()> {
    let output = tempfile::NamedTempFile::new()?;
    let status = Command::new("npx")
        .args(["playwright", "test", "--config", "bench.config.ts"])
        .current_dir(FOLDER)
        .env("BENCH_RUNS", runs.to_string())
        .env("BENCH_OUTPUT", output.path())
        // The table alone is to be on standard output.
        .stdout(std::io::stderr())
        .status()
        .await
        .context("run Playwright (npm ci in tests/browser)")?;
    ensure!(status.success(), "the browser's script failed");
    let text = std::fs::read_to_string(output.path())?;
    report.add(Row {
        what: "Chromium: `seq 1 2000000` drawn to its end, s",
        goal: "at most 3",
        values: values(&text, "seq_drawn_s")?,
        direct: Vec::new(),
        met: |value, _| value <= 3.0,
    });
    report.add(Row {
        what: "Chromium: Ctrl-C during `yes` to prompt drawn, ms",
        goal: "at most 250",
        values: values(&text, "interrupt_ms")?,
        direct: Vec::new(),
        met: |value, _| value <= 250.0,
    });
    Ok(())
}

fn values(text: &str, figure: &str) -> Result<Vec<f64>> {
    let mut values = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line)?;
        values.extend(line[figure].as_f64());
    }
    Ok(values)
}
