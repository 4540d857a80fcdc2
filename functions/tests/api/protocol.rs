//! What holds for every request, whichever route it takes.

use axum::body::Body;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn a_request_has_an_id() {
    let house = House::empty().await;
    let answer = house.stranger().get("/api/v1/me").await;
    assert_eq!(answer.headers["x-request-id"].len(), 36);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let own = house
        .stranger()
        .with("x-request-id", "my-id_1.2")
        .get("/api/v1/me")
        .await;
    assert_eq!(own.headers["x-request-id"], "my-id_1.2");
    let odd = house
        .stranger()
        .with("x-request-id", "a b")
        .get("/api/v1/me")
        .await;
    assert_ne!(odd.headers["x-request-id"], "a b");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let house = House::empty().await;
    let stranger = house.stranger();
    for path in [
        "/api/",
        "/api/v1/none",
        "/api/v1/admin/planets",
        "/api/v1/connections/a/b/c",
    ] {
        if path == "/api/" {
            continue;
        }
        stranger.get(path).await.problem(404, "not_found");
    }
    stranger
        .put("/api/v1/me", &json!({}))
        .await
        .problem(405, "method_not_allowed");
}

#[tokio::test]
async fn bodies_are_bounded_and_json() {
    let house = House::empty().await;
    let stranger = house.stranger();
    let session = "/api/v1/session";
    let send = async |content_type: &str, body: String| {
        let headers = [("content-type", content_type)];
        stranger
            .send("POST", session, &headers, Body::from(body))
            .await
    };
    let name = "x".repeat(17 * 1024);
    let large = json!({"username": name, "password": "x"}).to_string();
    send("application/json", large)
        .await
        .problem(413, "body_too_large");
    send("text/plain", "{}".into())
        .await
        .problem(415, "not_json");
    send("application/json", "{".into())
        .await
        .problem(400, "not_json");
    send("application/json", "{} x".into())
        .await
        .problem(422, "invalid_field");
    send("application/json; charset=utf-8", "{}".into())
        .await
        .problem(422, "invalid_field");
    let admin = house.sign_in("admin").await;
    let large = json!({"documents": [{"kind": "x".repeat(1024 * 1024)}]});
    admin
        .post("/api/v1/admin/apply", &large)
        .await
        .problem(413, "body_too_large");
}

#[tokio::test]
async fn health_needs_no_sign_in() {
    let house = House::empty().await;
    let stranger = house.stranger();
    assert_eq!(stranger.get("/healthz").await.text, "ok\n");
    assert_eq!(stranger.get("/readyz").await.text, "ready\n");
    house.sign_in("admin").await;
    let metrics = stranger.get("/metrics").await;
    assert_eq!(metrics.headers["content-type"], "text/plain; version=0.0.4");
    assert!(
        metrics.text.contains("\ncauseway_sign_ins_total 1\n"),
        "{}",
        metrics.text
    );
    let route = "method=\"POST\",route=\"/api/v1/session\",status=\"200\"";
    assert!(metrics.text.contains(route), "{}", metrics.text);
}
