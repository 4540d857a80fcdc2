//! What a person sees of moving things in Chromium, through the same stack:
//! pictures that were presented, and the time to decode one. `guacd` has no
//! viewer of its own to be put beside.

use anyhow::Result;
use causeway_tests::daemon::Daemon;
use causeway_tests::stack::ADMIN_PASSWORD;
use serde_json::json;

use super::animation::Picture;
use super::motion::LARGE;
use super::screened::{Screened, WINDOW};
use super::sides::Sides;
use super::stage::Stage;
use crate::playwright::{Figures, program};
use crate::report::{Goal, Report, Row};

/// What moves.
#[derive(Debug, Clone, Copy)]
enum Moving {
    Animation(Picture, (u32, u32)),
    Flood,
}

pub(crate) async fn browser(
    sides: &Sides,
    stage: &Stage,
    runs: u32,
    report: &mut Report,
) -> Result<()> {
    let mut scenes = vec![
        ("photo 1280x720", Moving::Animation(Picture::Photo, WINDOW)),
        ("clean 1280x720", Moving::Animation(Picture::Clean, WINDOW)),
    ];
    if stage.goals.large_photo.is_some() {
        scenes.push(("photo 1920x1080", Moving::Animation(Picture::Photo, LARGE)));
    }
    scenes.push(("xterm flood", Moving::Flood));
    for (name, moving) in scenes {
        let (mut presented, mut decoding) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let figures = look(sides, stage, moving).await?;
            presented.extend(figures.all("presented_per_s"));
            decoding.extend(figures.all("decode_ms"));
        }
        let what = stage.figure(&format!("{name} in Chromium, presented/s"));
        report.add(Row::new(what, Goal::Unset, presented, Vec::new()));
        let what = stage.figure(&format!("{name} in Chromium, ms to decode one"));
        report.add(Row::new(what, Goal::Unset, decoding, Vec::new()));
    }
    Ok(())
}

async fn look(sides: &Sides, stage: &Stage, moving: Moving) -> Result<Figures> {
    let size = moving.size();
    // The display has its size before anything is put on it.
    let scene = stage.scene.clone().sized(size);
    let mut session = sides.ours.open(stage.name, &scene).await?;
    session.become_size(size).await?;
    session.leave().await?;
    let _moving = moving.start(sides, stage)?;
    let visit = json!({
        "url": sides.ours.url(), "username": "admin", "password": ADMIN_PASSWORD,
        "endpoint": stage.name, "width": size.0, "height": size.1,
    });
    Figures::of("desktop", &[("BENCH_VISIT", visit.to_string()), program()?]).await
}

impl Moving {
    const fn size(self) -> (u32, u32) {
        match self {
            Self::Animation(_, size) => size,
            Self::Flood => WINDOW,
        }
    }

    fn start(self, sides: &Sides, stage: &Stage) -> Result<Daemon> {
        match self {
            Self::Animation(picture, size) => sides.studio.show(picture, size, &stage.display),
            Self::Flood => stage.flood(),
        }
    }
}
