//! The audit trail: appended, listed newest first, forgotten after a time.
//!
//! Every event is written to one of [`crate::key::EVENT_PARTITIONS`] partitions, by its id:
//! one alone would take some 160 connections a second. A list reads all of them
//! at once and merges them ([`merge`]). Programs of before kept the events of a
//! month together; those are listed among the others, from where they are, until
//! they are forgotten.

mod merge;

use causeway_model::id::ConnectionId;
use causeway_model::object::{Event, EventAction, Outcome};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::action::Action;
use crate::error::TableError;
use crate::indexed;
use crate::item::Item;
use crate::key::{
    EVENTS_SPREAD_IN, Key, SK, connection_events, event_month, event_partitions, event_time,
};
use crate::listed::Search;
use crate::page::{Cursor, Page, clamp_limit};
use crate::stored::Stored;
use crate::table::Table;
use merge::{Merge, Next};

/// How long events are kept.
pub const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// Months looked through for one list at most; covers [`EVENTS_KEPT`].
const MONTHS_MAX: u32 = 15;

/// Events read for one page of a filtered list at most.
pub const EVENTS_READ_MAX: usize = 1_000;

/// What cursors of the trail name instead of a partition: they are a point in
/// the order of all events.
const TRAIL: &str = "EVENTS";

/// Which events are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter<'a> {
    /// From then on.
    pub since: Option<Timestamp>,
    /// Up to then.
    pub until: Option<Timestamp>,
    /// Those of this action.
    pub action: Option<EventAction>,
    /// Those that went so.
    pub outcome: Option<Outcome>,
    /// Those by this actor, whatever the case.
    pub actor: Option<&'a str>,
    /// Those about an object of this kind.
    pub target_kind: Option<&'a str>,
    /// Those about the object of this id or name.
    pub target: Option<&'a str>,
    /// Those of this connection.
    pub connection: Option<ConnectionId>,
    /// Those in which one of actor, address, target, policy and detail has
    /// this, whatever the case.
    pub search: Option<&'a str>,
}

impl EventFilter<'_> {
    fn takes(&self, event: &Event, search: &Search) -> bool {
        self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at <= until)
            && self.action.is_none_or(|action| event.action == action)
            && self.outcome.is_none_or(|outcome| event.outcome == outcome)
            && self
                .actor
                .is_none_or(|actor| event.actor.to_lowercase() == actor.to_lowercase())
            && self
                .target_kind
                .is_none_or(|kind| event.target_kind == kind)
            && self
                .target
                .is_none_or(|target| event.target_id == target || event.target_name == target)
            && self
                .connection
                .is_none_or(|connection| event.connection == Some(connection))
            && search.finds_in(&[
                &event.actor,
                &event.address,
                &event.target_name,
                &event.target_id,
                &event.policy,
                &event.detail,
            ])
    }
}

/// The audit trail in a table.
#[derive(Debug, Clone, Copy)]
pub struct Events<'a>(&'a Table);

impl Table {
    /// The audit trail.
    #[must_use]
    pub const fn events(&self) -> Events<'_> {
        Events(self)
    }
}

/// The item of an event.
pub(crate) fn event_item(event: &Event) -> Result<Item, TableError> {
    let key = Key::event(event.at, event.id);
    let item = Item::new(&key).with_document(event)?;
    let item = match event.connection {
        Some(connection) => item.indexed(&connection_events(connection), &key.sk),
        None => item,
    };
    Ok(match event.at.checked_add(EVENTS_KEPT) {
        Ok(end) => item.expiring(end),
        Err(_) => item,
    })
}

impl Events<'_> {
    /// Appends an event. Most are written along with what they tell of
    /// instead, in one transaction.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn append(self, event: &Event) -> Result<(), TableError> {
        let put = Action::put(event_item(event)?);
        self.0
            .store()
            .write(put)
            .await?
            .map(|_| ())
            .map_err(|_| TableError::Contention)
    }

    /// Events up to `now`, newest first.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        cursor: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<Event>, TableError> {
        let filter = EventFilter::default();
        self.search(&filter, cursor, limit, now).await
    }

    /// Events up to `now` that a filter lets through, newest first. Reads
    /// [`EVENTS_READ_MAX`] events at most, in few requests to each partition: a
    /// page may be short and yet not the last. Those of a connection come through
    /// the index, which lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn search(
        self,
        filter: &EventFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<Event>, TableError> {
        match filter.connection {
            Some(connection) => self.of_connection(connection, filter, cursor, limit).await,
            None => self.over_partitions(filter, cursor, limit, now).await,
        }
    }

    async fn of_connection(
        self,
        connection: ConnectionId,
        filter: &EventFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Event>, TableError> {
        // A connection has few events: all of a page are read, and filtered.
        let pk = connection_events(connection);
        let page = indexed::list::<Event>(self.0.store(), &pk, cursor, limit, true).await?;
        let search = Search::of(filter.search);
        Ok(Page {
            items: page
                .items
                .into_iter()
                .filter(|event| filter.takes(event, &search))
                .collect(),
            next: page.next,
        })
    }

    async fn over_partitions(
        self,
        filter: &EventFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<Event>, TableError> {
        // Who asks for what happened until later than now means now.
        let until = filter.until.map_or(now, |until| until.min(now));
        let first = filter.since.map_or(0, Timestamp::as_millisecond);
        // `$` sorts behind the `#` that ends the time of an event.
        let last = format!("{}$", event_time(until.as_millisecond()));
        let after = Cursor::within(cursor, TRAIL)?;
        let months = if self.has_months().await? {
            months_back(until, filter.since)
        } else {
            Vec::new()
        };
        let mut merge = Merge::new(self.0.store(), event_time(first), last, after)
            .with_each(event_partitions())
            .with_one_after_the_other(months);
        let search = Search::of(filter.search);
        let wanted = clamp_limit(limit);
        let mut items = Vec::new();
        let mut read = 0;
        let mut position = after.map(str::to_owned);
        loop {
            match merge.next() {
                Next::End => return Ok(Page { items, next: None }),
                Next::Dry if read >= EVENTS_READ_MAX => break,
                Next::Dry => {
                    // Nearly all may pass: little more is read at first than is
                    // wanted.
                    let most = if read == 0 {
                        merge.share(wanted, 2)
                    } else {
                        merge.share(EVENTS_READ_MAX - read, 1)
                    };
                    read += merge.fill(most).await?;
                }
                Next::Item(item) => {
                    position = Some(item.text(SK)?.to_owned());
                    let event = Event::read(&item)?;
                    if filter.takes(&event, &search) {
                        items.push(event);
                    }
                    if items.len() == wanted {
                        break;
                    }
                }
            }
        }
        let next = position.map(|sk| Cursor::at(TRAIL, &sk));
        Ok(Page { items, next })
    }

    /// Whether programs of before may have left events in partitions of months.
    async fn has_months(self) -> Result<bool, TableError> {
        Ok(self.0.born_with().await? < EVENTS_SPREAD_IN)
    }
}

/// The partitions in which programs of before kept events, newest first.
fn months_back(until: Timestamp, since: Option<Timestamp>) -> Vec<String> {
    let zoned = until.to_zoned(TimeZone::UTC);
    let Ok(first) = zoned.first_of_month() else {
        return vec![event_month(until)];
    };
    // Partitions sort as their months do.
    let oldest = since.map(event_month);
    (0..MONTHS_MAX)
        .filter_map(|back| {
            let span = jiff::Span::new().months(i64::from(back));
            first.checked_sub(span).ok()
        })
        .map(|month| event_month(month.timestamp()))
        .take_while(|month| oldest.as_ref().is_none_or(|oldest| month >= oldest))
        .collect()
}

#[cfg(test)]
mod tests;
