//! The terminal itself: size, settings, floods, clipboard.

use std::time::Instant;

use causeway_tests::sshd::Sshd;
use causeway_wire::clipboard_pieces;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{InputOrigin, Ping};

use crate::support::{Setup, TestViewer};

async fn shell(sshd: &Sshd) -> (crate::support::Running, TestViewer) {
    let (running, mut viewer) = Setup::signed_in(sshd).open().await;
    viewer.prompt().await;
    (running, viewer)
}

#[tokio::test]
async fn the_terminal_has_the_viewers_size_and_follows_it() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    assert_eq!(viewer.run("stty size").await, "24 80\r\n");
    viewer.resize(132, 50).await;
    assert_eq!(viewer.run("stty size").await, "50 132\r\n");
}

#[tokio::test]
async fn the_settings_reach_the_target() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd)
        .set("terminal-type", "vt220")
        .set("locale", "de_AT.UTF-8")
        .set("timezone", "Europe/Vienna")
        .set("backspace", "8");
    let (_running, mut viewer) = setup.open().await;
    viewer.prompt().await;
    assert_eq!(
        viewer.run("echo $TERM $LANG $TZ").await,
        "vt220 de_AT.UTF-8 Europe/Vienna\r\n"
    );
    assert!(viewer.run("stty -a").await.contains("erase = ^H"));
}

#[tokio::test]
async fn a_command_runs_instead_of_the_shell_and_tells_its_status() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd).set("command", "tty; stty size; exit 7");
    let (_running, mut viewer) = setup.open().await;
    let ended = viewer.ended().await;
    assert_eq!(ended.exit_status, Some(7));
    assert!(viewer.output.contains("24 80"), "{}", viewer.output);
}

#[tokio::test]
async fn unicode_passes_both_ways() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    assert_eq!(
        viewer.run("printf 'grüß 你好 🦀\\n'").await,
        "grüß 你好 🦀\r\n"
    );
}

#[tokio::test]
async fn an_interrupt_gets_through_a_flood() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    viewer.type_in("yes\n").await;
    let mut received = 0;
    while received < 8 << 20 {
        viewer.next().await.unwrap();
        received += viewer.output.len();
        viewer.output.clear();
    }
    let pressed_at = Instant::now();
    viewer.type_in("\x03").await;
    viewer.output_with("$ ").await;
    let took = pressed_at.elapsed();
    assert!(took.as_millis() < 1000, "{took:?}");
}

#[tokio::test]
async fn an_interrupt_gets_through_to_a_viewer_that_draws_nothing() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    viewer.acknowledges = false;
    viewer.type_in("yes\n").await;
    let window = 256 * 1024;
    let before = viewer.offset;
    while viewer.offset - before < window - 64 * 1024 {
        viewer.next().await.unwrap();
    }
    viewer.type_in("\x03").await;
    // Nothing more than the window may come before it draws again.
    viewer.send(ToNodeBody::Ping(Ping { nonce: 7 })).await;
    viewer
        .wait_for("a pong", |body| matches!(body, Body::Pong(_)).then_some(()))
        .await;
    assert!(
        viewer.offset - before <= window,
        "{}",
        viewer.offset - before
    );
    viewer.output.clear();
    viewer.acknowledges = true;
    viewer.acknowledge().await;
    viewer.output_with("$ ").await;
}

#[tokio::test]
async fn a_flood_arrives_whole_and_in_order() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    let output = viewer.run("seq 1 200000").await;
    let mut lines = output.lines();
    for number in 1..=200_000 {
        assert_eq!(lines.next(), Some(number.to_string().as_str()));
    }
}

#[tokio::test]
async fn a_long_paste_arrives_whole() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    viewer.run("stty -echo").await;
    viewer.type_in("wc -c; stty echo; echo done''mark\n").await;
    let line = format!("{}\n", "x".repeat(99));
    // sshd answers each write to a terminal without echo with an IGNORE of the
    // same length, and no SSH client takes packets beyond 256 KiB.
    for _ in 0..12 {
        viewer.input(&line.repeat(100), InputOrigin::Pasted).await;
    }
    viewer.type_in("\x04").await;
    let output = viewer.output_with("donemark\r\n").await;
    assert!(output.contains("120000"), "{output}");
}

#[tokio::test]
async fn copying_by_osc_52_follows_the_policy() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    viewer
        .type_in("printf '\\033]52;c;aGk=\\007'; echo after\n")
        .await;
    let text = viewer
        .wait_for("a clipboard", |body| match body {
            Body::Clipboard(clipboard) => Some(clipboard.text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(text, "hi");
    let output = viewer.output_with("after\r\n").await;
    assert!(!output.contains("\u{1b}]52"), "{output:?}");

    let setup = Setup::signed_in(&sshd).set("disable-copy", true);
    let (_running, mut viewer) = setup.open().await;
    assert!(!viewer.welcome().await.data_policy.unwrap().copy_allowed);
    viewer.prompt().await;
    viewer.type_in("printf '\\033]52;c;aGk=\\007'\n").await;
    viewer.notice("copy_refused").await;
    assert!(
        !viewer
            .heard
            .iter()
            .any(|body| matches!(body, Body::Clipboard(_)))
    );
}

#[tokio::test]
async fn a_long_copy_comes_in_pieces() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd).set("clipboard-buffer-size", 1_000_000);
    let (_running, mut viewer) = setup.open().await;
    viewer.prompt().await;
    viewer
        .type_in("printf '\\033]52;c;'; head -c 700000 /dev/zero | tr '\\0' x | base64 -w0; printf '\\a'\n")
        .await;
    let text = viewer.clipboard().await;
    assert_eq!(text.len(), 700_000);
    assert!(text.bytes().all(|byte| byte == b'x'));
    viewer.run("true").await;
}

#[tokio::test]
async fn pasting_follows_the_policy() {
    let sshd = Sshd::with_password().unwrap();
    let setup = Setup::signed_in(&sshd).set("disable-paste", true);
    let (_running, mut viewer) = setup.open().await;
    viewer.prompt().await;
    viewer.input("echo pas''ted\n", InputOrigin::Pasted).await;
    viewer.notice("paste_refused").await;
    assert_eq!(viewer.run("echo typed").await, "typed\r\n");
}

#[tokio::test]
async fn a_program_can_ask_for_what_the_viewer_gave() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = shell(&sshd).await;
    for piece in clipboard_pieces("given") {
        viewer.send(ToNodeBody::Clipboard(piece)).await;
    }
    let ask = "stty raw -echo; printf '\\033]52;c;?\\007'; head -c 17 | od -c; stty sane";
    let output = viewer.run(ask).await;
    assert!(output.contains("Z   2   l   2   Z   W   4   ="), "{output}");
}

#[tokio::test]
async fn a_read_only_session_takes_no_input() {
    let sshd = Sshd::with_password().unwrap();
    let (_running, mut viewer) = Setup::signed_in(&sshd).set("read-only", true).open().await;
    viewer.prompt().await;
    viewer.type_in("exit\n").await;
    viewer.notice("read_only").await;
}
