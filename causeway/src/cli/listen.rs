//! Flags about listening: addresses and TLS.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::BoolishValueParser;

/// An address to listen on: `127.0.0.1:8080`, `[::1]:0` or `localhost:8080`.
/// Port 0 takes any free port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListenAddress(pub(crate) SocketAddr);

/// A text that is no address to listen on.
#[derive(Debug, thiserror::Error)]
#[error("expected IP:PORT, [IPv6]:PORT or localhost:PORT; port 0 takes any free port")]
pub(crate) struct ParseListenAddressError;

impl FromStr for ListenAddress {
    type Err = ParseListenAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port.parse().map_err(|_| ParseListenAddressError)?;
            return Ok(Self((Ipv4Addr::LOCALHOST, port).into()));
        }
        text.parse().map(Self).map_err(|_| ParseListenAddressError)
    }
}

impl ListenAddress {
    /// Whether only this machine can reach it.
    pub(crate) fn is_loopback(self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }

    /// Whether it stands for every address of the machine.
    pub(crate) fn is_unspecified(self) -> bool {
        self.0.ip().is_unspecified()
    }

    /// The IP address.
    pub(crate) fn ip(self) -> IpAddr {
        self.0.ip()
    }

    /// The port; 0 for any free one.
    pub(crate) fn port(self) -> u16 {
        self.0.port()
    }

    /// The same IP address with another port.
    pub(crate) fn with_port(self, port: u16) -> Self {
        Self((self.ip(), port).into())
    }
}

/// Flags about TLS.
#[derive(Debug, Clone, Args)]
pub(crate) struct TlsArgs {
    /// Certificate chain in PEM; needed on any address but loopback
    #[arg(
        long,
        env = "CAUSEWAY_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM
    #[arg(
        long,
        env = "CAUSEWAY_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve plain HTTP on an address that others can reach
    #[arg(long, env = "CAUSEWAY_INSECURE", value_parser = BoolishValueParser::new(), conflicts_with = "tls_cert")]
    pub(crate) insecure: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_or_explained() {
        let parse = |text: &str| text.parse::<ListenAddress>().ok().map(|a| a.0.to_string());
        assert_eq!(parse("127.0.0.1:0").as_deref(), Some("127.0.0.1:0"));
        assert_eq!(parse("localhost:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(parse("[::1]:443").as_deref(), Some("[::1]:443"));
        assert_eq!(parse("8080"), None);
        assert_eq!(parse("example.com:80"), None);
        assert_eq!(parse("localhost:99999"), None);
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        let loopback = |text: &str| text.parse::<ListenAddress>().unwrap().is_loopback();
        assert!(loopback("127.0.0.1:0"));
        assert!(loopback("127.8.0.1:0"));
        assert!(loopback("[::1]:0"));
        assert!(loopback("[::ffff:127.0.0.1]:0"));
        assert!(!loopback("0.0.0.0:0"));
        assert!(!loopback("[::]:0"));
        assert!(!loopback("192.0.2.1:0"));
    }
}
