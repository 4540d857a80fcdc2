//! Network Level Authentication: CredSSP over TLS (MS-CSSP), with NTLM or
//! Kerberos inside.

use std::io;

use causeway_model::settings::RdpSettings;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use ironrdp_connector::credssp::{CredsspSequence, KerberosConfig};
use ironrdp_connector::sspi::credssp::ClientState;
use ironrdp_connector::sspi::generator::GeneratorState;
use ironrdp_connector::{ConnectorError, ConnectorErrorKind, Credentials, ServerName};
use ironrdp_core::WriteBuf;
use ironrdp_pdu::nego::SecurityProtocol;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::kdc;
use crate::wire::Wire;

/// Longest message, in bytes; tickets with many groups are the longest.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
/// Messages that the exchange has at most; NTLM needs three of ours.
const ROUNDS_MAX: usize = 16;
/// After so many messages of ours, the target knows who we say we are.
const ROUNDS_BEFORE_PROOF: usize = 2;

/// Who authenticates to what.
pub(crate) struct Claim<'a> {
    pub(crate) settings: &'a RdpSettings,
    pub(crate) credentials: Credentials,
    pub(crate) domain: Option<&'a str>,
    /// Name of the target, which its service principal is derived from.
    pub(crate) hostname: &'a str,
    pub(crate) client_name: String,
    /// The target's public key, which the exchange is bound to.
    pub(crate) public_key: Vec<u8>,
    pub(crate) selected: SecurityProtocol,
}

/// Authenticates.
///
/// # Errors
/// With a code for what the target, or the domain's controller, says.
pub(crate) async fn authenticate<S>(wire: &mut Wire<S>, claim: Claim<'_>) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let kerberos = kerberos_config(&claim)?;
    let (mut sequence, mut request) = CredsspSequence::init(
        claim.credentials,
        claim.domain,
        claim.selected,
        ServerName::new(claim.hostname),
        claim.public_key,
        kerberos,
    )
    .map_err(failure)?;
    let mut output = WriteBuf::new();
    for round in 1..=ROUNDS_MAX {
        let state = resolve(&mut sequence, request).await?;
        output.clear();
        let written = sequence
            .handle_process_result(state, &mut output)
            .map_err(failure)?;
        if let Some(length) = written.size() {
            let message = output.filled().get(..length).unwrap_or_default();
            wire.write(message)
                .await
                .map_err(|error| lost(error, round))?;
        }
        let Some(hint) = sequence.next_pdu_hint() else {
            return Ok(());
        };
        let answer = wire
            .read(hint, MESSAGE_BYTES_MAX)
            .await
            .map_err(|error| lost(error, round))?;
        match sequence.decode_server_message(&answer).map_err(failure)? {
            Some(next) => request = next,
            None => return Ok(()),
        }
    }
    Err(Failure::new(FailureCode::RdpProtocolError, Step::Authenticate).with("reason", "rounds"))
}

fn kerberos_config(claim: &Claim<'_>) -> Result<Option<KerberosConfig>, Failure> {
    if !claim.settings.kerberos {
        return Ok(None);
    }
    KerberosConfig::new(claim.settings.kdc_url.clone(), claim.client_name.clone())
        .map(Some)
        .map_err(|error| {
            Failure::new(FailureCode::SettingsInvalid, Step::Authenticate)
                .with("setting", "kdc-url")
                .because(error)
        })
}

async fn resolve(
    sequence: &mut CredsspSequence,
    request: ironrdp_connector::sspi::credssp::TsRequest,
) -> Result<ClientState, Failure> {
    let mut generator = sequence.process_ts_request(request);
    let mut state = generator.start();
    loop {
        match state {
            GeneratorState::Suspended(request) => {
                let answer = kdc::ask(&request).await?;
                state = generator.resume(Ok(answer));
            }
            GeneratorState::Completed(result) => {
                return result.map_err(|error| {
                    let code = crate::ending::of_credssp(&error);
                    Failure::new(code, Step::Authenticate).because(error)
                });
            }
        }
    }
}

/// The connection ended in the middle. Some targets say "wrong password" in no
/// other way, once they have been given the proof of one.
fn lost(error: io::Error, round: usize) -> Failure {
    let is_end = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    );
    let code = match error.kind() {
        io::ErrorKind::InvalidData => FailureCode::RdpProtocolError,
        _ if is_end && round >= ROUNDS_BEFORE_PROOF => FailureCode::AuthFailed,
        _ => FailureCode::TargetClosed,
    };
    let failure = Failure::new(code, Step::Authenticate);
    let failure = match code {
        FailureCode::AuthFailed => failure.with(
            "reason",
            "the target closed the connection without a word when it had the password",
        ),
        _ => failure,
    };
    failure.because(error)
}

fn failure(error: ConnectorError) -> Failure {
    let code = match error.kind() {
        // MS-CSSP 3.1.5: the early user authorization result.
        ConnectorErrorKind::AccessDenied => FailureCode::LogonNotPermitted,
        ConnectorErrorKind::Credssp(error) => crate::ending::of_credssp(error),
        _ => FailureCode::RdpProtocolError,
    };
    Failure::new(code, Step::Authenticate).because(error)
}
