//! Distinctive secrets in every place that keeps one, and then everything that
//! can be read: every route that reads, the audit trail in both shapes, the
//! export, explanations, errors, metrics and the log at its most talkative.

use std::io;
use std::sync::{Arc, Mutex};

use causeway_functions::access::Admin;
use causeway_functions::outside_secret::{Local, Stores, VariablePrefix};
use causeway_functions::use_case::enrolment;
use causeway_functions::{document_json, openapi_document};
use causeway_telemetry::Sampling;
use serde_json::{Value, json};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::furnish::*;
use crate::harness::{Client, House, NodeMember, furniture, request};
use crate::provider::{CLIENT_SECRET, Provider};
use crate::second_factor::App;
use crate::sources;

/// Secrets that were planted, each with where.
#[derive(Default)]
struct Planted(Vec<(String, String)>);

impl Planted {
    /// A secret for a place.
    fn plant(&mut self, place: &str) -> String {
        self.note(place, &format!("PLANTED-{}-d41402abc4", self.0.len()))
    }

    /// A secret that was made elsewhere.
    fn note(&mut self, place: &str, secret: &str) -> String {
        assert!(secret.len() >= 12, "{place} is too short to be looked for");
        self.0.push((place.to_owned(), secret.to_owned()));
        secret.to_owned()
    }

    fn private_key(&mut self, place: &str) -> String {
        let secret = self.plant(place);
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{secret}\n-----END OPENSSH PRIVATE KEY-----\n"
        )
    }

    fn settings(&mut self, place: &str) -> Value {
        json!({
            "username": "root",
            "password": self.plant(&format!("{place} password")),
            "private-key": self.private_key(&format!("{place} private key")),
            "passphrase": self.plant(&format!("{place} passphrase")),
            "vault-token": self.plant(&format!("{place} unknown secret")),
            "nested": {"api-key": [self.plant(&format!("{place} nested secret"))]},
        })
    }

    /// Fails when `text`, which `origin` gave, holds one.
    fn check(&self, origin: &str, text: &str) {
        for (place, secret) in &self.0 {
            assert!(
                !text.contains(secret.as_str()),
                "{origin} shows the {place}: {text}"
            );
        }
        // Nor how they are kept.
        for kept in ["sealed:", "argon2id"] {
            assert!(!text.contains(kept), "{origin} shows {kept}: {text}");
        }
    }
}

/// What our crates log at TRACE.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes everything from now on.
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::registry()
            .with(tracing_subscriber::fmt::layer().with_writer(move || writer.clone()))
            .with(Targets::new().with_target("causeway", tracing::Level::TRACE))
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A house with a secret in every place, somebody who used each, and those
/// who may look around.
struct Scene {
    planted: Planted,
    house: House,
    node: NodeMember,
    provider: Provider,
    admin: Client,
    ada: Client,
    program: Client,
    /// A run of a flow that still asks `ada`.
    challenge: Value,
}

impl Scene {
    async fn set() -> Self {
        let mut planted = Planted::default();
        let outside = planted.plant("outside secret");
        let house = House::with_parts(|parts| {
            let local = Local::with_variables(VariablePrefix::default(), None, move |name| {
                (name == "CAUSEWAY_SECRET_WEB").then(|| outside.clone().into_bytes())
            });
            parts.outside_secrets = Arc::new(Stores::new(local, None));
            // What spans carry to a collector stands in the log here, too.
            parts.config.traces = Some(Sampling::default());
        })
        .await;
        let provider = Provider::start(house.app.now()).await;
        planted.note("client secret", CLIENT_SECRET);
        house.apply(documents(&mut planted, &provider)).await;
        let edge = house.edge("edge-1").await;
        let join = enrolment::join_node(&house.app, &Admin::operator(), "home")
            .await
            .unwrap();
        planted.note("join token of a node", &join.token);
        let node = house.node("node-1", 10, &[&edge]).await;
        let ada = sign_in(&mut planted, &house, "ada").await;
        let admin = sign_in(&mut planted, &house, "admin").await;
        second_factors(&mut planted, &house, &ada).await;
        house.wait(30);
        edge.beat(&house).await.expect(200);
        node.beat(&house, &[]).await;
        let program = token(&mut planted, &house, &ada).await;
        let mut scene = Self {
            challenge: ada.poke(LAUNCH).await.expect(200),
            planted,
            house,
            node,
            provider,
            admin,
            ada,
            program,
        };
        scene.launch(false).await;
        scene.launch(true).await;
        sources::sign_in(&scene.house, &scene.provider).await;
        scene
    }

    /// A launch whose flow asks for a password; claimed or waiting.
    async fn launch(&mut self, is_claimed: bool) {
        let typed = self.planted.plant("password typed into a flow");
        let challenge = self.ada.poke(LAUNCH).await.expect(200);
        let body = json!({"fields": {"connection_settings.sftp-password": typed}});
        let launched = answer(&self.ada, &challenge, body).await.expect(200);
        let ticket = launched["ticket"].as_str().unwrap();
        self.planted.note("ticket", ticket);
        if is_claimed {
            let given = claimed(&self.house, &self.node, &launched).await;
            let given = given["settings"].to_string();
            for place in [
                "outside secret",
                "mapping password",
                "password typed into a flow",
            ] {
                let mut secrets = self.planted.0.iter().rev();
                let (_, secret) = secrets.find(|(of, _)| of == place).unwrap();
                assert!(
                    given.contains(secret.as_str()),
                    "the node needs the {place}"
                );
            }
        }
    }
}

fn documents(planted: &mut Planted, provider: &Provider) -> Vec<Value> {
    let mut documents = furniture();
    documents[1]["settings"] = planted.settings("provider");
    documents[1]["property_mappings"] = json!(["shared"]);
    documents[1]["authorization_flow"] = json!("ask");
    documents[3] = web_01(json!({
        "settings": planted.settings("endpoint"), "maximum_connections": -1,
        "property_mappings": ["outside"],
    }));
    let bob = planted.plant("password of a user");
    documents.splice(
        0..0,
        [
            json!({"kind": "property_mapping", "name": "shared",
                "static_settings": {"password": planted.plant("mapping password")}}),
            json!({"kind": "property_mapping", "name": "outside",
                "expression": "{'passphrase': secret('env:CAUSEWAY_SECRET_WEB')}"}),
            json!({"kind": "flow", "name": "ask", "stages": [
                {"type": "prompt", "name": "who", "fields": [
                    {"name": "connection_settings.sftp-password", "type": "password"},
                ]},
            ]}),
            json!({"kind": "group", "name": "staff"}),
            json!({"kind": "user", "username": "bob", "password": bob, "groups": ["staff"]}),
            policy("everybody", "true"),
            provider.source(),
        ],
    );
    documents.push(bind("application/linux", "everybody"));
    documents
}

async fn sign_in(planted: &mut Planted, house: &House, username: &str) -> Client {
    let mut client = house.stranger();
    let answer = client.sign_in(username, crate::harness::PASSWORD).await;
    planted.note("password of a user", crate::harness::PASSWORD);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(['=', ';']).nth(1).unwrap();
    planted.note("session cookie", cookie);
    answer.expect(200);
    client
}

async fn second_factors(planted: &mut Planted, house: &House, client: &Client) {
    let app = App::enrol(client).await;
    planted.note("seed of an authenticator app", app.secret());
    let added = app.confirm(house, client).await.expect(200);
    for code in added["recovery_codes"].as_array().unwrap() {
        planted.note("recovery code", code.as_str().unwrap());
    }
}

async fn token(planted: &mut Planted, house: &House, client: &Client) -> Client {
    let body = json!({"name": "script", "scope": "launch"});
    let made = client.post("/api/v1/me/tokens", &body).await.expect(201);
    let text = planted.note("API token", made["token"].as_str().unwrap());
    house
        .stranger()
        .with("authorization", &format!("Bearer {text}"))
}

/// Every route that reads, with what can stand in its path.
async fn readable(scene: &Scene) -> Vec<String> {
    let document: Value = serde_json::from_str(&document_json(&openapi_document())).unwrap();
    let mut paths = Vec::new();
    for (template, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
        let Some((before, after)) = template.split_once('{') else {
            paths.push(template.clone());
            continue;
        };
        let name = after.split('}').next().unwrap();
        let after = after.split_once('}').unwrap().1;
        let values = match name {
            "slug" => vec!["id".to_owned()],
            "execution" => vec![scene.challenge["execution"].as_str().unwrap().to_owned()],
            "id" => ids(scene, before.trim_end_matches('/')).await,
            other => panic!("what stands in {template} for {other}?"),
        };
        paths.extend(values.iter().map(|value| format!("{before}{value}{after}")));
    }
    for (kind, id) in [
        ("property_mapping", "shared"),
        ("provider", "ssh"),
        ("user", "ada"),
        ("flow", "ask"),
    ] {
        paths.push(format!("/api/v1/admin/used-by?kind={kind}&id={id}"));
    }
    paths.extend(
        [
            "/api/v1/connections?all=true",
            "/metrics",
            "/api/v1/openapi.json",
        ]
        .map(str::to_owned),
    );
    paths
}

/// Ids of what a list holds.
async fn ids(scene: &Scene, list: &str) -> Vec<String> {
    let items = scene.admin.get(&format!("{list}?limit=100")).await;
    let mine = scene.ada.get(list).await;
    [items, mine]
        .into_iter()
        .filter(|answer| answer.status == 200)
        .flat_map(|answer| answer.json()["items"].as_array().unwrap().clone())
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What is wrong, with a secret in it.
async fn mistakes(scene: &Scene) -> Vec<(String, String)> {
    let Scene {
        house,
        admin,
        ada,
        node,
        ..
    } = scene;
    let secret = &scene.planted.0[0].1;
    let mut said = Vec::new();
    for (path, body) in [
        (
            "/api/v1/session",
            json!({"username": "bob", "password": secret}),
        ),
        (
            "/api/v1/session",
            json!({"username": secret, "password": [secret]}),
        ),
        (
            "/api/v1/session/second-factor",
            json!({"sign_in": secret, "method": "totp", "code": secret}),
        ),
        (
            "/api/v1/fleet/enrol",
            request(
                secret,
                "n",
                &causeway_trust::SigningKey::generate().unwrap(),
                json!({"node": {"capacity": 1}}),
            ),
        ),
    ] {
        said.push((
            path.to_owned(),
            house.stranger().post(path, &body).await.text,
        ));
    }
    for body in [
        json!({"name": "x", "provider": "ssh", "protocol": "ssh", "host": "h",
            "settings": {"password": {"a": secret}, "port": "x", "private-key": secret}}),
        json!({"name": "x", "settings": {"password": secret}, "no_such_field": 1}),
        json!({"kind": "user", "username": "x y", "password": secret}),
    ] {
        for path in [
            "endpoints",
            "providers",
            "users",
            "property-mappings",
            "sources",
        ] {
            let path = format!("/api/v1/admin/{path}");
            said.push((path.clone(), admin.post(&path, &body).await.text));
        }
        let apply = json!({"documents": [body]});
        let answer = admin.post("/api/v1/admin/apply", &apply).await;
        said.push(("apply".to_owned(), answer.text));
    }
    let flow = flow_path(&scene.challenge);
    for fields in [
        json!({"connection_settings.sftp-password": [secret]}),
        json!({"connection_settings.sftp-password": secret, "more": secret}),
    ] {
        let answer = ada.post(&flow, &json!({ "fields": fields })).await;
        said.push((flow.clone(), answer.text));
    }
    let default = json!({"name": "f", "stages": [{"type": "prompt", "name": "p", "fields": [
        {"name": "connection_settings.password", "default": secret},
    ]}]});
    let answer = admin.post("/api/v1/admin/flows", &default).await;
    said.push(("a secret as a default".to_owned(), answer.text.clone()));
    answer.problem(422, "invalid_field");
    let tickets = scene
        .planted
        .0
        .iter()
        .filter(|(place, _)| place == "ticket");
    for (_, ticket) in tickets {
        // The first is good once, the second was used.
        for _ in 0..2 {
            let answer = node.claim(house, ticket).await;
            if answer.status != 200 {
                said.push(("a claim".to_owned(), answer.text));
            }
        }
    }
    let confirm = json!({"code": secret});
    said.push((
        "confirm".to_owned(),
        ada.post("/api/v1/me/confirm", &confirm).await.text,
    ));
    said
}

async fn explanations(scene: &Scene) -> Vec<(String, String)> {
    let secret = &scene.planted.0[0].1;
    let mut said = Vec::new();
    for id in ids(scene, "/api/v1/admin/endpoints").await {
        let path = format!("/api/v1/admin/endpoints/{id}/explain");
        let body = json!({"user": "ada", "connection_settings": {"password": secret}});
        let explained = scene.admin.post(&path, &body).await;
        assert_eq!(explained.status, 200, "{}", explained.text);
        said.push((path, explained.text));
    }
    let body = json!({"user": "ada", "expression": "connection_settings.password == ''"});
    let tried = scene.admin.post("/api/v1/admin/policies/test", &body).await;
    said.push(("policies/test".to_owned(), tried.text));
    said
}

#[tokio::test]
async fn nothing_that_can_be_read_shows_a_secret() {
    let log = Log::begin();
    let scene = Scene::set().await;
    let planted = &scene.planted;
    assert!(planted.0.len() > 30, "{} secrets", planted.0.len());
    // First what fails: its events and its log are read below.
    for (origin, text) in mistakes(&scene).await {
        planted.check(&origin, &text);
    }
    for (origin, text) in explanations(&scene).await {
        planted.check(&origin, &text);
    }
    let paths = readable(&scene).await;
    let mut found = 0;
    for path in &paths {
        for client in [
            &scene.admin,
            &scene.ada,
            &scene.program,
            &scene.house.stranger(),
        ] {
            let answer = client.get(path).await;
            assert!(answer.status < 500, "{path}: {}", answer.text);
            found += usize::from(answer.status == 200);
            planted.check(path, &answer.text);
            for (name, value) in &answer.headers {
                planted.check(&format!("{path}: {name}"), value.to_str().unwrap());
            }
        }
    }
    assert!(
        paths.len() > 60 && found > 85,
        "{} paths, {found} answers",
        paths.len()
    );
    for export in [
        "/api/v1/admin/events/export?limit=1000",
        "/api/v1/admin/export",
    ] {
        let exported = scene.admin.get(export).await;
        assert!(
            exported.status == 200 && exported.text.len() > 1000,
            "{}",
            exported.text
        );
    }
    let log = log.text();
    assert!(log.contains("claim refused"), "{log}");
    assert!(log.contains("http.route"), "no span of a trace: {log}");
    planted.check("the log", &log);
}
