//! A page costs a bounded number of requests and items, however much there is
//! and however little passes a filter.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for the suite")]
mod fixtures;

use causeway_model::object::*;
use causeway_table::*;

use fixtures::*;

/// More than one page may read.
const EVENTS: usize = EVENTS_READ_MAX + 700;
/// Requests for a page of which nothing passes: two rounds over the partitions,
/// and those that run dry before the others.
const REQUESTS_MAX: u64 = 3 * key::EVENT_PARTITIONS as u64;

#[tokio::test]
async fn a_search_for_what_is_not_there_gives_up_in_time() {
    let table = Table::in_memory().await.unwrap();
    // A table that this program made: no event is where programs of before
    // would have put it.
    write(&table, Change::Create(group())).await.unwrap();
    let all = at_once(20, |task| {
        let table = table.clone();
        async move {
            for index in 0..EVENTS / 20 {
                let at = later((task * 1000 + index) as i64 - 100_000);
                table.events().append(&event(at, "routine")).await.unwrap();
            }
        }
    });
    all.await;
    let filter = EventFilter {
        search: Some("nothing has this"),
        since: Some(later(-200_000)),
        ..EventFilter::default()
    };
    // The rest is where the cursor says.
    let (mut pages, mut cursor) = (0, None);
    loop {
        let search = table.events().search(&filter, cursor.as_ref(), 50, now());
        let (page, requests) = counted(search).await;
        let page = page.unwrap();
        assert!(page.items.is_empty());
        assert!(requests <= REQUESTS_MAX, "{requests} requests");
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    // Each page goes through most of what it reads.
    assert!((2..=3).contains(&pages), "{pages} pages");

    // A list without a filter reads little more than it shows: a round, and now
    // and then one partition has more than its share.
    let (page, requests) = counted(table.events().list(None, 50, now())).await;
    assert_eq!(page.unwrap().items.len(), 50);
    assert!(
        requests <= 2 * u64::from(key::EVENT_PARTITIONS),
        "{requests} requests"
    );
}

#[tokio::test]
async fn a_search_reads_only_what_it_finds() {
    let table = Table::in_memory().await.unwrap();
    let provider = provider();
    write(&table, Change::Create(provider.clone()))
        .await
        .unwrap();
    for _ in 0..20 {
        let changes: Vec<ObjectChange> = (0..15)
            .map(|_| Change::Create(endpoint(&provider, MaximumConnections::default())).into())
            .collect();
        table.write(&changes, &[]).await.unwrap();
    }
    let wanted = endpoint(&provider, MaximumConnections::default());
    write(&table, Change::Create(wanted.clone())).await.unwrap();
    let filter = EndpointFilter {
        search: Some(&wanted.name),
        ..EndpointFilter::default()
    };
    // The index in two requests (50 entries, then 500), and the one endpoint.
    let (page, requests) = counted(table.endpoints().search(&filter, None, 50)).await;
    assert_eq!(page.unwrap().items, [wanted]);
    assert!(requests <= 3, "{requests} requests");
}

#[tokio::test]
async fn a_change_of_one_kind_reads_no_other_again() {
    let table = Table::in_memory().await.unwrap();
    for _ in 0..6 {
        let changes: Vec<ObjectChange> = (0..30).map(|_| Change::Create(group()).into()).collect();
        table.write(&changes, &[]).await.unwrap();
    }
    let before = table.config().current().await.unwrap();
    write(&table, Change::Create(outpost())).await.unwrap();
    let after = table.config().current().await.unwrap();
    assert_eq!(after.groups().len(), 180);
    for (before, after) in before.groups().iter().zip(after.groups().iter()) {
        assert!(std::sync::Arc::ptr_eq(before, after), "read again");
    }
    assert_eq!(after.outposts().len(), before.outposts().len() + 1);
}
