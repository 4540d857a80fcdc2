//! Many launches at once on a service that speaks DynamoDB by HTTP: how long they
//! take, and that no endpoint takes more than it may.
//!
//!     scripts/with-services cargo run -p causeway-table --example burst

#![allow(clippy::unwrap_used, reason = "a measuring program")]

#[path = "../tests/suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for tests")]
mod fixtures;
#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Instant;

use causeway_model::id::TicketId;
use causeway_model::object::MaximumConnections;
use causeway_table::{ReserveOutcome, ReserveRefusal, Table};

use fixtures::{World, at_once, uuid};

/// Launches at once.
const LAUNCHES: usize = 200;
/// Places of the endpoint that has few.
const PLACES: u32 = 50;

#[tokio::main]
async fn main() {
    for (service, variable) in [
        ("DynamoDB Local", support::DYNAMODB_LOCAL),
        ("ministack", support::MINISTACK),
    ] {
        let table = support::table(variable).await;
        burst(service, &table, MaximumConnections::Unlimited).await;
        burst(service, &table, MaximumConnections::Limited(PLACES)).await;
    }
}

async fn burst(service: &str, table: &Table, maximum: MaximumConnections) {
    let capacity = u32::try_from(LAUNCHES).unwrap();
    let world = Arc::new(World::new(table, maximum, &[capacity; 3]).await);
    let before = table.round_trips();
    let started = Instant::now();
    let outcomes = at_once(LAUNCHES, |number| {
        let (table, world) = (table.clone(), Arc::clone(&world));
        async move {
            let connection = world.connection(number % 3);
            let ticket = TicketId::new(uuid());
            let began = Instant::now();
            let outcome = world.reserve(&table, &connection, ticket).await;
            (outcome, began.elapsed())
        }
    })
    .await;
    let (mut took, mut reserved) = (Vec::new(), 0);
    for (outcome, time) in outcomes {
        took.push(time);
        match outcome {
            ReserveOutcome::Reserved => reserved += 1,
            ReserveOutcome::Refused(refusals) => assert!(
                refusals
                    .iter()
                    .all(|refusal| matches!(refusal, ReserveRefusal::EndpointFull { .. })),
                "{refusals:?}"
            ),
        }
    }
    let expected = match maximum {
        MaximumConnections::Unlimited => capacity,
        MaximumConnections::Limited(places) => places,
    };
    let usage = table.endpoints().usage(world.endpoint.id).await.unwrap();
    assert_eq!((reserved, usage.unwrap().connections), (expected, expected));
    took.sort();
    println!(
        "{service:<15} {maximum:?}: {reserved} of {LAUNCHES} reserved in {:.0?}, median {:.0?}, slowest {:.0?}, {} requests",
        started.elapsed(),
        took[LAUNCHES / 2],
        took[LAUNCHES - 1],
        table.round_trips() - before,
    );
}
