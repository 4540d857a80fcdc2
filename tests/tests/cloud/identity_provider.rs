//! An identity provider that knows nobody and keeps nothing: who comes, and what
//! their token repeats, is all in the code that their browser brings back.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_tests::stack::Api;
use causeway_trust::SigningKey;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

const CLIENT_ID: &str = "causeway";
const TOKENS_LIVE_S: i64 = 300;

/// A running provider. Dropping it ends it.
pub(crate) struct IdentityProvider {
    issuer: String,
    _serving: AbortOnDropHandle<()>,
}

/// What it signs with, and in whose name.
#[derive(Clone)]
struct Signer {
    issuer: String,
    key: SigningKey,
}

impl IdentityProvider {
    /// Starts it on loopback.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let key = SigningKey::generate()?;
        let signer = Signer {
            issuer: issuer.clone(),
            key,
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(signer);
        let serving = tokio::spawn(async move {
            // Whoever asks when it is over has no answer, and fails by that.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            issuer,
            _serving: AbortOnDropHandle::new(serving),
        })
    }

    /// The document of a source that it is.
    pub(crate) fn source(&self, slug: &str) -> Value {
        json!({
            "kind": "source", "slug": slug, "name": slug,
            "issuer": self.issuer, "client_id": CLIENT_ID,
        })
    }

    /// Signs somebody in who was never here, and whom it puts into `group`.
    pub(crate) async fn introduces(&self, browser: &Api, slug: &str, group: &str) -> Result<()> {
        let asked = browser
            .sent_on(&format!("/api/v1/sources/{slug}/sign-in"))
            .await?;
        let asked = Url::parse(&asked).with_context(|| format!("sent to {asked}"))?;
        let asked: HashMap<_, _> = asked.query_pairs().into_owned().collect();
        let name = uuid::Uuid::new_v4().to_string();
        let code = json!({
            "nonce": asked["nonce"], "sub": name, "sid": name, "preferred_username": name,
            "name": name, "email": format!("{name}@example.org"), "groups": [group],
        });
        let answer = Serializer::new(String::new())
            .append_pair("code", &code.to_string())
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.issuer)
            .finish();
        let to = browser
            .sent_on(&format!("/api/v1/sources/{slug}/callback?{answer}"))
            .await?;
        ensure!(to == "/", "not signed in, but sent to {to}");
        Ok(())
    }
}

async fn configuration(State(signer): State<Signer>) -> Json<Value> {
    let issuer = &signer.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

/// Its key as in RFC 8037.
async fn keys(State(signer): State<Signer>) -> Json<Value> {
    let point = signer.key.verifying_key().to_string();
    Json(json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "one", "x": point },
    ]}))
}

async fn token(State(signer): State<Signer>, body: Bytes) -> Json<Value> {
    let form: HashMap<_, _> = parse(&body).into_owned().collect();
    let code = form.get("code").map(String::as_str).unwrap_or_default();
    let mut claims: Value = serde_json::from_str(code).unwrap_or_default();
    let now = Timestamp::now().as_second();
    claims["iss"] = signer.issuer.clone().into();
    claims["aud"] = CLIENT_ID.into();
    claims["iat"] = now.into();
    claims["exp"] = (now + TOKENS_LIVE_S).into();
    Json(json!({
        "access_token": "none", "token_type": "Bearer", "expires_in": TOKENS_LIVE_S,
        "id_token": signer.sign(&claims),
    }))
}

impl Signer {
    /// A token in compact form (RFC 7519).
    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" });
        let text = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", text(&header), text(claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
