//! What a flow set for one connection: kept sealed beside it until it ends, and
//! merged as level `connection` when a node claims it.

use causeway_model::id::ConnectionId;
use causeway_model::settings::Settings;
use causeway_trust::{SealError, SecretBox};
use zeroize::Zeroizing;

/// Seals the settings for one connection; they open for no other.
///
/// # Errors
/// [`SealError`].
pub(crate) fn seal(
    secrets: &SecretBox,
    connection: ConnectionId,
    settings: &Settings,
) -> Result<String, SealError> {
    let text = serde_json::to_string(settings).map_err(|_| SealError::Malformed)?;
    secrets.seal(&context(connection), &Zeroizing::new(text))
}

/// Opens what [`seal`] gave.
///
/// # Errors
/// [`SealError`].
pub(crate) fn open(
    secrets: &SecretBox,
    connection: ConnectionId,
    sealed: &str,
) -> Result<Settings, SealError> {
    let text = secrets.open(&context(connection), sealed)?;
    serde_json::from_str(text.expose()).map_err(|_| SealError::Malformed)
}

fn context(connection: ConnectionId) -> String {
    format!("connection:{connection}:flow_settings")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn they_open_for_their_connection_only() {
        let secrets = SecretBox::new(&[7; 32]).unwrap();
        let [one, other] = [1, 2].map(|id| ConnectionId::new(Uuid::from_u128(id)));
        let settings: Settings = serde_json::from_value(json!({"password": "hunter2"})).unwrap();
        let sealed = seal(&secrets, one, &settings).unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(open(&secrets, one, &sealed).unwrap(), settings);
        assert_eq!(open(&secrets, other, &sealed), Err(SealError::Closed));
    }
}
