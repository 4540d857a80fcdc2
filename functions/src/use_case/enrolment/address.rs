//! Where an edge says that it is: checked, and filled in where it leaves that
//! to us.

use std::net::{IpAddr, SocketAddr};

use causeway_fleet::AUTO_TUNNEL_HOST;
use url::Url;

/// Longest version or address of a member, in bytes.
pub(super) const TEXT_LENGTH_MAX: usize = 255;

/// Whether `text` is where browsers can reach an edge.
pub(in crate::use_case) fn is_websocket_server(text: &str) -> bool {
    text.len() <= TEXT_LENGTH_MAX
        && Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "ws" | "wss")
                && url.has_host()
                && matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

/// Where nodes dial an edge that says `told` of itself, from `address`. It may
/// leave the host to us: `auto:port`. `None` when it is no address.
pub(in crate::use_case) fn tunnel_address_from(told: &str, address: &str) -> Option<String> {
    match told.split_once(':') {
        Some((AUTO_TUNNEL_HOST, port)) => {
            let (address, port): (IpAddr, u16) = (address.parse().ok()?, port.parse().ok()?);
            (port > 0).then(|| SocketAddr::new(address, port).to_string())
        }
        Some(_) | None => is_host_and_port(told).then(|| told.to_owned()),
    }
}

fn is_host_and_port(text: &str) -> bool {
    text.len() <= TEXT_LENGTH_MAX
        && Url::parse(&format!("quic://{text}")).is_ok_and(|url| {
            url.has_host() && url.port().is_some_and(|port| port > 0) && url.path().is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_says_where_it_is() {
        for good in [
            "ws://127.0.0.1:9000",
            "wss://edge.example",
            "wss://[::1]:9/",
        ] {
            assert!(is_websocket_server(good), "{good}");
        }
        for bad in [
            "",
            "https://edge.example",
            "ws://edge/path",
            "ws://a@edge",
            "ws://edge?x",
        ] {
            assert!(!is_websocket_server(bad), "{bad}");
        }
        for good in ["127.0.0.1:4433", "edge.example:1", "[::1]:4433"] {
            assert!(is_host_and_port(good), "{good}");
        }
        for (told, from, expected) in [
            ("edge.example:1", "", Some("edge.example:1")),
            ("auto:443", "203.0.113.7", Some("203.0.113.7:443")),
            ("auto:443", "2001:db8::7", Some("[2001:db8::7]:443")),
            ("auto:443", "", None),
            ("auto:0", "203.0.113.7", None),
            ("auto:", "203.0.113.7", None),
            ("auto:443/x", "203.0.113.7", None),
        ] {
            let found = tunnel_address_from(told, from);
            assert_eq!(found.as_deref(), expected, "{told} from {from}");
        }
        for bad in [
            "",
            "edge.example",
            ":4433",
            "edge:0",
            "edge:4433/x",
            "edge:70000",
        ] {
            assert!(!is_host_and_port(bad), "{bad}");
        }
    }
}
