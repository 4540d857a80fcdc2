//! What one of many idle sessions holds in memory, pages that processes share
//! counted by share: the node keeps its sessions in one process, guacd forks.

use std::time::Duration;

use anyhow::Result;
use causeway_tests::rdp::Xrdp;

use super::measure;
use super::process;
use super::screened::{Scene, Screened};
use super::sides::{Sides, rdp_scene};
use super::stage::Stage;
use crate::report::{Report, Row};

/// Sessions that are held.
const SESSIONS: u32 = 20;
/// How long what a session still gets is read away.
const CATCH_UP: Duration = Duration::from_millis(1);

/// Memory of each session, ours and guacd's.
pub(crate) async fn idle(sides: &Sides, stage: &Stage, report: &mut Report) -> Result<()> {
    let targets = Targets::start(stage).await?;
    for (name, scene) in &targets.scenes {
        sides.ours.add(name, scene).await?;
    }
    let open = async |(name, scene): &(String, Scene)| sides.ours.open(name, scene).await;
    let ours = each_holds(sides.ours.node()?, &targets, open).await?;
    let mut direct = Vec::new();
    if let Some(guacd) = &sides.guacd {
        let open = async |(_, scene): &(String, Scene)| guacd.open(scene).await;
        direct.push(each_holds(guacd.id(), &targets, open).await?);
    }
    report.add(Row::new(
        stage.figure(&format!("one of {SESSIONS} idle sessions, MiB")),
        stage.goals.idle,
        vec![ours],
        direct,
    ));
    Ok(())
}

/// What so many sessions, and one to warm up, are opened to.
struct Targets {
    /// By the names of their endpoints.
    scenes: Vec<(String, Scene)>,
    _servers: Vec<Xrdp>,
}

impl Targets {
    /// A VNC server is shared. Each RDP session has an xrdp of its own: one
    /// xrdp gives a user's connections the same X session, of which the latest
    /// puts out the others.
    async fn start(stage: &Stage) -> Result<Self> {
        let (mut scenes, mut servers) = (Vec::new(), Vec::new());
        for number in 0..=SESSIONS {
            let scene = if stage.scene.protocol == "rdp" {
                let server = Xrdp::start().await?;
                let scene = rdp_scene(&server);
                servers.push(server);
                scene
            } else {
                stage.scene.clone()
            };
            scenes.push((format!("{}-idle-{number}", stage.name), scene));
        }
        Ok(Self {
            scenes,
            _servers: servers,
        })
    }
}

/// MiB that each session adds to a process and its children.
async fn each_holds<S: Screened>(
    process: u32,
    targets: &Targets,
    open: impl AsyncFn(&(String, Scene)) -> Result<S>,
) -> Result<f64> {
    let (mut held, mut before) = (Vec::new(), 0);
    for target in &targets.scenes {
        let mut session = open(target).await?;
        measure::calm_down(&mut session).await?;
        held.push(session);
        keep_alive(&mut held).await?;
        if held.len() == 1 {
            // What is made once is not one session's.
            before = process::tree_memory(process)?;
        }
    }
    let after = process::tree_memory(process)?;
    // One that has ended would have made the figure smaller than it is.
    keep_alive(&mut held).await?;
    for session in &mut held {
        session.leave().await?;
    }
    let mebibytes = f64::from(1024 * 1024 * SESSIONS);
    Ok(after.saturating_sub(before) as f64 / mebibytes)
}

/// Says that somebody is there, and fails when a session is not.
async fn keep_alive(held: &mut [impl Screened]) -> Result<()> {
    for session in held {
        session.keep_alive().await?;
        measure::pictures_for(session, CATCH_UP).await?;
    }
    Ok(())
}
