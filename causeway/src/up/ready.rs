//! When `causeway up` is ready, and how it says so.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use causeway_functions::{App, use_case};
use causeway_model::id::NodeId;
use causeway_model::object::NodeHealth;
use causeway_trust::Secret;
use tokio::time::{Instant, sleep};

use super::keys::ADMIN_PASSWORD;
use super::sockets::Urls;
use crate::ready_line;

/// How long the built-in node may take to be fit for launches.
const READY_DEADLINE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Waits until the node can be chosen for a launch: its heartbeat was taken
/// and its tunnel to the edge is up.
///
/// # Errors
/// When that takes too long; the last state is told.
pub(super) async fn wait(app: &App, node: NodeId) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_DEADLINE;
    loop {
        let health = use_case::node::health(app, node).await?;
        match health {
            Some(
                NodeHealth::Ready | NodeHealth::Full | NodeHealth::Draining | NodeHealth::Drained,
            ) => return Ok(()),
            None | Some(NodeHealth::NoTunnel | NodeHealth::Lost) => {}
        }
        if Instant::now() > deadline {
            let limit = READY_DEADLINE.as_secs();
            bail!("the built-in node was not ready within {limit} s: it is {health:?}");
        }
        sleep(LOOK_INTERVAL).await;
    }
}

/// Prints the one line that programs wait for.
///
/// # Errors
/// When standard output is closed.
pub(super) fn announce(urls: &Urls) -> std::io::Result<()> {
    let url = urls.public.as_str().trim_end_matches('/');
    ready_line::print(&format!("url={url} edge={}", urls.edge.public_url))
}

/// Tells a person where to go and how to get in. The password itself is shown on
/// a terminal alone: anywhere else it would stay in somebody's log.
pub(super) fn greet(urls: &Urls, password: &Secret, password_file: &Path) {
    let bold = |text: &str| match stderr().is_terminal() {
        true => format!("\x1b[1m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    let password = if std::env::var_os(ADMIN_PASSWORD).is_some_and(|text| !text.is_empty()) {
        format!("the one in {ADMIN_PASSWORD}")
    } else if stderr().is_terminal() {
        format!(
            "{} (kept in {})",
            password.expose(),
            password_file.display()
        )
    } else {
        format!("in {}", password_file.display())
    };
    eprintln!(
        "\n  Causeway is ready: {}\n\n  user      admin\n  password  {password}\n  try       \
         demo-shell, a shell of this machine\n\n  Ctrl-C stops it.\n",
        bold(urls.public.as_str()),
    );
}
