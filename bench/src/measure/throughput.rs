//! A flood of short lines to a client that throws them away.

use anyhow::Result;

use crate::direct::Direct;
use crate::report::{Goal, Report, Row};
use crate::shell::time_of;
use crate::through::Bench;

pub(crate) async fn throughput(runs: u32, report: &mut Report) -> Result<()> {
    let bench = Bench::start().await?;
    let mut through = bench.open().await?;
    let mut ssh = Direct::open_piped(&bench.sshd, &bench.key).await?;
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let (line, answer) = (
            format!("seq 1 2000000; echo $((1000 + {run}))-end"),
            format!("{}-end", 1000 + run),
        );
        values.push(time_of(&mut through, &line, &answer).await?.as_secs_f64());
        direct.push(time_of(&mut ssh, &line, &answer).await?.as_secs_f64());
    }
    report.add(Row::new(
        "`seq 1 2000000`, s",
        Goal::BesideRival(
            "at least 0.6 of the throughput of `ssh`",
            |value, direct| direct / value >= 0.6,
        ),
        values,
        direct,
    ));
    Ok(())
}
