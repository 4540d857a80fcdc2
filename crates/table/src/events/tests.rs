use causeway_model::id::EventId;
use uuid::Uuid;

use super::*;
use crate::config::BORN;
use crate::counted;
use crate::item::number;
use crate::key::{EVENT_PARTITIONS, LAYOUT_VERSION};

/// A moment of the test's own time.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn event(second: i64, detail: &str) -> Event {
    Event {
        id: EventId::new(Uuid::new_v4()),
        at: at(second),
        actor: "ada".to_owned(),
        address: String::new(),
        action: EventAction::Launch,
        target_kind: "endpoint".to_owned(),
        target_id: String::new(),
        target_name: "web-01".to_owned(),
        connection: None,
        policy: String::new(),
        outcome: Outcome::Success,
        detail: detail.to_owned(),
    }
}

/// Writes an event as programs of before did.
async fn append_as_before(table: &Table, event: &Event) {
    let key = Key::new(event_month(event.at), Key::event(event.at, event.id).sk);
    let item = Item::new(&key).with_document(event).unwrap();
    table
        .store()
        .write(Action::put(item))
        .await
        .unwrap()
        .unwrap();
}

/// Has the table be one that never knew partitions of months.
async fn be_new(table: &Table) {
    let born = Item::new(&Key::epoch())
        .with(BORN, number(LAYOUT_VERSION))
        .with("epoch", number(1));
    table
        .store()
        .write(Action::put(born))
        .await
        .unwrap()
        .unwrap();
}

/// All events that pass, in pages of `limit`, each read in at most
/// `requests_max` requests.
async fn walk(
    table: &Table,
    filter: &EventFilter<'_>,
    limit: usize,
    now: Timestamp,
    requests_max: u64,
) -> Vec<Event> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = table.events().search(filter, cursor.as_ref(), limit, now);
        let (page, requests) = counted(page).await;
        let page = page.unwrap();
        assert!(requests <= requests_max, "{requests} requests for {limit}");
        assert!(page.items.len() <= limit);
        all.extend(page.items);
        let Some(next) = page.next else {
            return all;
        };
        // As a reader hands it back.
        cursor = Some(next.to_string().parse().unwrap());
    }
}

fn newest_first(events: &[Event]) -> Vec<Event> {
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| std::cmp::Reverse(Key::event(event.at, event.id).sk));
    sorted
}

#[test]
fn months_are_walked_backwards_over_the_year() {
    let months = months_back("2026-02-28T23:00:00Z".parse().unwrap(), None);
    assert_eq!(
        months[..3],
        ["EVENT#2026-02", "EVENT#2026-01", "EVENT#2025-12"]
    );
    assert_eq!(months.len(), MONTHS_MAX as usize);
    let since = "2026-01-31T00:00:00Z".parse().unwrap();
    let few = months_back("2026-02-28T23:00:00Z".parse().unwrap(), Some(since));
    assert_eq!(few, months[..2]);
}

#[tokio::test]
async fn pages_hold_every_event_once_and_in_order() {
    let table = Table::in_memory().await.unwrap();
    be_new(&table).await;
    let mut events = Vec::new();
    for index in 0..400 {
        // Several share a moment; one of nine is what is looked for.
        let detail = if index % 9 == 0 { "needle" } else { "hay" };
        let event = event(fastrand::i64(0..100), detail);
        table.events().append(&event).await.unwrap();
        events.push(event);
    }
    let partitions: std::collections::BTreeSet<_> = events
        .iter()
        .map(|event| Key::event(event.at, event.id).pk)
        .collect();
    assert_eq!(partitions.len(), usize::from(EVENT_PARTITIONS));
    let everything = newest_first(&events);
    let all = EventFilter::default();
    let needles = EventFilter {
        search: Some("NEEDLE"),
        ..all
    };
    let some = EventFilter {
        since: Some(at(20)),
        until: Some(at(60)),
        ..all
    };
    // Two rounds over the partitions, and what ran dry before the others.
    for limit in [1, 7, 50, 100] {
        let found = walk(&table, &all, limit, at(1_000), 24).await;
        assert_eq!(found, everything, "{limit}");
        let found = walk(&table, &needles, limit, at(1_000), 32).await;
        let has_it = |event: &&Event| event.detail == "needle";
        let wanted: Vec<Event> = everything.iter().filter(has_it).cloned().collect();
        assert_eq!(found, wanted, "{limit}");
        let found = walk(&table, &some, limit, at(1_000), 24).await;
        let is_then = |event: &&Event| (at(20)..=at(60)).contains(&event.at);
        let wanted: Vec<Event> = everything.iter().filter(is_then).cloned().collect();
        assert_eq!(found, wanted, "{limit}");
    }
    let nothing = EventFilter {
        since: Some(at(60)),
        until: Some(at(20)),
        ..all
    };
    assert_eq!(walk(&table, &nothing, 50, at(1_000), 8).await, []);
}

#[tokio::test]
async fn events_of_programs_of_before_are_listed_among_the_others() {
    let table = Table::in_memory().await.unwrap();
    let month = 30 * 86_400;
    let mut events = Vec::new();
    for index in 0..120 {
        // Programs of both kinds wrote for a while.
        let event = event(fastrand::i64(0..6 * month), &index.to_string());
        if event.at < at(4 * month) && index % 5 != 0 {
            append_as_before(&table, &event).await;
        } else {
            table.events().append(&event).await.unwrap();
        }
        events.push(event);
    }
    let everything = newest_first(&events);
    let now = at(6 * month);
    let requests_max = 3 * u64::from(EVENT_PARTITIONS) + 2 * u64::from(MONTHS_MAX);
    for limit in [1, 9, 100] {
        let all = EventFilter::default();
        let found = walk(&table, &all, limit, now, requests_max).await;
        assert_eq!(found, everything, "{limit}");
    }
}

#[tokio::test]
async fn a_new_table_is_not_asked_for_months() {
    let table = Table::in_memory().await.unwrap();
    be_new(&table).await;
    table.events().append(&event(0, "")).await.unwrap();
    let all = EventFilter::default();
    let partitions = u64::from(EVENT_PARTITIONS);
    // How it was born is asked once.
    for requests in [partitions + 1, partitions] {
        let (page, made) = counted(table.events().search(&all, None, 50, at(1))).await;
        assert_eq!(page.unwrap().items.len(), 1);
        assert_eq!(made, requests);
    }
}
