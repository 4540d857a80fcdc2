//! Tickets: one browser's admission to one connection, once.

use std::time::Duration;

use causeway_model::id::{ConnectionId, EdgeId, NodeId, SessionId, TicketId, UserId};
use causeway_model::trace_context::TraceContext;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Claims;

/// How long a ticket can be used after it was made.
pub const TICKET_LIFE: Duration = Duration::from_secs(60);

/// Admits its bearer to a connection through one edge and one node. Whether it
/// was used before is known to the control plane alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its own id, burnt at the first use.
    pub id: TicketId,
    /// The connection.
    pub connection: ConnectionId,
    /// The node that holds it.
    pub node: NodeId,
    /// The edge that may carry it.
    pub edge: EdgeId,
    /// Whose connection it is.
    pub user: UserId,
    /// The sign-in session that asked for the ticket.
    pub session: SessionId,
    /// When it was made; Unix time in ms.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub issued_at: Timestamp,
    /// When it is worth nothing; Unix time in ms.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub expires_at: Timestamp,
    /// The request that it was made for, as a place in a trace: whoever carries
    /// the browser goes on from there. Left out when traces are off; one that
    /// cannot be read counts as left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_trace",
        deserialize_with = "read_trace"
    )]
    pub trace: Option<TraceContext>,
}

#[allow(clippy::ref_option)] // the shape that serde asks for
fn write_trace<S: Serializer>(
    trace: &Option<TraceContext>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match trace {
        Some(trace) => serializer.collect_str(trace),
        None => serializer.serialize_none(),
    }
}

fn read_trace<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<TraceContext>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

impl Claims for Ticket {
    const PURPOSE: &'static str = "causeway-ticket";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
