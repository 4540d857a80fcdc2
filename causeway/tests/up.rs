//! `causeway up` as a person meets it.
#![allow(clippy::unwrap_used)]

mod harness;

use std::os::unix::fs::PermissionsExt;

use harness::{Admin, Up, causeway, drawn_password, run, stderr, stdout};
use serde_json::json;

#[tokio::test]
async fn it_gets_ready_lets_the_admin_in_stops_and_keeps_its_data() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");

    let up = Up::start(&data, &["--demo"]);
    assert!(up.url.starts_with("http://127.0.0.1:"), "{}", up.url);
    assert!(up.edge.starts_with("ws://127.0.0.1:"), "{}", up.edge);
    let health = reqwest::get(format!("{}/healthz", up.url)).await.unwrap();
    assert_eq!(health.status(), 200);
    let password = drawn_password(&data);
    let mode = data
        .join("admin-password")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!up.log().contains(&password), "the password is in the log");

    let admin = Admin::sign_in(&up, &password).await;
    let (status, mine) = admin.get("/api/v1/applications").await;
    assert_eq!(status, 200, "{mine}");
    assert_eq!(mine["items"][0]["slug"], "demo", "{mine}");
    assert_eq!(
        mine["items"][0]["endpoints"][0]["name"], "demo-shell",
        "{mine}"
    );
    let (status, group) = admin
        .post("/api/v1/admin/groups", &json!({"name": "kept"}))
        .await;
    assert_eq!(status, 201, "{group}");
    assert_eq!(up.terminate().code(), Some(0));

    let up = Up::start(&data, &["--demo"]);
    let admin = Admin::sign_in(&up, &password).await;
    let (_, groups) = admin.get("/api/v1/admin/groups").await;
    assert_eq!(groups["items"][0]["name"], "kept", "{groups}");
    let (_, nodes) = admin.get("/api/v1/admin/nodes").await;
    assert_eq!(
        nodes["items"].as_array().map(Vec::len),
        Some(1),
        "enrolled again: {nodes}"
    );
    assert_eq!(up.terminate().code(), Some(0));
}

#[tokio::test]
async fn launches_work_right_after_the_ready_line() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let up = Up::start(&data, &["--demo"]);
    let admin = Admin::sign_in(&up, &drawn_password(&data)).await;
    let path = "/api/v1/applications/demo/endpoints/demo-shell/launch";
    let (status, launched) = admin.post(path, &json!({})).await;
    assert_eq!(status, 200, "{launched}");
    assert_eq!(launched["type"], "connection");
    let expected = format!("{}/edge/v1/connect", up.edge);
    assert_eq!(launched["edge_url"].as_str(), Some(expected.as_str()));
}

#[tokio::test]
async fn the_first_password_can_be_given() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let mut command = causeway();
    command.env("CAUSEWAY_ADMIN_PASSWORD", "correct horse battery staple");
    command
        .env("CAUSEWAY_DATA_DIR", &data)
        .env("CAUSEWAY_LISTEN", "127.0.0.1:0")
        .arg("up");
    let up = Up::spawn(command, &data);
    Admin::sign_in(&up, "correct horse battery staple").await;
    assert!(!data.join("admin-password").exists());
}

#[tokio::test]
async fn pages_carry_their_security_headers() {
    let home = tempfile::tempdir().unwrap();
    let up = Up::start(&home.path().join("data"), &[]);
    for path in ["/", "/session/1", "/api/v1/me", "/nowhere"] {
        let answer = reqwest::get(format!("{}{path}", up.url)).await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.contains(&format!("connect-src 'self' {};", up.edge)),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[test]
fn an_address_that_others_reach_wants_tls() {
    let home = tempfile::tempdir().unwrap();
    let mut command = causeway();
    command
        .args(["up", "--listen", "0.0.0.0:0", "--data-dir"])
        .arg(home.path());
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(1));
    let error = stderr(&output);
    assert!(
        error.contains("--tls-cert") && error.contains("--insecure"),
        "{error}"
    );
}

#[test]
fn a_second_process_on_the_same_data_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let _up = Up::start(&data, &[]);
    let mut command = causeway();
    command
        .args(["up", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data);
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("in use by another causeway process"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_wrong_config_file_is_named_by_line() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("objects.yaml");
    std::fs::write(
        &config,
        "kind: group\nname: ops\n---\nkind: endpoint\nname: a\nprotocol: telnet\n",
    )
    .unwrap();
    let mut command = causeway();
    command
        .args(["up", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(home.path().join("data"));
    let output = run(command.arg("--config").arg(&config));
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("{}:6: protocol: ", config.display());
    assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
}

#[test]
fn it_says_its_version() {
    let output = run(causeway().arg("version"));
    assert_eq!(
        stdout(&output),
        format!("causeway {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn edge_and_node_say_what_they_lack() {
    for (command, flag) in [
        (
            [
                "edge",
                "--control-plane",
                "http://127.0.0.1:9",
                "--listen",
                "127.0.0.1:0",
            ]
            .as_slice(),
            "--join-token",
        ),
        (
            ["outpost", "--join", "http://127.0.0.1:9"].as_slice(),
            "--token",
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        let output = run(causeway().args(command).arg("--data-dir").arg(home.path()));
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(flag), "{}", stderr(&output));
    }
}
