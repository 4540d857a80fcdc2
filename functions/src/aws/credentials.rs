//! Who calls: what AWS puts into the environment of functions, and people into
//! that of their programs.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

/// `AWS_ACCESS_KEY_ID` and its like, read each time: AWS renews them.
#[derive(Debug)]
pub struct EnvironmentCredentials;

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = match (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        ) {
            (Some(id), Some(key)) => {
                let token = variable("AWS_SESSION_TOKEN");
                Ok(Credentials::new(id, key, token, None, "environment"))
            }
            _ => Err(CredentialsError::not_loaded_no_source()),
        };
        future::ProvideCredentials::ready(credentials)
    }
}
