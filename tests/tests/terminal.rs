//! A shell feels like a shell: size, encodings, control keys under a flood,
//! environment, exit status, clipboard policy.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::lab::{LAB, connection_in, lab_with_shell, lab_with_shell_and, shell};

#[tokio::test]
async fn the_terminal_has_the_size_of_the_window_and_follows_it() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer.enter("stty size").await?;
    viewer.wait_for("24 80").await?;
    viewer.resize(132, 43).await?;
    viewer.enter("stty size").await?;
    viewer.wait_for("43 132").await
}

#[tokio::test]
async fn bytes_go_both_ways_as_they_are() -> Result<()> {
    let (stack, _sshd) = lab_with_shell_and(json!({ "locale": "C.UTF-8" })).await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer.enter("printf '<%s>' 'zażółć 日本語 👩‍🚀'").await?;
    viewer.wait_for("<zażółć 日本語 👩‍🚀>").await?;
    viewer.enter(r"printf '\x00\x80\xff|done'").await?;
    viewer.wait_for("|done").await
}

#[tokio::test]
async fn control_c_gets_through_a_flood_that_nobody_reads() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer.acknowledge_by_itself(false);
    viewer.enter("yes").await?;
    viewer
        .wait_until("a full window", |viewer| viewer.offset() > 500_000)
        .await?;
    viewer.type_text("\u{3}").await?;
    let pressed = Instant::now();
    viewer.acknowledge_by_itself(true);
    viewer.acknowledge().await?;
    viewer.enter("echo $((40 + 2))-after").await?;
    viewer.wait_for("42-after").await?;
    assert!(
        pressed.elapsed() < Duration::from_secs(2),
        "took {:?}",
        pressed.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn a_flood_reaches_a_reader_whole_and_in_order() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer
        .enter("stty -onlcr; seq 1 200000; echo $((40 + 2))-end")
        .await?;
    viewer.wait_for("42-end").await?;
    let expected: String = (1..=200_000).map(|number| format!("{number}\n")).collect();
    assert!(
        viewer.text().contains(&expected),
        "output was lost or reordered"
    );
    Ok(())
}

#[tokio::test]
async fn a_long_paste_arrives_whole() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    let line = "0123456789abcdef".repeat(4);
    let text = format!("{line}\n").repeat(3000);
    viewer
        .enter("stty -echo; head -c 195000 | md5sum; stty echo")
        .await?;
    viewer.wait_for("\n").await?;
    viewer.paste(&text).await?;
    let expected = md5(&text)?;
    viewer.wait_for(&expected).await
}

#[tokio::test]
async fn the_environment_is_what_the_settings_say() -> Result<()> {
    let further = json!({
        "terminal-type": "xterm-256color", "locale": "C.UTF-8", "timezone": "Asia/Tokyo",
    });
    let (stack, _sshd) = lab_with_shell_and(further).await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer.enter("echo =$TERM=$LANG=$TZ=").await?;
    viewer.wait_for("=xterm-256color=C.UTF-8=Asia/Tokyo=").await
}

#[tokio::test]
async fn a_command_runs_instead_of_the_shell_and_its_status_is_told() -> Result<()> {
    let (stack, _sshd) = lab_with_shell_and(json!({ "command": "stty size; exit 7" })).await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let mut viewer = causeway_tests::session::Viewer::open(&launched.entry).await?;
    viewer.wait_for("24 80").await?;
    let ended = viewer.ended().await?;
    assert_eq!((&*ended.reason, ended.exit_status), ("exited", Some(7)));
    let connection = connection_in(&stack, &launched.connection, "ended").await?;
    assert_eq!(connection["end_reason"], "exited");
    Ok(())
}

#[tokio::test]
async fn a_signal_that_ended_the_program_is_told() -> Result<()> {
    let (stack, _sshd) = lab_with_shell_and(json!({ "command": "kill -TERM $$" })).await?;
    let launched = stack.admin.launch(LAB, "shell").await?;
    let ended = causeway_tests::session::Viewer::open(&launched.entry)
        .await?
        .ended()
        .await?;
    assert_eq!((&*ended.reason, &*ended.exit_signal), ("exited", "TERM"));
    Ok(())
}

#[tokio::test]
async fn what_the_target_copies_reaches_the_clipboard() -> Result<()> {
    let (stack, _sshd) = lab_with_shell().await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer
        .enter(r"printf '\033]52;c;%s\a' $(printf 'copied text' | base64)")
        .await?;
    viewer
        .wait_until("a copy", |viewer| !viewer.heard.clipboard.is_empty())
        .await?;
    assert_eq!(viewer.heard.clipboard, ["copied text"]);
    Ok(())
}

#[tokio::test]
async fn disable_copy_keeps_the_clipboard_and_the_bytes_away() -> Result<()> {
    let (stack, _sshd) = lab_with_shell_and(json!({ "disable-copy": "true" })).await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer
        .enter(r"printf '\033]52;c;%s\a' $(printf 'not for you' | base64); echo $((40 + 2))")
        .await?;
    viewer.wait_for("42\r\n").await?;
    viewer
        .wait_until("a notice", |viewer| !viewer.heard.notices.is_empty())
        .await?;
    assert_eq!(viewer.heard.notices[0].code, "copy_refused");
    assert!(viewer.heard.clipboard.is_empty());
    // base64 of the text, which a terminal would have decoded by itself.
    assert!(
        !viewer.text().contains("bm90IGZvciB5b3U="),
        "the sequence got through"
    );
    Ok(())
}

#[tokio::test]
async fn disable_paste_refuses_what_was_pasted_and_takes_what_was_typed() -> Result<()> {
    let (stack, _sshd) = lab_with_shell_and(json!({ "disable-paste": "true" })).await?;
    let (_, mut viewer) = shell(&stack).await?;
    viewer.paste("echo pasted-$((40 + 2))\r").await?;
    viewer.enter("echo typed-$((40 + 2))").await?;
    viewer.wait_for("typed-42").await?;
    assert!(!viewer.text().contains("pasted"), "{}", viewer.text());
    assert!(
        viewer
            .heard
            .notices
            .iter()
            .any(|notice| notice.code == "paste_refused")
    );
    Ok(())
}

#[tokio::test]
async fn a_read_only_viewer_types_in_vain() -> Result<()> {
    let (stack, sshd) = lab_with_shell_and(json!({ "read-only": "true" })).await?;
    let (_, mut viewer) = shell(&stack).await?;
    let file = sshd.directory().join("typed");
    viewer.enter(&format!("touch {}", file.display())).await?;
    viewer
        .send(causeway_wire::message::to_node::Body::Ping(
            causeway_wire::message::Ping { nonce: 1 },
        ))
        .await?;
    viewer
        .wait_until("a pong", |viewer| viewer.heard.pongs == [1])
        .await?;
    assert!(!viewer.text().contains("touch"), "{}", viewer.text());
    Ok(())
}

fn md5(text: &str) -> Result<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child.stdin.take().unwrap().write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    Ok(String::from_utf8(output.stdout)?
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned())
}
