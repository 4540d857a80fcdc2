//! What the provider answers over HTTP.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causeway_identity::text::base64url;
use causeway_tests::garble::garbled;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, Fault, Script};

type Shared = State<Arc<Mutex<Script>>>;

pub(super) fn router(script: Arc<Mutex<Script>>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .layer(from_fn_with_state(Arc::clone(&script), fault))
        .with_state(script)
}

/// Does what the script says instead of answering.
async fn fault(State(script): Shared, request: Request, next: Next) -> Response {
    let (fault, issuer) = {
        let script = script.lock().unwrap();
        (script.fault, script.issuer.clone())
    };
    match fault {
        Fault::None => next.run(request).await,
        Fault::Slow => std::future::pending().await,
        Fault::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::Garbled(seed) => {
            let (head, body) = next.run(request).await.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let bytes = garbled(&bytes, seed ^ bytes.len() as u64);
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (head.status, kind, bytes).into_response()
        }
        Fault::Redirect => {
            let to = format!("{issuer}/keys");
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        Fault::Huge => {
            let endless =
                stream::repeat_with(|| Ok::<_, std::convert::Infallible>(vec![b' '; 4096]));
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, Body::from_stream(endless)).into_response()
        }
    }
}

async fn configuration(State(script): Shared) -> Json<Value> {
    let script = script.lock().unwrap();
    let issuer = &script.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if script.userinfo.is_some() {
        document["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
    }
    (script.configure)(&mut document);
    Json(document)
}

async fn keys(State(script): Shared) -> Json<Value> {
    let mut script = script.lock().unwrap();
    script.keys_asked += 1;
    let keys: Vec<_> = script.keys.iter().map(super::Key::jwk).collect();
    Json(json!({"keys": keys}))
}

/// Exchanges a code, once: the client must be who it says, and have asked.
async fn token(
    State(script): Shared,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut script = script.lock().unwrap();
    script.codes_brought += 1;
    let refused = || {
        (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": "invalid_grant"})),
        )
            .into_response()
    };
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let expected = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
    if headers[header::AUTHORIZATION] != format!("Basic {expected}") {
        return refused();
    }
    let Some(code) = script.codes.remove(&form["code"]) else {
        return refused();
    };
    let challenge = base64url(digest(&SHA256, form["code_verifier"].as_bytes()));
    if challenge != code.challenge || form["redirect_uri"] != code.redirect_uri {
        return refused();
    }
    let access_token = "an access token";
    let half = &digest(&SHA256, access_token.as_bytes()).as_ref()[..16].to_vec();
    let mut claims = json!({
        "iss": script.issuer, "aud": CLIENT_ID, "nonce": code.nonce, "at_hash": base64url(half),
        "iat": script.now.as_second(), "exp": script.now.as_second() + 300,
    });
    claims
        .as_object_mut()
        .unwrap()
        .extend(script.person.clone());
    let mut header = json!({});
    (script.tamper)(&mut header, &mut claims);
    let id_token = (script.forge)(script.signs_with.sign(header, claims));
    Json(json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 300,
        "id_token": id_token,
    }))
    .into_response()
}

async fn userinfo(State(script): Shared, headers: HeaderMap) -> Response {
    let script = script.lock().unwrap();
    if headers[header::AUTHORIZATION] != "Bearer an access token" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut claims = script.userinfo.clone().unwrap_or_default();
    let subject = claims.entry("sub").or_insert(script.person["sub"].clone());
    let _ = subject;
    Json(Value::Object(claims)).into_response()
}
