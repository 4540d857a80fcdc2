//! Passwords of local accounts: argon2id (RFC 9106), bounded in parallel.
//!
//! A verification costs the same whether the user exists or not. What happens
//! between asking for a place and giving it back counts as one attempt: the
//! caller reads its rate limits while it holds the [`Place`], so a burst of
//! guesses overshoots a limit by no more than the places there are.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use causeway_model::secret::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Randomness;
use crate::config::PasswordCost;

/// Longest password in bytes.
pub(crate) const PASSWORD_LENGTH_MAX: usize = 1024;
/// How long a sign-in waits for its turn.
pub(crate) const PLACE_WAIT_MAX: Duration = Duration::from_secs(5);
/// How many sign-ins may wait for their turn; further ones are turned away.
const WAITING_MAX: usize = 256;
/// Salt of a hash, in bytes (RFC 9106, section 3.1).
const SALT_LENGTH: usize = 16;

/// What can go wrong with a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many verifications are running.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hash could not be computed.
    #[error("the password could not be hashed")]
    Hash,
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    cost: Params,
    /// Verified against when there is no user, so that the work is the same.
    nobody: Arc<str>,
}

/// The right to run one hash at a time.
pub(crate) struct Place(OwnedSemaphorePermit);

impl Passwords {
    /// Hashes at the given cost.
    ///
    /// # Errors
    /// [`PasswordError::Hash`] when the cost is not one that argon2id has.
    pub(crate) fn new(
        cost: PasswordCost,
        randomness: &dyn Randomness,
    ) -> Result<Self, PasswordError> {
        let parallel = cost.parallel.max(1);
        let cost =
            Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| PasswordError::Hash)?;
        let nobody = hash_of_nothing(&cost, randomness);
        Ok(Self {
            places: Arc::new(Semaphore::new(parallel)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            cost,
            nobody: nobody.into(),
        })
    }

    /// Waits for a place, at most [`PLACE_WAIT_MAX`].
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when none came free in time.
    pub(crate) async fn place(&self) -> Result<Place, PasswordError> {
        self.place_within(PLACE_WAIT_MAX).await
    }

    async fn place_within(&self, wait: Duration) -> Result<Place, PasswordError> {
        let _waiting = self
            .waiting
            .try_acquire()
            .map_err(|_| PasswordError::Busy)?;
        match tokio::time::timeout(wait, self.places.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place(permit)),
            Ok(Err(_)) | Err(_) => Err(PasswordError::Busy),
        }
    }

    /// Whether `password` belongs to `hash`; false, at the same cost, when
    /// there is no hash.
    pub(crate) async fn verify(
        &self,
        place: Place,
        password: Secret,
        hash: Option<String>,
    ) -> bool {
        let nobody = self.nobody.clone();
        let known = hash.is_some();
        let work = move || {
            let _place = place;
            let text = hash.as_deref().unwrap_or(&nobody);
            PasswordHash::new(text).is_ok_and(|parsed| {
                Argon2::default()
                    .verify_password(password.expose().as_bytes(), &parsed)
                    .is_ok()
            })
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(false) && known
    }

    /// The PHC text of a new hash of `password`.
    ///
    /// # Errors
    /// [`PasswordError`] when no place came free or the hash failed.
    pub(crate) async fn hash(
        &self,
        password: Secret,
        randomness: &dyn Randomness,
    ) -> Result<String, PasswordError> {
        let salt = salt(randomness);
        let place = self.place().await?;
        let cost = self.cost.clone();
        let work = move || {
            let Place(_permit) = place;
            hash(&cost, password.expose().as_bytes(), &salt)
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or(Err(PasswordError::Hash))
    }
}

fn hash(cost: &Params, password: &[u8], salt: &[u8]) -> Result<String, PasswordError> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.clone())
        .hash_password_with_salt(password, salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hash)
}

/// The text of a hash that no password is known to have. It is drawn, not
/// computed: verifying against it costs what any other does, making it nothing.
fn hash_of_nothing(cost: &Params, randomness: &dyn Randomness) -> String {
    let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    randomness.fill(&mut output);
    let (salt, output) = (
        STANDARD_NO_PAD.encode(salt(randomness)),
        STANDARD_NO_PAD.encode(output),
    );
    format!("$argon2id$v=19${cost}${salt}${output}")
}

fn salt(randomness: &dyn Randomness) -> [u8; SALT_LENGTH] {
    let mut salt = [0; SALT_LENGTH];
    randomness.fill(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::SystemRandomness;

    fn passwords() -> Passwords {
        let cheap = PasswordCost {
            memory_kib: 64,
            passes: 1,
            parallel: 2,
        };
        Passwords::new(cheap, &SystemRandomness::default()).unwrap()
    }

    async fn verify(passwords: &Passwords, password: &str, hash: Option<String>) -> bool {
        let place = passwords.place().await.unwrap();
        passwords.verify(place, Secret::from(password), hash).await
    }

    #[tokio::test]
    async fn only_the_right_password_passes() {
        let passwords = passwords();
        let hash = passwords
            .hash(Secret::from("open sesame"), &SystemRandomness::default())
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify(&passwords, "open sesame", Some(hash.clone())).await);
        assert!(!verify(&passwords, "open barley", Some(hash)).await);
        assert!(!verify(&passwords, "open sesame", None).await);
        assert!(!verify(&passwords, "open sesame", Some("damaged".to_owned())).await);
    }

    #[test]
    fn checking_a_password_of_nobody_costs_what_any_other_does() {
        let passwords = passwords();
        let nobody = PasswordHash::new(&passwords.nobody).unwrap();
        assert_eq!(Params::try_from(&nobody).unwrap().m_cost(), 64);
        let computed = hash(&passwords.cost, b"any", &[1; SALT_LENGTH]).unwrap();
        assert_eq!(passwords.nobody.len(), computed.len());
    }

    #[tokio::test]
    async fn a_place_is_waited_for_with_a_bound() {
        let passwords = passwords();
        let _held = (
            passwords.place().await.unwrap(),
            passwords.place().await.unwrap(),
        );
        let none = passwords.place_within(Duration::ZERO).await;
        assert_eq!(none.err(), Some(PasswordError::Busy));
    }
}
