//! Becoming a node: enrolment with a one-time token, once; afterwards the
//! identity kept on disk.

use std::path::PathBuf;

use causeway_fleet::{Admission, EnrolledAs, Enrolment, EnrolmentError, Identity, IdentityError};
use causeway_trust::{KeyRing, MemberKind, SigningKey};
use url::Url;

/// What a node needs to know to join.
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
    /// How many connections it takes at once.
    pub capacity: u32,
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
            role: EnrolledAs::Node {
                capacity: self.capacity,
            },
        })
    }
}

/// Why a node could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Nothing kept and nothing to enrol with.
    #[error("this node has not enrolled yet and was given no join token")]
    TokenMissing,
    /// The directory holds an edge's identity, or the control plane gave one.
    #[error("the identity for {} is that of an edge, not of a node", directory.display())]
    NotANode {
        /// Which directory.
        directory: PathBuf,
    },
    /// The identity could not be read or kept.
    #[error("the node's identity could not be read or kept")]
    Identity(#[from] IdentityError),
    /// No key could be made.
    #[error("no key could be made")]
    Key(#[from] causeway_trust::KeyError),
    /// The control plane did not take it, or could not be asked.
    #[error("this node was not enrolled")]
    Enrol(#[from] EnrolmentError),
}

/// The identity kept in the directory, or a new one by enrolment.
///
/// # Errors
/// See [`JoinError`].
pub async fn join(client: &reqwest::Client, joining: &Joining) -> Result<Identity, JoinError> {
    match Identity::load(&joining.directory)? {
        Some(identity) => checked(identity, joining),
        None => enrol_new(client, joining).await,
    }
}

fn checked(identity: Identity, joining: &Joining) -> Result<Identity, JoinError> {
    if identity.member.kind() != MemberKind::Node {
        let directory = joining.directory.clone();
        return Err(JoinError::NotANode { directory });
    }
    Ok(identity)
}

async fn enrol_new(client: &reqwest::Client, joining: &Joining) -> Result<Identity, JoinError> {
    let enrolment = joining.enrolment().ok_or(JoinError::TokenMissing)?;
    let key = SigningKey::generate()?;
    let enrolled = enrolment.ask(client, &key.verifying_key()).await?;
    let identity = Identity {
        member: enrolled.member,
        key,
        control_plane: joining.control_plane.clone(),
        verifying_keys: enrolled.verifying_keys.into_iter().collect::<KeyRing>(),
    };
    let identity = checked(identity, joining)?;
    identity.save(&joining.directory)?;
    Ok(identity)
}
