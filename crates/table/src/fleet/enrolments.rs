//! One-time tokens that admit a node or an edge.

use causeway_model::id::OutpostId;
use causeway_model::object::{Edge, EnrolmentKind, Event, Node};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::{ABSENT, Action};
use crate::error::{TableError, WriteError};
use crate::item::{Item, millis};
use crate::key::Key;
use crate::kind::Kind;
use crate::secret::SecretHash;
use crate::stored::Stored;
use crate::table::Table;
use crate::write::{Change, ObjectChange};

/// What a one-time token admits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// A node or an edge.
    pub kind: EnrolmentKind,
    /// The outpost that a node joins; absent for an edge.
    pub outpost: Option<OutpostId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is no longer good.
    pub expires_at: Timestamp,
}

/// An enrolment with the hash of its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEnrolment {
    /// What it admits.
    pub enrolment: Enrolment,
    /// Hash of the token.
    pub token: SecretHash,
}

/// Who is admitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Enrolled {
    /// A node.
    Node(Node),
    /// An edge.
    Edge(Edge),
}

/// Why nobody was admitted. The token, if there is one, is still good.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// No such token, used already, expired, or for another kind.
    #[error("the enrolment token is not known, used or expired")]
    TokenUnknown,
    /// The object could not be made.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<TableError> for RedeemError {
    fn from(error: TableError) -> Self {
        Self::Write(error.into())
    }
}

impl Stored for Enrolment {
    fn read(item: &Item) -> Result<Self, TableError> {
        item.document()
    }
}

/// The enrolments in a table.
#[derive(Debug, Clone, Copy)]
pub struct Enrolments<'a>(&'a Table);

impl Table {
    /// The one-time tokens that admit nodes and edges.
    #[must_use]
    pub const fn enrolments(&self) -> Enrolments<'_> {
        Enrolments(self)
    }
}

impl Enrolments<'_> {
    /// Keeps a new token's hash.
    ///
    /// # Errors
    ///
    /// When the table cannot be written or the hash is there already.
    pub async fn create(self, stored: &StoredEnrolment) -> Result<(), TableError> {
        let enrolment = &stored.enrolment;
        let item = Item::new(&Key::enrolment(&stored.token.to_hex()))
            .with_document(enrolment)?
            .with("expires_ms", millis(enrolment.expires_at))
            .expiring(enrolment.expires_at);
        match self.0.store().write(Action::put(item).when(ABSENT)).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(TableError::refused("the enrolment token exists already")),
        }
    }

    /// What a token admits; `None` when it is not known, used or expired.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn find(
        self,
        token: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Enrolment>, TableError> {
        let item = self.0.store().get(&Key::enrolment(&token.to_hex())).await?;
        let found = item.as_ref().map(Enrolment::read).transpose()?;
        Ok(found.filter(|enrolment| enrolment.expires_at > now))
    }

    /// Uses a token up and makes the node or edge that it admits, in one
    /// transaction.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]; nothing has changed then.
    pub async fn redeem(
        self,
        token: &SecretHash,
        enrolled: Enrolled,
        now: Timestamp,
        event: Option<&Event>,
    ) -> Result<(), RedeemError> {
        let enrolment = self
            .find(token, now)
            .await?
            .ok_or(RedeemError::TokenUnknown)?;
        let change: ObjectChange = match (enrolment.kind, enrolled) {
            (EnrolmentKind::Node, Enrolled::Node(node))
                if enrolment.outpost == Some(node.outpost) =>
            {
                Change::Create(node).into()
            }
            (EnrolmentKind::Edge, Enrolled::Edge(edge)) => Change::Create(edge).into(),
            _ => return Err(RedeemError::TokenUnknown),
        };
        let use_up = Action::delete(Key::enrolment(&token.to_hex()))
            .when("expires_ms > :now")
            .value(":now", millis(now));
        let events: Vec<Event> = event.cloned().into_iter().collect();
        match self.0.write_with(&[change], &events, use_up).await {
            Ok(()) => Ok(()),
            Err(WriteError::NotFound {
                kind: Kind::Enrolment,
                ..
            }) => Err(RedeemError::TokenUnknown),
            Err(error) => Err(error.into()),
        }
    }
}
