//! Measures the table on this machine: latency and rate of its operations, one
//! at a time and many at once, on disk and in memory.
//!
//!     cargo run -p causeway-table --example measure [DIRECTORY]

#![allow(clippy::unwrap_used, reason = "a measuring program")]

#[path = "../tests/suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for tests")]
mod fixtures;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use causeway_model::id::{NodeId, TicketId};
use causeway_model::object::{EndReason, MaximumConnections};
use causeway_table::{EndpointKey, LaunchKeys, ReserveOutcome, Table};

use fixtures::{World, at_once, event, now, uuid};

#[tokio::main]
async fn main() {
    let parent = tempfile::tempdir().unwrap();
    let directory = std::env::args()
        .nth(1)
        .map_or_else(|| parent.path().join("data"), Into::into);
    println!(
        "{:<32} {:>9} {:>9} {:>9} {:>9}",
        "operation", "at once", "/s", "median", "p99"
    );
    for (place, table) in [
        ("disk", Table::embedded(&directory).await.unwrap()),
        ("memory", Table::in_memory().await.unwrap()),
    ] {
        let world = World::new(&table, MaximumConnections::Unlimited, &[1_000_000; 3]).await;
        let bench = Arc::new(Bench {
            place,
            table,
            world,
        });
        for tasks in [1, 8, 100] {
            measure(&bench, "event written", tasks, 4000, |bench| {
                Box::pin(async move {
                    let event = event(now(), "measured");
                    bench.table.events().append(&event).await.unwrap();
                })
            })
            .await;
            measure(&bench, "launch read", tasks, 4000, |bench| {
                Box::pin(async move {
                    bench.read().await;
                })
            })
            .await;
            measure(&bench, "launch (read + reserve)", tasks, 4000, launch).await;
            measure(&bench, "launch and end", tasks, 2000, |bench| {
                Box::pin(async move {
                    let (connection, _) = bench.world.launched(&bench.table).await;
                    bench
                        .world
                        .end(&bench.table, &connection, EndReason::Exited)
                        .await;
                })
            })
            .await;
        }
        paced(&bench, 100).await;
        bench.table.close().await;
    }
}

struct Bench {
    place: &'static str,
    table: Table,
    world: World,
}

impl Bench {
    async fn read(&self) {
        let nodes: Vec<NodeId> = self.world.nodes.iter().map(|node| node.id).collect();
        let keys = LaunchKeys {
            user: self.world.user.id,
            credential: self.world.credential(),
            endpoint: EndpointKey::Id(self.world.endpoint.id),
            nodes: &nodes,
            edges: &[self.world.edge.id],
        };
        assert!(
            self.table
                .launch_read(keys)
                .await
                .unwrap()
                .authenticated
                .is_some()
        );
    }
}

/// A launch as the functions do it.
fn launch(bench: Arc<Bench>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        bench.read().await;
        let connection = bench.world.connection(0);
        let ticket = TicketId::new(uuid());
        let outcome = bench.world.reserve(&bench.table, &connection, ticket).await;
        assert_eq!(outcome, ReserveOutcome::Reserved);
    })
}

type Operation = fn(Arc<Bench>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Has `tasks` tasks do the operation one after the other, `count` in all.
async fn measure(bench: &Arc<Bench>, what: &str, tasks: usize, count: usize, operation: Operation) {
    let each = count / tasks;
    let begin = Instant::now();
    let mut took: Vec<Duration> = at_once(tasks, |_| {
        let bench = Arc::clone(bench);
        async move {
            let mut took = Vec::with_capacity(each);
            for _ in 0..each {
                let begin = Instant::now();
                operation(Arc::clone(&bench)).await;
                took.push(begin.elapsed());
            }
            took
        }
    })
    .await
    .concat();
    report(
        what,
        bench.place,
        &tasks.to_string(),
        begin.elapsed(),
        &mut took,
    );
}

/// Launches that come at a steady pace, whether or not those before are done.
async fn paced(bench: &Arc<Bench>, per_second: u32) {
    let begin = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / per_second);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..per_second * 5 {
        pace.tick().await;
        let bench = Arc::clone(bench);
        tasks.spawn(async move {
            let begin = Instant::now();
            launch(bench).await;
            begin.elapsed()
        });
    }
    let mut took = tasks.join_all().await;
    let pace = format!("{per_second}/s");
    report(
        "launch (read + reserve)",
        bench.place,
        &pace,
        begin.elapsed(),
        &mut took,
    );
}

fn report(what: &str, place: &str, tasks: &str, elapsed: Duration, took: &mut [Duration]) {
    let rate = took.len() as f64 / elapsed.as_secs_f64();
    took.sort_unstable();
    let at = |part: f64| took[(took.len() as f64 * part) as usize].as_secs_f64() * 1000.0;
    println!(
        "{:<32} {tasks:>9} {rate:>9.0} {:>6.2} ms {:>6.2} ms",
        format!("{what}, {place}"),
        at(0.5),
        at(0.99)
    );
}
