//! Where a process finds the credentials of the role that it runs with, in the
//! order of AWS's own programs: its environment, the agent beside its container
//! (ECS, EKS Pod Identity), the metadata service of its instance (EC2).
//!
//! Nothing is kept: agent and service renew what they hand out before it
//! expires, so whoever asks them each time never has an old one.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use causeway_trust::Secret;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::instance_role;

/// Where the agent beside a container in ECS listens.
const CONTAINER_AGENT: &str = "http://169.254.170.2";
/// Where the agents of ECS and EKS listen; to nobody else but this machine is
/// an authorization told in clear.
const AGENT_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
/// How long one question may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// How often it is asked before it is given up.
const ATTEMPTS_MAX: u32 = 3;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(300);
/// Longest answer or authorization that is read, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Where a process finds the credentials of its role.
#[derive(Clone)]
pub enum RoleCredentials {
    /// They were given, and are not renewed.
    Given(Credentials),
    /// The agent beside a container tells them.
    Container(ContainerAgent),
    /// The metadata service of an instance tells them (IMDSv2), at this URL.
    Instance(Url),
}

/// The agent beside a container.
#[derive(Clone)]
pub struct ContainerAgent {
    url: Url,
    authorization: Option<Authorization>,
}

/// What an agent wants to be shown.
#[derive(Clone)]
enum Authorization {
    Given(Secret),
    /// A file whose content is renewed.
    File(PathBuf),
}

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A variable of the environment is not what it should be.
    #[error("{variable} {reason}")]
    Variable {
        /// Which.
        variable: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody answered.
    #[error("who tells the role's credentials cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// Somebody answered and did not tell them.
    #[error("the role's credentials are not told: status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// What was told are no credentials. The text itself is not shown.
    #[error("what is told are no credentials of a role")]
    Unreadable,
    /// The file with the authorization cannot be read.
    #[error("{} with the agent's authorization cannot be read", path.display())]
    AuthorizationFile {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// They were told too late.
    #[error("the role's credentials have expired")]
    Expired,
}

impl RoleCredentials {
    /// Where the environment says that they are; `variable` reads it.
    ///
    /// # Errors
    /// [`CredentialsError::Variable`].
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Self, CredentialsError> {
        let variable = |name: &'static str| variable(name).filter(|value| !value.is_empty());
        let pair = (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        );
        if let (Some(id), Some(key)) = pair {
            let token = variable("AWS_SESSION_TOKEN");
            let given = Credentials::new(id, key, token, None, "environment");
            return Ok(Self::Given(given));
        }
        if let Some(agent) = ContainerAgent::find(&variable)? {
            return Ok(Self::Container(agent));
        }
        if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|is| is.eq_ignore_ascii_case("true")) {
            return Err(CredentialsError::Variable {
                variable: "AWS_EC2_METADATA_DISABLED",
                reason: "is true, and nothing else says where the role's credentials are",
            });
        }
        instance_role::service(&variable).map(Self::Instance)
    }

    /// Reads them as they are now.
    ///
    /// # Errors
    /// [`CredentialsError`].
    pub async fn read(&self) -> Result<Credentials, CredentialsError> {
        let told = match self {
            Self::Given(credentials) => return Ok(credentials.clone()),
            Self::Container(agent) => agent.read(&client()?).await?,
            Self::Instance(service) => instance_role::read(&client()?, service).await?,
        };
        told.into_credentials()
    }
}

/// Never through a proxy: what is asked for is this machine's own affair.
fn client() -> Result<Client, CredentialsError> {
    let client = Client::builder().no_proxy().redirect(Policy::none());
    client.build().map_err(CredentialsError::Unreachable)
}

impl ContainerAgent {
    fn find(
        variable: &impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, CredentialsError> {
        const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
        const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        let wrong = |variable, reason| CredentialsError::Variable { variable, reason };
        let url = if let Some(path) = variable(RELATIVE) {
            let is_path = path.starts_with('/');
            let url = is_path.then(|| Url::parse(&format!("{CONTAINER_AGENT}{path}")));
            url.and_then(Result::ok)
                .ok_or_else(|| wrong(RELATIVE, "is no path"))?
        } else if let Some(text) = variable(FULL) {
            let url = Url::parse(&text).map_err(|_| wrong(FULL, "is no URL"))?;
            if !is_trusted(&url) {
                return Err(wrong(
                    FULL,
                    "is neither https nor an agent's address on this machine",
                ));
            }
            url
        } else {
            return Ok(None);
        };
        let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        let given = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        let authorization = match (file, given) {
            (Some(path), _) => Some(Authorization::File(path.into())),
            (None, given) => given.map(|token| Authorization::Given(Secret::new(token))),
        };
        Ok(Some(Self { url, authorization }))
    }

    async fn read(&self, client: &Client) -> Result<Told, CredentialsError> {
        let mut request = client.get(self.url.clone());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.header()?);
        }
        read_credentials(&ask(request).await?)
    }
}

fn is_trusted(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let is_agent = url
        .host_str()
        .is_some_and(|host| AGENT_HOSTS.contains(&host));
    url.scheme() == "https" || (url.scheme() == "http" && (is_here || is_agent))
}

impl Authorization {
    fn header(&self) -> Result<HeaderValue, CredentialsError> {
        let text = match self {
            Self::Given(token) => Zeroizing::new(token.expose().to_owned()),
            Self::File(path) => {
                let read = std::fs::read_to_string(path);
                Zeroizing::new(read.map_err(|source| CredentialsError::AuthorizationFile {
                    path: path.clone(),
                    source,
                })?)
            }
        };
        let text = text.trim_end();
        let value = (text.len() <= TEXT_BYTES_MAX).then(|| HeaderValue::from_str(text));
        let mut value = value
            .and_then(Result::ok)
            .ok_or(CredentialsError::Variable {
                variable: "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                reason: "does not fit into a header",
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Credentials as agents and instances tell them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Told {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Told {
    fn into_credentials(self) -> Result<Credentials, CredentialsError> {
        let expires = self.expiration.map(SystemTime::from);
        if expires.is_some_and(|at| at <= SystemTime::now()) {
            return Err(CredentialsError::Expired);
        }
        Ok(Credentials::new(
            self.access_key_id,
            self.secret_access_key,
            self.token,
            expires,
            "role",
        ))
    }
}

pub(crate) fn read_credentials(text: &[u8]) -> Result<Told, CredentialsError> {
    // The message of serde_json may quote the answer.
    serde_json::from_slice(text).map_err(|_| CredentialsError::Unreadable)
}

/// Asks until there is an answer, a few times. What has no answer now may have
/// one in a moment: agents and services limit how often they are asked.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, CredentialsError> {
    let mut attempt = 1;
    loop {
        let again = request.try_clone().ok_or(CredentialsError::Unreadable)?;
        let answer = ask_once(again).await;
        let can_help = match &answer {
            Ok(_) => false,
            Err(CredentialsError::Refused { status }) => *status == 429 || *status >= 500,
            Err(error) => matches!(error, CredentialsError::Unreachable(_)),
        };
        if !can_help || attempt == ATTEMPTS_MAX {
            return answer;
        }
        attempt += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn ask_once(request: RequestBuilder) -> Result<Zeroizing<Vec<u8>>, CredentialsError> {
    let failed = |error: reqwest::Error| CredentialsError::Unreachable(error.without_url());
    let mut answer = request
        .timeout(ANSWERED_WITHIN)
        .send()
        .await
        .map_err(failed)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(CredentialsError::Refused {
            status: status.as_u16(),
        });
    }
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > TEXT_BYTES_MAX {
            return Err(CredentialsError::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn find(environment: &[(&str, &str)]) -> Result<RoleCredentials, CredentialsError> {
        RoleCredentials::find(|name| {
            let mut all = environment.iter();
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn agent(environment: &[(&str, &str)]) -> String {
        match find(environment).unwrap() {
            RoleCredentials::Container(agent) => agent.url.to_string(),
            RoleCredentials::Instance(service) => format!("instance {service}"),
            RoleCredentials::Given(credentials) => format!("given {}", credentials.access_key_id()),
        }
    }

    #[test]
    fn they_are_looked_for_as_other_programs_do() {
        let relative = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/one");
        let full = (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1",
        );
        let given = [
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
        ];
        assert_eq!(agent(&[]), "instance http://169.254.169.254/");
        assert_eq!(agent(&[full]), "http://169.254.170.23/v1");
        assert_eq!(agent(&[full, relative]), "http://169.254.170.2/v2/one");
        assert_eq!(agent(&[relative, given[0], given[1]]), "given AKID");
        assert_eq!(agent(&[relative, given[0]]), "http://169.254.170.2/v2/one");
        let other = [("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")];
        assert_eq!(agent(&other), "instance http://[fd00:ec2::254]/");
    }

    #[test]
    fn nobody_far_away_is_asked_in_clear() {
        for (url, good) in [
            ("https://agent.example/credentials", true),
            ("http://localhost:1/credentials", true),
            ("http://127.0.0.2:1/", true),
            ("http://[::1]/", true),
            ("http://[fd00:ec2::23]/v1", true),
            ("http://agent.example/credentials", false),
            ("http://169.254.170.3/", false),
            ("ftp://127.0.0.1/", false),
            ("nothing", false),
        ] {
            let found = find(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)]);
            assert_eq!(found.is_ok(), good, "{url}");
        }
        for path in ["@evil.example/", "v2", "//"] {
            let found = find(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", path)]);
            let is_agents = |found: &RoleCredentials| match found {
                RoleCredentials::Container(agent) => agent.url.host_str() == Some("169.254.170.2"),
                RoleCredentials::Given(_) | RoleCredentials::Instance(_) => false,
            };
            assert!(found.map_or(true, |found| is_agents(&found)), "{path}");
        }
        assert!(find(&[("AWS_EC2_METADATA_DISABLED", "true")]).is_err());
    }
}
