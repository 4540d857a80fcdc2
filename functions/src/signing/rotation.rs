//! Rotation of the signing keys, in the four steps that Secrets Manager asks for
//! ("Lambda function rotation"): each may come twice, and any may come again
//! after one that failed.
//!
//! 1. `createSecret` makes the successor of the current keys as a version that
//!    waits. Where no keys are yet, the first.
//! 2. `setSecret` has nothing to do: nobody else keeps the keys.
//! 3. `testSecret` signs with every key of the version that waits.
//! 4. `finishSecret` makes it the current one.

use std::collections::BTreeMap;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_trust::{KeyError, SigningKey};
use jiff::Timestamp;
use serde::Deserialize;

use super::{KeySet, KeySetError};
use crate::aws::CallError;

/// Stage of the version that is in use.
const CURRENT: &str = "AWSCURRENT";
/// What every key of a new version signs once.
const PROBE: &[u8] = b"causeway signing key probe";

/// What Secrets Manager asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rotation {
    /// Which step.
    pub step: Step,
    /// The secret, by id or ARN.
    pub secret_id: String,
    /// Id of the version that is to be made.
    pub client_request_token: String,
}

/// A step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Makes the version.
    CreateSecret,
    /// Puts it where it is used.
    SetSecret,
    /// Tries it.
    TestSecret,
    /// Makes it current.
    FinishSecret,
}

/// The versions of one secret.
#[async_trait]
pub trait SecretVersions: Send + Sync {
    /// The stages of each version, by its id.
    async fn stages(&self) -> Result<BTreeMap<String, Vec<String>>, CallError>;

    /// What stands in a version; `None` when there is nothing.
    async fn value(&self, version: &str) -> Result<Option<Secret>, CallError>;

    /// Makes a version that waits (stage `AWSPENDING`).
    async fn put_pending(&self, version: &str, text: &str) -> Result<(), CallError>;

    /// Makes a version current instead of another.
    async fn make_current(&self, version: &str, instead_of: Option<&str>) -> Result<(), CallError>;
}

/// Why a step was not done. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The last rotation is too young: its predecessor may still be believed.
    #[error("the keys were rotated a short while ago; they can be again after {0}")]
    TooEarly(Timestamp),
    /// There is no such version, or nothing in it.
    #[error("there is no version {0} to work on")]
    NoVersion(String),
    /// The keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeySetError),
    /// No key can be drawn.
    #[error(transparent)]
    Draw(#[from] KeyError),
    /// A new key does not sign, or the current one is not among the new ones.
    #[error("the new keys do not stand the test")]
    Test,
    /// The secret cannot be read or written.
    #[error("the secret cannot be read or written")]
    Call(#[from] CallError),
}

/// Does one step.
///
/// # Errors
/// [`RotationError`].
pub async fn rotate(
    versions: &dyn SecretVersions,
    rotation: &Rotation,
    now: Timestamp,
) -> Result<(), RotationError> {
    let token = rotation.client_request_token.as_str();
    let current = current(versions).await?;
    if current.as_deref() == Some(token) {
        return Ok(());
    }
    match rotation.step {
        Step::CreateSecret => create(versions, token, current.as_deref(), now).await,
        Step::SetSecret => Ok(()),
        Step::TestSecret => test(versions, token, current.as_deref()).await,
        Step::FinishSecret => {
            waiting(versions, token).await?;
            versions.make_current(token, current.as_deref()).await?;
            tracing::info!(version = token, "new signing keys are published");
            Ok(())
        }
    }
}

async fn create(
    versions: &dyn SecretVersions,
    token: &str,
    current: Option<&str>,
    now: Timestamp,
) -> Result<(), RotationError> {
    if versions.value(token).await?.is_some() {
        return Ok(());
    }
    let next = match keys(versions, current).await? {
        None => KeySet::first(now)?,
        Some(keys) if now < keys.rotates_after() => {
            return Err(RotationError::TooEarly(keys.rotates_after()));
        }
        Some(keys) => keys.successor(now)?,
    };
    Ok(versions.put_pending(token, &next.to_text()).await?)
}

async fn test(
    versions: &dyn SecretVersions,
    token: &str,
    current: Option<&str>,
) -> Result<(), RotationError> {
    let next = waiting(versions, token).await?;
    let all_sign = next.all().all(signs);
    let goes_on = match keys(versions, current).await? {
        None => true,
        Some(keys) => {
            let newest = keys.newest().verifying_key().id();
            next.ring().find(newest).is_some()
        }
    };
    if all_sign && goes_on {
        Ok(())
    } else {
        Err(RotationError::Test)
    }
}

fn signs(key: &SigningKey) -> bool {
    key.verifying_key().verifies(PROBE, &key.sign(PROBE))
}

/// Id of the version that is in use.
async fn current(versions: &dyn SecretVersions) -> Result<Option<String>, CallError> {
    let mut stages = versions.stages().await?.into_iter();
    let found = stages.find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
    Ok(found.map(|(version, _)| version))
}

/// The keys of the version in use; `None` when none were ever put there.
async fn keys(
    versions: &dyn SecretVersions,
    current: Option<&str>,
) -> Result<Option<KeySet>, RotationError> {
    let Some(current) = current else {
        return Ok(None);
    };
    let Some(text) = versions.value(current).await? else {
        return Ok(None);
    };
    match KeySet::parse(text.expose()) {
        Ok(keys) => Ok(Some(keys)),
        Err(KeySetError::Nothing) => Ok(None),
        Err(error @ KeySetError::Key(_)) => Err(error.into()),
    }
}

/// The keys of the version that waits.
async fn waiting(versions: &dyn SecretVersions, token: &str) -> Result<KeySet, RotationError> {
    let text = versions.value(token).await?;
    let text = text.ok_or_else(|| RotationError::NoVersion(token.to_owned()))?;
    Ok(KeySet::parse(text.expose())?)
}
