//! The audit trail.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use causeway_model::id::ConnectionId;
use causeway_model::object::{Event, EventAction, Outcome};
use causeway_table::Cursor;
use futures_util::TryStreamExt as _;
use http::{HeaderMap, HeaderValue, Uri, header};
use jiff::Timestamp;
use serde::Deserialize;

use crate::app::App;
use crate::problem::{Chain, Problem, ProblemDocument};
use crate::rest::extract::ReaderOnly;
use crate::rest::list::{List, QueryOf, limit};
use crate::rest::part::{self, link_to_next};
use crate::use_case::event_list::{self, EventsWanted};
use crate::use_case::object::ListError;

/// Which events.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventQuery {
    /// From then on.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Up to then.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Those of this action.
    #[serde(default)]
    #[param(inline)]
    action: Option<EventAction>,
    /// Those that went so.
    #[serde(default)]
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Those by this actor, whatever the case.
    #[serde(default)]
    actor: Option<String>,
    /// Those about objects of this kind, e.g. `endpoint`.
    #[serde(default)]
    target_kind: Option<String>,
    /// Those about the object of this id or name.
    #[serde(default)]
    target: Option<String>,
    /// Those of this connection.
    #[serde(default)]
    connection: Option<ConnectionId>,
    /// Those that hold this in one of their texts, whatever the case.
    #[serde(default)]
    search: Option<String>,
    /// At most so many items; 100 unless said otherwise, never more. An export
    /// has as many as one answer holds.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl From<EventQuery> for EventsWanted {
    fn from(query: EventQuery) -> Self {
        Self {
            since: query.since,
            until: query.until,
            action: query.action,
            outcome: query.outcome,
            actor: query.actor,
            target_kind: query.target_kind,
            target: query.target,
            connection: query.connection,
            search: query.search,
        }
    }
}

/// Lists the audit trail, newest first. A page may be short, and even empty,
/// and yet not the last.
#[utoipa::path(
    get,
    path = "/api/v1/admin/events",
    operation_id = "list_event",
    tag = "admin",
    params(EventQuery),
    responses(
        (status = OK, body = List<Event>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    QueryOf(mut query): QueryOf<EventQuery>,
) -> Result<Json<List<Event>>, Problem> {
    let (cursor, limit) = (query.cursor.take(), limit(query.limit));
    let page = event_list::list(&app, &reader, &query.into(), cursor.as_deref(), limit).await?;
    Ok(Json(page.into()))
}

/// The audit trail as a whole, newest first: one event a line. It is sent while
/// it is read; an answer that breaks off is not whole. Where the length of an
/// answer is limited (functions of AWS Lambda), one that is not the last has a
/// header `Link` with the address of the next (`rel="next"`); it may have no
/// lines.
#[utoipa::path(
    get,
    path = "/api/v1/admin/events/export",
    operation_id = "export_event",
    tag = "admin",
    params(EventQuery),
    responses(
        (status = OK, description = "Events as JSON lines", body = String,
            content_type = "application/x-ndjson",
            headers(("Link" = Option<String>, description = "The next part, if this is not the last (RFC 8288)"))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    uri: Uri,
    QueryOf(mut query): QueryOf<EventQuery>,
) -> Result<Response, Problem> {
    let cursor = query.cursor.take().map(|cursor| cursor.parse()).transpose();
    let cursor: Option<Cursor> = cursor.map_err(|_| ListError::Cursor)?;
    let wanted = EventsWanted::from(query);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    headers.insert(header::CONTENT_DISPOSITION, DISPOSITION);
    let Some(bytes_max) = part::bytes_max(&app) else {
        let events = event_list::export(app, &reader, wanted, cursor);
        let lines = events
            .map_ok(|events| Bytes::from(lines(&events)))
            .inspect_err(|error| {
                tracing::error!(error = %Chain(error), "an export of events breaks off");
            });
        return Ok((headers, Body::from_stream(lines)).into_response());
    };
    let part = event_list::export_part(&app, &reader, &wanted, cursor, bytes_max, lines).await;
    let part = part.map_err(ListError::Table)?;
    if let Some(next) = part.next {
        headers.insert(header::LINK, link_to_next(&uri, &next.to_string()));
    }
    Ok((headers, part.bytes).into_response())
}

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-ndjson");
const DISPOSITION: HeaderValue = HeaderValue::from_static("attachment; filename=\"events.ndjson\"");

fn lines(events: &[Event]) -> Vec<u8> {
    let mut lines = Vec::new();
    for event in events {
        // An event is made of texts and cannot fail to be written.
        if serde_json::to_writer(&mut lines, event).is_ok() {
            lines.push(b'\n');
        }
    }
    lines
}
