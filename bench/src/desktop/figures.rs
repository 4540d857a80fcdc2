//! Which figures are taken, and in what order.

use anyhow::{Result, ensure};
use clap::ValueEnum;

use super::sides::Sides;
use super::{browser, editing, idle, latency, motion};
use crate::report::Report;

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
    /// Bytes of a minute in an editor
    Editing,
    /// From asking for another size to the first picture in it
    Resize,
    /// What an idle session holds
    Idle,
    /// Pictures presented and the time to decode them in Chromium
    Browser,
}

/// In the order in which they are taken.
const ALL: [DesktopFigure; 8] = [
    DesktopFigure::Picture,
    DesktopFigure::Key,
    DesktopFigure::Motion,
    DesktopFigure::Flood,
    DesktopFigure::Editing,
    DesktopFigure::Resize,
    DesktopFigure::Idle,
    DesktopFigure::Browser,
];

/// Takes the figures that are wanted; all when none is named. One that fails
/// does not keep others from being taken.
///
/// # Errors
/// When nothing can be measured, or a figure failed.
pub(crate) async fn desktop(
    runs: u32,
    wanted: &[DesktopFigure],
    report: &mut Report,
) -> Result<()> {
    let mut sides = Sides::start().await?;
    let stages = [sides.vnc_stage().await?, sides.rdp_stage().await?];
    let mut failures = 0;
    for stage in &stages {
        for figure in ALL {
            if !wanted.is_empty() && !wanted.contains(&figure) {
                continue;
            }
            let taken = match figure {
                DesktopFigure::Picture => latency::first_picture(&sides, stage, runs, report).await,
                DesktopFigure::Key => latency::key(&sides, stage, runs, report).await,
                DesktopFigure::Motion => motion::motion(&sides, stage, runs, report).await,
                DesktopFigure::Flood => motion::flood(&sides, stage, runs, report).await,
                DesktopFigure::Editing => editing::editing(&sides, stage, report).await,
                DesktopFigure::Resize => latency::resize(&sides, stage, runs, report).await,
                DesktopFigure::Idle => idle::idle(&sides, stage, report).await,
                DesktopFigure::Browser => browser::browser(&sides, stage, runs, report).await,
            };
            if let Err(error) = taken {
                eprintln!("error: {}: {figure:?}: {error:#}", stage.title);
                failures += 1;
            }
        }
    }
    ensure!(failures == 0, "{failures} figures of desktops are missing");
    Ok(())
}
