//! What functions ask: the table and the secrets, at one endpoint, told apart
//! by `X-Amz-Target` as the SDKs write it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use causeway_table::{CloudConfig, Service, Table};
use causeway_trust::SigningKey;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The first administrator's password.
pub const ADMIN_PASSWORD: &str = "correct horse battery staple";
/// What the front door shows.
pub const ORIGIN_SECRET: &str = "through-the-front-door";

/// An emulated cloud, gone when it is dropped.
pub struct Cloud {
    pub address: SocketAddr,
    table: Service,
    secrets: Secrets,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Secrets(Arc<Mutex<HashMap<String, String>>>);

/// Data keys that were drawn: plain text and context by what they are wrapped
/// to.
#[derive(Clone, Default)]
struct DataKeys(Arc<Mutex<HashMap<String, (String, Value)>>>);

#[derive(Clone)]
struct Services {
    table: Service,
    data_keys: DataKeys,
    secrets: Secrets,
}

impl Cloud {
    /// Starts one with an empty table and the secrets that a deployment has.
    pub async fn start() -> Self {
        let secrets = Secrets::default();
        let key = SigningKey::generate().unwrap().to_pkcs8();
        let keys = json!({
            "current": URL_SAFE_NO_PAD.encode(&*key),
            "previous": [],
        });
        secrets.put("signing", &keys.to_string());
        secrets.put("admin-password", ADMIN_PASSWORD);
        secrets.put("origin", ORIGIN_SECRET);
        let table = Service::in_memory().await.unwrap();
        let services = Services {
            table: table.clone(),
            data_keys: DataKeys::default(),
            secrets: secrets.clone(),
        };
        let router = Router::new().fallback(answer).with_state(services);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            table,
            secrets,
            server: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }

    /// What a function is told, by variable.
    pub fn environment(&self) -> HashMap<String, String> {
        [
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "id".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
            ("AWS_SESSION_TOKEN", "token".to_owned()),
            ("CAUSEWAY_TABLE", Service::TABLE.to_owned()),
            ("CAUSEWAY_PUBLIC_URL", "https://causeway.example".to_owned()),
            ("CAUSEWAY_DATA_KEY", "alias/causeway".to_owned()),
            ("CAUSEWAY_SIGNING_KEYS", "signing".to_owned()),
            (
                "CAUSEWAY_ADMIN_PASSWORD_SECRET",
                "admin-password".to_owned(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The table, past the functions.
    pub fn table(&self) -> Table {
        let credentials = Credentials::new("id", "key", None, None, "test");
        let config = CloudConfig::over_http(
            Service::TABLE.to_owned(),
            "eu-central-1".to_owned(),
            SharedCredentialsProvider::new(credentials),
            reqwest::Client::new(),
        );
        Table::cloud(config.at(format!("http://{}", self.address)))
    }

    /// Asks the table an operation of its API, e.g. `GetItem`.
    pub async fn ask_table(&self, operation: &str, mut arguments: Value) -> Value {
        arguments["TableName"] = Service::TABLE.into();
        let target = format!("DynamoDB_20120810.{operation}");
        let body = arguments.to_string();
        let (status, answer) = self.table.answer(&target, body.as_bytes()).await;
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(status, 200, "{operation}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Changes a secret.
    pub fn put_secret(&self, name: &str, value: &str) {
        self.secrets.put(name, value);
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Secrets {
    fn put(&self, name: &str, value: &str) {
        let mut secrets = self.0.lock().unwrap();
        secrets.insert(name.to_owned(), value.to_owned());
    }

    fn answer(&self, asked: &Value) -> Response {
        let secrets = self.0.lock().unwrap();
        let name = asked["SecretId"].as_str().unwrap_or_default();
        match secrets.get(name) {
            Some(value) => json!({"Name": name, "SecretString": value})
                .to_string()
                .into_response(),
            None => {
                let error = json!({"__type": "ResourceNotFoundException"});
                (StatusCode::BAD_REQUEST, error.to_string()).into_response()
            }
        }
    }
}

impl DataKeys {
    fn generate(&self, asked: &Value) -> Response {
        let mut keys = self.0.lock().unwrap();
        let (wrapped, plain) = (
            STANDARD.encode(format!("wrapped {}", keys.len())),
            STANDARD.encode([u8::try_from(keys.len()).unwrap(); 32]),
        );
        let context = asked["EncryptionContext"].clone();
        keys.insert(wrapped.clone(), (plain.clone(), context));
        json!({"CiphertextBlob": wrapped, "Plaintext": plain, "KeyId": asked["KeyId"]})
            .to_string()
            .into_response()
    }

    fn decrypt(&self, asked: &Value) -> Response {
        let keys = self.0.lock().unwrap();
        let wrapped = asked["CiphertextBlob"].as_str().unwrap_or_default();
        match keys.get(wrapped) {
            Some((plain, context)) if *context == asked["EncryptionContext"] => {
                json!({"Plaintext": plain, "KeyId": "key"})
                    .to_string()
                    .into_response()
            }
            _ => {
                let error = json!({"__type": "InvalidCiphertextException"});
                (StatusCode::BAD_REQUEST, error.to_string()).into_response()
            }
        }
    }
}

async fn answer(State(services): State<Services>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|text| text.to_str().ok());
    let target = target.unwrap_or_default();
    if !headers.contains_key("authorization") {
        return (StatusCode::FORBIDDEN, "not signed").into_response();
    }
    if target.starts_with("DynamoDB") {
        let (status, body) = services.table.answer(target, &body).await;
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    let asked = serde_json::from_slice(&body).unwrap_or_default();
    match target {
        "secretsmanager.GetSecretValue" => services.secrets.answer(&asked),
        "TrentService.GenerateDataKey" => services.data_keys.generate(&asked),
        "TrentService.Decrypt" => services.data_keys.decrypt(&asked),
        _ if body.starts_with(b"Action=GetCallerIdentity") => identity(&headers),
        _ => (StatusCode::NOT_IMPLEMENTED, target.to_owned()).into_response(),
    }
}

/// Says whose a request is. Anybody is who their session token says.
fn identity(headers: &HeaderMap) -> Response {
    let token = headers.get("x-amz-security-token");
    let arn = token.and_then(|token| token.to_str().ok());
    match arn.filter(|arn| arn.starts_with("arn:")) {
        Some(arn) => format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        .into_response(),
        None => (StatusCode::FORBIDDEN, "<Error/>").into_response(),
    }
}
