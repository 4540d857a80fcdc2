//! Servers that are none: each stage of the opening, one after the other.

mod support;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use causeway_target::failure::FailureCode;
use causeway_tests::certificate::Certificate;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use support::Attempt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const SSL: u32 = 1;
const HYBRID: u32 = 2;

/// `X.224 Connection Confirm` with a negotiation answer (MS-RDPBCGR 2.2.1.2).
fn confirm(kind: u8, value: u32) -> Vec<u8> {
    let mut bytes = vec![3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, kind, 0, 8, 0];
    bytes.extend(value.to_le_bytes());
    bytes
}

async fn take_request(stream: &mut TcpStream) -> Result<()> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut rest = vec![0; length.saturating_sub(4)];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

/// Answers the request with `answer` and closes.
async fn answering(answer: Vec<u8>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if take_request(&mut stream).await.is_ok() {
                drop(stream.write_all(&answer).await);
                drop(stream.shutdown().await);
            }
        }
    });
    Ok(address)
}

/// Agrees on `protocol`, does TLS, and sends `bytes` over it for ever or once.
async fn secured(protocol: u32, bytes: Vec<u8>, for_ever: bool) -> Result<SocketAddr> {
    let directory = tempfile::tempdir()?;
    let certificate = Certificate::generate(directory.path())?;
    let chain =
        CertificateDer::pem_file_iter(certificate.certificate())?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(certificate.key())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("a server's TLS")?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if take_request(&mut stream).await.is_err() {
                continue;
            }
            drop(stream.write_all(&confirm(2, protocol)).await);
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            loop {
                let sent = stream.write_all(&bytes).await;
                if sent.is_err() || !for_ever {
                    break;
                }
            }
            drop(stream.flush().await);
            drop(stream.shutdown().await);
        }
    });
    Ok(address)
}

async fn check(address: SocketAddr, expected: &[FailureCode]) {
    let (code, failure) = Attempt::to(address)
        .signing_in("ada", "hunter2")
        .refused()
        .await;
    assert!(expected.contains(&code), "{failure:?}");
    assert!(!format!("{failure:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_refused_negotiation_says_why() -> Result<()> {
    let check_code = async |refused: u32, expected: FailureCode| -> Result<()> {
        let address = answering(confirm(3, refused)).await?;
        check(address, &[expected]).await;
        Ok(())
    };
    check_code(2, FailureCode::RdpSecurityUnsupported).await?;
    check_code(3, FailureCode::RdpTlsRefused).await?;
    check_code(5, FailureCode::RdpNlaRequired).await?;
    check_code(6, FailureCode::AuthMethodUnsupported).await?;
    check_code(4, FailureCode::RdpProtocolError).await
}

#[tokio::test]
async fn a_protocol_that_was_not_offered_is_not_spoken() -> Result<()> {
    let address = answering(confirm(2, 0)).await?;
    check(address, &[FailureCode::RdpSecurityUnsupported]).await;
    let address = answering(confirm(2, SSL)).await?;
    let nla = Attempt::to(address)
        .signing_in("ada", "x")
        .with("security", "nla");
    assert_eq!(nla.refused().await.0, FailureCode::RdpNlaNotOffered);
    Ok(())
}

#[tokio::test]
async fn what_answers_and_is_no_rdp_is_said_to_be_none() -> Result<()> {
    let protocol = FailureCode::RdpProtocolError;
    let closed = FailureCode::TargetClosed;
    let tls = FailureCode::TlsFailed;
    for (answer, expected) in [
        (
            b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n".to_vec(),
            &[protocol][..],
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), &[protocol]),
        (vec![3, 0, 0xff, 0xff, 14, 0xd0], &[closed]),
        (vec![3, 0, 0, 0], &[protocol]),
        (vec![3, 0, 0, 7, 2, 0xf0, 0x80], &[protocol]),
        (Vec::new(), &[closed]),
        (confirm(2, SSL), &[closed, tls]),
        (
            [confirm(2, SSL), vec![0x16, 3, 3, 0, 4, 2, 0, 0, 0]].concat(),
            &[protocol, tls],
        ),
        (confirm(2, SSL)[..12].to_vec(), &[closed]),
    ] {
        let shown = format!("{answer:?}");
        let address = answering(answer).await?;
        let (code, failure) = Attempt::to(address).signing_in("ada", "x").refused().await;
        assert!(expected.contains(&code), "{shown}: {failure:?}");
    }
    Ok(())
}

#[tokio::test]
async fn credssp_answers_that_are_none_sign_nobody_in() -> Result<()> {
    let protocol = FailureCode::RdpProtocolError;
    let closed = FailureCode::TargetClosed;
    for (bytes, for_ever, expected) in [
        (Vec::new(), false, closed),
        // A length that nobody would wait for.
        (vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0], false, closed),
        (
            [0x30, 0x84, 0xff, 0xff, 0xff, 0xff].repeat(2048),
            true,
            protocol,
        ),
        (vec![0x30, 0x03, 0xa0, 0x01, 0xff], false, protocol),
        (vec![0x41; 16 * 1024], true, protocol),
    ] {
        let shown = format!("{:?}", &bytes[..bytes.len().min(8)]);
        let address = secured(HYBRID, bytes, for_ever).await?;
        let (code, failure) = Attempt::to(address).signing_in("ada", "x").refused().await;
        assert_eq!(code, expected, "{shown}: {failure:?}");
    }
    Ok(())
}

#[tokio::test]
async fn settings_that_are_none_open_nothing() -> Result<()> {
    let protocol = FailureCode::RdpProtocolError;
    let closed = FailureCode::TargetClosed;
    for (bytes, for_ever, expected) in [
        (Vec::new(), false, closed),
        (vec![3, 0, 0, 7, 2, 0xf0, 0x80], false, protocol),
        (
            vec![3, 0, 0xff, 0xff, 2, 0xf0, 0x80, 0x7f, 0x66],
            false,
            closed,
        ),
        (vec![0x7f; 64 * 1024], true, protocol),
        (
            [
                vec![3, 0, 0, 200, 2, 0xf0, 0x80, 0x7f, 0x66],
                vec![0x82; 191],
            ]
            .concat(),
            true,
            protocol,
        ),
    ] {
        let shown = format!("{:?}", &bytes[..bytes.len().min(8)]);
        let address = secured(SSL, bytes, for_ever).await?;
        let (code, failure) = Attempt::to(address).signing_in("ada", "x").refused().await;
        assert_eq!(code, expected, "{shown}: {failure:?}");
    }
    Ok(())
}
