//! What the embedded engine never does and DynamoDB does: transactions get in
//! each other's way. A made-up service stands in for the cloud, through the
//! client that the cloud gets.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

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
use causeway_model::id::GroupId;
use causeway_model::object::{Group, Meta};
use causeway_table::{
    Batch, Change, CloudConfig, RateDecision, RateLimit, Table, TableError, WriteError, counted,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Stands for an answer that never came: what was asked may have been done.
const LOST: u16 = 0;

/// Answers that come one after the other, and then the last one for ever.
#[derive(Debug, Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl HttpClient for Script {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        self.seen.lock().unwrap().push(body);
        assert!(
            request.headers().get("authorization").is_some(),
            "requests to the cloud are signed"
        );
        let mut answers = self.answers.lock().unwrap();
        let (status, body) = if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            answers[0].clone()
        };
        if status == LOST {
            let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            return HttpConnectorFuture::ready(Err(ConnectorError::io(error.into())));
        }
        let status = status.try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn table(answers: &[(u16, String)]) -> (Table, Script) {
    let script = Script {
        answers: Arc::new(Mutex::new(answers.iter().cloned().collect())),
        seen: Arc::default(),
    };
    let table = Table::cloud(CloudConfig {
        table_name: "causeway-test".to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint_url: None,
        credentials: SharedCredentialsProvider::new(Credentials::new(
            "id", "secret", None, None, "test",
        )),
        http_client: SharedHttpClient::new(script.clone()),
    });
    (table, script)
}

fn cancelled(codes: &[&str]) -> (u16, String) {
    let reasons: Vec<_> = codes
        .iter()
        .map(|code| format!(r#"{{"Code":"{code}"}}"#))
        .collect();
    let body = format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled","CancellationReasons":[{}]}}"#,
        reasons.join(",")
    );
    (400, body)
}

fn error(kind: &str) -> (u16, String) {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"no"}}"#);
    (400, body)
}

fn done() -> (u16, String) {
    (200, "{}".to_owned())
}

fn new_group() -> Change<Group> {
    Change::Create(Group {
        role: causeway_model::object::Role::User,
        operates: Vec::new(),
        attributes: serde_json::Map::new(),
        id: GroupId::new(Uuid::now_v7()),
        name: "group".to_owned(),
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    })
}

#[tokio::test(start_paused = true)]
async fn a_transaction_in_the_way_of_another_is_tried_again() {
    let conflict = cancelled(&["None", "TransactionConflict", "None"]);
    // First of all the version of the configuration is read; there is none.
    let (table, script) = table(&[
        done(),
        conflict.clone(),
        error("TransactionInProgressException"),
        conflict,
        done(),
    ]);
    let (written, trips) = counted(table.write(&[new_group().into()], &[])).await;
    written.unwrap();
    assert_eq!(trips, 5);
    assert_eq!(table.round_trips(), 5);
    // An attempt after a refusal is another transaction; one that asks again
    // for what is in progress, which the client does, is the same.
    let seen = script.seen.lock().unwrap().clone();
    let tokens: std::collections::BTreeSet<_> = seen[1..]
        .iter()
        .map(|body| body.split(r#""ClientRequestToken":""#).nth(1).unwrap()[..36].to_owned())
        .collect();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn contention_that_does_not_end_is_an_error_that_can_be_retried() {
    let (table, _) = table(&[done(), cancelled(&["TransactionConflict"])]);
    let error = table.write(&[new_group().into()], &[]).await.unwrap_err();
    assert!(
        matches!(error, WriteError::Table(TableError::Contention)),
        "{error}"
    );
    assert!(table.round_trips() <= 20);
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_is_not_tried_again() {
    let refused = cancelled(&["ConditionalCheckFailed", "TransactionConflict", "None"]);
    let (table, _) = table(&[done(), refused]);
    let error = table.write(&[new_group().into()], &[]).await.unwrap_err();
    assert!(matches!(error, WriteError::Exists { .. }), "{error}");
    assert_eq!(table.round_trips(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_single_write_in_the_way_of_a_transaction_is_tried_again() {
    let counted_once = (200, r#"{"Attributes":{"hits":{"N":"1"}}}"#.to_owned());
    let (table, _) = table(&[error("TransactionConflictException"), counted_once]);
    let limit = RateLimit {
        what: "x",
        limit: 3,
        window: SignedDuration::from_secs(60),
    };
    let decision = table
        .rate_limits()
        .take(limit, "ada", Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(decision, RateDecision::Allowed { remaining: 2 });
}

#[tokio::test(start_paused = true)]
async fn keys_that_were_not_processed_are_asked_for_again() {
    let rest = r#"{"Responses":{},"UnprocessedKeys":{"causeway-test":{"ConsistentRead":true,"Keys":[{"pk":{"S":"EPOCH"},"sk":{"S":"EPOCH"}}]}}}"#;
    let found = r#"{"Responses":{"causeway-test":[{"pk":{"S":"EPOCH"},"sk":{"S":"EPOCH"},"epoch":{"N":"7"}}]},"UnprocessedKeys":{}}"#;
    let (table, script) = table(&[(200, rest.to_owned()), (200, found.to_owned())]);
    let mut batch = Batch::new();
    let epoch = batch.epoch();
    let answer = table.read(batch).await.unwrap();
    assert_eq!(answer.take(epoch).unwrap().unwrap().to_string(), "7");
    assert!(
        script
            .seen
            .lock()
            .unwrap()
            .iter()
            .all(|body| body.contains(r#""ConsistentRead":true"#))
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_table_refuses_is_told_apart_from_what_may_pass() {
    let (throttled, _) = table(&[error("ThrottlingException")]);
    let error_now = throttled.config().current().await.unwrap_err();
    assert!(error_now.is_transient(), "{error_now}");
    assert!(
        throttled.round_trips() > 1,
        "the client tries again by itself"
    );
    let (refused, _) = table(&[error("ValidationException")]);
    let error_ever = refused.config().current().await.unwrap_err();
    assert!(!error_ever.is_transient(), "{error_ever}");
    assert_eq!(refused.round_trips(), 1);
}
