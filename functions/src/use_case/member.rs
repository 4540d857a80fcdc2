//! Nodes and edges that the control plane knows, proven by their signature.

use std::sync::Arc;

use causeway_fleet::{VerifyRequestError, verify_request};
use causeway_model::object::{Edge, Node};
use causeway_table::{ConfigSnapshot, TableError};
use causeway_trust::token::{PASS_LIFE, Pass};
use causeway_trust::{
    MemberId, RequestSignature, SignedParts, SigningKey, TokenError, VerifyingKey, token,
};

use crate::app::App;

/// A node or an edge whose signature over this request is good.
#[derive(Debug, Clone)]
pub struct Member {
    who: Who,
    key: VerifyingKey,
    snapshot: Arc<ConfigSnapshot>,
}

/// What the member is.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// A node of an outpost.
    Node(Arc<Node>),
    /// An edge.
    Edge(Arc<Edge>),
}

/// Why a request is not a member's.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// Never enrolled, or deleted since.
    #[error("the member is not known")]
    Unknown,
    /// The signature is missing or wrong.
    #[error(transparent)]
    Signature(#[from] VerifyRequestError),
    /// The table did not answer.
    #[error("the member could not be looked up")]
    Table(#[from] TableError),
}

/// Finds the member that claims to have signed and checks that it did.
///
/// # Errors
/// [`MemberError`].
pub async fn verify(
    app: &App,
    claimed: &RequestSignature,
    parts: &SignedParts<'_>,
) -> Result<Member, MemberError> {
    // Never an old snapshot: a deleted member is out with its next request.
    let snapshot = app.table().config().current().await?;
    let (who, key) = match claimed.member() {
        MemberId::Node(id) => {
            let node = snapshot
                .nodes()
                .get(id.uuid())
                .ok_or(MemberError::Unknown)?
                .clone();
            let key = node.public_key.clone();
            (Who::Node(node), key)
        }
        MemberId::Edge(id) => {
            let edge = snapshot
                .edges()
                .get(id.uuid())
                .ok_or(MemberError::Unknown)?
                .clone();
            let key = edge.public_key.clone();
            (Who::Edge(edge), key)
        }
    };
    let key = key.parse().map_err(|_| MemberError::Unknown)?;
    verify_request(claimed, &key, parts, app.now())?;
    Ok(Member { who, key, snapshot })
}

impl Member {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> MemberId {
        match &self.who {
            Who::Node(node) => node.id.into(),
            Who::Edge(edge) => edge.id.into(),
        }
    }

    /// The node, if it is one.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        match &self.who {
            Who::Node(node) => Some(node),
            Who::Edge(_) => None,
        }
    }

    pub(crate) const fn who(&self) -> &Who {
        &self.who
    }

    pub(crate) const fn key(&self) -> VerifyingKey {
        self.key
    }

    /// The configuration in which it was found.
    pub(crate) fn snapshot(&self) -> &ConfigSnapshot {
        &self.snapshot
    }
}

/// A fresh pass for a member.
pub(crate) fn pass(
    app: &App,
    signing_key: &SigningKey,
    member: MemberId,
    public_key: VerifyingKey,
) -> Result<String, TokenError> {
    let expires_at = app.now().saturating_add(PASS_LIFE).unwrap_or(app.now());
    token::sign(
        signing_key,
        &Pass {
            member,
            public_key,
            expires_at,
        },
    )
}
