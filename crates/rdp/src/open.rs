//! From a name to a desktop.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use causeway_fleet::HostKey;
use causeway_model::settings::RdpSettings;
use causeway_target::desktop::{Desktop, DesktopSize, SharedScreen};
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::OpenEvent;
use causeway_target::question::Asker;
use causeway_wire::message::{DataPolicy, Fault};
use futures_util::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::clipboard::Clipboard;
use crate::connect::connect;
use crate::credentials::Credentials;
use crate::decoder::panicked;
use crate::link::Link;
use crate::plan::{Plan, Route};
use crate::resize::Resizer;
use crate::session::{self, open_link};

/// How long the target waits for a viewer that has not said how much room it
/// has.
pub const SIZE_DEADLINE: Duration = Duration::from_secs(15);
/// The size of a desktop whose viewer never said.
const SIZE_UNKNOWN: DesktopSize = DesktopSize {
    width: 1280,
    height: 720,
    scale_percent: 100,
};

/// What is to be opened.
#[derive(Debug)]
pub struct RdpRequest {
    /// Name of the endpoint, for questions.
    pub endpoint: String,
    /// The endpoint's settings.
    pub settings: RdpSettings,
    /// Host keys remembered from before; those that are certificates count.
    pub remembered: Vec<HostKey>,
    /// What may pass; what may not is not even offered to the target.
    pub policy: DataPolicy,
    /// The viewer's size, as soon as it is known.
    pub size: watch::Receiver<Option<DesktopSize>>,
    /// What the desktop draws on.
    pub screen: SharedScreen,
}

/// Opens a desktop on the target. Dropping the future gives up.
///
/// # Errors
/// With the step and the fault of whatever went wrong.
pub async fn open(
    request: RdpRequest,
    events: mpsc::Sender<OpenEvent>,
) -> Result<Desktop, Failure> {
    let screen = request.screen.clone();
    let opened = AssertUnwindSafe(Box::pin(begin(request, events)))
        .catch_unwind()
        .await;
    let (plan, link) = opened.unwrap_or_else(|_| Err(panicked()))?;
    Ok(Desktop::start(screen, |side| {
        session::run(plan, link, side)
    }))
}

async fn begin(
    request: RdpRequest,
    events: mpsc::Sender<OpenEvent>,
) -> Result<(Plan, Box<Link>), Failure> {
    let settings = request.settings;
    // Network Level Authentication wants them in its first messages.
    let asker = Asker::new(events.clone());
    let credentials = Credentials::gather(&settings, &request.endpoint, &asker).await?;
    let size = first_size(request.size).await;
    let mut plan = Plan {
        size: Resizer::bound(&settings, size),
        route: Route::of(&settings),
        policy: request.policy,
        credentials,
        remembered: request.remembered,
        cookie: None,
        settings,
    };
    let (teller, told) = std::sync::mpsc::channel();
    let connected =
        connect(&mut plan, &events, &teller)
            .await
            .map_err(|failure| match failure.code {
                // Nobody typed it: nobody can type it better.
                FailureCode::AuthFailed if !plan.credentials.asked => {
                    failure.by(Fault::Configuration)
                }
                _ => failure,
            })?;
    let clipboard = Clipboard::new(&plan.policy, plan.settings.normalize_clipboard);
    let link = open_link(connected, &request.screen, clipboard, told)?;
    Ok((plan, link))
}

async fn first_size(mut size: watch::Receiver<Option<DesktopSize>>) -> DesktopSize {
    let known = size.wait_for(Option::is_some);
    match timeout(SIZE_DEADLINE, known).await {
        Ok(Ok(size)) => size.unwrap_or(SIZE_UNKNOWN),
        Ok(Err(_)) | Err(_) => SIZE_UNKNOWN,
    }
}
