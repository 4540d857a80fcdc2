//! Which figures are taken, of which scenes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use causeway_tests::daemon::Daemon;
use causeway_tests::display::Display;
use causeway_tests::rdp::Xrdp;
use causeway_tests::vnc::Xtigervnc;
use clap::ValueEnum;

use super::animation::{Picture, Studio};
use super::guacd::Guacd;
use super::measure::{self, Motion};
use super::ours::Ours;
use super::process;
use super::screened::{Scene, Screened};
use crate::report::{Report, Row};
use crate::shell::ms;

/// Sessions that are held for the figure of memory.
const IDLE_SESSIONS: u32 = 20;
/// Resizes a run.
const RESIZES: u32 = 6;
/// What is typed into the editor: a paragraph, then pages down and up.
const EDITING: &str = "iA person writes a line of text, thinks, and goes on.\n\u{1b}";
/// Between two keys of a person.
const TYPING_PACE: Duration = Duration::from_millis(200);

/// What can be measured of desktops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DesktopFigure {
    /// From the launch to the first picture
    Picture,
    /// From a key to the picture that shows it
    Key,
    /// Something that moves
    Motion,
    /// A terminal that scrolls as fast as it can
    Flood,
    /// From asking for another size to the first picture in it
    Resize,
    /// What an idle session holds
    Idle,
    /// Bytes of a minute in an editor
    Editing,
}

/// Both sides, and the targets.
struct Both {
    ours: Ours,
    guacd: Option<Guacd>,
    studio: Studio,
    vnc: Xtigervnc,
    rdp: Xrdp,
}

/// A target, its scene and its display.
struct Stage {
    name: &'static str,
    scene: Scene,
    display: Display,
}

/// Takes the figures that are wanted.
pub(crate) async fn desktop(
    runs: u32,
    wanted: &[DesktopFigure],
    report: &mut Report,
) -> Result<()> {
    let wants = |figure| wanted.is_empty() || wanted.contains(&figure);
    let mut both = Both::start().await?;
    let vnc = both.vnc_stage();
    let rdp = both.rdp_stage().await?;
    for stage in [&vnc, &rdp] {
        both.ours.add(stage.name, &stage.scene).await?;
        if wants(DesktopFigure::Picture) {
            both.first_picture(stage, runs, report).await?;
        }
        if wants(DesktopFigure::Key) {
            both.key(stage, runs, report).await?;
        }
        if wants(DesktopFigure::Motion) {
            both.motion(stage, runs, report).await?;
        }
        if wants(DesktopFigure::Flood) {
            both.flood(stage, runs, report).await?;
        }
        if wants(DesktopFigure::Editing) {
            both.editing(stage, report).await?;
        }
        if wants(DesktopFigure::Resize) {
            both.resize(stage, runs, report).await?;
        }
        if wants(DesktopFigure::Idle) {
            both.idle(stage, report).await?;
        }
    }
    Ok(())
}

impl Both {
    async fn start() -> Result<Self> {
        let guacd = Guacd::start().await?;
        if guacd.is_none() {
            eprintln!("there is no guacd here (CAUSEWAY_GUACD names one): its column stays empty");
        }
        Ok(Self {
            ours: Ours::start().await?,
            guacd,
            studio: Studio::open()?,
            vnc: Xtigervnc::builder()
                .size(1280, 720)
                .argument("-FrameRate=60")
                .start()
                .await?,
            rdp: Xrdp::start().await?,
        })
    }

    fn vnc_stage(&self) -> Stage {
        Stage {
            name: "vnc",
            scene: Scene::new("vnc", self.vnc.address(), ("", self.vnc.password())),
            display: self.vnc.display().clone(),
        }
    }

    /// xrdp has a display once somebody has signed in.
    async fn rdp_stage(&mut self) -> Result<Stage> {
        let credentials = (self.rdp.username(), self.rdp.password());
        let scene = Scene::new("rdp", self.rdp.address(), credentials);
        self.ours.add("rdp-first", &scene).await?;
        let mut first = self.ours.open("rdp-first", &scene).await?;
        first.next_frame().await?;
        let display = self.rdp.session().await?;
        Ok(Stage {
            name: "rdp",
            scene,
            display,
        })
    }

    /// Our session and guacd's, one after the other, as a function sees them.
    async fn each<T>(
        &self,
        stage: &Stage,
        scene: &Scene,
        measured: impl AsyncFn(&mut dyn Screened) -> Result<T>,
    ) -> Result<(T, Option<T>)> {
        let mut session = self.ours.open(stage.name, scene).await?;
        session.next_frame().await?;
        let ours = measured(&mut session).await.context("ours")?;
        drop(session);
        let Some(guacd) = &self.guacd else {
            return Ok((ours, None));
        };
        let mut session = guacd.open(scene).await?;
        session.next_frame().await?;
        let theirs = measured(&mut session).await.context("guacd")?;
        Ok((ours, Some(theirs)))
    }

    async fn first_picture(&self, stage: &Stage, runs: u32, report: &mut Report) -> Result<()> {
        let (mut values, mut direct) = (Vec::new(), Vec::new());
        for _ in 0..runs * 3 {
            let began = Instant::now();
            let mut session = self.ours.open(stage.name, &stage.scene).await?;
            session.next_frame().await?;
            values.push(ms(began.elapsed()));
            drop(session);
            if let Some(guacd) = &self.guacd {
                let began = Instant::now();
                let mut session = guacd.open(&stage.scene).await?;
                session.next_frame().await?;
                direct.push(ms(began.elapsed()));
            }
        }
        report.add(match stage.name {
            "vnc" => Row::new(
                "VNC: launch to first picture, ms",
                "at most 40",
                values,
                direct,
                |v, _| v <= 40.0,
            ),
            _ => Row::new(
                "RDP (xrdp): launch to first picture, ms",
                "at most 500",
                values,
                direct,
                |v, _| v <= 500.0,
            ),
        });
        Ok(())
    }

    async fn key(&self, stage: &Stage, runs: u32, report: &mut Report) -> Result<()> {
        let (mut values, mut direct) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let (ours, theirs) = self
                .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                    measure::key_to_picture(screened).await
                })
                .await?;
            values.push(ours);
            direct.extend(theirs);
        }
        report.add(match stage.name {
            "vnc" => Row::new(
                "VNC: key to picture, ms",
                "at most 12",
                values,
                direct,
                |v, _| v <= 12.0,
            ),
            _ => Row::new(
                "RDP (xrdp): key to picture, ms",
                "at most 17",
                values,
                direct,
                |v, _| v <= 17.0,
            ),
        });
        Ok(())
    }

    async fn motion(&self, stage: &Stage, runs: u32, report: &mut Report) -> Result<()> {
        let is_vnc = stage.name == "vnc";
        let size = (1280, 720);
        let photo = self.moving(stage, Picture::Photo, size, runs).await?;
        let clean = self.moving(stage, Picture::Clean, size, runs).await?;
        if is_vnc {
            photo.rate(
                report,
                "VNC: photo 1280x720, pictures/s",
                "at least 30 (29.5)",
                |v, _| v >= 29.5,
            );
            photo.processor(
                report,
                "VNC: the same, node, % of a core",
                "at most 70",
                |v, _| v <= 70.0,
            );
            photo.megabytes(report, "VNC: the same, MB/s to the viewer");
            clean.rate(
                report,
                "VNC: clean 1280x720, pictures/s",
                "30 (29.5)",
                |v, _| v >= 29.5,
            );
            clean.processor(
                report,
                "VNC: the same, node, % of a core",
                "at most 35",
                |v, _| v <= 35.0,
            );
            clean.megabytes(report, "VNC: the same, MB/s to the viewer");
            let large = self
                .moving(stage, Picture::Photo, (1920, 1080), runs)
                .await?;
            large.rate(
                report,
                "VNC: photo 1920x1080, pictures/s",
                "at least 25",
                |v, _| v >= 25.0,
            );
            large.processor(report, "VNC: the same, node, % of a core", "-", |_, _| true);
            large.megabytes(report, "VNC: the same, MB/s to the viewer");
        } else {
            photo.rate(
                report,
                "RDP (xrdp): photo 1280x720, pictures/s",
                "at least 25",
                |v, _| v >= 25.0,
            );
            photo.processor(
                report,
                "RDP (xrdp): the same, node, % of a core",
                "at most 70",
                |v, _| v <= 70.0,
            );
            photo.megabytes(report, "RDP (xrdp): the same, MB/s to the viewer");
            clean.rate(
                report,
                "RDP (xrdp): clean 1280x720, pictures/s",
                "30 (29.5)",
                |v, _| v >= 29.5,
            );
            clean.processor(
                report,
                "RDP (xrdp): the same, node, % of a core",
                "at most 45",
                |v, _| v <= 45.0,
            );
            clean.megabytes(report, "RDP (xrdp): the same, MB/s to the viewer");
        }
        Ok(())
    }

    async fn moving(
        &self,
        stage: &Stage,
        picture: Picture,
        size: (u32, u32),
        runs: u32,
    ) -> Result<Moved> {
        let scene = stage.scene.clone().sized(size.0, size.1);
        let mut moved = Moved::default();
        for _ in 0..runs {
            let (ours, theirs) = self
                .each(stage, &scene, async |screened: &mut dyn Screened| {
                    if self.size_of(stage).await? != size {
                        screened.resize(size.0, size.1).await?;
                    }
                    let _showing = self.studio.show(picture, size, &stage.display)?;
                    measure::motion(screened).await
                })
                .await?;
            moved.ours.push(ours);
            moved.guacd.extend(theirs);
        }
        Ok(moved)
    }

    async fn size_of(&self, stage: &Stage) -> Result<(u32, u32)> {
        let (width, height) = stage.display.size().await?;
        Ok((width.try_into()?, height.try_into()?))
    }

    async fn flood(&self, stage: &Stage, runs: u32, report: &mut Report) -> Result<()> {
        let mut moved = Moved::default();
        for _ in 0..runs {
            let (ours, theirs) = self
                .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                    let _flood = self.terminal(stage, "while :; do seq 1 100000; done")?;
                    measure::motion(screened).await
                })
                .await?;
            moved.ours.push(ours);
            moved.guacd.extend(theirs);
        }
        match stage.name {
            "vnc" => moved.rate(
                report,
                "VNC: xterm flood, pictures/s",
                "at least 30 (29.5)",
                |v, _| v >= 29.5,
            ),
            _ => moved.rate(
                report,
                "RDP (xrdp): xterm flood, pictures/s",
                "at least 25",
                |v, _| v >= 25.0,
            ),
        }
        Ok(())
    }

    async fn editing(&self, stage: &Stage, report: &mut Report) -> Result<()> {
        let pages = "\u{6}".repeat(20) + &"\u{2}".repeat(20);
        let keys = EDITING.repeat(3) + &pages;
        let (ours, theirs) = self
            .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                let _editor = self.terminal(stage, "vim -u NONE -n -R /etc/services")?;
                measure::editing(screened, &keys, TYPING_PACE).await
            })
            .await?;
        let kilobytes = |bytes: u64| bytes as f64 / 1024.0;
        let what = match stage.name {
            "vnc" => "VNC: typing and paging in vim, KiB",
            _ => "RDP (xrdp): typing and paging in vim, KiB",
        };
        let theirs: Vec<f64> = theirs.map(kilobytes).into_iter().collect();
        report.add(Row::new(
            what,
            "less than guacd",
            vec![kilobytes(ours)],
            theirs,
            |ours, theirs| theirs.is_nan() || ours < theirs,
        ));
        Ok(())
    }

    async fn resize(&self, stage: &Stage, runs: u32, report: &mut Report) -> Result<()> {
        let (mut values, mut direct) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let (ours, theirs) = self
                .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
                    measure::resize(screened, RESIZES).await
                })
                .await?;
            values.extend(ours);
            direct.extend(theirs.into_iter().flatten());
        }
        report.add(match stage.name {
            "vnc" => Row::new(
                "VNC: resize to next picture, ms",
                "at most 50",
                values,
                direct,
                |v, _| v <= 50.0,
            ),
            _ => Row::new(
                "RDP (xrdp): resize to next picture, ms",
                "at most 400",
                values,
                direct,
                |v, _| v <= 400.0,
            ),
        });
        Ok(())
    }

    /// Memory of one of many idle sessions: resident for the node, whose
    /// sessions share one process; by share for guacd, which forks.
    async fn idle(&self, stage: &Stage, report: &mut Report) -> Result<()> {
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1024 * 1024 * IDLE_SESSIONS);
        let node = self.ours.node()?;
        let mut warm = self.ours.open(stage.name, &stage.scene).await?;
        measure::calm_down(&mut warm).await?;
        let before = process::tree_memory(node)?;
        let mut held = Vec::new();
        for _ in 0..IDLE_SESSIONS {
            let mut session = self.ours.open(stage.name, &stage.scene).await?;
            measure::calm_down(&mut session).await?;
            held.push(session);
        }
        let ours = mebibytes(process::tree_memory(node)?.saturating_sub(before));
        drop((held, warm));

        let mut direct = Vec::new();
        if let Some(guacd) = &self.guacd {
            let before = process::tree_memory(guacd.id())?;
            let mut held = Vec::new();
            for _ in 0..IDLE_SESSIONS {
                let mut session = guacd.open(&stage.scene).await?;
                measure::calm_down(&mut session).await?;
                held.push(session);
            }
            direct.push(mebibytes(
                process::tree_memory(guacd.id())?.saturating_sub(before),
            ));
        }
        report.add(match stage.name {
            "vnc" => Row::new(
                "VNC: one of 20 idle sessions, MiB",
                "at most 6",
                vec![ours],
                direct,
                |v, _| v <= 6.0,
            ),
            _ => Row::new(
                "RDP (xrdp): one of 20 idle sessions, MiB",
                "at most 10",
                vec![ours],
                direct,
                |v, _| v <= 10.0,
            ),
        });
        Ok(())
    }

    /// A terminal over the whole display that runs a command.
    fn terminal(&self, stage: &Stage, command: &str) -> Result<Daemon> {
        let arguments = [
            "-maximized",
            "-fa",
            "DejaVu Sans Mono",
            "-fs",
            "11",
            "-e",
            "sh",
            "-c",
            command,
        ];
        stage.display.start(
            "xterm",
            &arguments,
            &self.vnc.directory().join("terminal.log"),
        )
    }
}

/// What motion cost on both sides, one a run.
#[derive(Debug, Default)]
struct Moved {
    ours: Vec<Motion>,
    guacd: Vec<Motion>,
}

impl Moved {
    fn rate(
        &self,
        report: &mut Report,
        what: &'static str,
        goal: &'static str,
        met: fn(f64, f64) -> bool,
    ) {
        self.row(report, what, goal, met, |motion| motion.rate);
    }

    fn processor(
        &self,
        report: &mut Report,
        what: &'static str,
        goal: &'static str,
        met: fn(f64, f64) -> bool,
    ) {
        self.row(report, what, goal, met, |motion| motion.processor_percent);
    }

    fn megabytes(&self, report: &mut Report, what: &'static str) {
        self.row(report, what, "-", |_, _| true, |motion| motion.megabytes);
    }

    fn row(
        &self,
        report: &mut Report,
        what: &'static str,
        goal: &'static str,
        met: fn(f64, f64) -> bool,
        value: fn(&Motion) -> f64,
    ) {
        let values = self.ours.iter().map(value).collect();
        let direct = self.guacd.iter().map(value).collect();
        report.add(Row {
            what,
            goal,
            values,
            direct,
            met,
        });
    }
}
