//! Who may use which route: one table over every route of the document.

use causeway_functions::access::Admin;
use causeway_functions::use_case::token;
use causeway_functions::{document_json, openapi_document};
use causeway_model::object::{TokenScope, TokenSpec};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, House, PASSWORD};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Everybody: these routes are how one gets in.
    Strangers,
    /// Nodes and edges, by their signature.
    Members,
    /// Everybody who is signed in, and tokens made for launching.
    Launching,
    /// Everybody who is signed in.
    Account,
    /// Operators, auditors and administrators.
    Staff,
    /// Auditors and administrators.
    Readers,
    /// Operators, in their applications, and administrators.
    Keepers,
    /// Administrators.
    Admins,
}

/// Every route. A route that is not here fails the test.
const TABLE: &[(For, &[&str])] = &[
    (
        For::Strangers,
        &[
            "POST /api/v1/session",
            "POST /api/v1/session/second-factor",
            "POST /api/v1/session/passkey",
            "POST /api/v1/session/passkey/options",
            "GET /api/v1/sources",
            "GET /api/v1/sources/{slug}/sign-in",
            "GET /api/v1/sources/{slug}/callback",
            "POST /api/v1/sources/{slug}/backchannel-logout",
            "POST /api/v1/fleet/enrol",
        ],
    ),
    (
        For::Members,
        &[
            "POST /api/v1/fleet/claim",
            "POST /api/v1/fleet/heartbeat",
            "POST /api/v1/fleet/report",
        ],
    ),
    (
        For::Launching,
        &[
            "GET /api/v1/me",
            "GET /api/v1/applications",
            "POST /api/v1/applications/{slug}/endpoints/{endpoint}/launch",
            "GET /api/v1/connections",
            "GET /api/v1/connections/{id}",
            "DELETE /api/v1/connections/{id}",
            "POST /api/v1/connections/{id}/ticket",
            "GET /api/v1/flows/{execution}",
            "POST /api/v1/flows/{execution}",
            "DELETE /api/v1/flows/{execution}",
        ],
    ),
    (
        For::Account,
        &[
            "DELETE /api/v1/session",
            "GET /api/v1/approvals",
            "GET /api/v1/approvals/{id}",
            "POST /api/v1/approvals/{id}",
            "POST /api/v1/me/confirm",
            "POST /api/v1/me/confirm/options",
            "GET /api/v1/me/factors",
            "POST /api/v1/me/factors/totp",
            "POST /api/v1/me/factors/totp/{id}/confirm",
            "POST /api/v1/me/factors/webauthn",
            "POST /api/v1/me/factors/webauthn/options",
            "PUT /api/v1/me/factors/{id}",
            "DELETE /api/v1/me/factors/{id}",
            "PUT /api/v1/me/password",
            "POST /api/v1/me/recovery-codes",
            "GET /api/v1/me/sessions",
            "DELETE /api/v1/me/sessions",
            "DELETE /api/v1/me/sessions/{id}",
            "GET /api/v1/me/tokens",
            "POST /api/v1/me/tokens",
            "DELETE /api/v1/me/tokens/{id}",
        ],
    ),
    (
        For::Staff,
        &[
            "GET /api/v1/admin/applications",
            "GET /api/v1/admin/applications/{id}",
            "GET /api/v1/admin/providers",
            "GET /api/v1/admin/providers/{id}",
            "GET /api/v1/admin/endpoints",
            "GET /api/v1/admin/endpoints/{id}",
            "POST /api/v1/admin/endpoints/{id}/explain",
            "GET /api/v1/admin/property-mappings",
            "GET /api/v1/admin/property-mappings/{id}",
            "GET /api/v1/admin/policies",
            "GET /api/v1/admin/policies/{id}",
            "GET /api/v1/admin/policy-bindings",
            "GET /api/v1/admin/policy-bindings/{id}",
            "GET /api/v1/admin/flows",
            "GET /api/v1/admin/flows/{id}",
            "GET /api/v1/admin/outposts",
            "GET /api/v1/admin/outposts/{id}",
            "GET /api/v1/admin/groups",
            "GET /api/v1/admin/groups/{id}",
            "GET /api/v1/admin/users",
            "GET /api/v1/admin/users/{id}",
            "GET /api/v1/admin/connections",
            "GET /api/v1/admin/connections/{id}",
            "DELETE /api/v1/admin/connections/{id}",
            "GET /api/v1/admin/overview",
            "GET /api/v1/admin/settings-catalogue",
            "GET /api/v1/admin/used-by",
            "POST /api/v1/admin/expressions/check",
        ],
    ),
    (
        For::Readers,
        &[
            "GET /api/v1/admin/sources",
            "GET /api/v1/admin/sources/{id}",
            "GET /api/v1/admin/nodes",
            "GET /api/v1/admin/nodes/{id}",
            "GET /api/v1/admin/edges",
            "GET /api/v1/admin/edges/{id}",
            "GET /api/v1/admin/sessions",
            "GET /api/v1/admin/sessions/{id}",
            "GET /api/v1/admin/tokens",
            "GET /api/v1/admin/tokens/{id}",
            "GET /api/v1/admin/events",
            "GET /api/v1/admin/events/export",
            "GET /api/v1/admin/export",
            "POST /api/v1/admin/policies/test",
        ],
    ),
    (
        For::Keepers,
        &[
            "POST /api/v1/admin/applications",
            "PUT /api/v1/admin/applications/{id}",
            "DELETE /api/v1/admin/applications/{id}",
            "POST /api/v1/admin/endpoints",
            "PUT /api/v1/admin/endpoints/{id}",
            "DELETE /api/v1/admin/endpoints/{id}",
            "POST /api/v1/admin/policy-bindings",
            "PUT /api/v1/admin/policy-bindings/{id}",
            "DELETE /api/v1/admin/policy-bindings/{id}",
        ],
    ),
    (
        For::Admins,
        &[
            "POST /api/v1/admin/apply",
            "POST /api/v1/admin/providers",
            "PUT /api/v1/admin/providers/{id}",
            "DELETE /api/v1/admin/providers/{id}",
            "POST /api/v1/admin/property-mappings",
            "PUT /api/v1/admin/property-mappings/{id}",
            "DELETE /api/v1/admin/property-mappings/{id}",
            "POST /api/v1/admin/policies",
            "PUT /api/v1/admin/policies/{id}",
            "DELETE /api/v1/admin/policies/{id}",
            "POST /api/v1/admin/flows",
            "PUT /api/v1/admin/flows/{id}",
            "DELETE /api/v1/admin/flows/{id}",
            "POST /api/v1/admin/sources",
            "PUT /api/v1/admin/sources/{id}",
            "DELETE /api/v1/admin/sources/{id}",
            "POST /api/v1/admin/outposts",
            "PUT /api/v1/admin/outposts/{id}",
            "DELETE /api/v1/admin/outposts/{id}",
            "POST /api/v1/admin/outposts/{id}/join",
            "POST /api/v1/admin/groups",
            "PUT /api/v1/admin/groups/{id}",
            "DELETE /api/v1/admin/groups/{id}",
            "POST /api/v1/admin/users",
            "PUT /api/v1/admin/users/{id}",
            "DELETE /api/v1/admin/users/{id}",
            "DELETE /api/v1/admin/users/{id}/factors",
            "POST /api/v1/admin/edges/join",
            "DELETE /api/v1/admin/edges/{id}",
            "PUT /api/v1/admin/nodes/{id}",
            "DELETE /api/v1/admin/nodes/{id}",
            "DELETE /api/v1/admin/sessions/{id}",
            "POST /api/v1/admin/tokens",
            "DELETE /api/v1/admin/tokens/{id}",
        ],
    ),
];

/// Routes that sign out who uses them: nobody knocks there who is let in.
const SIGN_OUT: [&str; 2] = ["DELETE /api/v1/session", "DELETE /api/v1/me/sessions"];

/// Those who knock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    User,
    Operator,
    Auditor,
    ReadToken,
    LaunchToken,
}

/// With which code a caller is turned away; `None` when they are let in, if
/// only to be told that something is not there.
fn refusal(caller: Caller, whom: For, is_read: bool) -> Option<&'static str> {
    const NOT_ALLOWED: Option<&str> = Some("not_allowed");
    const TOKEN_SCOPE: Option<&str> = Some("token_scope");
    match (caller, whom) {
        (_, For::Strangers | For::Members) => None,
        (Caller::ReadToken, _) if !is_read => TOKEN_SCOPE,
        (Caller::LaunchToken, For::Launching) => None,
        (Caller::LaunchToken, _) => TOKEN_SCOPE,
        (_, For::Launching | For::Account) => None,
        (Caller::User, _) => NOT_ALLOWED,
        (Caller::Operator, For::Staff | For::Keepers) => None,
        (Caller::Operator, For::Readers | For::Admins) => NOT_ALLOWED,
        (Caller::Auditor, For::Staff | For::Readers) => None,
        (Caller::Auditor, For::Keepers | For::Admins) => NOT_ALLOWED,
        // The token of an administrator, and it reads.
        (Caller::ReadToken, For::Staff | For::Readers | For::Keepers | For::Admins) => None,
    }
}

fn routes() -> Vec<String> {
    let document: Value = serde_json::from_str(&document_json(&openapi_document())).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    routes
}

fn whom(route: &str) -> Option<For> {
    TABLE
        .iter()
        .find(|(_, routes)| routes.contains(&route))
        .map(|(whom, _)| *whom)
}

#[test]
fn the_table_names_every_route_once() {
    let routes = routes();
    let unnamed: Vec<_> = routes
        .iter()
        .filter(|route| whom(route).is_none())
        .collect();
    assert!(unnamed.is_empty(), "say who may use {unnamed:?}");
    let mut named: Vec<_> = TABLE.iter().flat_map(|(_, routes)| *routes).collect();
    let count = named.len();
    named.sort();
    named.dedup();
    assert_eq!(count, named.len(), "a route is named twice");
}

async fn knock(client: &Client, route: &str) -> Answer {
    let (method, path) = route.split_once(' ').unwrap();
    let path = path
        .replace("{id}", "00000000-0000-7000-8000-000000000001")
        .replace("{execution}", "00000000-0000-7000-8000-000000000001")
        .replace("{slug}", "none")
        .replace("{endpoint}", "none");
    match method {
        "GET" | "DELETE" => {
            client
                .send(method, &path, &[], axum::body::Body::empty())
                .await
        }
        _ => client.json(method, &path, &json!({})).await,
    }
}

pub(crate) async fn token(house: &House, user: &str, scope: TokenScope) -> Client {
    let spec = TokenSpec {
        name: "t".to_owned(),
        user: Some(user.to_owned()),
        scope,
        expires_at: None,
    };
    let made = token::create(&house.app, &Admin::operator(), spec)
        .await
        .unwrap();
    let text = format!("Bearer {}", made.credential.to_text());
    house.stranger().with("authorization", &text)
}

/// The staff of the furnished house: `oscar` operates `linux`, `audrey` audits.
pub(crate) async fn staffed_house() -> House {
    let house = House::furnished().await;
    house
        .apply(vec![
            json!({"kind": "group", "name": "linux operators", "role": "operator",
                "operates": ["linux"]}),
            json!({"kind": "user", "username": "oscar", "password": PASSWORD,
                "groups": ["linux operators"]}),
            json!({"kind": "user", "username": "audrey", "password": PASSWORD, "role": "auditor"}),
        ])
        .await;
    house
}

#[tokio::test]
async fn every_route_turns_away_whom_it_is_not_for() {
    let house = staffed_house().await;
    let callers = [
        (Caller::User, house.sign_in("ada").await),
        (Caller::Operator, house.sign_in("oscar").await),
        (Caller::Auditor, house.sign_in("audrey").await),
        (
            Caller::ReadToken,
            token(&house, "admin", TokenScope::Read).await,
        ),
        (
            Caller::LaunchToken,
            token(&house, "admin", TokenScope::Launch).await,
        ),
    ];
    let mut refused = 0;
    for route in routes() {
        let Some(whom) = whom(&route) else { continue };
        if matches!(whom, For::Strangers | For::Members) {
            continue;
        }
        for (caller, client) in &callers {
            let expected = refusal(*caller, whom, route.starts_with("GET "));
            if expected.is_none() && SIGN_OUT.contains(&route.as_str()) {
                continue;
            }
            let answer = knock(client, &route).await;
            let code = match answer.status {
                401 => Some("not_signed_in".to_owned()),
                403 => answer.json()["code"].as_str().map(str::to_owned),
                _ => None,
            };
            let turned_away = code
                .as_deref()
                .filter(|code| ["not_allowed", "token_scope", "not_signed_in"].contains(code));
            assert_eq!(
                turned_away, expected,
                "{caller:?} at {route}: {} {}",
                answer.status, answer.text
            );
            refused += usize::from(expected.is_some());
        }
    }
    assert!(refused > 150, "{refused} refusals");
}
