//! The control plane's own secrets, drawn the first time.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use causeway_trust::{KeyError, SealError, Secret, SecretBox, SigningKey, seal};
use zeroize::Zeroizing;

use crate::data_dir::{DataDir, PrivateFileError, read_or_create};

/// Environment variable with the first administrator's password.
pub(super) const ADMIN_PASSWORD: &str = "CAUSEWAY_ADMIN_PASSWORD";
/// Random bytes in a drawn password.
const PASSWORD_BYTES: usize = 12;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeysError {
    #[error(transparent)]
    File(#[from] PrivateFileError),
    #[error("the key that signs tickets cannot be used")]
    Signing(#[from] KeyError),
    #[error("the key that seals secrets cannot be used")]
    Sealing(#[from] SealError),
    #[error("{0} is not text")]
    NotText(String),
    #[error("the system gives no random bytes")]
    Random,
}

/// The key that signs tickets, passes and orders.
pub(super) fn signing_key(data: &DataDir) -> Result<SigningKey, KeysError> {
    let bytes = read_or_create::<KeysError>(&data.signing_key(), || {
        Ok(SigningKey::generate()?.to_pkcs8())
    })?;
    Ok(SigningKey::from_pkcs8(&bytes)?)
}

/// What seals secret settings.
pub(super) fn secrets(data: &DataDir) -> Result<SecretBox, KeysError> {
    let path = data.secrets_key();
    let bytes = read_or_create::<KeysError>(&path, || {
        Ok(Zeroizing::new(seal::generate_key()?.as_bytes().to_vec()))
    })?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| KeysError::NotText(path.display().to_string()))?;
    Ok(SecretBox::from_key_text(text.trim())?)
}

/// The first administrator's password: from the environment, else from the
/// data directory, where it is kept when it had to be drawn.
pub(super) fn admin_password(data: &DataDir) -> Result<Secret, KeysError> {
    if let Some(password) = std::env::var(ADMIN_PASSWORD)
        .ok()
        .filter(|text| !text.is_empty())
    {
        return Ok(Secret::new(password));
    }
    let path = data.admin_password();
    let bytes = read_or_create(&path, drawn_password)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| KeysError::NotText(path.display().to_string()))?;
    Ok(Secret::from(text.trim()))
}

fn drawn_password() -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let mut bytes = Zeroizing::new([0; PASSWORD_BYTES]);
    SystemRandom::new()
        .fill(bytes.as_mut())
        .map_err(|_| KeysError::Random)?;
    Ok(Zeroizing::new(
        format!("{}\n", hex::encode(bytes.as_ref())).into_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_last() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let first = signing_key(&data).unwrap().verifying_key();
        assert_eq!(signing_key(&data).unwrap().verifying_key(), first);
        let sealed = secrets(&data).unwrap().seal("here", "hidden").unwrap();
        let opened = secrets(&data).unwrap().open("here", &sealed).unwrap();
        assert_eq!(opened.expose(), "hidden");
    }

    #[test]
    fn a_damaged_key_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        signing_key(&data).unwrap();
        std::fs::write(data.signing_key(), b"no key").unwrap();
        assert!(signing_key(&data).is_err());
    }
}
