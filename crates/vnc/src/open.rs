//! From a name to a desktop.

use std::time::Duration;

use causeway_fleet::HostKey;
use causeway_model::settings::VncSettings;
use causeway_rfb::{Client, Event};
use causeway_screen::Screen;
use causeway_target::desktop::{Desktop, DesktopSize, SharedScreen};
use causeway_target::dial;
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::{OpenEvent, begin};
use causeway_target::question::Asker;
use causeway_wire::message::{DataPolicy, Fault, Step};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::client_config::{client_config, security_types};
use crate::credentials::CredentialSource;
use crate::failure::{of_client, of_transport, timed_out};
use crate::negotiate::{Negotiated, Trust, negotiate};
use crate::repeater;
use crate::session::Session;
use crate::transport::Transport;

/// How long a server may take to say how large its screen is.
const INIT_DEADLINE: Duration = Duration::from_secs(15);
/// How long after a failed attempt the next one begins; Guacamole's.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How often a person may answer wrong.
const ANSWERS_MAX: u32 = 3;

/// What is to be opened.
#[derive(Debug)]
pub struct VncRequest {
    /// Name of the endpoint, for questions.
    pub endpoint: String,
    /// The endpoint's settings.
    pub settings: VncSettings,
    /// Host keys remembered from before.
    pub remembered: Vec<HostKey>,
    /// What may pass: what is not allowed is not negotiated.
    pub policy: DataPolicy,
    /// The viewer's size, as soon as it is known, and as it changes before the
    /// desktop is open.
    pub size: watch::Receiver<Option<DesktopSize>>,
}

/// Opens a desktop on the target. Dropping the future gives up.
///
/// # Errors
/// With the step and the fault of whatever went wrong.
pub async fn open(
    request: VncRequest,
    events: mpsc::Sender<OpenEvent>,
) -> Result<Desktop, Failure> {
    let settings = &request.settings;
    let mut credentials = CredentialSource::new(
        Asker::new(events.clone()),
        &request.endpoint,
        settings.username.as_deref(),
        settings.password.as_ref(),
    );
    let (mut retries, mut answers) = (settings.retries, 0);
    loop {
        let failure = match attempt(&request, &mut credentials, &events).await {
            Ok(desktop) => return Ok(desktop),
            Err(failure) => failure,
        };
        if failure.code == FailureCode::AuthFailed && credentials.has_asked() {
            answers += 1;
            if answers >= ANSWERS_MAX {
                return Err(failure);
            }
            credentials.handle_wrong();
        } else if retries > 0 && may_pass(failure.code) {
            retries -= 1;
            tracing::debug!(
                code = failure.code.as_str(),
                retries,
                "the target is tried again"
            );
            sleep(RETRY_INTERVAL).await;
        } else if failure.code == FailureCode::AuthFailed {
            // Nobody was asked: what the endpoint is set to is wrong.
            return Err(failure.by(Fault::Configuration));
        } else {
            return Err(failure);
        }
    }
}

/// Whether a failure may be another one a moment later, without anybody's
/// doing.
const fn may_pass(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::TargetRefused
            | FailureCode::TargetUnreachable
            | FailureCode::TargetTimedOut
            | FailureCode::TargetClosed
            | FailureCode::TargetNameLookupFailed
            | FailureCode::VncRefused
            | FailureCode::VncRepeaterFailed
    )
}

async fn attempt(
    request: &VncRequest,
    credentials: &mut CredentialSource,
    events: &mpsc::Sender<OpenEvent>,
) -> Result<Desktop, Failure> {
    let settings = &request.settings;
    begin(events, Step::Resolve).await;
    let addresses = dial::resolve(&settings.hostname, settings.port).await?;
    begin(events, Step::Connect).await;
    let stream = dial::connect(addresses, settings.connect_timeout).await?;
    let stream = led(stream, settings).await?;

    begin(events, Step::Handshake).await;
    let trust = Trust {
        hostname: target_name(settings),
        certificate: &settings.certificate,
        remembered: &request.remembered,
        allowed: security_types(settings)?,
    };
    let negotiated = negotiate(Transport::new(stream), trust, credentials, events).await?;

    begin(events, Step::Open).await;
    let session = initialise(request, negotiated).await?;
    let screen = session.screen().clone();
    Ok(Desktop::start(screen, |side| session.run(side)))
}

/// The stream to the target itself, behind a repeater if there is one.
async fn led(mut stream: TcpStream, settings: &VncSettings) -> Result<TcpStream, Failure> {
    let Some(destination) = &settings.repeater else {
        return Ok(stream);
    };
    match timeout(INIT_DEADLINE, repeater::lead(&mut stream, destination)).await {
        Err(_) => Err(timed_out(Step::Connect, "repeater")),
        Ok(result) => result.map(|()| stream),
    }
}

/// The name that a certificate is to have: the target's, not the repeater's.
fn target_name(settings: &VncSettings) -> &str {
    match &settings.repeater {
        // `ID` and a number stand for a machine whose name nobody knows.
        Some(destination) if destination.host != "ID" => &destination.host,
        Some(_) | None => &settings.hostname,
    }
}

/// Exchanges the initialisation messages (RFC 6143 section 7.3).
async fn initialise(request: &VncRequest, negotiated: Negotiated) -> Result<Session, Failure> {
    let config = client_config(&request.settings, &request.policy);
    let Negotiated {
        mut transport,
        established,
        mut begun,
    } = negotiated;
    let mut client = Client::new(established, config);
    let screen = SharedScreen::new(Screen::new());
    let deadline = tokio::time::Instant::now() + INIT_DEADLINE;
    loop {
        screen
            .draw(|canvas| client.handle_input(&begun, canvas))
            .map_err(|error| of_client(error, Step::Open))?;
        begun.clear();
        if let Some(Event::Ready) = client.poll_event() {
            break;
        }
        while let Some(output) = client.poll_output() {
            transport
                .queue(&output)
                .map_err(|error| of_transport(error, Step::Open))?;
        }
        match tokio::time::timeout_at(deadline, transport.progress(&mut begun)).await {
            Err(_) => return Err(timed_out(Step::Open, "initialisation")),
            Ok(result) => result.map_err(|error| of_transport(error, Step::Open))?,
        }
    }
    let size = (request.settings.display_resize && !request.policy.read_only)
        .then(|| request.size.clone());
    Ok(Session::new(client, transport, screen, size))
}
