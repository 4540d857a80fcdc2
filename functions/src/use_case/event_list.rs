//! Reading the audit trail, in pages or as a whole.

use causeway_model::id::ConnectionId;
use causeway_model::object::{Event, EventAction, Outcome};
use causeway_table::{Cursor, EventFilter, PAGE_ITEMS_MAX, TableError};
use futures_util::{Stream, stream};
use jiff::Timestamp;

use super::object::{ListError, Page};
use crate::access::Reader;
use crate::app::App;

/// Pages that are read for one part of an export at most: some seconds of a
/// search that finds little.
const PART_READS_MAX: usize = 100;

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventsWanted {
    /// From then on.
    pub since: Option<Timestamp>,
    /// Up to then.
    pub until: Option<Timestamp>,
    /// Those of this action.
    pub action: Option<EventAction>,
    /// Those that went so.
    pub outcome: Option<Outcome>,
    /// Those by this actor, whatever the case.
    pub actor: Option<String>,
    /// Those about objects of this kind.
    pub target_kind: Option<String>,
    /// Those about the object of this id or name.
    pub target: Option<String>,
    /// Those of this connection.
    pub connection: Option<ConnectionId>,
    /// Those that hold this in one of their texts, whatever the case.
    pub search: Option<String>,
}

impl EventsWanted {
    fn filter(&self) -> EventFilter<'_> {
        EventFilter {
            since: self.since,
            until: self.until,
            action: self.action,
            outcome: self.outcome,
            actor: self.actor.as_deref(),
            target_kind: self.target_kind.as_deref(),
            target: self.target.as_deref(),
            connection: self.connection,
            search: self.search.as_deref(),
        }
    }
}

/// A page of events, newest first. It may be short and yet not the last.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    _reader: &Reader,
    wanted: &EventsWanted,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Event>, ListError> {
    let cursor = cursor.map(str::parse).transpose();
    let cursor = cursor.map_err(|_| ListError::Cursor)?;
    let read = app
        .table()
        .events()
        .search(&wanted.filter(), cursor.as_ref(), limit, app.now())
        .await?;
    Ok(Page {
        items: read.items,
        next: read.next.map(|cursor| cursor.to_string()),
    })
}

/// All events behind a cursor, newest first, in parts: no more than one page is
/// in memory. Ends behind the first part that cannot be read.
pub fn export(
    app: App,
    _reader: &Reader,
    wanted: EventsWanted,
    cursor: Option<Cursor>,
) -> impl Stream<Item = Result<Vec<Event>, TableError>> + Send + use<> {
    // What happens meanwhile is not part of it.
    let now = app.now();
    let start = Some(cursor.map_or(Position::Start, Position::After));
    stream::try_unfold(start, move |position| {
        let (app, wanted) = (app.clone(), wanted.clone());
        async move {
            let cursor = match position {
                None => return Ok(None),
                Some(Position::Start) => None,
                Some(Position::After(cursor)) => Some(cursor),
            };
            let page = app
                .table()
                .events()
                .search(&wanted.filter(), cursor.as_ref(), PAGE_ITEMS_MAX, now)
                .await?;
            Ok(Some((page.items, page.next.map(Position::After))))
        }
    })
}

/// Where an export stands.
enum Position {
    Start,
    After(Cursor),
}

/// Events of an export that is carried in several answers.
#[derive(Debug)]
pub struct Part {
    /// The events as they are sent.
    pub bytes: Vec<u8>,
    /// Where the next part begins; absent at the end.
    pub next: Option<Cursor>,
}

/// As many events behind a cursor as fit into `bytes_max`, as `write` writes
/// them, newest first. A part may be empty and yet not the last: it ends after
/// a bounded number of reads.
///
/// # Errors
/// When the table cannot be read or the cursor is not of this list.
pub async fn export_part(
    app: &App,
    _reader: &Reader,
    wanted: &EventsWanted,
    mut cursor: Option<Cursor>,
    bytes_max: usize,
    write: impl Fn(&[Event]) -> Vec<u8>,
) -> Result<Part, TableError> {
    let (now, mut limit) = (app.now(), PAGE_ITEMS_MAX);
    let mut bytes = Vec::new();
    for _ in 0..PART_READS_MAX {
        let events = app.table().events();
        let page = events
            .search(&wanted.filter(), cursor.as_ref(), limit, now)
            .await?;
        let written = write(&page.items);
        if bytes.len() + written.len() > bytes_max {
            if !bytes.is_empty() {
                break;
            }
            if limit > 1 {
                let fitting = page.items.len() * bytes_max / written.len();
                limit = fitting.clamp(1, limit - 1);
                continue;
            }
        }
        bytes.extend(written);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let next = cursor;
    Ok(Part { bytes, next })
}
