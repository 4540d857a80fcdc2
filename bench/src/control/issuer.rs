//! An identity provider on loopback: it signs whoever comes in at once, and out
//! over the back channel. No pages, one client, one person.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use causeway_identity::text::base64url;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

pub(super) const CLIENT_ID: &str = "causeway";
pub(super) const CLIENT_SECRET: &str = "marker-client-secret";
const PERSON: &str = "person-of-the-issuer";
/// How long its tokens are good for, in seconds.
const TOKEN_LIFE_S: u64 = 120;

/// A running identity provider.
pub(super) struct Issuer {
    inner: Arc<Inner>,
    client: reqwest::Client,
    _server: AbortOnDropHandle<()>,
}

struct Inner {
    url: String,
    key: EcdsaKeyPair,
    sign_ins: Mutex<SignIns>,
}

#[derive(Default)]
struct SignIns {
    count: u64,
    /// Nonces by code.
    nonces: HashMap<String, String>,
}

impl Issuer {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let inner = Arc::new(Inner {
            url: format!("http://{}", listener.local_addr()?),
            key: key.ok().context("no key")?,
            sign_ins: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the identity provider is over: {error}");
            }
        });
        Ok(Self {
            inner,
            client: reqwest::Client::new(),
            _server: AbortOnDropHandle::new(server),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.inner.url
    }

    /// Tells `url` that the newest sign-in is over.
    pub(super) async fn sign_out_newest(&self, url: &str) -> Result<()> {
        let sid = sid(self.inner.sign_ins().count);
        let token = self.inner.sign(
            "logout+jwt",
            &json!({
                "sid": sid, "sub": PERSON, "jti": sid,
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            }),
        )?;
        let sent = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={token}"))
            .send()
            .await?;
        sent.error_for_status()?;
        Ok(())
    }
}

impl Inner {
    fn sign_ins(&self) -> std::sync::MutexGuard<'_, SignIns> {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sign(&self, kind: &str, claims: &Value) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut all = json!({
            "iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + TOKEN_LIFE_S,
        });
        if let (Some(all), Some(claims)) = (all.as_object_mut(), claims.as_object()) {
            all.extend(claims.clone());
        }
        let header = json!({ "alg": "ES256", "kid": "key", "typ": kind });
        let signed = format!(
            "{}.{}",
            base64url(header.to_string()),
            base64url(all.to_string())
        );
        let tag = self.key.sign(&SystemRandom::new(), signed.as_bytes());
        let tag = tag.ok().context("nothing signed")?;
        Ok(format!("{signed}.{}", base64url(tag.as_ref())))
    }
}

/// Name of a sign-in, and of the code that leads to it.
fn sid(number: u64) -> String {
    format!("sign-in-{number}")
}

type Shared = State<Arc<Inner>>;

async fn configuration(State(inner): Shared) -> Json<Value> {
    let url = &inner.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(inner): Shared) -> Json<Value> {
    let point = inner.key.public_key().as_ref();
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "key",
        "x": base64url(&point[1..33]), "y": base64url(&point[33..]),
    }] }))
}

async fn authorize(State(inner): Shared, Query(query): Query<HashMap<String, String>>) -> Response {
    let (Some(to), Some(state), Some(nonce)) = (
        query.get("redirect_uri"),
        query.get("state"),
        query.get("nonce"),
    ) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let code = {
        let mut sign_ins = inner.sign_ins();
        sign_ins.count += 1;
        let code = sid(sign_ins.count);
        sign_ins.nonces.insert(code.clone(), nonce.clone());
        code
    };
    let back = [
        ("code", code.as_str()),
        ("state", state),
        ("iss", &inner.url),
    ];
    match url::Url::parse_with_params(to, back) {
        Ok(back) => Redirect::to(back.as_str()).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn token(State(inner): Shared, Form(form): Form<HashMap<String, String>>) -> Response {
    let code = form.get("code").map(String::as_str).unwrap_or_default();
    let Some(nonce) = inner.sign_ins().nonces.remove(code) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let claims = json!({
        "nonce": nonce, "sub": PERSON, "preferred_username": PERSON, "sid": code,
    });
    match inner.sign("JWT", &claims) {
        Ok(id_token) => Json(json!({
            "access_token": "none", "token_type": "Bearer", "expires_in": TOKEN_LIFE_S,
            "id_token": id_token,
        }))
        .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
