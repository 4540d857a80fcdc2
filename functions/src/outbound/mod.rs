//! Requests that the control plane itself makes to the outside: to identity
//! providers. One port, with a bound on everything.

mod over_http;

pub use over_http::OverHttp;

use async_trait::async_trait;
use url::{Host, Url};

/// Why a request to the outside was not answered.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address is neither HTTPS nor on this machine.
    #[error("the address is neither https nor on this machine")]
    Address,
    /// No answer in time.
    #[error("no answer in time")]
    Deadline,
    /// The answer is too long.
    #[error("the answer is too long")]
    TooLong,
    /// The connection failed.
    #[error("the other side could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Makes one request: no redirect is followed, nothing is retried.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// Sends `request` and reads the whole answer.
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutboundError>;
}

/// Whether an address of an identity provider may be asked: over HTTPS, or
/// plainly on this machine; no user in it.
#[must_use]
pub fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none();
    is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_https_or_this_machine_is_asked() {
        for (url, safe) in [
            ("https://id.example/a?b", true),
            ("http://127.0.0.1:9/a", true),
            ("http://[::1]/", true),
            ("http://localhost/", true),
            ("http://id.example/", false),
            ("http://10.0.0.1/", false),
            ("http://localhost.evil.example/", false),
            ("https://user@id.example/", false),
            ("file:///etc/passwd", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(is_safe(&url.parse().unwrap()), safe, "{url}");
        }
    }
}
