//! The answer to launching and to coming back: where to go, and with what.

use causeway_model::object::Connection;
use serde::Serialize;

use crate::use_case::launch::Admission;

/// What a launch leads to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum AdmissionView {
    /// A place is reserved; the browser may attach.
    Connection {
        /// The connection.
        connection: Box<Connection>,
        /// The websocket's URL.
        edge_url: String,
        /// Admits once, within a minute: the entry `ticket.<ticket>` of the
        /// websocket's subprotocols, beside `causeway.v1`.
        ticket: String,
    },
}

impl From<Admission> for AdmissionView {
    fn from(admission: Admission) -> Self {
        Self::Connection {
            connection: Box::new(admission.connection),
            edge_url: admission.edge_url,
            ticket: admission.ticket,
        }
    }
}
