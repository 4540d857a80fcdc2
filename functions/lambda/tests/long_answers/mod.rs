//! What is longer than the answer of a function may be: exports in parts, and
//! lists with shorter pages.

use causeway_model::id::EventId;
use causeway_model::object::{Event, EventAction, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::deployed::Deployed;
use crate::emulated::{Response, Sent};

/// More than one answer carries is carried in several.
#[tokio::test]
async fn what_is_longer_than_an_answer_comes_in_parts() {
    let deployed = Deployed::start().await;
    let admin = &deployed.admin;
    // Some 5 MB of events and 4.5 MB of property mappings.
    let table = deployed.cloud.table();
    let events: Vec<Event> = (0..45).map(long_event).collect();
    for event in &events {
        table.events().append(event).await.unwrap();
    }
    let long = "x".repeat(60_000);
    for index in 0..75 {
        let mapping = json!({
            "name": format!("long-{index:02}"),
            "static_settings": {"x-long": long},
        });
        let made = Sent::post("/api/v1/admin/property-mappings", &mapping);
        admin.answer(deployed.signed_in(made)).await.ok();
    }

    let parts = all_parts(
        &deployed,
        "/api/v1/admin/events/export?target=long&action=launch",
    )
    .await;
    let lines = parts.iter().flat_map(|part| part.text().lines());
    let found: Vec<_> = lines
        .map(|line| serde_json::from_str::<Event>(line).unwrap().id)
        .collect();
    let newest_first: Vec<_> = events.iter().rev().map(|event| event.id).collect();
    assert_eq!(found, newest_first);
    assert!(parts.len() >= 3, "{} parts", parts.len());

    // A list is asked for fewer at once, and its cursor leads on.
    let (mut names, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next.take() {
        let path = format!("/api/v1/admin/property-mappings?limit=100{cursor}");
        let page = admin
            .answer(deployed.signed_in(Sent::get(&path)))
            .await
            .ok();
        for item in page["items"].as_array().unwrap() {
            names.push(item["name"].as_str().unwrap().to_owned());
        }
        let cursor = page["next"].as_str();
        next = cursor.map(|cursor| format!("&cursor={cursor}"));
    }
    assert_eq!(names.len(), 75);
    assert!(names.is_sorted());

    // So are the objects as documents: each is in one part.
    let parts = all_parts(&deployed, "/api/v1/admin/export").await;
    let mut exported = Vec::new();
    for part in &parts {
        let documents = part.ok()["documents"].take();
        exported.extend(documents.as_array().unwrap().iter().cloned());
    }
    let mappings = exported
        .iter()
        .filter(|found| found["kind"] == "property_mapping");
    let exported_names: Vec<_> = mappings
        .map(|found| found["name"].as_str().unwrap())
        .collect();
    assert_eq!(exported_names, names);
    // The first outpost and the first administrator.
    assert_eq!(exported.len(), 75 + 2);
    assert!(parts.len() >= 3, "{} parts", parts.len());
}

/// Every part of what is at `path`, each by the link of the one before.
async fn all_parts(deployed: &Deployed, path: &str) -> Vec<Response> {
    let (mut parts, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next.take() {
        let asked = deployed.signed_in(Sent::get(&path));
        let part = deployed.admin.answer(asked).await;
        assert_eq!(part.status(), 200, "{part:?}");
        next = part
            .header("link")
            .split(['<', '>'])
            .nth(1)
            .map(str::to_owned);
        parts.push(part);
    }
    parts
}

/// An event that takes some 100 KB.
fn long_event(index: u16) -> Event {
    Event {
        id: format!("01900000-0000-7000-8000-{index:012}")
            .parse::<EventId>()
            .unwrap(),
        at: Timestamp::now() - SignedDuration::from_secs(1_000 - i64::from(index)),
        action: EventAction::Launch,
        outcome: Outcome::Success,
        actor: "ada".to_owned(),
        address: String::new(),
        target_kind: "endpoint".to_owned(),
        target_id: String::new(),
        target_name: "long".to_owned(),
        detail: "\"quoted\" ".repeat(10_000),
        connection: None,
        policy: String::new(),
    }
}
