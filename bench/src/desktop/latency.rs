//! How long a person waits: for the first picture, for a key, for a new size.

use std::time::Instant;

use anyhow::Result;

use super::measure;
use super::screened::Screened;
use super::sides::Sides;
use super::stage::Stage;
use crate::report::{Report, Row};
use crate::shell::ms;

/// First pictures a run.
const OPENINGS: u32 = 3;
/// Resizes a run.
const RESIZES: u32 = 6;

/// From the launch to the first picture; of guacd from the connection to it.
pub(crate) async fn first_picture(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs * OPENINGS {
        let began = Instant::now();
        let mut session = sides.ours.open(stage.name, &stage.scene).await?;
        session.next_frame().await?;
        values.push(ms(began.elapsed()));
        session.leave().await?;
        if let Some(guacd) = &sides.guacd {
            let began = Instant::now();
            let mut session = guacd.open(&stage.scene).await?;
            session.next_frame().await?;
            direct.push(ms(began.elapsed()));
            session.leave().await?;
        }
    }
    let what = stage.figure("launch to first picture, ms");
    report.add(Row::new(what, stage.goals.first_picture, values, direct));
    Ok(())
}

/// From a key in a terminal to the first picture after it.
pub(crate) async fn key(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (ours, theirs) = sides
            .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                measure::key_to_picture(screened).await
            })
            .await?;
        values.push(ours);
        direct.extend(theirs);
    }
    let what = stage.figure("key to picture, ms");
    report.add(Row::new(what, stage.goals.key, values, direct));
    Ok(())
}

/// From asking for another size to the first picture in it.
pub(crate) async fn resize(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let (mut values, mut direct) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (ours, theirs) = sides
            .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                measure::resize(screened, RESIZES).await
            })
            .await?;
        values.extend(ours);
        direct.extend(theirs.into_iter().flatten());
    }
    let what = stage.figure("resize to next picture, ms");
    report.add(Row::new(what, stage.goals.resize, values, direct));
    Ok(())
}
