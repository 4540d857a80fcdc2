//! Asks a Kerberos key distribution center (RFC 4120, section 7.2), for
//! CredSSP.

use std::time::Duration;

use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use ironrdp_connector::sspi::generator::NetworkRequest;
use ironrdp_connector::sspi::network_client::NetworkProtocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// How long an answer may take.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Where a center listens unless said otherwise.
const PORT: u16 = 88;

/// Sends one request and gives its answer, both with their length in front
/// where TCP carries them.
///
/// # Errors
/// When the center cannot be reached, or does not answer in time.
pub(crate) async fn ask(request: &NetworkRequest) -> Result<Vec<u8>, Failure> {
    let failed = || {
        let host = request.url.host_str().unwrap_or_default();
        Failure::new(FailureCode::LogonServerUnavailable, Step::Authenticate).with("kdc", host)
    };
    let Some(host) = request.url.host_str() else {
        return Err(failed());
    };
    let address = (host, request.url.port().unwrap_or(PORT));
    let answer = async {
        match request.protocol {
            NetworkProtocol::Tcp => over_tcp(address, &request.data).await,
            NetworkProtocol::Udp => over_udp(address, &request.data).await,
            // A proxy (MS-KKDCP) would need an HTTP client of its own here.
            NetworkProtocol::Http | NetworkProtocol::Https => {
                Err(std::io::ErrorKind::Unsupported.into())
            }
        }
    };
    match timeout(ANSWER_DEADLINE, answer).await {
        Err(_) => Err(failed().with("deadline", "kdc")),
        Ok(Err(error)) => Err(failed().because(error)),
        Ok(Ok(answer)) => Ok(answer),
    }
}

async fn over_tcp(address: (&str, u16), request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut answer = vec![0; 4];
    stream.read_exact(&mut answer).await?;
    let length = answer
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    if length > ANSWER_BYTES_MAX {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    answer.resize(4 + length, 0);
    stream.read_exact(&mut answer[4..]).await?;
    Ok(answer)
}

/// The length in front is ours: a datagram carries none.
async fn over_udp(address: (&str, u16), request: &[u8]) -> std::io::Result<Vec<u8>> {
    let socket = UdpSocket::bind("0.0.0.0:0").await?;
    socket.connect(address).await?;
    socket.send(request.get(4..).unwrap_or_default()).await?;
    let mut answer = vec![0; 64 * 1024];
    let length = socket.recv(&mut answer[4..]).await?;
    answer.truncate(4 + length);
    let length = u32::try_from(length).unwrap_or(0);
    answer[..4].copy_from_slice(&length.to_be_bytes());
    Ok(answer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::net::TcpListener;

    use super::*;

    async fn answered_with(answer: &'static [u8]) -> Result<Vec<u8>, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 6];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            request
        });
        let request = NetworkRequest {
            protocol: NetworkProtocol::Tcp,
            url: format!("tcp://127.0.0.1:{port}").parse().unwrap(),
            data: vec![0, 0, 0, 2, 7, 8],
        };
        let answer = ask(&request).await;
        assert_eq!(served.await.unwrap(), [0, 0, 0, 2, 7, 8]);
        answer
    }

    #[tokio::test]
    async fn an_answer_keeps_its_length() {
        let answer = answered_with(&[0, 0, 0, 3, 1, 2, 3]).await.unwrap();
        assert_eq!(answer, [0, 0, 0, 3, 1, 2, 3]);
    }

    #[tokio::test]
    async fn an_answer_too_long_or_too_short_is_none() {
        for answer in [&[0xff, 0xff, 0xff, 0xff][..], &[0, 0, 0, 9, 1]] {
            let failure = answered_with(answer).await.unwrap_err();
            assert_eq!(failure.code, FailureCode::LogonServerUnavailable);
        }
    }
}
