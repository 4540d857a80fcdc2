//! What a person sees of a terminal in Chromium.

use anyhow::Result;

use crate::playwright::Figures;
use crate::report::{Goal, Report, Row};

pub(crate) async fn browser(runs: u32, report: &mut Report) -> Result<()> {
    let figures = Figures::of("terminal", &[("BENCH_RUNS", runs.to_string())]).await?;
    report.add(Row::new(
        "Chromium: `seq 1 2000000` drawn to its end, s",
        Goal::AtMost(3.0),
        figures.all("seq_drawn_s"),
        Vec::new(),
    ));
    report.add(Row::new(
        "Chromium: Ctrl-C during `yes` to prompt drawn, ms",
        Goal::AtMost(250.0),
        figures.all("interrupt_ms"),
        Vec::new(),
    ));
    Ok(())
}
