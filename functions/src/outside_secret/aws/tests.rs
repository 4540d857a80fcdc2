//! Against a server that answers as AWS does.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::super::SECRET_BYTES_MAX;
use super::*;
use crate::aws::ANSWER_BYTES_MAX;
use crate::clock::ManualClock;

/// Answers one call, after looking at how it was signed.
async fn answer(headers: HeaderMap, body: String) -> (StatusCode, String) {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let target = header("x-amz-target");
    let service = target.split('.').next().unwrap();
    let service = if service == "AmazonSSM" {
        "ssm"
    } else {
        service
    };
    let authorization = header("authorization");
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260115/eu-central-1/{service}/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="
    );
    assert!(authorization.starts_with(&scope), "{authorization}");
    assert_eq!(header("x-amz-date"), "20260115T083000Z");
    assert_eq!(header("x-amz-security-token"), "session");
    assert_eq!(header("content-type"), "application/x-amz-json-1.1");
    let asked: Value = serde_json::from_str(&body).unwrap();
    let answer = match target.as_str() {
        "secretsmanager.GetSecretValue" => match asked["SecretId"].as_str().unwrap() {
            "plain" => json!({"SecretString": "hunter2"}),
            "binary" => json!({"SecretBinary": "aHVudGVyMg=="}),
            "object" => json!({"SecretString": r#"{"password": "inner", "port": 22, "x": []}"#}),
            "large" => json!({"SecretString": "x".repeat(SECRET_BYTES_MAX + 1)}),
            "huge" => json!({"SecretString": "x".repeat(ANSWER_BYTES_MAX)}),
            "denied" => {
                let error =
                    json!({"__type": "AccessDeniedException", "Message": "User: ... hunter2"});
                return (StatusCode::BAD_REQUEST, error.to_string());
            }
            "broken" => return (StatusCode::INTERNAL_SERVER_ERROR, "<html>".to_owned()),
            _ => {
                let error = json!({"__type": "com.amazonaws#ResourceNotFoundException"});
                return (StatusCode::BAD_REQUEST, error.to_string());
            }
        },
        "AmazonSSM.GetParameter" => {
            assert_eq!(asked["WithDecryption"], true);
            match asked["Name"].as_str().unwrap() {
                "/prod/db" => json!({"Parameter": {"Type": "SecureString", "Value": "deep"}}),
                _ => {
                    let error = json!({"__type": "ParameterNotFound"});
                    return (StatusCode::BAD_REQUEST, error.to_string());
                }
            }
        }
        other => panic!("{other}"),
    };
    (StatusCode::OK, answer.to_string())
}

async fn aws() -> Aws {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(answer));
    // Ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, router).await });
    let now: Timestamp = "2026-01-15T08:30:00Z".parse().unwrap();
    let credentials = Credentials::new("AKID", "key", Some("session".to_owned()), None, "test");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    Aws::new(
        client,
        "eu-central-1".to_owned(),
        SharedCredentialsProvider::new(credentials),
        Arc::new(ManualClock::new(now)),
    )
    .at(url.parse().unwrap())
}

#[tokio::test]
async fn secrets_and_parameters_are_read() {
    let aws = aws().await;
    for (reference, expected) in [
        ("aws-secretsmanager:plain", Ok("hunter2")),
        ("aws-secretsmanager:binary", Ok("hunter2")),
        ("aws-secretsmanager:object#password", Ok("inner")),
        ("aws-secretsmanager:object#port", Ok("22")),
        ("aws-secretsmanager:object#x", Err(Unavailable::NoKey)),
        ("aws-secretsmanager:object#none", Err(Unavailable::NoKey)),
        ("aws-secretsmanager:plain#password", Err(Unavailable::NoKey)),
        ("aws-secretsmanager:large", Err(Unavailable::TooLarge)),
        ("aws-secretsmanager:huge", Err(Unavailable::TooLarge)),
        ("aws-secretsmanager:none", Err(Unavailable::NotFound)),
        ("aws-ssm:/prod/db", Ok("deep")),
        ("aws-ssm:/prod/none", Err(Unavailable::NotFound)),
        (
            "env:DB",
            Err(Unavailable::NoStore(SecretStore::Environment)),
        ),
    ] {
        let parsed = reference.parse().unwrap();
        let found = aws.read(&parsed).await;
        let found = found.as_ref().map(Secret::expose).map_err(Clone::clone);
        assert_eq!(found, expected, "{reference}");
    }
}

#[tokio::test]
async fn what_fails_says_its_code_and_nothing_more() {
    let aws = aws().await;
    for (reference, expected) in [
        ("aws-secretsmanager:denied", "AccessDeniedException"),
        ("aws-secretsmanager:broken", "status 500"),
    ] {
        let found = aws.read(&reference.parse().unwrap()).await;
        assert_eq!(found, Err(Unavailable::Failed(expected.to_owned())));
    }
}
