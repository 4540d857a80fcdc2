//! From an act to the closed target, of sessions that are idle: 100 of each.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use causeway_tests::scripted::{self, Scripted};
use causeway_tests::session::Viewer;
use causeway_tests::stack::{Api, Launched, Stack};
use serde_json::json;

use super::issuer::{CLIENT_ID, CLIENT_SECRET, Issuer};
use super::watched::Watched;
use super::worst;
use crate::report::{Goal, Report, Row, median};
use crate::shell::ms;

const APPLICATION: &str = "ends";
const SHORT_LIVED: &str = "short";
/// The identity provider.
const SOURCE: &str = "issuer";
/// Ends of each kind.
const ENDS: usize = 100;
/// How long a short-lived connection lives.
const LIFE: &str = "3s";
/// Short-lived connections are launched this far apart.
const APART: Duration = Duration::from_millis(40);
/// The most that an end may take, in ms.
const MOST_MS: f64 = 1_000.0;
/// How long a session is left alone before it is ended.
const IDLE: Duration = Duration::from_millis(100);

struct Scene {
    stack: Stack,
    watched: Watched,
    issuer: Issuer,
    ada: Api,
    _server: Scripted,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    ByOwner,
    ByAdministrator,
    SignOut,
    SessionRevoked,
    BackChannel,
}

pub(super) async fn ends(report: &mut Report) -> Result<()> {
    let mut scene = scene().await?;
    for (act, what) in [
        (Act::ByOwner, "terminated by its owner"),
        (Act::ByAdministrator, "terminated by an administrator"),
        (Act::SignOut, "signed out"),
        (Act::SessionRevoked, "sign-in session revoked"),
        (Act::BackChannel, "signed out at the identity provider"),
    ] {
        let mut times = Vec::with_capacity(ENDS);
        for _ in 0..ENDS {
            times.push(scene.end_by(act).await?);
        }
        add(report, what, &times);
    }
    add(report, "its time is up", &scene.expire().await?);
    Ok(())
}

fn add(report: &mut Report, what: &str, times: &[f64]) {
    for (which, value) in [("median", median(times)), ("worst", worst(times))] {
        let what = format!(
            "{what}, to the closed target: {which} of {}, ms",
            times.len()
        );
        report.add(Row::new(
            what,
            Goal::AtMost(MOST_MS),
            vec![value],
            Vec::new(),
        ));
    }
}

async fn scene() -> Result<Scene> {
    let server = Scripted::start(Vec::new()).await?;
    let watched = Watched::start(server.address()).await?;
    let stack = Stack::split(1, 2).await?;
    for (name, provider) in [
        (APPLICATION, json!({})),
        (SHORT_LIVED, json!({ "connection_expiry": LIFE })),
    ] {
        stack.application(name, provider).await?;
        let settings = json!({ "username": "someone" });
        stack
            .endpoint(name, "shell", watched.address, settings)
            .await?;
    }
    let issuer = Issuer::start().await?;
    let source = json!({
        "slug": SOURCE, "name": SOURCE, "issuer": issuer.url(),
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    });
    stack.admin.create("sources", source).await?;
    let ada = stack.user("ada", "marker-ada").await?;
    Ok(Scene {
        stack,
        watched,
        issuer,
        ada,
        _server: server,
    })
}

impl Scene {
    /// One idle session, ended; how long that took, in ms.
    async fn end_by(&mut self, act: Act) -> Result<f64> {
        let own = match act {
            Act::ByOwner | Act::ByAdministrator => self.ada.clone(),
            Act::SignOut | Act::SessionRevoked => {
                Api::sign_in(self.ada.base(), "ada", "marker-ada").await?
            }
            Act::BackChannel => {
                let browser = Api::new(self.ada.base())?;
                let path = format!("/api/v1/sources/{SOURCE}/sign-in?to=/");
                browser.visit(&path).await?;
                browser
            }
        };
        let (launched, viewer) = open(&own, APPLICATION).await?;
        tokio::time::sleep(IDLE).await;
        let path = match act {
            Act::ByAdministrator => format!("/api/v1/admin/connections/{}", launched.connection),
            Act::SessionRevoked => {
                let path = format!("/api/v1/admin/connections/{}", launched.connection);
                let shown = self.stack.admin.get(&path).await?.ok()?;
                let session = shown["session"].as_str().context("no session")?;
                format!("/api/v1/admin/sessions/{session}")
            }
            Act::BackChannel => format!("/api/v1/sources/{SOURCE}/backchannel-logout"),
            Act::ByOwner | Act::SignOut => String::new(),
        };
        let acted = Instant::now();
        match act {
            Act::ByOwner => own.terminate(&launched.connection).await?,
            Act::SignOut => own.sign_out().await?,
            Act::ByAdministrator | Act::SessionRevoked => {
                self.stack.admin.delete(&path).await?.ok()?;
            }
            Act::BackChannel => {
                let url = format!("{}{path}", self.ada.base());
                self.issuer.sign_out_newest(&url).await?;
            }
        }
        let closed = self.watched.closed().await?;
        drop(viewer);
        Ok(ms(closed.saturating_duration_since(acted)))
    }

    /// Idle sessions whose time is up; by how much later each was closed, in ms.
    async fn expire(&mut self) -> Result<Vec<f64>> {
        let mut due = Vec::with_capacity(ENDS);
        let mut viewers = Vec::with_capacity(ENDS);
        for _ in 0..ENDS {
            let (_, viewer) = open(&self.ada, SHORT_LIVED).await?;
            let welcome = viewer.heard.welcome.as_ref().context("no welcome")?;
            let left_ms = i64::try_from(welcome.ends_at_unix_ms)? - now_ms()?;
            due.push(Instant::now() + Duration::from_millis(u64::try_from(left_ms)?));
            viewers.push(viewer);
            tokio::time::sleep(APART).await;
        }
        let mut late = Vec::with_capacity(ENDS);
        // They are closed in the order in which they were launched.
        for due in due {
            let closed = self.watched.closed().await?;
            late.push(ms(closed.saturating_duration_since(due)));
        }
        drop(viewers);
        Ok(late)
    }
}

async fn open(api: &Api, application: &str) -> Result<(Launched, Viewer)> {
    let launched = api.launch(application, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for(scripted::PROMPT).await?;
    Ok((launched, viewer))
}

fn now_ms() -> Result<i64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(now.as_millis())?)
}
