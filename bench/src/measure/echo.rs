//! From a key to its echo, keys in peace: one every few milliseconds.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::direct::Direct;
use crate::report::{Goal, Report, Row, median};
use crate::shell::{PROMPT, Shell, ms};
use crate::through::Bench;

/// Keys a line; a line is then taken back.
const KEYS: u32 = 60;
/// Lines a run.
const LINES: u32 = 4;
/// Between two keys.
const PAUSE: Duration = Duration::from_millis(8);

pub(crate) async fn echo(runs: u32, report: &mut Report) -> Result<()> {
    let bench = Bench::start().await?;
    let mut through = bench.open().await?;
    let mut ssh = Direct::open(&bench.sshd, &bench.key).await?;
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        // In turns, so that both see the same machine.
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..LINES {
            ours.extend(line(&mut through).await?);
            theirs.extend(line(&mut ssh).await?);
        }
        values.push(median(&ours));
        direct.push(median(&theirs));
    }
    report.add(Row::new(
        "keystroke to echo, ms",
        Goal::BesideRival("at most 0.5 above `ssh`", |value, direct| {
            value - direct <= 0.5
        }),
        values,
        direct,
    ));
    Ok(())
}

async fn line(shell: &mut dyn Shell) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..KEYS {
        tokio::time::sleep(PAUSE).await;
        let pressed = Instant::now();
        shell.send("x").await?;
        shell.discard_until("x").await?;
        times.push(ms(pressed.elapsed()));
    }
    shell.send("\u{3}").await?;
    shell.discard_until(PROMPT).await?;
    Ok(times)
}
