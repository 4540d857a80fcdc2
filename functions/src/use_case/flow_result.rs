//! What a flow gave one connection: settings, and what its user proved on the
//! way. Kept sealed beside the connection until it ends, so that a node's claim
//! and every return of a browser are judged by what the launch was judged by.
//! Settings are merged as level `connection`.

use causeway_model::id::ConnectionId;
use causeway_model::object::AuthenticationMethod;
use causeway_model::settings::Settings;
use causeway_table::StoredConnection;
use causeway_trust::SealError;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::sealing::{Sealing, SealingError};

/// What a flow gave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowResult {
    /// Settings of the connection, secrets in clear.
    #[serde(default)]
    pub(crate) settings: Settings,
    /// What the user proved besides their sign-in. A session remembers it by
    /// itself, an API token does not.
    #[serde(default)]
    pub(crate) methods: Vec<AuthenticationMethod>,
}

impl FlowResult {
    /// Seals it for one connection, for which alone it opens. Nothing where
    /// there is nothing to keep.
    ///
    /// # Errors
    /// [`SealingError`].
    pub(crate) async fn seal(
        &self,
        secrets: &dyn Sealing,
        connection: ConnectionId,
    ) -> Result<Option<String>, SealingError> {
        if self.settings.is_empty() && self.methods.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(self).map_err(|_| SealError::Malformed)?;
        let sealed = secrets
            .seal(&context(connection), &Zeroizing::new(text))
            .await?;
        Ok(Some(sealed))
    }

    /// What is kept beside a connection; empty where its launch asked nothing.
    ///
    /// # Errors
    /// [`SealingError`] when it is not what [`Self::seal`] gave for it, or its key
    /// cannot be had now.
    pub(crate) async fn of(
        secrets: &dyn Sealing,
        stored: &StoredConnection,
    ) -> Result<Self, SealingError> {
        match &stored.flow_result {
            Some(sealed) => Self::open(secrets, stored.connection.id, sealed).await,
            None => Ok(Self::default()),
        }
    }

    async fn open(
        secrets: &dyn Sealing,
        connection: ConnectionId,
        sealed: &str,
    ) -> Result<Self, SealingError> {
        let text = secrets.open(&context(connection), sealed).await?;
        Ok(serde_json::from_str(text.expose()).map_err(|_| SealError::Malformed)?)
    }
}

fn context(connection: ConnectionId) -> String {
    format!("connection:{connection}:flow_result")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use causeway_trust::SecretBox;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn it_opens_for_its_connection_only() {
        let secrets = SecretBox::new(&[7; 32]).unwrap();
        let [one, other] = [1, 2].map(|id| ConnectionId::new(Uuid::from_u128(id)));
        let result = FlowResult {
            settings: serde_json::from_value(json!({"password": "hunter2"})).unwrap(),
            methods: vec![AuthenticationMethod::Totp],
        };
        let sealed = result.seal(&secrets, one).await.unwrap().unwrap();
        assert!(!sealed.contains("hunter2"));
        let opened = FlowResult::open(&secrets, one, &sealed).await;
        assert_eq!(opened.unwrap(), result);
        assert!(matches!(
            FlowResult::open(&secrets, other, &sealed).await,
            Err(SealingError::Seal(SealError::Closed))
        ));
    }

    #[tokio::test]
    async fn nothing_is_not_kept() {
        let secrets = SecretBox::new(&[7; 32]).unwrap();
        let id = ConnectionId::new(Uuid::from_u128(1));
        let sealed = FlowResult::default().seal(&secrets, id).await;
        assert_eq!(sealed.unwrap(), None);
    }
}
