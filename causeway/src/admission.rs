//! What edge and node join with, out of flags and what AWS puts into a
//! process's environment.

use anyhow::Context as _;
use causeway_fleet::{Admission, RoleCredentials, RoleSigner};
use causeway_trust::Secret;
use url::Url;

use crate::cli::RoleArgs;

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
    Ok(Some(Admission::Role(Box::new(RoleSigner {
        region,
        audience: audience.origin().ascii_serialization(),
        endpoint: endpoint.transpose().context("AWS_ENDPOINT_URL is no URL")?,
        credentials: RoleCredentials::find(variable)
            .context("joining by role needs the credentials of the role")?,
    }))))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
