//! Where a browser is sent, and the ticket that admits it there.

use std::collections::BTreeSet;

use causeway_fleet::EDGE_CONNECT_PATH;
use causeway_model::id::{EdgeId, TicketId};
use causeway_model::object::Connection;
use causeway_table::ConfigSnapshot;
use causeway_trust::token::TICKET_LIFE;
use causeway_trust::{SigningKey, Ticket, token};

use super::read::EdgeStates;
use super::{Admission, LaunchError};
use crate::app::App;
use crate::use_case::selection::heard_since;

/// The edge that a browser is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EdgeChoice {
    /// Its id.
    pub(crate) id: EdgeId,
    /// Where browsers reach it.
    public_url: String,
}

/// The edges that were heard of in time and are not about to stop.
pub(crate) fn live_edges(app: &App, states: &EdgeStates) -> BTreeSet<EdgeId> {
    let since = heard_since(app);
    let live = states
        .iter()
        .filter(|(_, state)| state.heartbeat_at >= since && !state.draining);
    live.map(|(id, _)| *id).collect()
}

impl EdgeChoice {
    /// The first of `edges` that the configuration knows.
    pub(crate) fn first(snapshot: &ConfigSnapshot, edges: &[EdgeId]) -> Option<Self> {
        let edge = edges
            .iter()
            .find_map(|id| snapshot.edges().get(id.uuid()))?;
        Some(Self {
            id: edge.id,
            public_url: edge.public_url.clone(),
        })
    }
}

/// Signs the ticket for a connection through that edge.
///
/// # Errors
/// [`LaunchError::Ticket`].
pub(crate) fn admission(
    app: &App,
    signing_key: &SigningKey,
    connection: Connection,
    edge: &EdgeChoice,
    ticket: TicketId,
) -> Result<Admission, LaunchError> {
    let issued_at = app.now();
    let claims = Ticket {
        id: ticket,
        connection: connection.id,
        node: connection.node,
        edge: edge.id,
        user: connection.user,
        session: connection.session,
        issued_at,
        expires_at: issued_at.saturating_add(TICKET_LIFE).unwrap_or(issued_at),
        trace: causeway_telemetry::current(),
    };
    let ticket = token::sign(signing_key, &claims)?;
    let edge_url = format!(
        "{}{EDGE_CONNECT_PATH}",
        edge.public_url.trim_end_matches('/')
    );
    Ok(Admission {
        connection: Connection {
            edge: edge.id,
            ..connection
        },
        edge_url,
        ticket,
    })
}
