//! Members of the fleet: the processes with a key of their own.

use std::fmt;
use std::str::FromStr;

use causeway_model::id::{EdgeId, NodeId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a member does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberKind {
    /// Speaks to targets.
    Node,
    /// Carries browsers' bytes to nodes.
    Edge,
}

impl fmt::Display for MemberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "node",
            Self::Edge => "edge",
        })
    }
}

/// A text that names no member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a member: expected node:<id> or edge:<id>")]
pub struct ParseMemberError;

/// A node or an edge; written `node:<id>` or `edge:<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberId {
    /// A node of an outpost.
    Node(NodeId),
    /// An edge.
    Edge(EdgeId),
}

impl MemberId {
    /// What it does.
    #[must_use]
    pub const fn kind(self) -> MemberKind {
        match self {
            Self::Node(_) => MemberKind::Node,
            Self::Edge(_) => MemberKind::Edge,
        }
    }

    /// Its id as a node, if it is one.
    #[must_use]
    pub const fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(id) => Some(id),
            Self::Edge(_) => None,
        }
    }

    /// Its id as an edge, if it is one.
    #[must_use]
    pub const fn edge(self) -> Option<EdgeId> {
        match self {
            Self::Node(_) => None,
            Self::Edge(id) => Some(id),
        }
    }
}

impl From<NodeId> for MemberId {
    fn from(id: NodeId) -> Self {
        Self::Node(id)
    }
}

impl From<EdgeId> for MemberId {
    fn from(id: EdgeId) -> Self {
        Self::Edge(id)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "node:{id}"),
            Self::Edge(id) => write!(f, "edge:{id}"),
        }
    }
}

impl FromStr for MemberId {
    type Err = ParseMemberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or(ParseMemberError)?;
        match kind {
            "node" => id.parse().map(Self::Node).map_err(|_| ParseMemberError),
            "edge" => id.parse().map(Self::Edge).map_err(|_| ParseMemberError),
            _ => Err(ParseMemberError),
        }
    }
}

impl Serialize for MemberId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MemberId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_member_reads_back_what_it_writes() {
        let node = MemberId::from(NodeId::new(Uuid::from_u128(1)));
        let edge = MemberId::from(EdgeId::new(Uuid::from_u128(1)));
        assert_eq!(node.to_string().parse(), Ok(node));
        assert_eq!(edge.to_string().parse(), Ok(edge));
        assert_ne!(node, edge);
    }

    #[test]
    fn anything_else_is_no_member() {
        for text in [
            "",
            "node",
            "node:",
            "user:00000000-0000-0000-0000-000000000001",
            ":",
        ] {
            assert_eq!(text.parse::<MemberId>(), Err(ParseMemberError), "{text:?}");
        }
    }
}
