//! What a flow set for one connection: kept sealed beside it until it ends, and
//! merged as level `connection` when a node claims it.

use causeway_model::id::ConnectionId;
use causeway_model::settings::Settings;
use causeway_trust::SealError;
use zeroize::Zeroizing;

use crate::sealing::{Sealing, SealingError};

/// Seals the settings for one connection; they open for no other.
///
/// # Errors
/// [`SealingError`].
pub(crate) async fn seal(
    secrets: &dyn Sealing,
    connection: ConnectionId,
    settings: &Settings,
) -> Result<String, SealingError> {
    let text = serde_json::to_string(settings).map_err(|_| SealError::Malformed)?;
    secrets
        .seal(&context(connection), &Zeroizing::new(text))
        .await
}

/// Opens what [`seal`] gave.
///
/// # Errors
/// [`SealingError`].
pub(crate) async fn open(
    secrets: &dyn Sealing,
    connection: ConnectionId,
    sealed: &str,
) -> Result<Settings, SealingError> {
    let text = secrets.open(&context(connection), sealed).await?;
    Ok(serde_json::from_str(text.expose()).map_err(|_| SealError::Malformed)?)
}

fn context(connection: ConnectionId) -> String {
    format!("connection:{connection}:flow_settings")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use causeway_trust::SecretBox;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn they_open_for_their_connection_only() {
        let secrets = SecretBox::new(&[7; 32]).unwrap();
        let [one, other] = [1, 2].map(|id| ConnectionId::new(Uuid::from_u128(id)));
        let settings: Settings = serde_json::from_value(json!({"password": "hunter2"})).unwrap();
        let sealed = seal(&secrets, one, &settings).await.unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(open(&secrets, one, &sealed).await.unwrap(), settings);
        assert!(matches!(
            open(&secrets, other, &sealed).await,
            Err(SealingError::Seal(SealError::Closed))
        ));
    }
}
