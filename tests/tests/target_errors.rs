//! What goes wrong at a target is told with a stable code, the step that
//! failed, whose fault it is, and the facts that help.

use anyhow::Result;
use causeway_tests::session::Viewer;
use causeway_tests::silent::{Silent, refusing_address};
use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair, Sshd, USERNAME};
use causeway_tests::stack::Stack;
use causeway_wire::message::{Failure, Fault, Step};
use serde_json::{Value, json};

use crate::lab::{LAB, connection_in, lab, lab_with_shell, settings, shell};

#[tokio::test]
async fn a_name_that_nobody_knows() -> Result<()> {
    let stack = lab().await?;
    let failure = fails(&stack, "no-such-host.invalid", json!({ "username": "x" })).await?;
    assert!(failure.code.starts_with("target_name_"), "{failure:?}");
    assert_eq!(failure.step(), Step::Resolve);
    Ok(())
}

#[tokio::test]
async fn a_port_that_nobody_listens_on() -> Result<()> {
    let stack = lab().await?;
    let failure = fails(
        &stack,
        &refusing_address().await?.to_string(),
        json!({ "username": "x" }),
    )
    .await?;
    is(&failure, "target_refused", Step::Connect, Fault::Target);
    assert!(failure.retry_may_help);
    Ok(())
}

/// TCP goes to one machine: the kernel has no way to all of them.
#[tokio::test]
async fn a_network_that_no_way_leads_to() -> Result<()> {
    let stack = lab().await?;
    let user = json!({ "username": "x" });
    let failure = fails(&stack, "255.255.255.255:22", user).await?;
    is(&failure, "target_unreachable", Step::Connect, Fault::Target);
    assert!(failure.retry_may_help);
    Ok(())
}

#[tokio::test]
async fn a_service_that_never_says_a_word() -> Result<()> {
    let silent = Silent::start().await?;
    let stack = lab().await?;
    let failure = fails(
        &stack,
        &silent.address().to_string(),
        json!({ "username": "x" }),
    )
    .await?;
    is(&failure, "target_timed_out", Step::Handshake, Fault::Target);
    Ok(())
}

#[tokio::test]
async fn a_wrong_password() -> Result<()> {
    let sshd = Sshd::with_password()?;
    let stack = lab().await?;
    let wrong = json!({ "username": USERNAME, "password": "not the password" });
    let failure = fails(&stack, &sshd.address().to_string(), wrong).await?;
    // The password is one of the endpoint, not one that the person typed.
    is(
        &failure,
        "auth_failed",
        Step::Authenticate,
        Fault::Configuration,
    );
    assert!(!format!("{failure:?}").contains("not the password"));
    Ok(())
}

#[tokio::test]
async fn a_key_that_the_target_does_not_know() -> Result<()> {
    let key = KeyPair::generate(KeyKind::Ed25519)?;
    let sshd = Sshd::builder().authorize("# nobody").start()?;
    let stack = lab().await?;
    let settings = json!({ "username": USERNAME, "private-key": key.private_text()? });
    let failure = fails(&stack, &sshd.address().to_string(), settings).await?;
    assert_eq!(
        (&*failure.code, failure.step()),
        ("auth_failed", Step::Authenticate)
    );
    Ok(())
}

#[tokio::test]
async fn a_wrong_passphrase() -> Result<()> {
    let key = KeyPair::generate_as(KeyKind::Ed25519, KeyForm::OpenSsh, "right")?;
    let sshd = Sshd::builder().authorize(key.public_text()?).start()?;
    let stack = lab().await?;
    let settings = json!({
        "username": USERNAME, "private-key": key.private_text()?, "passphrase": "wrong",
    });
    let failure = fails(&stack, &sshd.address().to_string(), settings).await?;
    assert_eq!(failure.code, "private_key_passphrase_wrong");
    Ok(())
}

#[tokio::test]
async fn no_algorithm_in_common() -> Result<()> {
    let sshd = Sshd::builder()
        .password()
        .line("KexAlgorithms diffie-hellman-group1-sha1")
        .start()?;
    let stack = lab().await?;
    let failure = fails(
        &stack,
        &sshd.address().to_string(),
        settings(&sshd, json!({})),
    )
    .await?;
    is(
        &failure,
        "ssh_no_common_algorithm",
        Step::Handshake,
        Fault::Target,
    );
    Ok(())
}

#[tokio::test]
async fn a_host_key_other_than_the_one_that_was_set() -> Result<()> {
    let (sshd, other) = (Sshd::with_password()?, Sshd::with_password()?);
    let stack = lab().await?;
    let pinned = settings(
        &sshd,
        json!({ "host-key": other.host_public_key(KeyKind::Ed25519)? }),
    );
    let failure = fails(&stack, &sshd.address().to_string(), pinned).await?;
    is(
        &failure,
        "host_key_mismatch",
        Step::VerifyHost,
        Fault::Target,
    );
    tells(
        &failure,
        "presented_fingerprint",
        &sshd.fingerprint(KeyKind::Ed25519)?,
    );
    tells(
        &failure,
        "expected_fingerprint",
        &other.fingerprint(KeyKind::Ed25519)?,
    );
    Ok(())
}

#[tokio::test]
async fn a_host_key_that_changed_since_the_first_use() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    shell(&stack).await?;
    // Known by now, and the same: no question asked.
    shell(&stack).await?;
    let before = sshd.fingerprint(KeyKind::Ed25519)?;
    sshd.replace_host_key(KeyKind::Ed25519)?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let failure = Viewer::open(&launched.entry).await?.failure().await?;
    is(
        &failure,
        "host_key_changed",
        Step::VerifyHost,
        Fault::Target,
    );
    tells(&failure, "expected_fingerprint", &before);
    tells(
        &failure,
        "presented_fingerprint",
        &sshd.fingerprint(KeyKind::Ed25519)?,
    );
    assert!(
        !sshd.log().contains("Failed password"),
        "no password goes to a host that is not known"
    );
    let ended = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(ended["end_reason"], "connect_failed");
    assert_eq!(ended["end_code"], "host_key_changed");
    Ok(())
}

#[tokio::test]
async fn a_failed_connection_frees_its_place() -> Result<()> {
    let stack = lab().await?;
    let host = refusing_address().await?.to_string();
    stack
        .endpoint_with(LAB, "gone", &host, json!({ "maximum_connections": 1 }))
        .await?;
    for _ in 0..3 {
        let launched = stack.admin.launch(LAB, "gone").await?;
        // A user name is asked for first or never, as the node sees fit.
        Viewer::open(&launched.entry).await?.failure().await?;
        connection_in(&stack, &launched.connection, "ended").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_target_that_is_lost_ends_the_session() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    sshd.end_connections();
    viewer
        .wait_until("a last word", |viewer| {
            viewer.heard.ended.is_some() || viewer.heard.failure.is_some()
        })
        .await?;
    let ended = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(ended["end_reason"], "closed_by_target");
    Ok(())
}

async fn fails(stack: &Stack, host: &str, settings: Value) -> Result<Failure> {
    stack
        .endpoint_with(LAB, "target", host, json!({ "settings": settings }))
        .await?;
    let launched = stack.admin.launch(LAB, "target").await?;
    Viewer::open(&launched.entry).await?.failure().await
}

fn is(failure: &Failure, code: &str, step: Step, fault: Fault) {
    assert_eq!(
        (&*failure.code, failure.step(), failure.fault()),
        (code, step, fault),
        "{failure:?}"
    );
    assert!(!failure.message.is_empty(), "no sentence for the person");
}

fn tells(failure: &Failure, name: &str, value: &str) {
    assert_eq!(
        failure.details.get(name).map(String::as_str),
        Some(value),
        "{failure:?}"
    );
}
