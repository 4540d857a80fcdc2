//! Both sides, ours and `guacd`, and the targets that they show.

use anyhow::{Context, Result};
use causeway_tests::rdp::Xrdp;
use causeway_tests::vnc::Xtigervnc;

use super::animation::Studio;
use super::goals::{RDP, VNC};
use super::guacd::Guacd;
use super::ours::Ours;
use super::screened::{Scene, Screened, WINDOW};
use super::stage::Stage;

/// Both sides, and the targets.
pub(crate) struct Sides {
    pub(crate) ours: Ours,
    /// `None` when there is none on this machine.
    pub(crate) guacd: Option<Guacd>,
    pub(crate) studio: Studio,
    vnc: Xtigervnc,
    rdp: Xrdp,
}

impl Sides {
    /// Starts all of it.
    ///
    /// # Errors
    /// When a part does not start.
    pub(crate) async fn start() -> Result<Self> {
        let guacd = Guacd::start().await?;
        if guacd.is_none() {
            eprintln!("there is no guacd here (CAUSEWAY_GUACD names one): its column stays empty");
        }
        let (width, height) = WINDOW;
        Ok(Self {
            ours: Ours::start().await?,
            guacd,
            studio: Studio::open()?,
            vnc: Xtigervnc::builder()
                .size(width.try_into()?, height.try_into()?)
                // The server is not to be what limits a figure.
                .argument("-FrameRate=60")
                .start()
                .await?,
            rdp: Xrdp::start().await?,
        })
    }

    /// TigerVNC's server, as the endpoint `vnc`.
    ///
    /// # Errors
    /// When the endpoint cannot be made.
    pub(crate) async fn vnc_stage(&self) -> Result<Stage> {
        let scene = Scene::new("vnc", self.vnc.address(), ("", self.vnc.password()));
        self.ours.add("vnc", &scene).await?;
        Ok(Stage {
            name: "vnc",
            title: "VNC",
            scene,
            display: self.vnc.display().clone(),
            goals: &VNC,
            log: self.studio.log(),
        })
    }

    /// xrdp, as the endpoint `rdp`; it has a display once somebody has signed
    /// in.
    ///
    /// # Errors
    /// When nobody can sign in.
    pub(crate) async fn rdp_stage(&mut self) -> Result<Stage> {
        let scene = rdp_scene(&self.rdp);
        self.ours.add("rdp", &scene).await?;
        let mut first = self.ours.open("rdp", &scene).await?;
        first.next_frame().await?;
        let display = self.rdp.session().await?;
        first.leave().await?;
        Ok(Stage {
            name: "rdp",
            title: "RDP (xrdp)",
            scene,
            display,
            goals: &RDP,
            log: self.studio.log(),
        })
    }

    /// What a function measures of our session and then of guacd's, each on
    /// its own. When guacd's fails, that is said and its value is missing.
    ///
    /// # Errors
    /// When ours fails.
    pub(crate) async fn each<T>(
        &self,
        stage: &Stage,
        scene: &Scene,
        measured: impl AsyncFn(&mut dyn Screened) -> Result<T>,
    ) -> Result<(T, Option<T>)> {
        let mut session = self.ours.open(stage.name, scene).await?;
        session.next_frame().await?;
        let ours = measured(&mut session).await.context("ours")?;
        session.leave().await?;
        let Some(guacd) = &self.guacd else {
            return Ok((ours, None));
        };
        let theirs = async {
            let mut session = guacd.open(scene).await?;
            session.next_frame().await?;
            let theirs = measured(&mut session).await?;
            session.leave().await?;
            anyhow::Ok(theirs)
        };
        match theirs.await {
            Ok(theirs) => Ok((ours, Some(theirs))),
            Err(error) => {
                eprintln!("{}, guacd has no value here: {error:#}", stage.title);
                Ok((ours, None))
            }
        }
    }
}

/// An xrdp as a scene.
pub(crate) fn rdp_scene(server: &Xrdp) -> Scene {
    let credentials = (server.username(), server.password());
    Scene::new("rdp", server.address(), credentials)
}
