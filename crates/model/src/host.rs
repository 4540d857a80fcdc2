//! Where a target is: a name or an address, with or without a port.
//!
//! Written as `host`, `host:port`, `[v6]:port`, `[v6]` or a bare IPv6 address.
//! This is only the reading of what a person wrote: nothing is resolved here,
//! and the port of a protocol is added by [`Host::port_or`].

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::schema;

/// Longest text of a host, in bytes.
pub const HOST_BYTES_MAX: usize = 255;

/// Longest label of a host name, in bytes (RFC 1035 section 2.3.4).
pub const LABEL_BYTES_MAX: usize = 63;

/// A host name in lower case or an address in its canonical form, with or
/// without a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host {
    name: String,
    port: Option<u16>,
}

/// Why a text is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseHostError {
    /// There is no name before the port, or nothing at all.
    #[error("the host is empty")]
    Empty,
    /// The text is longer than [`HOST_BYTES_MAX`].
    #[error("a host has at most {HOST_BYTES_MAX} bytes")]
    TooLong,
    /// A colon with nothing behind it.
    #[error("the port after the colon is missing")]
    PortMissing,
    /// What stands behind the colon is no port.
    #[error("{0:?} is no port: expected a number from 1 to 65535")]
    BadPort(String),
    /// A bracket that is not closed, not opened, or followed by something else than a port.
    #[error("brackets go around an IPv6 address only: [2001:db8::1] or [2001:db8::1]:22")]
    StrayBracket,
    /// Several colons, but no IPv6 address.
    #[error("{0:?} is no IPv6 address")]
    BadV6(String),
    /// A name of digits and dots that is no address.
    #[error("{0:?} is no IPv4 address")]
    BadV4(String),
    /// A character that no host name has.
    #[error(
        "{0:?} does not belong in a host name: expected letters, digits, dots, hyphens and \
         underscores (write international names in their xn-- form)"
    )]
    BadCharacter(char),
    /// An empty part, one that is too long, or one that begins or ends with a hyphen.
    #[error(
        "{0:?} is no part of a host name: expected 1 to {LABEL_BYTES_MAX} characters with no \
         hyphen at either end"
    )]
    BadLabel(String),
}

impl Host {
    /// The name or the address, an IPv6 address without brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, when one was written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port, or `default` when none was written.
    #[must_use]
    pub fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }

    /// Whether [`Self::name`] is an IPv6 address.
    #[must_use]
    pub fn is_v6(&self) -> bool {
        self.name.contains(':')
    }
}

impl std::str::FromStr for Host {
    type Err = ParseHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(ParseHostError::Empty);
        }
        if text.len() > HOST_BYTES_MAX {
            return Err(ParseHostError::TooLong);
        }
        if let Some(rest) = text.strip_prefix('[') {
            return parse_bracketed(rest);
        }
        if text.contains(['[', ']']) {
            return Err(ParseHostError::StrayBracket);
        }
        match text.split_once(':') {
            None => Ok(Self {
                name: parse_name(text)?,
                port: None,
            }),
            Some((_, rest)) if rest.contains(':') => Ok(Self {
                name: parse_v6(text)?,
                port: None,
            }),
            Some((name, port)) => Ok(Self {
                name: parse_name(name)?,
                port: Some(parse_port(port)?),
            }),
        }
    }
}

/// Reads what follows an opening bracket.
fn parse_bracketed(rest: &str) -> Result<Host, ParseHostError> {
    let Some((address, tail)) = rest.split_once(']') else {
        return Err(ParseHostError::StrayBracket);
    };
    let port = match tail.strip_prefix(':') {
        Some(port) => Some(parse_port(port)?),
        None if tail.is_empty() => None,
        None => return Err(ParseHostError::StrayBracket),
    };
    Ok(Host {
        name: parse_v6(address)?,
        port,
    })
}

fn parse_v6(text: &str) -> Result<String, ParseHostError> {
    text.parse::<Ipv6Addr>()
        .map(|address| address.to_string())
        .map_err(|_| ParseHostError::BadV6(text.to_owned()))
}

fn parse_port(text: &str) -> Result<u16, ParseHostError> {
    if text.is_empty() {
        return Err(ParseHostError::PortMissing);
    }
    // `u16::from_str` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(ParseHostError::BadPort(text.to_owned())),
    }
}

fn parse_name(text: &str) -> Result<String, ParseHostError> {
    if text.is_empty() {
        return Err(ParseHostError::Empty);
    }
    if let Some(stray) = text.chars().find(|c| !is_name_character(*c)) {
        return Err(ParseHostError::BadCharacter(stray));
    }
    // One dot at the end marks a fully qualified name.
    let labels = text.strip_suffix('.').unwrap_or(text);
    if let Some(label) = labels.split('.').find(|label| !is_label(label)) {
        return Err(ParseHostError::BadLabel(label.to_owned()));
    }
    // A resolver reads a name whose last part is a number as an address, in
    // forms that surprise (`10.1` is 10.0.0.1): only the plain form is taken.
    let last = labels.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit());
    if numeric && text.parse::<Ipv4Addr>().is_err() {
        return Err(ParseHostError::BadV4(text.to_owned()));
    }
    Ok(text.to_ascii_lowercase())
}

const fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.is_v6(), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.name),
            (false, Some(port)) => write!(f, "{}:{port}", self.name),
            (_, None) => f.write_str(&self.name),
        }
    }
}

impl TryFrom<String> for Host {
    type Error = ParseHostError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.to_string()
    }
}

impl utoipa::PartialSchema for Host {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        schema::text(
            "Where a target is: `host`, `host:port`, `[v6]:port`, `[v6]` or a bare IPv6 address.",
            "server.example:22",
        )
        .into()
    }
}

impl utoipa::ToSchema for Host {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Result<(&str, Option<u16>), ParseHostError>) {
        let read = text.parse::<Host>();
        let parts = read.as_ref().map(|host| (host.name(), host.port()));
        assert_eq!(parts, expected.as_ref().copied(), "{text:?}");
        if let Ok(host) = read {
            assert_eq!(host.to_string().parse(), Ok(host), "{text:?}");
        }
    }

    #[test]
    fn names_and_addresses_are_read() {
        check("h", Ok(("h", None)));
        check("h:22", Ok(("h", Some(22))));
        check("host.example", Ok(("host.example", None)));
        check("host.example:5901", Ok(("host.example", Some(5901))));
        check("Host.Example:5901", Ok(("host.example", Some(5901))));
        check("192.0.2.10:5901", Ok(("192.0.2.10", Some(5901))));
        check("192.0.2.10", Ok(("192.0.2.10", None)));
        check("build_01.lan.", Ok(("build_01.lan.", None)));
        check("xn--bcher-kva.example", Ok(("xn--bcher-kva.example", None)));
        check("h:0022", Ok(("h", Some(22))));
        check("3com", Ok(("3com", None)));
    }

    #[test]
    fn v6_addresses_are_read_with_and_without_brackets() {
        check("[2001:db8::10c]:5901", Ok(("2001:db8::10c", Some(5901))));
        check("[2001:db8::10c]", Ok(("2001:db8::10c", None)));
        check("2001:db8::10c", Ok(("2001:db8::10c", None)));
        check("2001:db8::1", Ok(("2001:db8::1", None)));
        check("[2001:DB8:0:0::1]:22", Ok(("2001:db8::1", Some(22))));
        check("::1", Ok(("::1", None)));
        check("::ffff:192.0.2.1", Ok(("::ffff:192.0.2.1", None)));
    }

    #[test]
    fn the_empty_host_is_refused() {
        check("", Err(ParseHostError::Empty));
        check(":22", Err(ParseHostError::Empty));
    }

    #[test]
    fn bad_ports_are_refused() {
        check("h:", Err(ParseHostError::PortMissing));
        check("[::1]:", Err(ParseHostError::PortMissing));
        for port in [
            "0", "65536", "ssh", "+22", "-1", " 22", "22 ", "2 2", "999999",
        ] {
            check(
                &format!("h:{port}"),
                Err(ParseHostError::BadPort(port.to_owned())),
            );
        }
    }

    #[test]
    fn stray_brackets_are_refused() {
        for text in ["[::1", "::1]", "[::1]22", "h[", "a]b", "[[::1]]:22"] {
            let error = text.parse::<Host>().unwrap_err();
            let bracket = matches!(
                error,
                ParseHostError::StrayBracket | ParseHostError::BadV6(_)
            );
            assert!(bracket, "{text:?}: {error}");
        }
        check("[]", Err(ParseHostError::BadV6(String::new())));
        check("[h]:22", Err(ParseHostError::BadV6("h".to_owned())));
    }

    #[test]
    fn bad_addresses_are_refused() {
        check("1:2:3", Err(ParseHostError::BadV6("1:2:3".to_owned())));
        check(
            "fe80::1%eth0",
            Err(ParseHostError::BadV6("fe80::1%eth0".to_owned())),
        );
        check(
            "300.1.1.1",
            Err(ParseHostError::BadV4("300.1.1.1".to_owned())),
        );
        check("10.1", Err(ParseHostError::BadV4("10.1".to_owned())));
        check(
            "2130706433",
            Err(ParseHostError::BadV4("2130706433".to_owned())),
        );
    }

    #[test]
    fn bad_names_are_refused() {
        check("a b", Err(ParseHostError::BadCharacter(' ')));
        check(" h", Err(ParseHostError::BadCharacter(' ')));
        check("bücher.example", Err(ParseHostError::BadCharacter('ü')));
        check("ssh://h", Err(ParseHostError::BadPort("//h".to_owned())));
        check("me@h", Err(ParseHostError::BadCharacter('@')));
        check("h\n", Err(ParseHostError::BadCharacter('\n')));
        check(
            "-oProxyCommand",
            Err(ParseHostError::BadLabel("-oProxyCommand".to_owned())),
        );
        check("a..b", Err(ParseHostError::BadLabel(String::new())));
        check(".", Err(ParseHostError::BadLabel(String::new())));
        check(
            &"a".repeat(64),
            Err(ParseHostError::BadLabel("a".repeat(64))),
        );
        check(&"a.".repeat(128), Err(ParseHostError::TooLong));
    }

    #[test]
    fn it_is_a_string_in_documents() {
        let host: Host = serde_json::from_str(r#""[2001:db8::1]:22""#).unwrap();
        assert_eq!(host.port_or(3389), 22);
        assert_eq!(
            serde_json::to_string(&host).unwrap(),
            r#""[2001:db8::1]:22""#
        );
        assert!(serde_json::from_str::<Host>("22").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            if let Ok(host) = text.parse::<Host>() {
                prop_assert_eq!(host.to_string().parse::<Host>(), Ok(host));
            }
        }
    }
}
