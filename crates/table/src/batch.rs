//! Many items in one round trip, each read as what it is.

use std::collections::HashMap;
use std::marker::PhantomData;

use causeway_model::id::{
    ApprovalId, ConnectionId, EdgeId, EndpointId, ExecutionId, NodeId, ProviderId, UserId,
};
use causeway_model::object::{Endpoint, User};

use crate::approvals::StoredApproval;
use crate::config::Epoch;
use crate::connections::StoredConnection;
use crate::credential::{Credential, StoredCredential};
use crate::endpoints::Usage;
use crate::error::TableError;
use crate::executions::StoredExecution;
use crate::factors::StoredFactors;
use crate::fleet::{EdgeState, NodeState};
use crate::item::Item;
use crate::key::Key;
use crate::secret::PasswordHash;
use crate::stored::Stored;
use crate::table::Table;

/// Items to read at once. Each method adds one and says where its answer
/// will be.
///
/// Up to 100 items take one round trip. All are read strongly consistent,
/// though not at one instant.
#[derive(Debug, Default)]
pub struct Batch {
    keys: Vec<Key>,
}

/// Where the answer to one item of a [`Batch`] will be.
#[derive(Debug)]
pub struct Slot<T> {
    key: Key,
    kind: PhantomData<fn() -> T>,
}

/// What a [`Batch`] found.
#[derive(Debug)]
pub struct Answer {
    items: HashMap<Key, Item>,
}

impl Batch {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn add<T>(&mut self, key: Key) -> Slot<T> {
        // DynamoDB refuses a batch that names an item twice.
        if !self.keys.contains(&key) {
            self.keys.push(key.clone());
        }
        Slot {
            key,
            kind: PhantomData,
        }
    }

    /// A user.
    pub fn user(&mut self, id: UserId) -> Slot<User> {
        self.add(Key::user(id))
    }

    /// A user's password hash.
    pub fn password_hash(&mut self, id: UserId) -> Slot<PasswordHash> {
        self.add(Key::password(id))
    }

    /// A session or an API token.
    pub fn credential(&mut self, user: UserId, credential: Credential) -> Slot<StoredCredential> {
        self.add(credential.key(user))
    }

    /// The version of the configuration; absent when nothing was written yet.
    pub fn epoch(&mut self) -> Slot<Epoch> {
        self.add(Key::epoch())
    }

    /// An endpoint.
    pub fn endpoint(&mut self, id: EndpointId) -> Slot<Endpoint> {
        self.add(Key::endpoint(id))
    }

    /// An endpoint by its name in its provider.
    pub fn endpoint_named(&mut self, provider: ProviderId, name: &str) -> Slot<Endpoint> {
        self.add(Key::endpoint_named(provider, name))
    }

    /// The places of an endpoint.
    pub fn usage(&mut self, id: EndpointId) -> Slot<Usage> {
        self.add(Key::usage(id))
    }

    /// What a node last told, and the places taken on it.
    pub fn node_state(&mut self, id: NodeId) -> Slot<NodeState> {
        self.add(Key::load(id))
    }

    /// What an edge last told.
    pub fn edge_state(&mut self, id: EdgeId) -> Slot<EdgeState> {
        self.add(Key::live(id))
    }

    /// A user's second factors; absent when they never had one.
    pub fn factors(&mut self, user: UserId) -> Slot<StoredFactors> {
        self.add(Key::factors(user))
    }

    /// A run of a flow.
    pub fn execution(&mut self, user: UserId, id: ExecutionId) -> Slot<StoredExecution> {
        self.add(Key::execution(user, id))
    }

    /// A request for an approval.
    pub fn approval(&mut self, id: ApprovalId) -> Slot<StoredApproval> {
        self.add(Key::approval(id))
    }

    /// A connection.
    pub fn connection(&mut self, user: UserId, id: ConnectionId) -> Slot<StoredConnection> {
        self.add(Key::connection(user, id))
    }
}

#[expect(
    private_bounds,
    reason = "slots are made by `Batch` only, for what can be read"
)]
impl Answer {
    /// What was found in `slot`; `None` when there is no such item.
    ///
    /// # Errors
    ///
    /// [`TableError::Unreadable`] when the item is not what this program writes.
    pub fn take<T: Stored>(&self, slot: Slot<T>) -> Result<Option<T>, TableError> {
        self.items.get(&slot.key).map(T::read).transpose()
    }
}

impl Table {
    /// Reads a batch, in one round trip for each 100 items.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn read(&self, batch: Batch) -> Result<Answer, TableError> {
        let items = if batch.keys.is_empty() {
            HashMap::new()
        } else {
            self.store().get_many(&batch.keys).await?
        };
        Ok(Answer { items })
    }
}

impl Stored for PasswordHash {
    fn read(item: &Item) -> Result<Self, TableError> {
        Ok(Self::new(item.text("hash")?.to_owned()))
    }
}
