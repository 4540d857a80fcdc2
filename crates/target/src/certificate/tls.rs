//! Secures a connection to a target with TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use causeway_wire::message::Step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CertificatePolicy, Judgement, Verdict};
use crate::failure::{Failure, FailureCode};
use crate::opening::{OpenEvent, begin, remember};

/// How long the handshake may take.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(15);

/// Does the handshake over `stream`, judges the target's certificate, and has
/// it remembered when it is seen for the first time. Whatever is sent through
/// what it gives reaches the machine that the policy means.
///
/// # Errors
/// When there is no common ground for TLS, when the certificate is refused,
/// and when it cannot be remembered.
pub async fn secure<S>(
    stream: S,
    policy: &CertificatePolicy,
    events: &mpsc::Sender<OpenEvent>,
) -> Result<TlsStream<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (config, judgement) = policy.client_config().await?;
    let connector = TlsConnector::from(Arc::new(config));
    let handshake = connector.connect(policy.server_name(), stream);
    let stream = match timeout(HANDSHAKE_DEADLINE, handshake).await {
        Err(_) => {
            return Err(
                Failure::new(FailureCode::TargetTimedOut, Step::Handshake).with("deadline", "tls")
            );
        }
        Ok(Err(error)) => return Err(failure(error, &judgement)),
        Ok(Ok(stream)) => stream,
    };
    begin(events, Step::VerifyHost).await;
    match judgement.verdict() {
        Some(Verdict::Trusted) => {}
        Some(Verdict::FirstUse(certificate)) => remember(events, certificate.clone())
            .await
            .map_err(of_certificate)?,
        Some(Verdict::Refused(refusal)) => return Err(refusal.failure()),
        // No certificate, no trust: a verifier that was not asked.
        None => return Err(Failure::new(FailureCode::Internal, Step::VerifyHost)),
    }
    Ok(stream)
}

fn failure(error: io::Error, judgement: &Judgement) -> Failure {
    if let Some(Verdict::Refused(refusal)) = judgement.verdict() {
        return refusal.failure();
    }
    let code = match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => FailureCode::TargetClosed,
        _ => FailureCode::TlsFailed,
    };
    let failure = Failure::new(code, Step::Handshake);
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let failure = match tls {
        Some(tls) => failure.with("reason", tls),
        None => failure,
    };
    failure.because(error)
}

/// What went wrong with a key went wrong with a certificate here.
fn of_certificate(mut failure: Failure) -> Failure {
    failure.code = match failure.code {
        FailureCode::HostKeyNotRemembered => FailureCode::CertificateNotRemembered,
        FailureCode::HostKeyChanged => FailureCode::CertificateChanged,
        other => other,
    };
    failure
}
