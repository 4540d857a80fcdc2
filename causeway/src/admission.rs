//! What edge and node join with, out of flags and what AWS puts into a
//! process's environment.

use anyhow::Context as _;
use aws_credential_types::Credentials;
use causeway_fleet::{Admission, RoleCredentials, RoleSigner};
use causeway_trust::Secret;
use url::Url;

use crate::cli::RoleArgs;

/// Where the agent beside a container in ECS listens.
const CONTAINER_AGENT: &str = "http://169.254.170.2";

/// The token, else the role, else nothing.
///
/// # Errors
/// When the role is asked for and the environment does not say enough.
pub(crate) fn admission(
    token: Option<&Secret>,
    role: &RoleArgs,
    control_plane: &Url,
) -> anyhow::Result<Option<Admission>> {
    if let Some(token) = token {
        return Ok(Some(Admission::Token(token.expose().to_owned())));
    }
    if !role.join_aws {
        return Ok(None);
    }
    let region = role.join_region.clone().or_else(|| variable("AWS_REGION"));
    let region = region.context("joining by role needs --join-region or AWS_REGION")?;
    let audience = role.join_audience.as_ref().unwrap_or(control_plane);
    let endpoint = variable("AWS_ENDPOINT_URL").map(|text| Url::parse(&text));
    Ok(Some(Admission::Role(RoleSigner {
        region,
        audience: audience.origin().ascii_serialization(),
        endpoint: endpoint.transpose().context("AWS_ENDPOINT_URL is no URL")?,
        credentials: credentials()?,
    })))
}

fn credentials() -> anyhow::Result<RoleCredentials> {
    if let Some(path) = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        let url = Url::parse(CONTAINER_AGENT)?.join(&path)?;
        return Ok(RoleCredentials::Container(url));
    }
    let (Some(id), Some(key)) = (
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
    ) else {
        anyhow::bail!(
            "joining by role needs the credentials of the role: a task role in ECS, or \
             AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
        )
    };
    let token = variable("AWS_SESSION_TOKEN");
    let given = Credentials::new(id, key, token, None, "environment");
    Ok(RoleCredentials::Given(given))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
