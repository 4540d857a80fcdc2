//! Where the parts tell others to find them.

use std::net::SocketAddr;

use url::Url;

use crate::cli::ListenAddress;

/// Why an address cannot be told to others.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("{0} is no host name")]
    Host(String),
    #[error("an edge's URL begins with ws:// or wss:// and has no path: not {0}")]
    EdgeUrl(Url),
    #[error("a tunnel address is HOST:PORT: not {0}")]
    Tunnel(String),
}

/// How browsers and nodes reach an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EdgeAddresses {
    /// `ws://…` or `wss://…`, without path.
    pub(crate) public_url: String,
    /// `host:port`, UDP.
    pub(crate) tunnel: String,
}

impl EdgeAddresses {
    /// An edge that browsers reach at `public_url`, whose tunnel socket is
    /// bound to `bound` and may have been given an address of its own.
    ///
    /// # Errors
    /// When the URL is not a websocket's, or the address no `host:port`.
    pub(crate) fn new(
        public_url: Url,
        tunnel: Option<&str>,
        bound: SocketAddr,
    ) -> Result<Self, AddressError> {
        let host = match public_url.host_str() {
            Some(host) if is_edge_url(&public_url) => host.to_owned(),
            _ => return Err(AddressError::EdgeUrl(public_url)),
        };
        let tunnel = match tunnel {
            Some(text) => checked_tunnel(text)?,
            None if bound.ip().is_unspecified() => format!("{host}:{}", bound.port()),
            None => bound.to_string(),
        };
        let public_url = public_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { public_url, tunnel })
    }
}

fn is_edge_url(url: &Url) -> bool {
    matches!(url.scheme(), "ws" | "wss") && url.path() == "/" && url.query().is_none()
}

fn checked_tunnel(text: &str) -> Result<String, AddressError> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    match port.and_then(|(_, port)| port.parse::<u16>().ok()) {
        Some(_) => Ok(text.to_owned()),
        None => Err(AddressError::Tunnel(text.to_owned())),
    }
}

/// The host that a listening address can be reached at from this machine.
pub(crate) fn host(address: ListenAddress) -> String {
    match (address.is_unspecified(), address.ip()) {
        (true, _) => "127.0.0.1".to_owned(),
        (false, std::net::IpAddr::V6(ip)) => format!("[{ip}]"),
        (false, std::net::IpAddr::V4(ip)) => ip.to_string(),
    }
}

/// `scheme://host:port/`.
///
/// # Errors
/// When the host is none.
pub(crate) fn url(scheme: &str, host: &str, port: u16) -> Result<Url, AddressError> {
    Url::parse(&format!("{scheme}://{host}:{port}"))
        .map_err(|_| AddressError::Host(host.to_owned()))
}

/// The machine's name, for members that were given none.
pub(crate) fn machine_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, tunnel: Option<&str>, bound: &str) -> Result<(String, String), String> {
        EdgeAddresses::new(url.parse().unwrap(), tunnel, bound.parse().unwrap())
            .map(|edge| (edge.public_url, edge.tunnel))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_tunnel_is_where_the_socket_is_or_where_the_url_points() {
        let pair = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(
            check("ws://127.0.0.1:9000", None, "127.0.0.1:9000"),
            pair("ws://127.0.0.1:9000", "127.0.0.1:9000")
        );
        assert_eq!(
            check("wss://edge.example/", None, "0.0.0.0:443"),
            pair("wss://edge.example", "edge.example:443")
        );
        assert_eq!(
            check("wss://edge.example", Some("10.0.0.1:4433"), "0.0.0.0:443"),
            pair("wss://edge.example", "10.0.0.1:4433")
        );
    }

    #[test]
    fn what_cannot_be_an_edge_is_refused() {
        assert!(check("https://edge.example", None, "0.0.0.0:1").is_err());
        assert!(check("wss://edge.example/path", None, "0.0.0.0:1").is_err());
        assert!(check("wss://edge.example", Some("nowhere"), "0.0.0.0:1").is_err());
        assert!(check("wss://edge.example", Some(":1"), "0.0.0.0:1").is_err());
    }
}
