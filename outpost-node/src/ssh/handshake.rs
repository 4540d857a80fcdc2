//! Key exchange with the target (RFC 4253), and the judgement of its host key.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use russh::client::{Handle, connect_stream};
use russh::{AlgorithmKind, Error};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::client::{Client, Seen};
use super::config::client_config;
use super::host_key::{HostKeyPolicy, Verdict};

/// How long the target may take from the first byte to agreed keys.
pub(super) const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// A connection with agreed keys, to a host that is not refused.
pub(super) struct Connection {
    pub(super) handle: Handle<Client>,
    pub(super) verdict: Verdict,
    pub(super) seen: Arc<Seen>,
}

/// Agrees on keys and judges the host's.
pub(super) async fn handshake<S>(stream: S, host_keys: HostKeyPolicy) -> Result<Connection, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seen = Arc::new(Seen::default());
    let config = Arc::new(client_config(&host_keys));
    let client = Client {
        host_keys,
        seen: Arc::clone(&seen),
    };
    let failed = |code| Failure::new(code, Step::Handshake);
    // Boxed: russh's future is larger than all of ours together.
    let connecting = Box::pin(connect_stream(config, stream, client));
    let handle = match timeout(HANDSHAKE_DEADLINE, connecting).await {
        Err(_) => return Err(failed(FailureCode::TargetTimedOut).with("deadline", "handshake")),
        Ok(Err(error)) => {
            let refusal = seen.take_verdict().and_then(|verdict| verdict.failure());
            return Err(refusal.unwrap_or_else(|| classify(error)));
        }
        Ok(Ok(handle)) => handle,
    };
    let verdict = seen
        .take_verdict()
        .ok_or_else(|| failed(FailureCode::SshProtocolError))?;
    Ok(Connection {
        handle,
        verdict,
        seen,
    })
}

fn classify(error: Error) -> Failure {
    let failed = |code| Failure::new(code, Step::Handshake);
    match error {
        Error::NoCommonAlgo { kind, ours, theirs } => {
            let kind = match kind {
                AlgorithmKind::Kex => "key exchange",
                AlgorithmKind::Key => "host key",
                AlgorithmKind::Cipher => "cipher",
                AlgorithmKind::Compression => "compression",
                AlgorithmKind::Mac => "mac",
            };
            failed(FailureCode::SshNoCommonAlgorithm)
                .with("kind", kind)
                .with("ours", ours.join(" "))
                .with("theirs", bounded(&theirs.join(" ")))
        }
        Error::IO(source) if source.kind() == io::ErrorKind::TimedOut => {
            failed(FailureCode::TargetTimedOut).because(source)
        }
        Error::IO(_) | Error::Disconnect | Error::HUP | Error::Join(_) => {
            failed(FailureCode::TargetClosed).because(error)
        }
        other => failed(FailureCode::SshProtocolError).because(other),
    }
}

/// A target may list a thousand algorithms.
fn bounded(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(1000)
        .collect()
}
