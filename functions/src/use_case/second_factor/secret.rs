//! Secrets of factors: sealed for the factor that they belong to.

use causeway_model::id::FactorId;
use causeway_table::StoredFactor;
use causeway_trust::SealError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::FactorError;
use crate::app::App;
use crate::sealing::SealingError;

/// Seals the secret of a factor.
///
/// # Errors
/// [`SealingError`].
pub(crate) async fn seal<T: Serialize>(
    app: &App,
    factor: FactorId,
    secret: &T,
) -> Result<String, SealingError> {
    let text = Zeroizing::new(serde_json::to_string(secret).map_err(|_| SealError::Seal)?);
    app.secrets().seal(&context(factor), &text).await
}

/// Opens the secret of a factor.
///
/// # Errors
/// [`SealingError`] when it is not what [`seal`] made for this factor.
pub(crate) async fn open<T: DeserializeOwned>(
    app: &App,
    stored: &StoredFactor,
) -> Result<T, SealingError> {
    let text = app
        .secrets()
        .open(&context(stored.factor.id), &stored.secret)
        .await?;
    Ok(serde_json::from_str(text.expose()).map_err(|_| SealError::Malformed)?)
}

/// Notes that a factor was used, with what its secret is from now on. Says
/// whether nobody else used it meanwhile.
pub(super) async fn used<T: Serialize>(
    app: &App,
    stored: &StoredFactor,
    secret: &T,
) -> Result<bool, FactorError> {
    let mut after = stored.clone();
    after.factor.last_used_at = Some(app.now());
    after.secret = seal(app, stored.factor.id, secret).await?;
    after.version += 1;
    Ok(app.table().factors().update(stored.version, &after).await?)
}

fn context(factor: FactorId) -> String {
    format!("factor:{factor}:secret")
}
