//! Level 0 of the merge: what is set when nobody sets anything.

use serde_json::{Value, json};

use super::Settings;
use crate::host::Host;
use crate::object::Protocol;

/// The default settings of an endpoint: `hostname` and `port` from its host,
/// `client-name` with the user's name, and for RDP
/// `resize-method=display-update`.
#[must_use]
pub fn defaults(host: &Host, protocol: Protocol, username: &str) -> Settings {
    let mut settings: Vec<(&str, Value)> = vec![
        ("hostname", json!(host.name())),
        ("port", json!(host.port_or(protocol.default_port()))),
        ("client-name", json!(format!("Causeway - {username}"))),
    ];
    if protocol == Protocol::Rdp {
        settings.push(("resize-method", json!("display-update")));
    }
    settings.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, protocol: Protocol, expected: &Value) {
        let defaults = defaults(&host.parse().unwrap(), protocol, "ada");
        assert_eq!(serde_json::to_value(defaults).unwrap(), *expected);
    }

    #[test]
    fn host_and_port_come_from_the_endpoint() {
        check(
            "web-01:2222",
            Protocol::Ssh,
            &json!({"hostname": "web-01", "port": 2222, "client-name": "Causeway - ada"}),
        );
        check(
            "[2001:db8::1]",
            Protocol::Rdp,
            &json!({
                "hostname": "2001:db8::1", "port": 3389, "client-name": "Causeway - ada",
                "resize-method": "display-update",
            }),
        );
    }
}
