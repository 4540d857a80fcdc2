//! Becoming a member: enrolment, once; afterwards the identity kept on disk.

use std::path::PathBuf;

use causeway_trust::{KeyError, KeyRing, MemberKind, SigningKey};
use reqwest::Client;
use url::Url;

use crate::admission::Admission;
use crate::contract::EnrolledAs;
use crate::enrolment::{Enrolment, EnrolmentError};
use crate::identity::{Identity, IdentityError};

/// What a member needs to know to join.
#[derive(Clone)]
pub struct Joining {
    /// Where its identity is kept.
    pub directory: PathBuf,
    /// Base URL of the control plane.
    pub control_plane: Url,
    /// What lets it in; not needed when an identity is kept already.
    pub admission: Option<Admission>,
    /// Name for people.
    pub name: String,
    /// What it wants to be.
    pub role: EnrolledAs,
}

/// Why a member could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Nothing kept and nothing to enrol with.
    #[error("this {wanted} has not enrolled yet and was given no join token")]
    NotAdmitted {
        /// What it wants to be.
        wanted: MemberKind,
    },
    /// The directory holds the identity of the other kind, or the control plane
    /// gave one.
    #[error("the identity for {} is not that of a member of this kind, {wanted}", directory.display())]
    OtherKind {
        /// Which directory.
        directory: PathBuf,
        /// What it wants to be.
        wanted: MemberKind,
    },
    /// The identity could not be read or kept.
    #[error("the identity could not be read or kept")]
    Identity(#[from] IdentityError),
    /// No key could be made.
    #[error("no key could be made")]
    Key(#[from] KeyError),
    /// The control plane did not take it, or could not be asked.
    #[error("not enrolled")]
    Enrol(#[from] EnrolmentError),
}

impl Joining {
    /// How it asks to be let in; `None` when nothing lets it in.
    #[must_use]
    pub fn enrolment(&self) -> Option<Enrolment> {
        Some(Enrolment {
            control_plane: self.control_plane.clone(),
            admission: self.admission.clone()?,
            name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            role: self.role.clone(),
        })
    }

    /// The identity kept in the directory, or a new one by enrolment.
    ///
    /// # Errors
    /// See [`JoinError`].
    pub async fn join(&self, client: &Client) -> Result<Identity, JoinError> {
        match Identity::load(&self.directory)? {
            Some(identity) => self.checked(identity),
            None => self.enrol(client).await,
        }
    }

    async fn enrol(&self, client: &Client) -> Result<Identity, JoinError> {
        let wanted = self.role.kind();
        let enrolment = self.enrolment().ok_or(JoinError::NotAdmitted { wanted })?;
        let key = SigningKey::generate()?;
        let enrolled = enrolment.ask(client, &key.verifying_key()).await?;
        let identity = Identity {
            member: enrolled.member,
            key,
            control_plane: self.control_plane.clone(),
            verifying_keys: enrolled.verifying_keys.into_iter().collect::<KeyRing>(),
        };
        let identity = self.checked(identity)?;
        identity.save(&self.directory)?;
        Ok(identity)
    }

    fn checked(&self, identity: Identity) -> Result<Identity, JoinError> {
        let wanted = self.role.kind();
        if identity.member.kind() != wanted {
            let directory = self.directory.clone();
            return Err(JoinError::OtherKind { directory, wanted });
        }
        Ok(identity)
    }
}
