//! A session outlives its browser for a while, and nothing outlives the
//! sign-in that it belongs to.

use std::time::{Duration, Instant};

use anyhow::Result;
use causeway_tests::session::Viewer;
use causeway_tests::stack::Api;
use serde_json::json;

use crate::lab::{
    LAB, connection, connection_in, eventually, is_alive, lab, lab_with_shell, settings, shell,
    shell_of, shell_pid,
};

/// From an act to the closed target.
const END_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test]
async fn who_comes_back_finds_the_same_shell() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    let pid = shell_pid(&mut viewer).await?;
    viewer.enter("sleep 0.2; echo missed-$((40 + 2))").await?;
    viewer.wait_for("echo missed").await?;
    let seen = viewer.offset();
    drop(viewer);
    connection_in(&stack, &launched.connection, "detached").await?;
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut viewer = Viewer::resume(&entry, seen).await?;
    let welcome = viewer.heard.welcome.clone().unwrap();
    assert!(welcome.resumed);
    assert_eq!(welcome.output_offset, seen, "nothing is drawn twice");
    viewer.wait_for("missed-42").await?;
    assert_eq!(shell_pid(&mut viewer).await?, pid);
    assert_eq!(
        connection(&stack, &launched.connection).await?["state"],
        "active"
    );
    Ok(())
}

#[tokio::test]
async fn another_browser_that_has_seen_nothing_gets_what_is_kept() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    viewer.enter("echo before-$((40 + 2))").await?;
    viewer.wait_for("before-42").await?;
    drop(viewer);
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut viewer = Viewer::open(&entry).await?;
    viewer.wait_for("before-42").await
}

#[tokio::test]
async fn a_second_browser_takes_over_and_the_first_is_told() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut first) = shell(&stack).await?;
    let pid = shell_pid(&mut first).await?;
    let entry = stack.admin.ticket(&launched.connection).await?;
    let mut second = Viewer::open(&entry).await?;
    assert_eq!(first.ended().await?.reason, "replaced");
    assert_eq!(shell_pid(&mut second).await?, pid);
    Ok(())
}

#[tokio::test]
async fn terminating_ends_the_shell_within_a_second() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    let pid = shell_pid(&mut viewer).await?;
    let act = Instant::now();
    stack.admin.terminate(&launched.connection).await?;
    gone(pid).await?;
    assert!(act.elapsed() <= END_WITHIN, "took {:?}", act.elapsed());
    assert_eq!(viewer.ended().await?.reason, "terminated");
    let ended = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(ended["end_reason"], "terminated");
    let answer = stack
        .admin
        .post(
            &format!("/api/v1/connections/{}/ticket", launched.connection),
            json!({}),
        )
        .await?;
    assert_eq!(answer.problem(), (409, "connection_ended"));
    Ok(())
}

#[tokio::test]
async fn signing_out_ends_the_sessions_of_that_sign_in_and_no_others() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let one = stack.user("ada", "marker-ada").await?;
    let other = Api::sign_in(stack.admin.base(), "ada", "marker-ada").await?;
    let (_, mut mine) = shell_of(&one, LAB).await?;
    let (_, mut theirs) = shell_of(&other, LAB).await?;
    let pid = shell_pid(&mut mine).await?;
    let act = Instant::now();
    one.sign_out().await?;
    gone(pid).await?;
    assert!(act.elapsed() <= END_WITHIN, "took {:?}", act.elapsed());
    assert_eq!(mine.ended().await?.reason, "signed_out");
    assert!(is_alive(shell_pid(&mut theirs).await?));
    assert_eq!(
        one.get("/api/v1/me").await?.problem(),
        (401, "not_signed_in")
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_ends_when_its_time_is_up_though_nobody_does_anything() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    stack
        .application("short", json!({ "connection_expiry": "3s" }))
        .await?;
    stack
        .endpoint("short", "shell", sshd.address(), settings(&sshd, json!({})))
        .await?;
    let (launched, mut viewer) = shell_of(&stack.admin, "short").await?;
    assert!(viewer.heard.welcome.as_ref().unwrap().ends_at_unix_ms > 0);
    let pid = shell_pid(&mut viewer).await?;
    assert_eq!(viewer.ended().await?.reason, "expired");
    gone(pid).await?;
    assert_eq!(
        connection_in(&stack, &launched.connection, "ended").await?["end_reason"],
        "expired"
    );
    Ok(())
}

#[tokio::test]
async fn leaving_ends_the_session_and_says_so() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    let pid = shell_pid(&mut viewer).await?;
    viewer.leave().await?;
    gone(pid).await?;
    assert_eq!(
        connection_in(&stack, &launched.connection, "ended").await?["end_reason"],
        "left"
    );
    Ok(())
}

#[tokio::test]
async fn exit_ends_the_session_and_frees_its_place() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (launched, mut viewer) = shell(&stack).await?;
    viewer.enter("exit 3").await?;
    let ended = viewer.ended().await?;
    assert_eq!((&*ended.reason, ended.exit_status), ("exited", Some(3)));
    assert_eq!(
        connection_in(&stack, &launched.connection, "ended").await?["end_reason"],
        "exited"
    );
    Ok(())
}

#[tokio::test]
async fn a_provider_may_say_that_a_lost_browser_ends_the_session() -> Result<()> {
    let (stack, sshd) = lab_with_shell().await?;
    stack
        .application("strict", json!({ "delete_token_on_disconnect": true }))
        .await?;
    stack
        .endpoint(
            "strict",
            "shell",
            sshd.address(),
            settings(&sshd, json!({})),
        )
        .await?;
    let (launched, mut viewer) = shell_of(&stack.admin, "strict").await?;
    assert_eq!(viewer.heard.welcome.as_ref().unwrap().resume_grace_s, 0);
    let pid = shell_pid(&mut viewer).await?;
    drop(viewer);
    gone(pid).await?;
    connection_in(&stack, &launched.connection, "ended").await?;
    Ok(())
}

#[tokio::test]
async fn sigterm_ends_sessions_with_a_word_and_exits_0() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    let (status, ended) = tokio::join!(stack.up.terminate(), viewer.ended());
    assert!(status?.success());
    assert_eq!(ended?.reason, "node_shutdown");
    Ok(())
}

#[tokio::test]
async fn a_stack_without_sessions_ends_at_once() -> Result<()> {
    let stack = lab().await?;
    let asked = Instant::now();
    assert!(stack.up.terminate().await?.success());
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "took {:?}",
        asked.elapsed()
    );
    Ok(())
}

async fn gone(pid: u32) -> Result<()> {
    eventually("the shell's end", || async move {
        Ok(if is_alive(pid) {
            Err(format!("process {pid} lives"))
        } else {
            Ok(())
        })
    })
    .await
}
