//! Attaching as the web's viewer does while its session is being opened: who is
//! sent on, refused or cut off asks for another ticket and comes again.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use causeway_wire::message::Step;

use super::{Entry, Viewer};
use crate::stack::Api;

/// How long it is tried. A dead node is known after some seconds.
const FOLLOW_FOR: Duration = Duration::from_secs(25);
/// Between attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// A session that is active, and how it was come by.
pub struct Followed {
    /// The viewer.
    pub viewer: Viewer,
    /// How often a node sent the viewer on.
    pub moved: usize,
    /// How often it was refused or cut off.
    pub refused: usize,
}

impl Viewer {
    /// Attaches and comes again until the session is active.
    ///
    /// # Errors
    /// When the session ends or fails otherwise, or it takes too long.
    pub async fn follow(api: &Api, connection: &str, entry: &Entry) -> Result<Followed> {
        let deadline = Instant::now() + FOLLOW_FOR;
        let (mut moved, mut refused) = (0, 0);
        let mut entry = Some(entry.clone());
        loop {
            if let Some(entry) = entry.take() {
                match until_active(&entry).await {
                    Ok(Some(viewer)) => {
                        return Ok(Followed {
                            viewer,
                            moved,
                            refused,
                        });
                    }
                    Ok(None) => moved += 1,
                    Err(_) => {
                        refused += 1;
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            ensure!(
                Instant::now() < deadline,
                "not active within {FOLLOW_FOR:?}: sent on {moved} times, refused {refused} times"
            );
            let path = format!("/api/v1/connections/{connection}/ticket");
            let answer = api.post(&path, serde_json::json!({})).await?;
            match answer.problem() {
                (200, _) => entry = Some(crate::stack::entry(&answer.body)?),
                (503, "node_not_reachable") => tokio::time::sleep(PAUSE).await,
                problem => bail!("no ticket: {problem:?}"),
            }
        }
    }
}

/// The viewer of an active session, or `None` when it is sent on.
async fn until_active(entry: &Entry) -> Result<Option<Viewer>> {
    let mut viewer = Viewer::open(entry).await?;
    viewer
        .wait_until("an active session", |viewer| {
            viewer.heard.steps.contains(&(Step::Active as i32)) || viewer.heard.ended.is_some()
        })
        .await?;
    match &viewer.heard.ended {
        Some(ended) if ended.reason == "moved" => Ok(None),
        Some(ended) => bail!("it ended: {ended:?}"),
        None => Ok(Some(viewer)),
    }
}
