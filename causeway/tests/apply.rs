//! `causeway apply` against a running control plane.
#![allow(clippy::unwrap_used)]

mod harness;

use std::path::Path;
use std::process::Output;

use harness::{Admin, Up, causeway, drawn_password, run, stderr, stdout};

const OBJECTS: &str = "\
kind: provider
name: servers
outposts: [default]
---
kind: endpoint
name: web-01
provider: servers
protocol: ssh
host: 192.0.2.10
settings:
  username: operator
---
kind: application
slug: servers
name: Servers
provider: servers
";

fn apply(up: &Up, token: &str, file: &Path, more: &[&str]) -> Output {
    let mut command = causeway();
    command
        .arg("apply")
        .arg(file)
        .args(["--server", &up.url])
        .args(more);
    run(command.env("CAUSEWAY_TOKEN", token))
}

#[tokio::test]
async fn objects_are_written_once_and_all_or_nothing() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let up = Up::start(&data, &[]);
    let admin = Admin::sign_in(&up, &drawn_password(&data)).await;
    let token = admin.token().await;
    let file = home.path().join("objects.yaml");
    std::fs::write(&file, OBJECTS).unwrap();

    let tried = apply(&up, &token, &file, &["--dry-run"]);
    assert!(
        stdout(&tried).ends_with("3 created (dry run: nothing was written)\n"),
        "{tried:?}"
    );
    let first = apply(&up, &token, &file, &[]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(
        stdout(&first).contains("created   endpoint web-01\n"),
        "{}",
        stdout(&first)
    );
    assert!(
        stdout(&first).ends_with("3 created\n"),
        "{}",
        stdout(&first)
    );
    let second = apply(&up, &token, &file, &[]);
    assert!(
        stdout(&second).ends_with("3 unchanged\n"),
        "{}",
        stdout(&second)
    );

    let wrong = OBJECTS
        .replace("web-01", "web-02")
        .replace("provider: servers\n", "provider: nowhere\n");
    std::fs::write(&file, wrong).unwrap();
    let refused = apply(&up, &token, &file, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let expected = format!("{}:7: provider: ", file.display());
    assert!(stderr(&refused).contains(&expected), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("nothing was written"),
        "{}",
        stderr(&refused)
    );
    // Deep in a list, and where an expression breaks off.
    let flow = "kind: flow\nname: ask\nstages:\n  - type: consent\n    name: a\n  - type: approval\n    \
        name: b\n    groups: [nobody]\n  - type: expression\n    name: c\n    expression: |\n      {\n      \
        'x': nothing\n      }\n";
    std::fs::write(&file, flow).unwrap();
    let refused = apply(&up, &token, &file, &[]);
    for (line, field) in [(8, "stages.1.groups.0: "), (13, "stages.2.expression: ")] {
        let expected = format!("{}:{line}: {field}", file.display());
        assert!(stderr(&refused).contains(&expected), "{}", stderr(&refused));
    }
    let (_, endpoints) = admin.get("/api/v1/admin/endpoints").await;
    assert_eq!(
        endpoints["items"].as_array().map(Vec::len),
        Some(1),
        "{endpoints}"
    );
}

const RULES: &str = "\
kind: policy
name: office
expression: |
  in_network(address, '10.0.0.0/8')
  && user.username != 'eve'
---
kind: policy_binding
target: application/servers
policy: office
---
kind: flow
name: ask
stages:
  - type: consent
    name: rules
    text: Be kind.
";

#[tokio::test]
async fn what_is_exported_is_taken_back_unchanged() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let audit = home.path().join("audit.ndjson");
    let up = Up::start(&data, &["--audit-log", audit.to_str().unwrap()]);
    let admin = Admin::sign_in(&up, &drawn_password(&data)).await;
    let token = admin.token().await;
    let file = home.path().join("objects.yaml");
    let secret = OBJECTS.replace("username: operator", "password: hunter2-secret");
    std::fs::write(&file, format!("{secret}---\n{RULES}")).unwrap();
    let written = apply(&up, &token, &file, &[]);
    assert!(
        stdout(&written).ends_with("6 created\n"),
        "{}",
        stderr(&written)
    );

    let mut command = causeway();
    command.args(["export", "--server", &up.url]);
    let exported = run(command.env("CAUSEWAY_TOKEN", &token));
    assert_eq!(exported.status.code(), Some(0), "{}", stderr(&exported));
    let yaml = stdout(&exported);
    assert!(
        yaml.contains("# left out: the secret settings.password\n"),
        "{yaml}"
    );
    assert!(yaml.contains("target: application/servers\n"), "{yaml}");
    assert!(!yaml.contains("hunter2"), "{yaml}");
    std::fs::write(&file, &yaml).unwrap();
    let again = apply(&up, &token, &file, &[]);
    assert!(
        stdout(&again).ends_with(" unchanged\n"),
        "{} {}",
        stdout(&again),
        stderr(&again)
    );
    assert!(!stdout(&again).contains("updated"), "{}", stdout(&again));

    let wrong = RULES.replace("user.username", "usr.username");
    std::fs::write(&file, wrong).unwrap();
    let refused = apply(&up, &token, &file, &[]);
    let expected = format!("{}:5: expression: line 2, column 4: ", file.display());
    assert!(stderr(&refused).contains(&expected), "{}", stderr(&refused));

    assert!(up.terminate().success());
    let lines = std::fs::read_to_string(&audit).unwrap();
    assert!(!lines.contains("hunter2"), "{lines}");
    let events: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let created = |name: &str| {
        let mut events = events.iter();
        events.any(|event| event["action"] == "create" && event["target_name"] == name)
    };
    assert!(
        created("office") && created("application/servers policy office"),
        "{lines}"
    );
}

#[tokio::test]
async fn a_wrong_token_is_told() {
    let home = tempfile::tempdir().unwrap();
    let up = Up::start(&home.path().join("data"), &[]);
    let file = home.path().join("objects.yaml");
    std::fs::write(&file, OBJECTS).unwrap();
    let refused = apply(&up, "cwt_wrong", &file, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("not_signed_in"),
        "{}",
        stderr(&refused)
    );
    assert!(
        !stderr(&refused).contains("cwt_wrong"),
        "the token is in the error"
    );
}

#[test]
fn no_token_no_server_and_no_file_are_told() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("objects.yaml");
    std::fs::write(&file, OBJECTS).unwrap();
    let without_token = run(causeway().arg("apply").arg(&file));
    assert!(
        stderr(&without_token).contains("CAUSEWAY_TOKEN"),
        "{}",
        stderr(&without_token)
    );
    let server = ["--server", "http://127.0.0.1:9", "--token", "x"];
    let unreachable = run(causeway().arg("apply").arg(&file).args(server));
    assert!(
        stderr(&unreachable).contains("cannot reach"),
        "{}",
        stderr(&unreachable)
    );
    let missing = run(causeway().args(["apply", "/nowhere.yaml", "--token", "x"]));
    assert!(
        stderr(&missing).contains("/nowhere.yaml"),
        "{}",
        stderr(&missing)
    );
}
