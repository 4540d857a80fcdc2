//! Measures lists and the reload of the configuration on a table of some size,
//! on disk: 10,000 endpoints, 5,000 users, 50,000 events, 10,000 policy
//! bindings.
//!
//!     cargo run -p causeway-table --example scale [PART_OF_IT_PERCENT]

#![allow(clippy::unwrap_used, reason = "a measuring program")]

#[path = "../tests/suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for tests")]
mod fixtures;

use std::time::Instant;

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use fixtures::*;

/// Objects written in one transaction.
const CHUNK: usize = 20;
/// How often each list is read.
const TIMES: usize = 20;
/// Items of a page.
const PAGE: usize = 50;

struct Sizes {
    endpoints: usize,
    users: usize,
    events: usize,
    bindings: usize,
}

#[tokio::main]
async fn main() {
    let percent: usize = std::env::args()
        .nth(1)
        .map_or(100, |percent| percent.parse().unwrap());
    let sizes = Sizes {
        endpoints: 100 * percent,
        users: 50 * percent,
        events: 500 * percent,
        bindings: 100 * percent,
    };
    let parent = tempfile::tempdir().unwrap();
    let table = Table::embedded(&parent.path().join("data")).await.unwrap();
    let begin = Instant::now();
    let filled = Filled::new(&table, &sizes).await;
    println!(
        "{} endpoints, {} users, {} events, {} bindings in {:.1?}",
        sizes.endpoints,
        sizes.users,
        sizes.events,
        sizes.bindings,
        begin.elapsed()
    );
    println!(
        "{:<44} {:>10} {:>10} {:>9}",
        "page of 50", "median", "worst", "requests"
    );
    lists(&table, &filled).await;
    reloads(&table, &filled).await;
    table.close().await;
}

/// What the lists are asked for.
struct Filled {
    providers: Vec<Provider>,
    endpoint: Endpoint,
    user: User,
    connection: ConnectionId,
    policy: Policy,
    binding: PolicyBinding,
}

impl Filled {
    async fn new(table: &Table, sizes: &Sizes) -> Self {
        let providers = vec![provider(), provider()];
        let policy = Policy {
            id: PolicyId::new(uuid()),
            name: name("policy"),
            expression: "user.role == 'user' && in_network(address, '10.0.0.0/8')".to_owned(),
            meta: Meta::first(now()),
        };
        let changes = [
            Change::Create(providers[0].clone()).into(),
            Change::Create(providers[1].clone()).into(),
            Change::Create(policy.clone()).into(),
        ];
        table.write(&changes, &[]).await.unwrap();
        let endpoints = many(table, sizes.endpoints, |index| {
            endpoint(&providers[index % 2], MaximumConnections::default())
        });
        let endpoints = endpoints.await;
        let users = many(table, sizes.users, |index| User {
            name: format!("Person {index}"),
            email: format!("person-{index}@example.org"),
            ..user()
        });
        let users = users.await;
        let subject = Subject::Policy(policy.id);
        let bindings = many(table, sizes.bindings, |index| {
            let target = endpoints[index % endpoints.len()].id.uuid();
            PolicyBinding {
                id: PolicyBindingId::new(uuid()),
                name: PolicyBinding::name_of(TargetKind::Endpoint, target, subject),
                target,
                target_kind: TargetKind::Endpoint,
                order: 0,
                enabled: true,
                negate: false,
                timeout_s: 30,
                failure_result: false,
                subject,
                meta: Meta::first(now()),
            }
        });
        let bindings = bindings.await;
        let connection = ConnectionId::new(uuid());
        events(table, sizes.events, connection).await;
        Self {
            endpoint: endpoints[endpoints.len() / 2].clone(),
            user: users[users.len() / 2].clone(),
            binding: bindings[0].clone(),
            providers,
            connection,
            policy,
        }
    }
}

/// Makes so many objects.
async fn many<T>(table: &Table, count: usize, make: impl Fn(usize) -> T) -> Vec<T>
where
    T: Clone,
    Change<T>: Into<ObjectChange>,
{
    let all: Vec<T> = (0..count).map(make).collect();
    for chunk in all.chunks(CHUNK) {
        let changes: Vec<ObjectChange> = chunk
            .iter()
            .map(|object| Change::Create(object.clone()).into())
            .collect();
        table.write(&changes, &[]).await.unwrap();
    }
    all
}

/// Events of the last 60 days, one of every thousand of one connection.
async fn events(table: &Table, count: usize, connection: ConnectionId) {
    at_once(50, |task| {
        let table = table.clone();
        async move {
            for index in (task..count).step_by(50) {
                let seconds = (index as i64) * 60 * 86_400 / count as i64;
                let event = Event {
                    connection: (index % 1000 == 0).then_some(connection),
                    target_name: format!("web-{}", index % 100),
                    ..event(later(-seconds), "routine")
                };
                table.events().append(&event).await.unwrap();
            }
        }
    })
    .await;
}

/// Reads a page so often, and says how long it took.
async fn page<T>(what: &str, read: impl AsyncFn() -> Result<Page<T>, TableError>) {
    let mut took = Vec::new();
    let (mut items, mut requests) = (0, 0);
    for _ in 0..TIMES {
        let begin = Instant::now();
        let (page, made) = counted(read()).await;
        took.push(begin.elapsed());
        (items, requests) = (page.unwrap().items.len(), made);
    }
    took.sort_unstable();
    println!(
        "{:<44} {:>10.2?} {:>10.2?} {requests:>9}",
        format!("{what} ({items})"),
        took[TIMES / 2],
        took[TIMES - 1]
    );
}

async fn lists(table: &Table, filled: &Filled) {
    let provider = filled.providers[0].id;
    let endpoints =
        async |filter: EndpointFilter<'_>| table.endpoints().search(&filter, None, PAGE).await;
    let none = EndpointFilter::default();
    page("endpoints of a provider", async || {
        table.endpoints().list(provider, None, PAGE).await
    })
    .await;
    page("endpoints", async || endpoints(none).await).await;
    page("endpoints: a name", async || {
        endpoints(EndpointFilter {
            search: Some(&filled.endpoint.name),
            ..none
        })
        .await
    })
    .await;
    page("endpoints: nothing found", async || {
        endpoints(EndpointFilter {
            search: Some("no such thing"),
            ..none
        })
        .await
    })
    .await;
    let users = async |search| {
        let filter = UserFilter {
            search,
            ..UserFilter::default()
        };
        table.users().search(&filter, None, PAGE).await
    };
    page("users", async || users(None).await).await;
    page("users: a username", async || {
        users(Some(&filled.user.username)).await
    })
    .await;
    page("users: nothing found", async || {
        users(Some("no such thing")).await
    })
    .await;
    let events =
        async |filter: EventFilter<'_>| table.events().search(&filter, None, PAGE, now()).await;
    let none = EventFilter::default();
    page("events", async || events(none).await).await;
    page("events: a day, a month ago", async || {
        let (since, until) = (Some(later(-30 * 86_400)), Some(later(-29 * 86_400)));
        events(EventFilter {
            since,
            until,
            ..none
        })
        .await
    })
    .await;
    page("events: an actor without any", async || {
        events(EventFilter {
            actor: Some("nobody"),
            ..none
        })
        .await
    })
    .await;
    page("events: a search", async || {
        events(EventFilter {
            search: Some("web-77"),
            ..none
        })
        .await
    })
    .await;
    page("events: a connection", async || {
        events(EventFilter {
            connection: Some(filled.connection),
            ..none
        })
        .await
    })
    .await;
    let begin = Instant::now();
    let counts = table.counts().await.unwrap();
    println!("{:<44} {:>10.2?}", format!("{counts:?}"), begin.elapsed());
}

async fn reloads(table: &Table, filled: &Filled) {
    let timed = async |what: &str| {
        let begin = Instant::now();
        let (snapshot, requests) = counted(table.config().current()).await;
        let bindings = snapshot.unwrap().policy_bindings().len();
        println!(
            "{:<44} {:>10.2?} {:>10} {requests:>9}",
            format!("{what} ({bindings} bindings)"),
            begin.elapsed(),
            ""
        );
    };
    timed("configuration, first load").await;
    timed("configuration, unchanged").await;
    let renamed = update(
        &filled.policy,
        |policy| &mut policy.meta,
        |policy| {
            policy.expression = "true".to_owned();
        },
    );
    write(table, renamed).await.unwrap();
    timed("configuration, a policy changed").await;
    let disabled = update(
        &filled.binding,
        |binding| &mut binding.meta,
        |binding| {
            binding.enabled = false;
        },
    );
    write(table, disabled).await.unwrap();
    timed("configuration, a binding changed").await;
}
