//! The answer to launching and to coming back: where to go, and with what.

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use causeway_model::object::Connection;
use serde::Serialize;

use crate::rest::layers::AboutConnection;
use crate::use_case::execution::Challenge;
use crate::use_case::launch::{Admission, Launched};

/// What coming back leads to.
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

/// What a launch leads to: the connection, or the first question of the
/// provider's flow.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum LaunchedView {
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
    /// Something is asked first; the answer goes to
    /// `POST /api/v1/flows/{execution}`.
    Challenge(Box<Challenge>),
}

impl From<Launched> for LaunchedView {
    fn from(launched: Launched) -> Self {
        match launched {
            Launched::Connection(admission) => Self::Connection {
                connection: Box::new(admission.connection),
                edge_url: admission.edge_url,
                ticket: admission.ticket,
            },
            Launched::Challenge(challenge) => Self::Challenge(challenge),
        }
    }
}

impl IntoResponse for AdmissionView {
    fn into_response(self) -> Response {
        let Self::Connection { connection, .. } = &self;
        let about = AboutConnection(connection.id);
        (Extension(about), Json(self)).into_response()
    }
}

impl IntoResponse for LaunchedView {
    fn into_response(self) -> Response {
        let about = match &self {
            Self::Connection { connection, .. } => Some(AboutConnection(connection.id)),
            Self::Challenge(_) => None,
        };
        (about.map(Extension), Json(self)).into_response()
    }
}
