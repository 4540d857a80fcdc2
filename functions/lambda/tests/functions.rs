//! The functions' real programs, run as Lambda runs them, over an emulated
//! cloud: the whole story over events, and what hostile or wrong ones do.
#![allow(clippy::unwrap_used, reason = "tests")]

mod deployed;
mod emulated;
mod fleet;
mod long_answers;
mod members;

use std::time::Duration;

use deployed::{ADMIN, Deployed, NODES, PORTAL, SWEEP, bootstrap, start};
use emulated::services::{ADMIN_PASSWORD, ORIGIN_SECRET};
use emulated::{Cloud, Program, Sent};
use fleet::{Member, assumed};
use serde_json::{Value, json};

#[tokio::test]
async fn the_whole_story() {
    let deployed = Deployed::start().await;
    let Deployed {
        admin,
        portal,
        nodes,
        ..
    } = &deployed;
    let cookie = ["theme=dark", &*deployed.cookie];

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
    let node = Member::enrol_node(nodes, &node.ok()).await;
    let edge = Member::enrol_edge(nodes, &edge.ok()).await;
    edge.heartbeat_of_edge(nodes).await;
    node.heartbeat_of_node(nodes, &[&edge]).await;

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

    let claimed = node.claim(nodes, &launched["ticket"]).await.ok();
    assert_eq!(claimed["connection"], connection);
    assert_eq!(claimed["settings"]["password"], "hunter2");
    let burnt = node.claim(nodes, &launched["ticket"]).await;
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
    let deployed = Deployed::start().await;
    let node = deployed.ready_to_launch().await;
    let Deployed { portal, nodes, .. } = &deployed;
    let with = |sent: Sent| deployed.signed_in(sent);
    let launch = "/api/v1/applications/machines/endpoints/one/launch";
    let launched = portal
        .answer(with(Sent::post(launch, &json!({}))))
        .await
        .ok();
    node.claim(nodes, &launched["ticket"]).await.ok();
    node.opened(nodes, &launched["connection"]).await.ok();

    // The node is silent from now on. One invocation outlasts its deadline.
    let sweep = start(&deployed.cloud, SWEEP).await;
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
    let deployed = Deployed::start().await;
    let portal = &deployed.portal;
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
    let admin = start(&cloud, ADMIN).await;
    bootstrap(&admin).await;
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
    let deployed = Deployed::start().await;
    deployed.ready_to_launch().await;
    let portal = &deployed.portal;
    let path = "/api/v1/applications/machines/endpoints/one/launch";
    for _ in 0..3 {
        let launch = deployed.signed_in(Sent::post(path, &json!({})));
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
    let deployed = Deployed::start().await;
    let nodes = fleet::nodes_with_roles(&deployed.cloud, NODES).await;

    let edge = Member::enrol_edge_by_role(&nodes, &assumed("edge"), "auto:443").await;
    let node = Member::enrol_node_by_role(&nodes, &assumed("node")).await;
    edge.heartbeat_of_edge_at(&nodes, "auto:443").await;
    let told = node.heartbeat_of_node(&nodes, &[&edge]).await;
    assert_eq!(told["edges"][0]["tunnel_address"], "198.51.100.9:443");
    let shown = deployed.signed_in(Sent::get("/api/v1/admin/nodes"));
    let shown = deployed.admin.answer(shown).await.ok();
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
