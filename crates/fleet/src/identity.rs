//! What a member keeps on disk: who it is, its key, and whom it believes.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_trust::{KeyRing, MemberId, PublishedKey, SigningKey, secret_file};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::{Zeroize as _, Zeroizing};

/// Name of the file in the member's directory.
pub const FILE_NAME: &str = "identity.json";

/// Why an identity was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file system refused.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file is no identity. What it holds is not shown.
    #[error("{} is not an identity of this program", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
}

/// An enrolled member: its id, its key, where its control plane is, and the
/// keys that this one signs with.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who.
    pub member: MemberId,
    /// Its own key.
    pub key: SigningKey,
    /// Base URL of the control plane.
    pub control_plane: Url,
    /// The control plane's keys, as last told.
    pub verifying_keys: KeyRing,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    member: MemberId,
    control_plane: Url,
    /// PKCS #8, base64url.
    key: String,
    verifying_keys: Vec<PublishedKey>,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Identity {
    /// Reads the identity kept in `directory`; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn load(directory: &Path) -> Result<Option<Self>, IdentityError> {
        let path = directory.join(FILE_NAME);
        let bytes = match secret_file::read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(source) => return Err(IdentityError::File { path, source }),
        };
        match Self::parse(&bytes) {
            Some(identity) => Ok(Some(identity)),
            None => Err(IdentityError::Foreign { path }),
        }
    }

    /// Keeps the identity in `directory`, which is made when it is missing. A
    /// crash leaves the old file or the new one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, directory: &Path) -> Result<(), IdentityError> {
        let path = directory.join(FILE_NAME);
        let written = self.to_json().and_then(|json| {
            std::fs::create_dir_all(directory)?;
            secret_file::write(&path, &json)
        });
        written.map_err(|source| IdentityError::File { path, source })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(bytes).ok()?;
        let pkcs8 = Zeroizing::new(URL_SAFE_NO_PAD.decode(stored.key.as_bytes()).ok()?);
        Some(Self {
            member: stored.member,
            key: SigningKey::from_pkcs8(&pkcs8).ok()?,
            control_plane: stored.control_plane.clone(),
            verifying_keys: stored.verifying_keys.iter().copied().collect(),
        })
    }

    fn to_json(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let stored = Stored {
            member: self.member,
            control_plane: self.control_plane.clone(),
            key: URL_SAFE_NO_PAD.encode(&*self.key.to_pkcs8()),
            verifying_keys: self.verifying_keys.published().collect(),
        };
        Ok(Zeroizing::new(serde_json::to_vec_pretty(&stored)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use causeway_model::id::NodeId;
    use uuid::Uuid;

    fn identity() -> Identity {
        Identity {
            member: NodeId::new(Uuid::from_u128(1)).into(),
            key: SigningKey::generate().unwrap(),
            control_plane: "https://causeway.example/".parse().unwrap(),
            verifying_keys: [SigningKey::generate().unwrap().verifying_key()]
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn an_identity_reads_back_what_it_keeps() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().join("node");
        assert!(Identity::load(&home).unwrap().is_none());
        let identity = identity();
        identity.save(&home).unwrap();
        let same = Identity::load(&home).unwrap().unwrap();
        assert_eq!(same.member, identity.member);
        assert_eq!(same.key.verifying_key(), identity.key.verifying_key());
        assert_eq!(same.control_plane, identity.control_plane);
        assert_eq!(same.verifying_keys, identity.verifying_keys);
    }

    #[test]
    fn the_key_is_not_shown() {
        let identity = identity();
        let pkcs8 = URL_SAFE_NO_PAD.encode(&*identity.key.to_pkcs8());
        assert!(!format!("{identity:?}").contains(&pkcs8));
    }

    #[test]
    fn a_foreign_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for content in ["", "{}", "[]", "\u{0}"] {
            std::fs::write(directory.path().join(FILE_NAME), content).unwrap();
            let error = Identity::load(directory.path()).unwrap_err();
            assert!(
                matches!(error, IdentityError::Foreign { .. }),
                "{content:?}"
            );
        }
    }
}
