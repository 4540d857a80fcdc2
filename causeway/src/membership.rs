//! An edge's or a node's standing with the control plane, for as long as its
//! process lives: how it speaks to it, and the end when it was removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use causeway_fleet::{ControlPlane, Enrolment, HttpControlPlane, Identity, Rejoining};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The standing of one member.
pub(crate) struct Membership {
    /// How it speaks to the control plane.
    pub(crate) control_plane: Arc<dyn ControlPlane>,
    removed: CancellationToken,
    directory: PathBuf,
}

impl Membership {
    /// Of the member whose identity is kept in `directory`. One that is let in
    /// by its role enrols again when it is forgotten.
    pub(crate) fn new(
        client: reqwest::Client,
        identity: &Identity,
        enrolment: Option<Enrolment>,
        directory: &Path,
    ) -> Self {
        let directory = directory.to_owned();
        let lasting = enrolment.filter(|enrolment| enrolment.admission.is_lasting());
        let Some(enrolment) = lasting else {
            return Self {
                control_plane: Arc::new(HttpControlPlane::new(client, identity)),
                removed: CancellationToken::new(),
                directory,
            };
        };
        let rejoining = Rejoining::new(client, identity, enrolment);
        Self {
            removed: rejoining.removed(),
            control_plane: Arc::new(rejoining),
            directory,
        }
    }

    /// Cancels `stop` when the member was removed; ends with `over`.
    pub(crate) fn stop_when_removed(
        &self,
        tasks: &TaskTracker,
        stop: CancellationToken,
        over: CancellationToken,
    ) {
        let removed = self.removed.clone();
        tasks.spawn(async move {
            tokio::select! {
                biased;
                () = over.cancelled() => {}
                () = removed.cancelled() => stop.cancel(),
            }
        });
    }

    /// How the process ends.
    ///
    /// # Errors
    /// When the member was removed: whoever started it should know.
    pub(crate) fn end(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            !self.removed.is_cancelled(),
            "an administrator removed this member; to join as a new one, delete {} and start again",
            self.directory.display()
        );
        Ok(())
    }
}
