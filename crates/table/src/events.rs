//! The audit trail: appended, listed newest first, forgotten after a time.

use causeway_model::object::Event;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::action::Action;
use crate::error::TableError;
use crate::item::Item;
use crate::key::{Key, event_partition};
use crate::page::{Cursor, Page, clamp_limit};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// How long events are kept.
pub const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// Months looked through for one list at most; covers [`EVENTS_KEPT`].
const MONTHS_MAX: u32 = 15;

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
    let item = Item::new(&Key::event(event.at, event.id)).with_document(event)?;
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
        let limit = clamp_limit(limit);
        let months = months_back_from(now);
        let (mut month, mut after) = match cursor {
            None => (0, None),
            Some(cursor) => {
                let found = months
                    .iter()
                    .position(|pk| Some(pk.as_str()) == cursor.partition());
                (found.ok_or(TableError::BadCursor)?, cursor.start_key())
            }
        };
        let mut items = Vec::new();
        while month < months.len() {
            let pk = &months[month];
            let slice = self
                .0
                .store()
                .query(Range {
                    newest_first: true,
                    limit: limit - items.len(),
                    after: after.take(),
                    ..Range::new(pk, "")
                })
                .await?;
            for item in &slice.items {
                items.push(Event::read(item)?);
            }
            match slice.last {
                Some(last) if items.len() >= limit => {
                    return Ok(Page {
                        items,
                        next: Some(Cursor::after(&last)),
                    });
                }
                Some(last) => after = Some(last),
                None => month += 1,
            }
            if items.len() >= limit {
                let next = months.get(month).map(|pk| Cursor::start_of(pk));
                return Ok(Page { items, next });
            }
        }
        Ok(Page { items, next: None })
    }
}

/// The partitions that may hold events, newest first.
fn months_back_from(now: Timestamp) -> Vec<String> {
    let zoned = now.to_zoned(TimeZone::UTC);
    let Ok(first) = zoned.first_of_month() else {
        return vec![event_partition(now)];
    };
    (0..MONTHS_MAX)
        .filter_map(|back| {
            let span = jiff::Span::new().months(i64::from(back));
            first.checked_sub(span).ok()
        })
        .map(|month| event_partition(month.timestamp()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_walked_backwards_over_the_year() {
        let months = months_back_from("2026-02-28T23:00:00Z".parse().unwrap());
        assert_eq!(
            months[..3],
            ["EVENT#2026-02", "EVENT#2026-01", "EVENT#2025-12"]
        );
        assert_eq!(months.len(), MONTHS_MAX as usize);
    }
}
