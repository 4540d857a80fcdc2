//! The role of an instance of EC2, by its metadata service, version 2: a token
//! for the session, then the role's name, then its credentials.

use reqwest::Client;
use reqwest::header::HeaderValue;
use url::Url;

use crate::role_credentials::{CredentialsError, Told, ask, read_credentials};

const SERVICE: &str = "http://169.254.169.254";
const SERVICE_IPV6: &str = "http://[fd00:ec2::254]";
const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const TOKEN_LIFE_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN_HEADER: &str = "x-aws-ec2-metadata-token";
/// How long a session with the service lasts: one reading of the credentials.
const TOKEN_LIFE_S: &str = "60";
/// Longest name of a role, in bytes.
const ROLE_LEN_MAX: usize = 64;

/// Where the environment says that the service is.
pub(crate) fn service(
    variable: &impl Fn(&'static str) -> Option<String>,
) -> Result<Url, CredentialsError> {
    const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    let is_ipv6 = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        .is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6"));
    let usual = if is_ipv6 { SERVICE_IPV6 } else { SERVICE };
    let text = variable(ENDPOINT).unwrap_or_else(|| usual.to_owned());
    let url = Url::parse(&text).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or(CredentialsError::Variable {
            variable: ENDPOINT,
            reason: "is no URL",
        })
}

/// Asks for the credentials of the instance's role.
pub(crate) async fn read(client: &Client, service: &Url) -> Result<Told, CredentialsError> {
    let at = |path: &str| service.join(path).map_err(|_| CredentialsError::Unreadable);
    let token = client.put(at(TOKEN_PATH)?);
    let token = ask(token.header(TOKEN_LIFE_HEADER, TOKEN_LIFE_S)).await?;
    let mut token = HeaderValue::from_bytes(&token).map_err(|_| CredentialsError::Unreadable)?;
    token.set_sensitive(true);
    let with_token = |url: Url| client.get(url).header(TOKEN_HEADER, token.clone());

    let roles = ask(with_token(at(ROLES_PATH)?)).await?;
    let role = std::str::from_utf8(&roles).ok();
    let role = role.and_then(|roles| roles.lines().next()).map(str::trim);
    let role = role.filter(|role| is_name(role));
    let role = role.ok_or(CredentialsError::Unreadable)?;
    read_credentials(&ask(with_token(at(&format!("{ROLES_PATH}{role}"))?)).await?)
}

/// Of letters, digits and `+=,.@-_`.
fn is_name(role: &str) -> bool {
    (1..=ROLE_LEN_MAX).contains(&role.len())
        && role
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@-_".contains(&byte))
}
