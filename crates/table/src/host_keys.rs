//! Host keys of targets, remembered at their first use.

use causeway_model::id::EndpointId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::{ABSENT, Action, PRESENT};
use crate::error::TableError;
use crate::failure::Refused;
use crate::item::Item;
use crate::key::{HOST_KEY_PREFIX, Key, endpoint_partition};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// A host key that a target showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// Algorithm name as in RFC 4253, e.g. `ssh-ed25519`.
    pub algorithm: String,
    /// Fingerprint as OpenSSH prints it, `SHA256:…`.
    pub fingerprint: String,
    /// The public key in OpenSSH text form.
    pub key: String,
    /// When it was first seen.
    pub first_seen: Timestamp,
}

/// What was known when a host key was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKeyOutcome {
    /// Nothing of this algorithm; it is remembered now.
    First,
    /// The same key.
    Same,
    /// Another key, which stays the one remembered.
    Differs(HostKey),
}

impl Stored for HostKey {
    fn read(item: &Item) -> Result<Self, TableError> {
        item.document()
    }
}

/// The host keys in a table.
#[derive(Debug, Clone, Copy)]
pub struct HostKeys<'a>(&'a Table);

impl Table {
    /// The host keys of targets.
    #[must_use]
    pub const fn host_keys(&self) -> HostKeys<'_> {
        HostKeys(self)
    }
}

impl HostKeys<'_> {
    /// Remembers a host key unless one of its algorithm is known already.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn remember(
        self,
        endpoint: EndpointId,
        shown: &HostKey,
    ) -> Result<HostKeyOutcome, TableError> {
        let item = Item::new(&Key::host_key(endpoint, &shown.algorithm)).with_document(shown)?;
        let known = match self.0.store().write(Action::put(item).when(ABSENT)).await? {
            Ok(_) => return Ok(HostKeyOutcome::First),
            Err(Refused(Some(item))) => HostKey::read(&item)?,
            Err(Refused(None)) => return Err(TableError::Contention),
        };
        Ok(if known.key == shown.key {
            HostKeyOutcome::Same
        } else {
            HostKeyOutcome::Differs(known)
        })
    }

    /// What is known of an endpoint's target.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of(self, endpoint: EndpointId) -> Result<Vec<HostKey>, TableError> {
        let pk = endpoint_partition(endpoint);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, HOST_KEY_PREFIX))
            .await?;
        items.iter().map(HostKey::read).collect()
    }

    /// Forgets the key of one algorithm; says whether one was known.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn forget(self, endpoint: EndpointId, algorithm: &str) -> Result<bool, TableError> {
        let delete = Action::delete(Key::host_key(endpoint, algorithm)).when(PRESENT);
        Ok(self.0.store().write(delete).await?.is_ok())
    }

    /// Forgets every key of an endpoint.
    pub(crate) async fn forget_all(self, endpoint: EndpointId) -> Result<(), TableError> {
        for known in self.of(endpoint).await? {
            self.forget(endpoint, &known.algorithm).await?;
        }
        Ok(())
    }
}
