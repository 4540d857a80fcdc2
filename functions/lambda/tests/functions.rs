//! The functions' real programs, run as Lambda runs them, over an emulated
//! cloud: the whole story over events, and what hostile or wrong ones do.
#![allow(clippy::unwrap_used, reason = "tests")]

mod emulated;
mod fleet;
mod members;

use std::time::Duration;

use causeway_model::id::EventId;
use causeway_model::object::{Event, EventAction, Outcome};
use emulated::services::{ADMIN_PASSWORD, ORIGIN_SECRET};
use emulated::{Cloud, Function, Program, Sent};
use fleet::{Member, assumed};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const PORTAL: &str = env!("CARGO_BIN_EXE_portal");
const ADMIN: &str = env!("CARGO_BIN_EXE_admin");
const NODES: &str = env!("CARGO_BIN_EXE_nodes");
const SWEEP: &str = env!("CARGO_BIN_EXE_sweep");

async fn start(cloud: &Cloud, program: &str) -> Function {
    Program::new(program, cloud.environment()).start().await
}

async fn bootstrapped(cloud: &Cloud) -> Function {
    let admin = start(cloud, ADMIN).await;
    let made = admin.invoke(&json!({"causeway": "bootstrap"})).await;
    assert_eq!(
        made.unwrap(),
        json!({"made_administrator": true, "outpost": "default"})
    );
    admin
}

async fn sign_in(portal: &Function) -> String {
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
    let response = portal.answer(Sent::post("/api/v1/session", &body)).await;
    response.ok();
    assert_eq!(response.header("set-cookie"), "");
    let [cookie] = response.cookies()[..] else {
        panic!("one cookie: {response:?}");
    };
    assert!(cookie.starts_with("__Host-causeway="), "{cookie}");
    cookie.to_owned()
}

#[tokio::test]
async fn the_whole_story() {
    let cloud = Cloud::start().await;
    let (admin, portal, nodes) = tokio::join!(
        bootstrapped(&cloud),
        start(&cloud, PORTAL),
        start(&cloud, NODES)
    );
    let cookie = sign_in(&portal).await;
    let cookie = ["theme=dark", &*cookie];

    let documents = json!({"documents": [
        {"kind": "provider", "name": "machines", "outposts": ["default"],
            "settings": {"username": "root", "password": "hunter2"}},
        {"kind": "application", "slug": "machines", "name": "Machines", "provider": "machines"},
        {"kind": "endpoint", "name": "one", "provider": "machines", "protocol": "ssh",
            "host": "target.example", "maximum_connections": 1},
    ]});
    let applied = Sent::post("/api/v1/admin/apply", &documents).cookies(cookie);
    admin.answer(applied).await.ok();
    let join = |path: &str| Sent::post(path, &json!({})).cookies(cookie);
    let node = admin
        .answer(join("/api/v1/admin/outposts/default/join"))
        .await;
    let edge = admin.answer(join("/api/v1/admin/edges/join")).await;
    let node = Member::enrol_node(&nodes, &node.ok()).await;
    let edge = Member::enrol_edge(&nodes, &edge.ok()).await;
    edge.heartbeat_of_edge(&nodes).await;
    node.heartbeat_of_node(&nodes, &[&edge]).await;

    let launch = "/api/v1/applications/machines/endpoints/one/launch";
    let launch = || Sent::post(launch, &json!({})).cookies(cookie);
    let launched = portal.answer(launch()).await.ok();
    let connection = launched["connection"]["id"].as_str().unwrap();
    assert_eq!(launched["edge_url"], "wss://edge.example/edge/v1/connect");
    let line = portal.last_request().await;
    assert_eq!(line["connection"], connection);
    assert_eq!(line["launches"], 1);
    let again = portal.answer(launch()).await;
    assert_eq!(
        again.problem(),
        (409, "maximum_connections_reached".to_owned())
    );

    let claimed = node.claim(&nodes, &launched["ticket"]).await.ok();
    assert_eq!(claimed["connection"], connection);
    assert_eq!(claimed["settings"]["password"], "hunter2");
    let burnt = node.claim(&nodes, &launched["ticket"]).await;
    assert_eq!(burnt.problem(), (401, "ticket_used".to_owned()));

    let path = format!("/api/v1/connections/{connection}");
    let ended = portal
        .answer(Sent::new("DELETE", &path).cookies(cookie))
        .await;
    assert_eq!(ended.status(), 204, "{ended:?}");
    let found = portal.answer(Sent::get(&path).cookies(cookie)).await.ok();
    assert_eq!(found["state"], "ended");
}

#[tokio::test]
async fn a_sweep_ends_what_a_lost_node_held() {
    let cloud = Cloud::start().await;
    let (admin, portal, nodes) = tokio::join!(
        bootstrapped(&cloud),
        start(&cloud, PORTAL),
        start(&cloud, NODES)
    );
    let (cookie, node) =
        fleet::ready_to_launch(&admin, &portal, &nodes, sign_in(&portal).await).await;
    let with = |sent: Sent| sent.cookies([&*cookie]);
    let launch = "/api/v1/applications/machines/endpoints/one/launch";
    let launched = portal
        .answer(with(Sent::post(launch, &json!({}))))
        .await
        .ok();
    node.claim(&nodes, &launched["ticket"]).await.ok();
    node.opened(&nodes, &launched["connection"]).await.ok();

    // The node is silent from now on. One invocation outlasts its deadline.
    let sweep = start(&cloud, SWEEP).await;
    let scheduled = json!({"source": "aws.scheduler", "detail-type": "Scheduled Event"});
    let swept = sweep
        .invoke_text(&scheduled.to_string(), Duration::from_secs(16))
        .await;
    assert!(swept.unwrap()["rounds"].as_u64().unwrap() > 3);
    let line = sweep.last_request().await;
    assert_eq!(
        (&line["function"], &line["swept"]),
        (&json!("sweep"), &json!(1))
    );
    let id = launched["connection"]["id"].as_str().unwrap();
    let found = portal
        .answer(with(Sent::get(&format!("/api/v1/connections/{id}"))))
        .await
        .ok();
    assert_eq!(
        (&found["state"], &found["end_reason"]),
        (&json!("ended"), &json!("node_lost"))
    );
}

#[tokio::test]
async fn each_function_has_its_own_paths_and_no_others() {
    let cloud = Cloud::start().await;
    let paths = [
        (PORTAL, "/api/v1/me", 401),
        (ADMIN, "/api/v1/admin/users", 401),
        (NODES, "/api/v1/fleet/heartbeat", 405),
    ];
    for (program, _, _) in paths {
        let function = start(&cloud, program).await;
        for (owner, path, status) in paths {
            let response = function.answer(Sent::get(path)).await;
            if owner == program {
                assert_eq!(response.status(), status, "{program} {path}");
            } else {
                assert_eq!(
                    response.problem(),
                    (404, "not_found".to_owned()),
                    "{program} {path}"
                );
            }
        }
        assert_eq!(function.answer(Sent::get("/healthz")).await.text(), "ok\n");
        assert_eq!(function.answer(Sent::get("/readyz")).await.status(), 200);
        let document = function.answer(Sent::get("/api/v1/openapi.json")).await;
        assert_eq!(document.status() == 200, program == PORTAL);
        assert_eq!(function.answer(Sent::get("/metrics")).await.status(), 404);
    }
}

#[tokio::test]
async fn hostile_events_fail_alone() {
    let cloud = Cloud::start().await;
    let portal = start(&cloud, PORTAL).await;
    let long = "x".repeat(2 * 1024 * 1024);
    for payload in [
        "null",
        "[]",
        "\"text\"",
        "{\"causeway\":\"bootstrap\"}",
        "{\"version\":\"1.0\",\"path\":\"/\",\"httpMethod\":\"GET\"}",
        "{\"rawPath\":\"/\",\"requestContext\":{\"http\":{}}}",
        "{\"rawPath\":7,\"requestContext\":{\"http\":{\"method\":\"GET\"}}}",
        "{\"Records\":[{\"eventSource\":\"aws:s3\"}]}",
    ] {
        let outcome = portal.invoke_text(payload, Duration::from_secs(9)).await;
        assert!(outcome.is_err(), "{payload}: {outcome:?}");
    }
    for (sent, expected) in [
        (Sent::new("NO METHOD", "/"), (400, "request_malformed")),
        (
            Sent::get("/").header("na me", "value"),
            (400, "request_malformed"),
        ),
        (
            Sent::get("/").header("name", "va\nlue"),
            (400, "request_malformed"),
        ),
        (
            Sent::post("/api/v1/session", &json!(0)).body("~").base64(),
            (400, "request_malformed"),
        ),
        (
            Sent::new("POST", "/api/v1/session").body(&long),
            (413, "body_too_large"),
        ),
        (Sent::get(&format!("/{long}")), (400, "request_malformed")),
        (Sent::get("/api/v1/\u{0}/../me"), (404, "not_found")),
        (
            Sent::get("/api/v1/me").header("host", "a b\\c:x"),
            (401, "not_signed_in"),
        ),
        (
            Sent::get("/api/v1/me").header("x-name", "Jürgen"),
            (401, "not_signed_in"),
        ),
        (
            Sent::get("/api/v1/me").cookies(["=;;=", "\u{7f}"]),
            (400, "request_malformed"),
        ),
    ] {
        let (status, code) = portal.answer(sent).await.problem();
        assert_eq!((status, &*code), expected);
    }
    assert_eq!(portal.answer(Sent::get("/healthz")).await.status(), 200);
}

#[tokio::test]
async fn bodies_and_addresses_by_either_way_in() {
    let cloud = Cloud::start().await;
    bootstrapped(&cloud).await;
    let portal = start(&cloud, PORTAL).await;
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
    let sign_in = Sent::new("POST", "/api/v1/session").body(&encoded).base64();
    let response = portal.answer(sign_in.by_function_url()).await;
    response.ok();
    let cookie = response.cookies()[0].to_owned();
    let sessions = Sent::get("/api/v1/me/sessions").cookies([&*cookie]);
    let sessions = portal.answer(sessions).await.ok();
    let found = sessions.to_string();
    assert!(found.contains("198.51.100.9"), "{found}");
}

#[tokio::test]
async fn nobody_walks_around_the_front_door() {
    let cloud = Cloud::start().await;
    let program =
        |path| Program::new(path, cloud.environment()).with("CAUSEWAY_ORIGIN_SECRET", "origin");
    let me = || Sent::get("/api/v1/me").header("x-causeway-viewer", "203.0.113.7");
    let (portal, nodes) = tokio::join!(program(PORTAL).start(), program(NODES).start());
    let around = (403, "not_through_front_door".to_owned());
    let wrong = me().header("x-causeway-origin", "guessed");
    assert_eq!(portal.answer(me()).await.problem(), around);
    assert_eq!(portal.answer(wrong).await.problem(), around);
    let through = me().header("x-causeway-origin", ORIGIN_SECRET);
    let through = portal.answer(through).await.problem();
    assert_eq!(through, (401, "not_signed_in".to_owned()));
    assert_eq!(portal.answer(Sent::get("/healthz")).await.status(), 200);
    let member = Sent::post("/api/v1/fleet/heartbeat", &json!({})).by_function_url();
    let member = nodes.answer(member).await.problem();
    assert_eq!(member, (401, "signature_missing".to_owned()));
}

#[tokio::test]
async fn a_wrong_environment_is_told_whole() {
    let cloud = Cloud::start().await;
    let program = Program::new(PORTAL, cloud.environment())
        .with("CAUSEWAY_TABLE", "")
        .with("CAUSEWAY_PUBLIC_URL", "causeway.example")
        .with("CAUSEWAY_DATA_KEY", "not a key: hunter2");
    let (status, lines) = program.start().await.ended().await;
    assert_eq!(status.code(), Some(1));
    let told = |variable: &str| {
        let line = lines.iter().find(|line| line["variable"] == variable);
        line.map(|line| line["code"].clone()).unwrap_or_default()
    };
    assert_eq!(told("CAUSEWAY_TABLE"), "variable_missing");
    assert_eq!(told("CAUSEWAY_PUBLIC_URL"), "variable_invalid");
    assert_eq!(told("CAUSEWAY_DATA_KEY"), "variable_invalid");
    assert!(!Value::from(lines).to_string().contains("hunter2"));
}

#[tokio::test]
async fn the_first_objects_are_made_once_and_by_nobody_else() {
    let cloud = Cloud::start().await;
    let admin = bootstrapped(&cloud).await;
    let again = admin
        .invoke(&json!({"causeway": "bootstrap"}))
        .await
        .unwrap();
    assert_eq!(again["made_administrator"], false);
    let over_http = Sent::post("/", &json!({"causeway": "bootstrap"}));
    assert_eq!(admin.answer(over_http).await.status(), 404);
    let unknown = admin.invoke(&json!({"causeway": "anything"})).await;
    assert!(unknown.is_err());
}

#[tokio::test]
async fn a_warm_launch_asks_the_table_at_most_three_times() {
    let cloud = Cloud::start().await;
    let (admin, portal, nodes) = tokio::join!(
        bootstrapped(&cloud),
        start(&cloud, PORTAL),
        start(&cloud, NODES)
    );
    let (cookie, _member) =
        fleet::ready_to_launch(&admin, &portal, &nodes, sign_in(&portal).await).await;
    let path = "/api/v1/applications/machines/endpoints/one/launch";
    for _ in 0..3 {
        let launch = Sent::post(path, &json!({})).cookies([&*cookie]);
        portal.answer(launch).await.ok();
    }
    let line = portal.last_request().await;
    assert!(line["table_round_trips"].as_u64().unwrap() <= 3, "{line}");
    for field in [
        "request_id",
        "method",
        "route",
        "status",
        "duration",
        "connection",
    ] {
        assert!(!line[field].is_null(), "{field}: {line}");
    }
}

#[tokio::test]
async fn members_join_by_their_role_and_an_edge_is_where_it_comes_from() {
    let cloud = Cloud::start().await;
    let admin = bootstrapped(&cloud).await;
    let portal = start(&cloud, PORTAL).await;
    let cookie = sign_in(&portal).await;
    let nodes = fleet::nodes_with_roles(&cloud, NODES).await;

    let edge = Member::enrol_edge_by_role(&nodes, &assumed("edge"), "auto:443").await;
    let node = Member::enrol_node_by_role(&nodes, &assumed("node")).await;
    edge.heartbeat_of_edge_at(&nodes, "auto:443").await;
    let told = node.heartbeat_of_node(&nodes, &[&edge]).await;
    assert_eq!(told["edges"][0]["tunnel_address"], "198.51.100.9:443");
    let shown = Sent::get("/api/v1/admin/nodes").cookies([&*cookie]);
    let shown = admin.answer(shown).await.ok();
    assert_eq!(shown["items"][0]["ephemeral"], true, "{shown}");

    for (role, status, code) in [
        (assumed("other"), 403, "role_unknown"),
        ("somebody".to_owned(), 401, "role_proof_refused"),
        (assumed("node"), 403, "join_token_of_other_kind"),
    ] {
        let refused = Member::try_edge_by_role(&nodes, &role, "auto:443").await;
        assert_eq!(refused.problem(), (status, code.to_owned()), "{role}");
    }
}

/// More than one answer carries is carried in several.
#[tokio::test]
async fn what_is_longer_than_an_answer_comes_in_parts() {
    let cloud = Cloud::start().await;
    let (admin, portal) = tokio::join!(bootstrapped(&cloud), start(&cloud, PORTAL));
    let cookie = sign_in(&portal).await;
    let get = |path: &str| Sent::get(path).cookies([&*cookie]);
    // Some 5 MB of events and 4.5 MB of property mappings.
    let table = cloud.table();
    let events: Vec<Event> = (0..45).map(long_event).collect();
    for event in &events {
        table.events().append(event).await.unwrap();
    }
    let long = "x".repeat(60_000);
    for index in 0..75 {
        let mapping = json!({
            "name": format!("long-{index:02}"),
            "static_settings": {"x-long": long},
        });
        let made = Sent::post("/api/v1/admin/property-mappings", &mapping).cookies([&*cookie]);
        admin.answer(made).await.ok();
    }

    let (mut parts, mut found) = (0, Vec::new());
    let mut next = Some("/api/v1/admin/events/export?target=long&action=launch".to_owned());
    while let Some(path) = next.take() {
        let part = admin.answer(get(&path)).await;
        assert_eq!(part.status(), 200, "{part:?}");
        for line in part.text().lines() {
            found.push(serde_json::from_str::<Event>(line).unwrap().id);
        }
        parts += 1;
        let link = part.header("link");
        next = link.split(['<', '>']).nth(1).map(str::to_owned);
    }
    let newest_first: Vec<_> = events.iter().rev().map(|event| event.id).collect();
    assert_eq!(found, newest_first);
    assert!(parts >= 3, "{parts} parts");

    // A list is asked for fewer at once, and its cursor leads on.
    let (mut names, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next.take() {
        let path = format!("/api/v1/admin/property-mappings?limit=100{cursor}");
        let page = admin.answer(get(&path)).await.ok();
        for item in page["items"].as_array().unwrap() {
            names.push(item["name"].as_str().unwrap().to_owned());
        }
        let cursor = page["next"].as_str();
        next = cursor.map(|cursor| format!("&cursor={cursor}"));
    }
    assert_eq!(names.len(), 75);
    assert!(names.is_sorted());
}

/// An event that takes some 100 KB.
fn long_event(index: u16) -> Event {
    Event {
        id: format!("01900000-0000-7000-8000-{index:012}")
            .parse::<EventId>()
            .unwrap(),
        at: Timestamp::now() - SignedDuration::from_secs(1_000 - i64::from(index)),
        action: EventAction::Launch,
        outcome: Outcome::Success,
        actor: "ada".to_owned(),
        address: String::new(),
        target_kind: "endpoint".to_owned(),
        target_id: String::new(),
        target_name: "long".to_owned(),
        detail: "\"quoted\" ".repeat(10_000),
        connection: None,
        policy: String::new(),
    }
}
