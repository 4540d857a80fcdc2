//! From nothing to the first prompt: launch call, websocket, SSH, shell.

use std::time::Instant;

use anyhow::Result;

use crate::direct::Direct;
use crate::report::{Goal, Report, Row};
use crate::shell::ms;
use crate::through::Bench;

/// Connections a run.
const CONNECTIONS: u32 = 5;

pub(crate) async fn connect(runs: u32, report: &mut Report) -> Result<()> {
    let bench = Bench::start().await?;
    // The first one remembers the host key.
    bench.open().await?;
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs * CONNECTIONS {
        let begun = Instant::now();
        bench.open().await?;
        values.push(ms(begun.elapsed()));
        let begun = Instant::now();
        Direct::open(&bench.sshd, &bench.key).await?;
        direct.push(ms(begun.elapsed()));
    }
    report.add(Row::new(
        "launch call to first prompt, ms",
        Goal::AtMost(200.0),
        values,
        direct,
    ));
    Ok(())
}
