//! From a plan to an open session: TCP, negotiation, TLS, authentication, the
//! rest of the connection sequence (MS-RDPBCGR 1.3.1.1), and the redirections
//! of brokers on the way.

use std::io;
use std::time::Duration;

use causeway_model::settings::RdpSecurity;
use causeway_target::certificate::{self, CertificatePolicy};
use causeway_target::dial;
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::{OpenEvent, begin};
use causeway_wire::message::Step;
use ironrdp_connector::{
    ClientConnector, ClientConnectorState, ConnectionOutcome, ConnectionResult, ConnectorError,
    ConnectorErrorKind, Sequence,
};
use ironrdp_core::WriteBuf;
use ironrdp_pdu::nego::SecurityProtocol;
use ironrdp_pdu::pcb::{PcbVersion, PreconnectionBlob};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::channels::{Channels, Told};
use crate::config::{cluster_data, connector_config};
use crate::credssp::{self, Claim};
use crate::ending::{self, Word};
use crate::plan::{Plan, REDIRECTIONS_MAX};
use crate::wire::Wire;

/// A connection to a target, secured.
pub(crate) type Stream = TlsStream<TcpStream>;

/// How long a target may take to answer the negotiation.
const NEGOTIATE_DEADLINE: Duration = Duration::from_secs(15);
/// How long authentication may take, the domain's controllers included.
const AUTHENTICATE_DEADLINE: Duration = Duration::from_secs(45);
/// How long the rest of the connection sequence may take.
const OPEN_DEADLINE: Duration = Duration::from_secs(60);
/// Longest PDU of the connection sequence, in bytes: what its header can say.
const PDU_BYTES_MAX: usize = 64 * 1024;
/// What every PDU of the negotiation begins with (RFC 1006, section 6).
const TPKT: u8 = 3;
/// Steps of the connection sequence: many channels to join, few besides.
const STEPS_MAX: usize = 512;

/// An open session.
pub(crate) struct Connected {
    /// The target knew the user before the session began.
    pub(crate) has_nla: bool,
    pub(crate) wire: Wire<Stream>,
    pub(crate) result: ConnectionResult,
}

/// Connects, following brokers wherever they lead.
///
/// # Errors
/// With the step and the fault of whatever went wrong.
pub(crate) async fn connect(
    plan: &mut Plan,
    events: &mpsc::Sender<OpenEvent>,
    told: &std::sync::mpsc::Sender<Told>,
) -> Result<Connected, Failure> {
    match plan.settings.security {
        RdpSecurity::Standard => {
            let failure = Failure::new(FailureCode::RdpSecurityUnsupported, Step::Handshake);
            return Err(failure.with("setting", "security"));
        }
        // A Hyper-V host's consoles want CredSSP before the negotiation.
        RdpSecurity::VmConnect => {
            let failure = Failure::new(FailureCode::ProtocolUnsupported, Step::Handshake);
            return Err(failure.with("setting", "security"));
        }
        RdpSecurity::Any | RdpSecurity::Nla | RdpSecurity::Tls => {}
    }
    for _ in 0..=REDIRECTIONS_MAX {
        match Box::pin(attempt(plan, events, told)).await? {
            Attempt::Connected(connected) => return Ok(*connected),
            Attempt::Redirected(redirection) => {
                tracing::info!(session = redirection.session_id, "the target redirects");
                plan.redirect(&redirection);
            }
        }
    }
    Err(Failure::new(FailureCode::RdpRedirectionLoop, Step::Open))
}

enum Attempt {
    Connected(Box<Connected>),
    Redirected(Box<ironrdp_pdu::rdp::server_redirection::ServerRedirectionPdu>),
}

async fn attempt(
    plan: &mut Plan,
    events: &mpsc::Sender<OpenEvent>,
    told: &std::sync::mpsc::Sender<Told>,
) -> Result<Attempt, Failure> {
    begin(events, Step::Resolve).await;
    let addresses = dial::resolve(&plan.route.hostname, plan.route.port).await?;
    begin(events, Step::Connect).await;
    let stream = dial::connect(addresses, plan.settings.connect_timeout).await?;

    begin(events, Step::Handshake).await;
    let mut connector = new_connector(plan, &stream, told)?;
    let stream = timeout(NEGOTIATE_DEADLINE, negotiate(plan, &mut connector, stream))
        .await
        .map_err(|_| late(Step::Handshake, "negotiate"))??;
    let stream = certificate::secure(stream, &plan.certificates(), events).await?;
    let leaf = leaf_of(&stream)?;
    know(plan, &leaf);

    begin(events, Step::Authenticate).await;
    let mut wire = Wire::new(stream);
    connector.mark_security_upgrade_as_done();
    let has_nla = connector.should_perform_credssp();
    timeout(
        AUTHENTICATE_DEADLINE,
        authenticate(plan, &mut connector, &mut wire, &leaf),
    )
    .await
    .map_err(|_| late(Step::Authenticate, "authenticate"))??;

    begin(events, Step::Open).await;
    let outcome = timeout(OPEN_DEADLINE, finish(&mut connector, &mut wire))
        .await
        .map_err(|_| late(Step::Open, "open"))??;
    Ok(match outcome {
        ConnectionOutcome::Connected(result) => Attempt::Connected(Box::new(Connected {
            has_nla,
            wire,
            result,
        })),
        ConnectionOutcome::Redirected(redirection) => Attempt::Redirected(redirection),
    })
}

fn new_connector(
    plan: &Plan,
    stream: &TcpStream,
    told: &std::sync::mpsc::Sender<Told>,
) -> Result<ClientConnector, Failure> {
    let address = stream
        .local_addr()
        .map_err(|error| Failure::new(FailureCode::Internal, Step::Connect).because(error))?;
    let mut connector = ClientConnector::new(connector_config(plan), address);
    if let Some(cluster) = cluster_data(plan) {
        connector = connector.with_cluster_data(cluster);
    }
    if let Some(token) = &plan.route.routing_token {
        connector = connector.with_load_balance_info(token.clone());
    }
    if let Some(cookie) = &plan.route.password_cookie {
        connector = connector.with_redirection_password_cookie(cookie.clone());
    }
    if let Some(cookie) = &plan.cookie {
        connector = connector.with_auto_reconnect_cookie(cookie.clone());
    }
    Ok(Channels::of(plan, told).attach(connector))
}

/// Agrees on how to secure the connection (MS-RDPBCGR 1.3.1.1, phase 1).
async fn negotiate(
    plan: &Plan,
    connector: &mut ClientConnector,
    stream: TcpStream,
) -> Result<TcpStream, Failure> {
    let mut wire = Wire::new(stream);
    if let Some(blob) = preconnection(plan) {
        let blob = ironrdp_core::encode_vec(&blob).map_err(|error| {
            Failure::new(FailureCode::SettingsInvalid, Step::Handshake).because(error)
        })?;
        wire.write(&blob)
            .await
            .map_err(|error| lost(error, Step::Handshake))?;
    }
    let wanted_nla = plan.settings.security == RdpSecurity::Nla;
    let mut output = WriteBuf::new();
    while !connector.should_perform_security_upgrade() {
        step(connector, &mut wire, &mut output)
            .await
            .map_err(|broken| match broken {
                // Whatever answers, it does not begin as RDP does.
                Broken::Wire(error) if wire.ahead().first().is_some_and(|byte| *byte != TPKT) => {
                    Failure::new(FailureCode::RdpProtocolError, Step::Handshake).because(error)
                }
                broken => broken.negotiation(wanted_nla),
            })?;
    }
    let (stream, ahead) = wire.into_inner();
    if ahead.is_empty() {
        return Ok(stream);
    }
    Err(Failure::new(FailureCode::RdpProtocolError, Step::Handshake))
}

async fn authenticate<S>(
    plan: &Plan,
    connector: &mut ClientConnector,
    wire: &mut Wire<S>,
    leaf: &[u8],
) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if !connector.should_perform_credssp() {
        return match plan.settings.security {
            RdpSecurity::Nla => Err(Failure::new(
                FailureCode::RdpNlaNotOffered,
                Step::Authenticate,
            )),
            _ => Ok(()),
        };
    }
    let selected = match connector.state {
        ClientConnectorState::Credssp { selected_protocol } => selected_protocol,
        _ => SecurityProtocol::HYBRID,
    };
    let public_key = certificate::public_key(leaf)
        .ok_or_else(|| Failure::new(FailureCode::RdpTlsRefused, Step::Authenticate))?;
    let claim = Claim {
        settings: &plan.settings,
        credentials: connector.config.credentials.clone(),
        domain: plan.credentials.domain.as_deref(),
        hostname: &plan.route.hostname,
        client_name: connector.config.client_name.clone(),
        public_key: public_key.to_vec(),
        selected,
    };
    credssp::authenticate(wire, claim).await?;
    connector.mark_credssp_as_done();
    Ok(())
}

/// Everything after the security upgrade.
async fn finish<S>(
    connector: &mut ClientConnector,
    wire: &mut Wire<S>,
) -> Result<ConnectionOutcome, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut output = WriteBuf::new();
    for _ in 0..STEPS_MAX {
        if connector.should_perform_multitransport() {
            output.clear();
            let written = connector
                .skip_multitransport(&mut output)
                .map_err(|error| Broken::Sequence(error, None).failure(Step::Open))?;
            if written.size().is_some() {
                wire.write(output.filled())
                    .await
                    .map_err(|error| lost(error, Step::Open))?;
            }
            continue;
        }
        step(connector, wire, &mut output)
            .await
            .map_err(|broken| broken.failure(Step::Open))?;
        if let Some(outcome) = connector.state.take_outcome() {
            return Ok(outcome);
        }
    }
    Err(Failure::new(FailureCode::RdpProtocolError, Step::Open).with("reason", "steps"))
}

/// What stopped a step.
enum Broken {
    Wire(io::Error),
    Sequence(ConnectorError, Option<Word>),
}

/// One step of the sequence: a PDU in where it waits for one, what it answers
/// out.
async fn step<S>(
    connector: &mut ClientConnector,
    wire: &mut Wire<S>,
    output: &mut WriteBuf,
) -> Result<(), Broken>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    output.clear();
    let written = match connector.next_pdu_hint() {
        Some(hint) => {
            let pdu = wire.read(hint, PDU_BYTES_MAX).await.map_err(Broken::Wire)?;
            let read_at = wire.read_at();
            connector
                .step(&pdu, read_at, output)
                .map_err(|error| Broken::Sequence(error, any_word(&pdu)))?
        }
        None => connector
            .step_no_input(output)
            .map_err(|error| Broken::Sequence(error, None))?,
    };
    if written.size().is_some() {
        wire.write(output.filled()).await.map_err(Broken::Wire)?;
    }
    Ok(())
}

/// The target's last word, whichever channel is its I/O channel.
fn any_word(pdu: &[u8]) -> Option<Word> {
    let data = ironrdp_pdu::mcs::decode_send_data_indication(pdu).ok();
    ending::word(pdu, data.map_or(0, |data| data.channel_id))
}

impl Broken {
    /// In the negotiation, a target may also choose what it was not offered.
    fn negotiation(self, wanted_nla: bool) -> Failure {
        match &self {
            Self::Sequence(error, _) if matches!(error.kind(), ConnectorErrorKind::Reason(_)) => {
                let code = if wanted_nla {
                    FailureCode::RdpNlaNotOffered
                } else {
                    FailureCode::RdpSecurityUnsupported
                };
                Failure::new(code, Step::Handshake)
            }
            Self::Sequence(error, _) => match error.kind() {
                ConnectorErrorKind::Negotiation(refused) => {
                    ending::of_negotiation(refused.code(), wanted_nla)
                }
                _ => self.failure(Step::Handshake),
            },
            Self::Wire(_) => self.failure(Step::Handshake),
        }
    }

    fn failure(self, at: Step) -> Failure {
        match self {
            Self::Wire(error) => lost(error, at),
            Self::Sequence(_, Some(Word::Ends(info))) => match ending::of_error_info(info, at) {
                Err(failure) => failure,
                Ok(()) => Failure::new(FailureCode::TargetClosed, at),
            },
            Self::Sequence(error, Some(Word::Closes(_))) => {
                Failure::new(FailureCode::TargetClosed, at).because(error)
            }
            Self::Sequence(error, _) => {
                let text = error.to_string();
                // The connector has no kind of error for licences.
                let code = if text.to_ascii_lowercase().contains("licen") {
                    FailureCode::RdpLicence
                } else {
                    FailureCode::RdpProtocolError
                };
                Failure::new(code, at).because(error)
            }
        }
    }
}

/// The connection ended, or what came has no length.
pub(crate) fn lost(error: io::Error, at: Step) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::InvalidData => FailureCode::RdpProtocolError,
        io::ErrorKind::TimedOut => FailureCode::TargetTimedOut,
        _ => FailureCode::TargetClosed,
    };
    Failure::new(code, at).because(error)
}

fn late(at: Step, deadline: &str) -> Failure {
    Failure::new(FailureCode::TargetTimedOut, at).with("deadline", deadline)
}

fn preconnection(plan: &Plan) -> Option<PreconnectionBlob> {
    let settings = &plan.settings;
    if settings.preconnection_id.is_none() && settings.preconnection_blob.is_none() {
        return None;
    }
    Some(PreconnectionBlob {
        version: match settings.preconnection_blob {
            Some(_) => PcbVersion::V2,
            None => PcbVersion::V1,
        },
        id: settings.preconnection_id.unwrap_or(0),
        v2_payload: settings.preconnection_blob.clone(),
    })
}

fn leaf_of(stream: &Stream) -> Result<Vec<u8>, Failure> {
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    chain
        .first()
        .map(|leaf| leaf.to_vec())
        .ok_or_else(|| Failure::new(FailureCode::RdpTlsRefused, Step::VerifyHost))
}

/// What was accepted once is known when a lost connection is made again.
fn know(plan: &mut Plan, leaf: &[u8]) {
    let policy: CertificatePolicy = plan.certificates();
    let is_new = matches!(
        policy.judge(leaf, || Err(String::new())),
        certificate::Verdict::FirstUse(_)
    );
    if is_new {
        plan.remembered.push(certificate::describe(leaf));
    }
}
