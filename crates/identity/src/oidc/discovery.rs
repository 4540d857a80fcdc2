//! A provider's configuration (OpenID Connect Discovery 1.0, section 3).

use serde::Deserialize;
use url::Url;

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoveryError {
    /// Not the JSON that was expected.
    #[error("the configuration cannot be read")]
    Malformed,
    /// It says that it is another issuer's (section 4.3).
    #[error("the configuration is another issuer's")]
    OtherIssuer,
    /// An address is neither HTTPS nor on this machine.
    #[error("{0} must be an https URL")]
    NotHttps(&'static str),
}

/// Where a provider is asked what, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Where browsers are sent to sign in.
    pub authorization_endpoint: Url,
    /// Where codes are exchanged.
    pub token_endpoint: Url,
    /// Where its keys are.
    pub jwks_uri: Url,
    /// Where more is told about a person.
    pub userinfo_endpoint: Option<Url>,
    /// Where browsers are sent to sign out (RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<Url>,
    /// Whether it takes a client secret in the form only, not in a header.
    pub secret_in_form: bool,
    /// Whether its redirects name the issuer (RFC 9207, section 3).
    pub names_issuer: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Discovery {
    /// Where the configuration of `issuer` is found (section 4.1).
    #[must_use]
    pub fn address(issuer: &str) -> String {
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        format!("{base}/.well-known/openid-configuration")
    }

    /// Reads the configuration of `issuer`.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub fn parse(json: &[u8], issuer: &str) -> Result<Self, DiscoveryError> {
        let document: Document =
            serde_json::from_slice(json).map_err(|_| DiscoveryError::Malformed)?;
        if document.issuer != issuer {
            return Err(DiscoveryError::OtherIssuer);
        }
        let addresses = [
            (
                "authorization_endpoint",
                Some(&document.authorization_endpoint),
            ),
            ("token_endpoint", Some(&document.token_endpoint)),
            ("jwks_uri", Some(&document.jwks_uri)),
            ("userinfo_endpoint", document.userinfo_endpoint.as_ref()),
            (
                "end_session_endpoint",
                document.end_session_endpoint.as_ref(),
            ),
        ];
        for (name, address) in addresses {
            // Who is reached over TLS does not send us to this machine.
            let is_fine = |address: &Url| {
                check_url(address) && (address.scheme() == "https" || issuer.starts_with("http:"))
            };
            if address.is_some_and(|address| !is_fine(address)) {
                return Err(DiscoveryError::NotHttps(name));
            }
        }
        // What is not said means `client_secret_basic` (section 3).
        let secret_in_form =
            document
                .token_endpoint_auth_methods_supported
                .is_some_and(|methods| {
                    let takes = |name: &str| methods.iter().any(|method| method == name);
                    takes("client_secret_post") && !takes("client_secret_basic")
                });
        Ok(Self {
            authorization_endpoint: document.authorization_endpoint,
            token_endpoint: document.token_endpoint,
            jwks_uri: document.jwks_uri,
            userinfo_endpoint: document.userinfo_endpoint,
            end_session_endpoint: document.end_session_endpoint,
            secret_in_form,
            names_issuer: document.authorization_response_iss_parameter_supported,
        })
    }
}

/// Whether an address of a provider may be used: HTTPS, or plain HTTP on this
/// machine; no user, no fragment.
#[must_use]
pub fn check_url(url: &Url) -> bool {
    let on_this_machine = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && on_this_machine);
    scheme
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}
