//! `causeway migrate` against the engine of this process behind HTTP.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::Output;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use causeway_table::Service;
use serde_json::{Value, json};

async fn answer(State(service): State<Service>, headers: HeaderMap, body: String) -> Response {
    if !headers.contains_key("authorization") {
        return (StatusCode::FORBIDDEN, "not signed").into_response();
    }
    let target = headers["x-amz-target"].to_str().unwrap();
    let (status, body) = service.answer(target, body.as_bytes()).await;
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

async fn ask(service: &Service, operation: &str, request: Value) -> Value {
    let target = format!("DynamoDB_20120810.{operation}");
    let (status, body) = service
        .answer(&target, request.to_string().as_bytes())
        .await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

async fn migrate(url: &str, more: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_causeway"));
    command
        .args([
            "migrate",
            "--table",
            Service::TABLE,
            "--region",
            "eu-central-1",
        ])
        .args(["--endpoint-url", url])
        .args(more)
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "key");
    command.output().await.unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn an_old_table_is_brought_up_to_date_once() {
    let service = Service::in_memory().await.unwrap();
    let router = Router::new().fallback(answer).with_state(service.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    assert!(said(&migrate(&url, &[]).await).contains("nothing to do"));
    // What a program of layout 1 left: a version, and a lease without a beginning.
    let epoch = json!({"pk": {"S": "EPOCH"}, "sk": {"S": "EPOCH"}, "epoch": {"N": "7"}, "layout": {"N": "1"}});
    let key = json!({
        "pk": {"S": "NODE#01900000-0000-7000-8000-000000000001"},
        "sk": {"S": "LEASE#01900000-0000-7000-8000-000000000002"},
    });
    for item in [&epoch, &key] {
        let put = json!({"TableName": Service::TABLE, "Item": item});
        ask(&service, "PutItem", put).await;
    }
    let check = said(&migrate(&url, &["--check"]).await);
    assert!(check.contains("to be migrated to layout 3"), "{check}");
    let done = said(&migrate(&url, &[]).await);
    assert!(
        done.contains("2 items read\n") && done.contains("layout 3 now"),
        "{done}"
    );
    assert!(said(&migrate(&url, &[]).await).contains("nothing to do"));
    let get = json!({"TableName": Service::TABLE, "Key": key, "ConsistentRead": true});
    let lease = ask(&service, "GetItem", get).await;
    assert_eq!(lease["Item"]["since_ms"]["N"], "0", "{lease}");

    // A table of a program to come.
    let mut newer = epoch.clone();
    newer["layout"]["N"] = json!("99");
    let put = json!({"TableName": Service::TABLE, "Item": newer});
    ask(&service, "PutItem", put).await;
    let refused = migrate(&url, &[]).await;
    assert!(!refused.status.success());
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("upgrade it"),
        "{refused:?}"
    );
    server.abort();
}
