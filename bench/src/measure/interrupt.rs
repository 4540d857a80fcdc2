//! Ctrl-C during `yes`, until the prompt is back.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::direct::Direct;
use crate::report::{Goal, Report, Row};
use crate::shell::{PROMPT, Shell, ms};
use crate::through::Bench;

/// How long the flood goes on before the key.
const FLOOD: Duration = Duration::from_secs(2);

pub(crate) async fn interrupt(runs: u32, report: &mut Report) -> Result<()> {
    let bench = Bench::start().await?;
    let mut through = bench.open().await?;
    let mut ssh = Direct::open(&bench.sshd, &bench.key).await?;
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        values.push(one(&mut through).await?);
        direct.push(one(&mut ssh).await?);
    }
    report.add(Row::new(
        "Ctrl-C during `yes` to prompt, ms",
        Goal::AtMost(100.0),
        values,
        direct,
    ));
    Ok(())
}

async fn one(shell: &mut dyn Shell) -> Result<f64> {
    shell.send("yes\r").await?;
    let begun = Instant::now();
    while begun.elapsed() < FLOOD {
        shell.discard_until("y\r\ny").await?;
    }
    let pressed = Instant::now();
    shell.send("\u{3}").await?;
    shell.discard_until(PROMPT).await?;
    Ok(ms(pressed.elapsed()))
}
