//! Secrets stay where they belong: in no log, no list, no event, no URL.

use anyhow::Result;
use causeway_tests::session::Viewer;
use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair, Sshd, USERNAME};
use causeway_tests::stack::{ADMIN_PASSWORD, Stack};
use serde_json::json;

use crate::lab::{LAB, lab, open, settings, shell};

#[tokio::test]
async fn no_secret_reaches_a_log_however_much_is_logged() -> Result<()> {
    let key = KeyPair::generate_as(KeyKind::Ed25519, KeyForm::OpenSsh, "marker-passphrase")?;
    let sshd = Sshd::builder()
        .password()
        .authorize(key.public_text()?)
        .start()?;
    let stack = Stack::up_with(&["--log", "trace"]).await?;
    stack.application(LAB, json!({})).await?;
    stack.user("ada", "marker-user-password").await?;
    stack
        .endpoint(LAB, "shell", sshd.address(), settings(&sshd, json!({})))
        .await?;
    let (launched, mut viewer) = shell(&stack).await?;
    viewer.enter("read -s -p 'sec''ret? ' answer").await?;
    viewer.wait_for("secret? ").await?;
    viewer.enter("marker-keystrokes").await?;
    viewer.wait_for("$ ").await?;
    let private_key = key.private_text()?;
    let with_key = json!({
        "username": USERNAME, "private-key": private_key, "passphrase": "marker-passphrase",
    });
    open(&stack, sshd.address(), with_key)
        .await?
        .wait_for("$ ")
        .await?;
    stack
        .endpoint(
            LAB,
            "wrong",
            sshd.address(),
            json!({ "username": USERNAME, "password": "marker-wrong" }),
        )
        .await?;
    Viewer::open(&stack.admin.launch(LAB, "wrong").await?.entry)
        .await?
        .failure()
        .await?;
    let log = stack.logs();
    assert!(
        log.contains(&launched.connection),
        "the log says nothing of the connection"
    );
    let secrets = [
        ("an administrator's password", ADMIN_PASSWORD),
        ("a user's password", "marker-user-password"),
        ("a target's password", sshd.password()),
        ("a wrong password", "marker-wrong"),
        ("a passphrase", "marker-passphrase"),
        ("a private key", private_key.lines().nth(2).unwrap()),
        ("keystrokes", "marker-keystrokes"),
        ("a ticket", &launched.entry.ticket),
    ];
    for (what, secret) in secrets {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{what} is in the log: {line:?}");
    }
    Ok(())
}

#[tokio::test]
async fn no_secret_is_in_an_answer_an_event_or_the_table() -> Result<()> {
    let stack = lab().await?;
    let secret = json!({ "username": "x", "password": "marker-target-password" });
    let id = stack
        .endpoint_with(LAB, "secret", "127.0.0.1:9", json!({ "settings": secret }))
        .await?;
    let mut answers = Vec::new();
    answers.push(
        stack
            .admin
            .get(&format!("/api/v1/admin/endpoints/{id}"))
            .await?
            .ok()?,
    );
    for path in [
        "admin/endpoints",
        "admin/events",
        "admin/users",
        "applications",
        "connections",
    ] {
        answers.push(stack.admin.get(&format!("/api/v1/{path}")).await?.ok()?);
    }
    answers.push(stack.admin.try_launch(LAB, "secret").await?.ok()?);
    for answer in answers {
        assert!(!answer.to_string().contains("marker-"), "{answer}");
    }
    for file in stack.files()? {
        let bytes = std::fs::read(&file)?;
        let is_in = bytes
            .windows(22)
            .any(|window| window == b"marker-target-password");
        assert!(!is_in, "the password is readable in {}", file.display());
    }
    Ok(())
}
