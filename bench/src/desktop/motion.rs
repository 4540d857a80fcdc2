//! Things that move: pictures a second, what they cost the node, and bytes.

use anyhow::Result;

use super::animation::Picture;
use super::goals::MotionGoals;
use super::measure::{self, Motion};
use super::screened::{Screened, WINDOW};
use super::sides::Sides;
use super::stage::Stage;
use crate::report::{Goal, Report, Row};

/// The larger of the two sizes.
pub(crate) const LARGE: (u32, u32) = (1920, 1080);

/// The animations.
pub(crate) async fn motion(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let goals = stage.goals;
    let scenes = [
        ("photo", Picture::Photo, WINDOW, Some(goals.photo)),
        ("clean", Picture::Clean, WINDOW, Some(goals.clean)),
        ("photo", Picture::Photo, LARGE, goals.large_photo),
    ];
    for (name, picture, size, goals) in scenes {
        let Some(goals) = goals else { continue };
        let moved = animated(sides, stage, picture, size, runs).await?;
        let (width, height) = size;
        moved.add_to(report, stage, &format!("{name} {width}x{height}"), goals);
    }
    Ok(())
}

/// A terminal that scrolls as fast as it can.
pub(crate) async fn flood(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let mut moved = Moved::default();
    for _ in 0..runs {
        let measured = sides
            .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                screened.become_size(WINDOW).await?;
                let _flood = stage.flood()?;
                measure::motion(screened).await
            })
            .await?;
        moved.push(measured);
    }
    moved.add_to(report, stage, "xterm flood", stage.goals.flood);
    Ok(())
}

async fn animated(
    sides: &Sides,
    stage: &Stage,
    picture: Picture,
    size: (u32, u32),
    runs: u32,
) -> Result<Moved> {
    let scene = stage.scene.clone().sized(size);
    let mut moved = Moved::default();
    for _ in 0..runs {
        let measured = sides
            .each(stage, &scene, async |screened: &mut dyn Screened| {
                screened.become_size(size).await?;
                let _showing = sides.studio.show(picture, size, &stage.display)?;
                measure::motion(screened).await
            })
            .await?;
        moved.push(measured);
    }
    Ok(moved)
}

/// What motion cost on both sides, one a run.
#[derive(Debug, Default)]
struct Moved {
    ours: Vec<Motion>,
    guacd: Vec<Motion>,
}

impl Moved {
    fn push(&mut self, (ours, guacd): (Motion, Option<Motion>)) {
        self.ours.push(ours);
        self.guacd.extend(guacd);
    }

    fn add_to(&self, report: &mut Report, stage: &Stage, scene: &str, goals: MotionGoals) {
        let mut row = |what: &str, goal, value: fn(&Motion) -> f64| {
            let values = self.ours.iter().map(value).collect();
            let direct = self.guacd.iter().map(value).collect();
            let what = stage.figure(&format!("{scene}, {what}"));
            report.add(Row::new(what, goal, values, direct));
        };
        row("pictures/s", goals.rate, |motion| motion.rate);
        row("node, % of a core", goals.processor_percent, |motion| {
            motion.processor_percent
        });
        row("MB/s to the viewer", Goal::Unset, |motion| motion.megabytes);
    }
}
