//! Drives the pure handshake over a transport: layers put where it wants
//! them, keys judged, people asked.

use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use causeway_fleet::HostKey;
use causeway_model::settings::CertificateSettings;
use causeway_rfb::Established;
use causeway_rfb::security::{ClientKey, Handshake, SecurityConfig, SecurityType, Step};
use causeway_target::certificate::{CertificatePolicy, secure};
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::{OpenEvent, begin};
use causeway_wire::message::Step as OpenStep;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::credentials::CredentialSource;
use crate::failure::{of_security, of_transport, timed_out};
use crate::server_key;
use crate::transport::Transport;

/// How long a server may be silent. Servers ask somebody at the target
/// whether to let a viewer in, and those take a while.
const SILENCE_DEADLINE: Duration = Duration::from_secs(45);
/// Most that is kept of what the handshake has not taken, in bytes.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// What decides about the machine at the other end.
pub(crate) struct Trust<'a> {
    pub(crate) hostname: &'a str,
    pub(crate) certificate: &'a CertificateSettings,
    pub(crate) remembered: &'a [HostKey],
    pub(crate) allowed: Vec<SecurityType>,
}

/// A connection that is signed in.
pub(crate) struct Negotiated {
    pub(crate) transport: Transport,
    pub(crate) established: Established,
    /// What came already of what follows.
    pub(crate) begun: BytesMut,
}

/// Signs in.
pub(crate) async fn negotiate(
    mut transport: Transport,
    trust: Trust<'_>,
    credentials: &mut CredentialSource,
    events: &mpsc::Sender<OpenEvent>,
) -> Result<Negotiated, Failure> {
    let mut handshake = Handshake::new(SecurityConfig {
        credentials: credentials.known(),
        allowed: trust.allowed,
        random: Box::new(random),
    });
    let mut plain = BytesMut::new();
    loop {
        let taken = handshake.handle_input(&plain).map_err(of_security)?;
        plain.advance(taken);
        while let Some(output) = handshake.poll_output() {
            send(&mut transport, &output).await?;
        }
        let Some(step) = handshake.poll_step() else {
            receive(&mut transport, &mut plain, &handshake).await?;
            continue;
        };
        match step {
            Step::NeedCredentials(wanted) => {
                begin(events, OpenStep::Authenticate).await;
                handshake.handle_credentials(credentials.ask(wanted).await?);
            }
            Step::NeedTls => {
                if !plain.is_empty() {
                    return Err(out_of_turn());
                }
                let policy = CertificatePolicy::new(
                    trust.hostname,
                    trust.certificate.clone(),
                    trust.remembered,
                );
                let over = async |stream| secure(stream, &policy, events).await;
                transport = transport.secured(over, out_of_turn).await?;
                handshake.handle_layered();
            }
            Step::Layer(layer) => {
                transport
                    .put_layer(layer, &mut plain)
                    .map_err(|error| of_transport(error, OpenStep::Handshake))?;
                send(&mut transport, &[]).await?;
                handshake.handle_layered();
            }
            Step::RemoveLayer => {
                transport.remove_layer();
                handshake.handle_layered();
            }
            Step::VerifyServerKey(key) => {
                let (certificate, remembered) = (trust.certificate, trust.remembered);
                server_key::verify(&key, certificate, remembered, events).await?;
                handshake.handle_server_key_trusted();
            }
            Step::NeedClientKey => handshake.handle_client_key(client_key().await?),
            Step::Done(established) => {
                return Ok(Negotiated {
                    transport,
                    established,
                    begun: plain,
                });
            }
        }
    }
}

async fn send(transport: &mut Transport, output: &[u8]) -> Result<(), Failure> {
    let step = OpenStep::Handshake;
    transport
        .queue(output)
        .map_err(|error| of_transport(error, step))?;
    match timeout(SILENCE_DEADLINE, transport.write()).await {
        Err(_) => Err(timed_out(step, "handshake")),
        Ok(result) => result.map_err(|error| of_transport(error, step)),
    }
}

async fn receive(
    transport: &mut Transport,
    plain: &mut BytesMut,
    handshake: &Handshake,
) -> Result<(), Failure> {
    if plain.len() > KEPT_BYTES_MAX {
        return Err(out_of_turn());
    }
    let step = OpenStep::Handshake;
    match timeout(SILENCE_DEADLINE, transport.progress(plain)).await {
        Err(_) => Err(timed_out(step, "handshake")),
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(handshake
            .handle_closed()
            .map_or_else(|| of_transport(error, step), of_security)),
    }
}

/// Making a key is work for a moment, but not for a thread that serves
/// sockets.
async fn client_key() -> Result<ClientKey, Failure> {
    let internal = || Failure::new(FailureCode::Internal, OpenStep::Handshake);
    tokio::task::spawn_blocking(ClientKey::generate)
        .await
        .map_err(|error| internal().because(error))?
        .map_err(of_security)
}

fn out_of_turn() -> Failure {
    Failure::new(FailureCode::VncProtocolError, OpenStep::Handshake)
        .with("reason", "something came out of turn")
}

/// The system's random numbers. Without them nothing here can be kept secret.
#[allow(clippy::expect_used)]
fn random(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system has no random numbers");
}
