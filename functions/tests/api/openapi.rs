//! The OpenAPI document: committed, served, and complete.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use causeway_functions::{document_json, openapi_document};
use serde_json::{Value, json};

use crate::harness::{Client, House};

/// Routes that need no sign-in: they are how one gets in.
const OPEN: [&str; 9] = [
    "GET /api/v1/sources",
    "GET /api/v1/sources/{slug}/sign-in",
    "GET /api/v1/sources/{slug}/callback",
    "POST /api/v1/sources/{slug}/backchannel-logout",
    "POST /api/v1/session",
    "POST /api/v1/session/second-factor",
    "POST /api/v1/session/passkey/options",
    "POST /api/v1/session/passkey",
    "POST /api/v1/fleet/enrol",
];

#[test]
fn the_committed_document_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let generated = document_json(&openapi_document());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "functions/openapi.json is not that of the code; write it anew with\n    \
         UPDATE_OPENAPI=1 cargo test -p causeway-functions openapi"
    );
}

#[tokio::test]
async fn the_document_is_served() {
    let house = House::empty().await;
    let served = house.stranger().get("/api/v1/openapi.json").await;
    assert_eq!(served.text, document_json(&openapi_document()));
}

/// Method, path with made-up parameters, and the route's own spelling.
fn routes() -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&document_json(&openapi_document())).unwrap();
    let mut routes = Vec::new();
    for (template, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let path = template
                .replace("{id}", "00000000-0000-7000-8000-000000000001")
                .replace("{slug}", "linux")
                .replace("{execution}", "00000000-0000-7000-8000-000000000001")
                .replace("{endpoint}", "web-01");
            assert!(!path.contains('{'), "{path}");
            routes.push((method.clone(), path, format!("{method} {template}")));
        }
    }
    routes
}

async fn knock(client: &Client, method: &str, path: &str) -> crate::harness::Answer {
    match method {
        "GET" | "DELETE" => {
            client
                .send(method, path, &[], axum::body::Body::empty())
                .await
        }
        _ => client.json(method, path, &json!({})).await,
    }
}

#[tokio::test]
async fn every_route_turns_strangers_away() {
    let house = House::furnished().await;
    let routes = routes();
    assert!(routes.len() > 50, "{} routes", routes.len());
    let forged = format!("causeway=cws_{}", "A".repeat(86));
    let strangers = [
        house.stranger(),
        house.stranger().with("cookie", &forged),
        house
            .stranger()
            .with("authorization", &format!("Bearer cwt_{}", "A".repeat(86))),
        house
            .stranger()
            .with("authorization", "Basic YWRtaW46YWRtaW4="),
    ];
    for (method, path, route) in routes {
        if OPEN.contains(&route.as_str()) {
            continue;
        }
        for stranger in &strangers {
            let answer = knock(stranger, &method, &path).await;
            assert_eq!(answer.status, 401, "{route}: {}", answer.text);
            assert!(answer.headers.contains_key("www-authenticate"), "{route}");
        }
    }
}

#[tokio::test]
async fn routes_of_the_fleet_turn_users_away() {
    let house = House::furnished().await;
    let ada = house.sign_in("ada").await;
    for (method, path, route) in routes() {
        if path.starts_with("/api/v1/fleet/") && !OPEN.contains(&route.as_str()) {
            assert_eq!(knock(&ada, &method, &path).await.status, 401, "{route}");
        }
    }
}

#[tokio::test]
async fn every_unsafe_route_refuses_other_sites() {
    let house = House::furnished().await;
    let lured = house
        .sign_in("admin")
        .await
        .with("sec-fetch-site", "cross-site");
    for (method, path, route) in routes() {
        if method == "GET" || path.starts_with("/api/v1/fleet/") {
            continue;
        }
        let answer = knock(&lured, &method, &path).await;
        assert_eq!(answer.status, 403, "{route}: {}", answer.text);
        answer.problem(403, "cross_site_request");
    }
}

#[test]
fn operations_are_named_once() {
    let document: Value = serde_json::from_str(&document_json(&openapi_document())).unwrap();
    let mut names = Vec::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            names.push(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// Every type with a schema, by the name that it has in the document. Two of
/// one name would leave one of them out.
#[test]
fn every_schema_is_of_one_type() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    rust_files(&root.join("functions/src"), &mut files);
    rust_files(&root.join("crates"), &mut files);
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for name in schema_names(&source) {
            let of = named.entry(name).or_default();
            of.push(file.display().to_string());
        }
    }
    assert!(named.len() > 100, "{} schemas", named.len());
    named.retain(|_, files| files.len() > 1);
    assert!(
        named.is_empty(),
        "give one of each another name with #[schema(as = ...)]: {named:#?}"
    );
}

fn rust_files(below: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Names of the types that derive a schema, or what they are called instead.
fn schema_names(source: &str) -> Vec<String> {
    source
        .split("#[derive(")
        .skip(1)
        .filter_map(|after| {
            let (derived, rest) = after.split_once(")]")?;
            let (attributes, declaration) = rest.split_at(
                ["struct ", "enum "]
                    .iter()
                    .filter_map(|word| rest.find(word))
                    .min()?,
            );
            let called = attributes
                .split_once("schema(as = ")
                .map_or(declaration.split_once(' ')?.1, |(_, called)| called);
            let name = called.split(|c: char| !c.is_alphanumeric()).next()?;
            derived.contains("ToSchema").then(|| name.to_owned())
        })
        .collect()
}

#[test]
fn the_document_says_what_openapi_asks_for() {
    let text = document_json(&openapi_document());
    let document: Value = serde_json::from_str(&text).unwrap();
    for methods in document["paths"].as_object().unwrap().values() {
        for operation in methods.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let name = &operation["operationId"];
                assert!(response["description"].is_string(), "{name} {status}");
            }
        }
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}
