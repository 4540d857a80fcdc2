//! A member's side of becoming one: what it says of itself, and what lets it
//! in. Where its identity is kept afterwards is the caller's business.

use causeway_trust::VerifyingKey;
use reqwest::Client;
use url::Url;

use crate::admission::{Admission, RoleError};
use crate::contract::{EnrolRequest, Enrolled, EnrolledAs};
use crate::error::CallError;
use crate::http::enrol;

/// Who asks to be let in, where, and with what.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Base URL of the control plane.
    pub control_plane: Url,
    /// What lets it in.
    pub admission: Admission,
    /// Name for people.
    pub name: String,
    /// Version of its program.
    pub version: String,
    /// What it wants to be.
    pub role: EnrolledAs,
}

/// Why it was not let in.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// The role that it runs with cannot be shown.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The control plane did not take it.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl EnrolmentError {
    /// The stable code of a refusal.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Call(error) => error.code(),
            Self::Role(_) => None,
        }
    }
}

impl Enrolment {
    /// Asks once, for the member with `key`.
    ///
    /// # Errors
    /// See [`EnrolmentError`].
    pub async fn ask(
        &self,
        client: &Client,
        key: &VerifyingKey,
    ) -> Result<Enrolled, EnrolmentError> {
        let request = EnrolRequest {
            token: self.admission.token(key).await?,
            name: self.name.clone(),
            public_key: *key,
            version: self.version.clone(),
            role: self.role.clone(),
        };
        Ok(enrol(client, &self.control_plane, &request).await?)
    }
}
