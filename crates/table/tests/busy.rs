//! A table that is slow, that throttles, and whose answers get lost: what is
//! asked of it is done late, once, and counted right. The engine of this
//! process stands in for the cloud, behind the client that the cloud gets, and
//! knows transactions again by their tokens as DynamoDB does.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "suite/fixtures.rs"]
#[allow(dead_code, unreachable_pub, reason = "made for the suite")]
mod fixtures;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use causeway_model::id::TicketId;
use causeway_model::object::{EndReason, MaximumConnections};
use causeway_table::{CloudConfig, ReserveOutcome, Service, Table};
use tokio::sync::Semaphore;

use fixtures::*;

/// How the service behaves while it misbehaves.
#[derive(Debug, Clone, Copy)]
struct Mood {
    /// How long it works on one request, one after the other.
    takes: Duration,
    /// Of a hundred requests, how many are refused for now.
    throttled: u64,
    /// Of a hundred requests, how many are done and not answered.
    lost: u64,
}

const WELL: Mood = Mood {
    takes: Duration::ZERO,
    throttled: 0,
    lost: 0,
};

const REFUSALS: [&str; 3] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

#[derive(Debug, Clone)]
struct Busy {
    service: Service,
    turns: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    randomness: fastrand::Rng,
    /// What transactions were answered, by token; nothing while they run.
    answers: HashMap<String, Option<(u16, Vec<u8>)>>,
    requests: usize,
}

/// What becomes of one request.
enum Fate {
    Refused(&'static str),
    Done { answered: bool },
}

impl Busy {
    fn is(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    fn fate(&self) -> (Fate, Duration) {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        let (mood, drawn) = (state.mood, state.randomness.u64(0..100));
        let fate = if drawn < mood.throttled {
            Fate::Refused(REFUSALS[state.randomness.usize(0..REFUSALS.len())])
        } else {
            let answered = drawn >= mood.throttled + mood.lost;
            Fate::Done { answered }
        };
        (fate, mood.takes)
    }

    async fn answer(self, target: String, body: Vec<u8>) -> Result<(u16, Vec<u8>), ConnectorError> {
        let (fate, takes) = self.fate();
        let answered = match fate {
            Fate::Refused(code) => return Ok(refusal(code)),
            Fate::Done { answered } => answered,
        };
        let token = token(&body);
        if let Some(token) = &token {
            let mut state = self.state.lock().unwrap();
            match state.answers.get(token) {
                Some(Some(answer)) if answer.0 == 200 => return Ok(answer.clone()),
                Some(None) => return Ok(refusal("TransactionInProgressException")),
                _ => drop(state.answers.insert(token.clone(), None)),
            }
        }
        let turn = self.turns.acquire().await.unwrap();
        tokio::time::sleep(takes).await;
        let answer = self.service.answer(&target, &body).await;
        drop(turn);
        if let Some(token) = token {
            let mut state = self.state.lock().unwrap();
            state.answers.insert(token, Some(answer.clone()));
        }
        if answered {
            Ok(answer)
        } else {
            let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Err(ConnectorError::io(error.into()))
        }
    }
}

fn refusal(code: &str) -> (u16, Vec<u8>) {
    let body =
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"later"}}"#);
    (400, body.into_bytes())
}

fn token(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    Some(body.get("ClientRequestToken")?.as_str()?.to_owned())
}

impl HttpClient for Busy {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Busy {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap().to_owned();
        let body = request.body().bytes().unwrap().to_vec();
        // Who hangs up does not stop what was asked for.
        let work = tokio::spawn(self.clone().answer(target, body));
        HttpConnectorFuture::new(async move {
            let (status, body) = work.await.unwrap()?;
            let status = status.try_into().unwrap();
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

async fn table(seed: u64) -> (Table, Busy) {
    let busy = Busy {
        service: Service::in_memory().await.unwrap(),
        turns: Arc::new(Semaphore::new(1)),
        state: Arc::new(Mutex::new(State {
            mood: WELL,
            randomness: fastrand::Rng::with_seed(seed),
            answers: HashMap::new(),
            requests: 0,
        })),
    };
    let table = Table::cloud(CloudConfig {
        table_name: Service::TABLE.to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint_url: None,
        credentials: SharedCredentialsProvider::new(Credentials::new(
            "id", "secret", None, None, "test",
        )),
        http_client: SharedHttpClient::new(busy.clone()),
    });
    (table, busy)
}

/// Makes so many connections at once, half on each of two nodes; all must come
/// about.
async fn launch(
    table: &Table,
    world: &Arc<World>,
    count: usize,
) -> Vec<causeway_model::object::Connection> {
    let made = at_once(count, |number| {
        let (table, world) = (table.clone(), Arc::clone(world));
        async move {
            let connection = world.connection(number % 2);
            let outcome = world
                .reserve(&table, &connection, TicketId::new(uuid()))
                .await;
            (connection, outcome)
        }
    })
    .await;
    let reserved = |(connection, outcome)| {
        assert!(matches!(outcome, ReserveOutcome::Reserved), "{outcome:?}");
        connection
    };
    made.into_iter().map(reserved).collect()
}

async fn check_places(table: &Table, world: &World, expected: usize) {
    let usage = table.endpoints().usage(world.endpoint.id).await.unwrap();
    assert_eq!(usage.unwrap().connections as usize, expected);
    let mut leases = 0;
    for node in &world.nodes {
        let held = table.connections().of_node(node.id).await.unwrap().len();
        let state = table.nodes().state(node.id).await.unwrap().unwrap();
        assert_eq!(state.load.connections as usize, held);
        leases += held;
    }
    assert_eq!(leases, expected);
}

/// More at once than it does within the patience of one attempt.
#[tokio::test]
async fn a_slow_table_answers_late_and_does_nothing_twice() {
    const LAUNCHES: usize = 150;
    let takes = Duration::from_millis(32);
    let (table, busy) = table(1).await;
    let world = World::new(&table, MaximumConnections::Unlimited, &[200, 200]).await;
    let world = Arc::new(world);
    busy.is(Mood { takes, ..WELL });
    let (began, before) = (Instant::now(), table.round_trips());
    launch(&table, &world, LAUNCHES).await;
    assert!(began.elapsed() >= takes * LAUNCHES as u32);
    // Nobody lost patience and asked again, which would make it slower yet.
    assert_eq!(table.round_trips() - before, LAUNCHES as u64);
    busy.is(WELL);
    check_places(&table, &world, LAUNCHES).await;
}

#[tokio::test]
async fn a_table_that_throttles_and_loses_answers_loses_no_lease() {
    const LAUNCHES: usize = 60;
    let (table, busy) = table(2).await;
    let world = World::new(&table, MaximumConnections::Unlimited, &[100, 100]).await;
    let world = Arc::new(world);
    let bad = Mood {
        takes: Duration::from_millis(1),
        throttled: 40,
        lost: 10,
    };
    busy.is(bad);
    let connections = launch(&table, &world, LAUNCHES).await;
    busy.is(WELL);
    check_places(&table, &world, LAUNCHES).await;
    busy.is(bad);
    let ended = at_once(connections.len(), |number| {
        let (table, world) = (table.clone(), Arc::clone(&world));
        let connection = connections[number].clone();
        async move { world.end(&table, &connection, EndReason::Left).await }
    });
    ended.await;
    busy.is(WELL);
    check_places(&table, &world, 0).await;
}

#[tokio::test]
async fn what_is_asked_for_a_request_ends_before_the_request() {
    let (table, busy) = table(3).await;
    busy.is(Mood {
        throttled: 100,
        ..WELL
    });
    let (began, longest) = (Instant::now(), Duration::from_secs(1));
    let read = causeway_table::within(longest, table.config().current()).await;
    assert!(read.unwrap_err().is_transient());
    assert!(began.elapsed() < longest, "{:?}", began.elapsed());
    assert!(table.round_trips() > 2);
}
