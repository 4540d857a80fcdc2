//! From a name to a running shell.

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::HostKey;
use causeway_model::settings::SshSettings;
use causeway_target::dial;
use causeway_target::failure::Failure;
use causeway_target::opening::{OpenEvent, begin, remember};
use causeway_target::question::Asker;
use causeway_wire::message::Step;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::auth::{Credentials, authenticate};
use super::gate::{CutOnDrop, Gate, GatedStream};
use super::handshake::handshake;
use super::host_key::{HostKeyPolicy, Verdict};
use super::shell::{Shell, ShellRequest, open_shell};
use crate::terminal::TerminalSize;

/// How long the target waits for a viewer that has not said how large its
/// terminal is.
pub(super) const SIZE_DEADLINE: Duration = Duration::from_secs(15);

/// What is to be opened.
#[derive(Debug)]
pub struct OpenRequest {
    /// Name of the endpoint, for questions.
    pub endpoint: String,
    /// The endpoint's settings.
    pub settings: SshSettings,
    /// Host keys remembered from before.
    pub remembered: Vec<HostKey>,
    /// What the viewer's backspace key sends: 127 or 8.
    pub backspace_code: u8,
    /// The viewer's size, as soon as it is known.
    pub size: watch::Receiver<Option<TerminalSize>>,
    /// Holds back what the target puts out.
    pub gate: Arc<Gate>,
}

/// Opens a shell on the target. Dropping the future gives up.
///
/// # Errors
/// With the step and the fault of whatever went wrong.
pub async fn open(request: OpenRequest, events: mpsc::Sender<OpenEvent>) -> Result<Shell, Failure> {
    let settings = &request.settings;
    let host_keys = HostKeyPolicy::new(&settings.host_keys, request.remembered)?;

    begin(&events, Step::Resolve).await;
    let addresses = dial::resolve(&settings.hostname, settings.port).await?;

    begin(&events, Step::Connect).await;
    let stream = dial::connect(addresses, settings.connect_timeout).await?;
    let stream = GatedStream::new(stream, Arc::clone(&request.gate));
    let cut_on_drop = CutOnDrop(Arc::clone(&request.gate));

    begin(&events, Step::Handshake).await;
    let mut connection = handshake(stream, host_keys).await?;

    begin(&events, Step::VerifyHost).await;
    if let Verdict::FirstUse(key) = connection.verdict {
        remember(&events, key).await?;
    }

    begin(&events, Step::Authenticate).await;
    let credentials = Credentials {
        username: settings.username.clone(),
        password: settings.password.clone(),
        key: settings.key.clone(),
    };
    let asker = Asker::new(events.clone());
    authenticate(
        &mut connection.handle,
        &connection.seen,
        &credentials,
        &request.endpoint,
        &asker,
    )
    .await?;

    begin(&events, Step::Open).await;
    let size = first_size(request.size).await;
    let shell = ShellRequest::new(settings, request.backspace_code, size);
    open_shell(connection.handle, request.gate, cut_on_drop, shell).await
}

async fn first_size(mut size: watch::Receiver<Option<TerminalSize>>) -> TerminalSize {
    let known = size.wait_for(Option::is_some);
    match timeout(SIZE_DEADLINE, known).await {
        Ok(Ok(size)) => size.unwrap_or_default(),
        Ok(Err(_)) | Err(_) => TerminalSize::default(),
    }
}
