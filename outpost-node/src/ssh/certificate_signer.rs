//! Signs for a user certificate with the private key at hand.
//!
//! russh's own way with certificates signs RSA ones with SHA-1; through its
//! signer seam the hash can be chosen.

use std::sync::Arc;

use russh::SendError;
use russh::keys::agent::AgentIdentity;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_encoding::Encode as _;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::ssh_key::{self, HashAlg, PrivateKey, Signature};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error("the SSH session ended")]
    SessionEnded,
    #[error("the private key cannot sign")]
    Key(#[source] ssh_key::Error),
    #[error("the signature cannot be made")]
    Signature(#[source] russh::keys::signature::Error),
}

impl From<SendError> for SignError {
    fn from(_: SendError) -> Self {
        Self::SessionEnded
    }
}

/// Signs with one private key.
pub(super) struct CertificateSigner {
    key: Arc<PrivateKey>,
}

impl CertificateSigner {
    pub(super) const fn new(key: Arc<PrivateKey>) -> Self {
        Self { key }
    }

    fn sign(&self, hash: Option<HashAlg>, bytes: &[u8]) -> Result<Signature, SignError> {
        match self.key.key_data() {
            KeypairData::Rsa(pair) => (pair, hash).try_sign(bytes),
            _ => self.key.try_sign(bytes),
        }
        .map_err(SignError::Signature)
    }
}

impl russh::Signer for CertificateSigner {
    type Error = SignError;

    /// Appends the signature to what was signed, as the request has it.
    async fn auth_sign(
        &mut self,
        _identity: &AgentIdentity,
        hash: Option<HashAlg>,
        mut to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, Self::Error> {
        let signature = self.sign(hash, &to_sign)?;
        let mut blob = Vec::new();
        let encoded = signature
            .encode(&mut blob)
            .and_then(|()| blob.encode(&mut to_sign));
        encoded.map_err(|error| SignError::Key(error.into()))?;
        Ok(to_sign)
    }
}
