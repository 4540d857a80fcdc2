//! An OpenID provider on loopback with real signatures, which can be told to
//! misbehave. Its pages are not there: a test asks it for a code as a browser
//! that signed in would bring it.

mod server;
mod signing;

pub(crate) use signing::Key;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const CLIENT_ID: &str = "causeway";
pub(crate) const CLIENT_SECRET: &str = "the client's secret";

/// A running provider.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
    server: JoinHandle<()>,
}

/// What it does when it is asked.
pub(crate) struct Script {
    pub(crate) issuer: String,
    /// The keys that its key set shows.
    pub(crate) keys: Vec<Key>,
    /// The key that it signs with.
    pub(crate) signs_with: Key,
    /// What it says of whoever signs in, beside what every token says.
    pub(crate) person: Map<String, Value>,
    /// What its userinfo endpoint says; none for no such endpoint.
    pub(crate) userinfo: Option<Map<String, Value>>,
    /// Changes header and claims of a token before it is signed.
    pub(crate) tamper: fn(&mut Value, &mut Value),
    /// Changes a token after it was signed.
    pub(crate) forge: fn(String) -> String,
    /// Changes the configuration.
    pub(crate) configure: fn(&mut Value),
    /// How often the key set was asked for.
    pub(crate) keys_asked: usize,
    /// How often a code was brought.
    pub(crate) codes_brought: usize,
    /// What it does instead of answering.
    pub(crate) fault: Fault,
    codes: HashMap<String, Code>,
    now: Timestamp,
}

/// A way not to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Never answers.
    Slow,
    /// Answers without end.
    Huge,
    /// Sends somewhere else.
    Redirect,
    /// Says 500.
    Broken,
    /// Answers, with some bytes that are others; which, this number says.
    Garbled(u64),
}

/// What a code is good for.
struct Code {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl Provider {
    /// A provider whose clock shows `now`, and who knows a person `ada`.
    pub(crate) async fn start(now: Timestamp) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = Key::generate("key-1");
        let person = json!({"sub": "0001", "preferred_username": "ada.l", "sid": "sid-1"});
        let script = Arc::new(Mutex::new(Script {
            issuer: issuer.clone(),
            keys: vec![key.clone()],
            signs_with: key,
            person: person.as_object().unwrap().clone(),
            userinfo: Some(Map::new()),
            tamper: |_, _| {},
            forge: |token| token,
            configure: |_| {},
            keys_asked: 0,
            codes_brought: 0,
            fault: Fault::None,
            codes: HashMap::new(),
            now,
        }));
        let router = server::router(Arc::clone(&script));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            issuer,
            script,
            server,
        }
    }

    /// The script, to be changed.
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// The claims of the person, to be changed.
    pub(crate) fn says(&self, claims: &Value) {
        let claims = claims.as_object().unwrap().clone();
        self.script().person.extend(claims);
    }

    /// The document of a source that is this provider.
    pub(crate) fn source(&self) -> Value {
        json!({
            "kind": "source", "slug": "id", "name": "Example ID", "issuer": self.issuer,
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        })
    }

    /// What a browser brings back after its user signed in at `url`: the query
    /// of the callback.
    pub(crate) fn signs_in(&self, url: &Url) -> String {
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT_ID);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
        let mut script = self.script();
        let code = format!("code-{}", script.codes.len());
        let grant = Code {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        script.codes.insert(code.clone(), grant);
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &query["state"])
            .append_pair("iss", &script.issuer)
            .finish()
    }

    /// A logout token with these claims beside what every one says; what is
    /// null is left out.
    pub(crate) fn logout_token(&self, claims: &Value) -> String {
        let script = self.script();
        let mut all = json!({
            "iss": script.issuer, "aud": CLIENT_ID, "iat": script.now.as_second(),
            "exp": script.now.as_second() + 120, "jti": "logout-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        for (name, value) in claims.as_object().unwrap() {
            if value.is_null() {
                all.as_object_mut().unwrap().remove(name);
            } else {
                all[name] = value.clone();
            }
        }
        script.signs_with.sign(json!({"typ": "logout+jwt"}), all)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}
