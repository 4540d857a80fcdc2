#![allow(clippy::unwrap_used)]
use causeway_tests::garble::garbled;
use serde_json::{Value, json};

use super::*;

/// How many garbled events are read.
const GARBLED: u64 = 20_000;

/// An event as an HTTP API sends it.
fn event(changes: Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/api/v1/me",
        "rawQueryString": "",
        "headers": {"host": "causeway.example", "accept": "*/*"},
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "$default",
            "http": {"method": "GET", "path": "/api/v1/me", "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7", "userAgent": "t"},
        },
        "isBase64Encoded": false,
    });
    for (name, value) in changes.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn request(changes: Value) -> Result<Request<Body>, EventError> {
    let text = event(changes).to_string();
    serde_json::from_str::<Event<'_>>(&text)
        .unwrap()
        .into_request()
}

async fn body(request: Request<Body>) -> Vec<u8> {
    let body = axum::body::to_bytes(request.into_body(), 4096).await;
    body.unwrap().to_vec()
}

#[tokio::test]
async fn an_event_is_the_request_that_was_sent() {
    let text = event(json!({})).to_string();
    let parsed: Event<'_> = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed.source(), Some("203.0.113.7".parse().unwrap()));
    let request = request(json!({
        "rawQueryString": "a=1&b=%20c",
        "cookies": ["one=1", "two=2"],
        "headers": {"host": "h", "x-many": "1,2"},
        "body": "{}",
    }))
    .unwrap();
    assert_eq!(request.uri(), "/api/v1/me?a=1&b=%20c");
    assert_eq!(request.headers()["cookie"], "one=1; two=2");
    assert_eq!(request.headers()["x-many"], "1,2");
    assert_eq!(body(request).await, b"{}");
}

#[tokio::test]
async fn a_body_may_come_as_base64() {
    let good = request(json!({"body": "/wD+", "isBase64Encoded": true})).unwrap();
    assert_eq!(body(good).await, [0xff, 0x00, 0xfe]);
    let bad = request(json!({"body": "~~~", "isBase64Encoded": true}));
    assert_eq!(bad.unwrap_err(), EventError::Body);
}

#[test]
fn a_decoded_path_is_encoded_again() {
    for (raw, expected) in [
        (
            "/api/v1/applications/my app",
            "/api/v1/applications/my%20app",
        ),
        ("/a/ä", "/a/%C3%A4"),
        ("/a?b#c", "/a%3Fb%23c"),
        ("/a%20b", "/a%20b"),
        ("", "/"),
        ("no-slash", "/no-slash"),
        ("//host/a", "//host/a"),
        ("/\u{0}\n", "/%00%0A"),
    ] {
        let found = request(json!({ "rawPath": raw })).unwrap();
        assert_eq!(found.uri().to_string(), expected, "{raw:?}");
        assert!(found.uri().authority().is_none(), "{raw:?}");
    }
}

#[test]
fn hostile_events_are_refused_in_words() {
    let context = |method: &str| json!({"http": {"method": method, "sourceIp": "nowhere"}});
    for (changes, expected) in [
        (
            json!({"requestContext": context("GE T")}),
            EventError::Method,
        ),
        (json!({"requestContext": context("")}), EventError::Method),
        (json!({"headers": {"a b": "c"}}), EventError::Header),
        (json!({"headers": {"a": "b\r\nc: d"}}), EventError::Header),
        (json!({"cookies": ["a=b\n"]}), EventError::Header),
    ] {
        assert_eq!(request(changes.clone()).unwrap_err(), expected, "{changes}");
    }
    let long = "a".repeat(100_000);
    assert_eq!(
        request(json!({"rawPath": long})).unwrap_err(),
        EventError::Path
    );
    for odd in [
        json!({"headers": {"host": "a b:c/../"}}),
        json!({"headers": {"x-name": "Jürgen"}}),
        json!({"headers": {"x-forwarded-proto": "::"}}),
        json!({"requestContext": context("GET")}),
    ] {
        assert!(request(odd.clone()).is_ok(), "{odd}");
    }
}

#[test]
fn an_answer_keeps_cookies_apart_and_headers_together() {
    let response = http::Response::builder()
        .status(201)
        .header("set-cookie", "a=1; Path=/")
        .header("set-cookie", "b=2")
        .header("vary", "origin")
        .header("vary", "cookie")
        .body(())
        .unwrap();
    let (parts, ()) = response.into_parts();
    let text = serde_json::to_value(Answer::new(&parts, b"{\"a\":1}")).unwrap();
    assert_eq!(
        text,
        json!({
            "statusCode": 201,
            "headers": {"vary": "origin, cookie"},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        })
    );
    let binary = serde_json::to_value(Answer::new(&parts, &[0xff, 0])).unwrap();
    assert_eq!(
        (&binary["body"], &binary["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
}

/// What a gateway would not send is no request, and nothing worse.
#[test]
fn garbled_events_never_panic() {
    let changes = json!({
        "rawPath": "/api/v1/me/a b/%41/\u{fc}", "rawQueryString": "a=1&b=%20c",
        "cookies": ["one=1", "two=2"], "body": "/wD+", "isBase64Encoded": true,
    });
    let whole = event(changes).to_string();
    let (mut requests, mut refused) = (0, 0);
    for seed in 0..GARBLED {
        let bytes = garbled(whole.as_bytes(), seed);
        let text = String::from_utf8_lossy(&bytes);
        let Ok(event) = serde_json::from_str::<Event<'_>>(&text) else {
            continue;
        };
        let _ = event.source();
        match event.into_request() {
            Ok(_) => requests += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(requests > 0 && refused > 0, "{requests}, {refused}");
}
