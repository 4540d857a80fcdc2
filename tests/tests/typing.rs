//! What people type while edges stop and die arrives once, in its order.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use causeway_tests::session::Roamer;
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::{Api, Stack};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::lab::{LAB, eventually, split_lab_with_shell};

/// People who type at once.
const PEOPLE: usize = 4;
/// A line every so often, its keys at once: there are always some on their way.
const LINE_EVERY: Duration = Duration::from_millis(1);
/// So that all browsers are sent on within this time.
const DRAIN: (&str, &str) = ("CAUSEWAY_DRAIN_SECONDS", "1");
/// Ctrl-D: the end of what is written down.
const END: &str = "\x04";
/// Longest that is typed, in keys, in case the edges take for ever.
const KEYS_MAX: usize = 500_000;

/// Two edges, one node, and a server that writes down what is typed.
async fn fleet() -> Result<(Stack, Sshd)> {
    split_lab_with_shell(&[DRAIN], 2, 1).await
}

/// A shell in which all that is typed from now on goes into `file`.
async fn open(api: &Api, file: &str) -> Result<Roamer> {
    let launched = api.launch(LAB, "shell").await?;
    let mut roamer = Roamer::open(api.clone(), launched.connection, &launched.entry).await?;
    roamer.wait_for("$ ").await?;
    roamer
        .enter(&format!(
            "stty -echo; echo re''ady; cat > {file}; echo do''ne"
        ))
        .await?;
    roamer.wait_for("ready").await?;
    Ok(roamer)
}

/// Types numbers, key by key, until it is enough; what was typed, and by whom.
async fn write(mut roamer: Roamer, enough: CancellationToken) -> Result<(Roamer, String)> {
    let mut typed = String::new();
    for number in 0.. {
        if enough.is_cancelled() || typed.len() > KEYS_MAX {
            break;
        }
        let line = format!("{number}\n");
        for at in 0..line.len() {
            roamer.type_text(&line[at..=at]).await?;
        }
        typed += &line;
        roamer.hear_for(LINE_EVERY).await?;
    }
    roamer.type_text(END).await?;
    roamer.wait_for("done").await?;
    Ok((roamer, typed))
}

/// Waits until the node has a tunnel to a new edge.
async fn dialled(admin: &Api, edge: &str) -> Result<()> {
    let path = format!("/api/v1/admin/edges/{edge}");
    eventually("a tunnel to the new edge", || async {
        let told = admin.get(&path).await?.ok()?;
        // The control plane's own node has one, too.
        Ok(if told["nodes"].as_u64() >= Some(2) {
            Ok(())
        } else {
            Err(told.to_string())
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_while_edges_stop_and_die_arrives_once() -> Result<()> {
    let (mut stack, _sshd) = fleet().await?;
    let directory = TempDir::with_prefix("causeway-typed-")?;
    // The shells are another user's.
    std::fs::set_permissions(directory.path(), Permissions::from_mode(0o777))?;
    let enough = CancellationToken::new();
    let mut people = JoinSet::new();
    for person in 0..PEOPLE {
        let file = directory.path().join(person.to_string());
        let file = file.to_str().context("a path")?.to_owned();
        let roamer = open(&stack.admin, &file).await?;
        let enough = enough.clone();
        people.spawn(async move {
            let (roamer, typed) = write(roamer, enough).await?;
            anyhow::Ok((roamer, typed, file))
        });
    }
    // One edge stops in good order, the other dies; each time everybody who was
    // there comes back through another.
    stack.add_edge(2).await?;
    dialled(&stack.admin, "edge-2").await?;
    ensure!(stack.edges.remove(0).terminate().await?.success());
    stack.add_edge(3).await?;
    dialled(&stack.admin, "edge-3").await?;
    stack.edges.remove(0).kill().await?;
    dialled(&stack.admin, "edge-3").await?;
    ensure!(stack.edges.remove(0).terminate().await?.success());
    enough.cancel();

    let (mut returns, mut again) = (0, 0);
    for ended in people.join_all().await {
        let (roamer, typed, file) = ended?;
        let arrived = std::fs::read_to_string(&file)
            .with_context(|| String::from_utf8_lossy(roamer.transcript()).into_owned())?;
        let at = arrived.bytes().zip(typed.bytes()).position(|(a, b)| a != b);
        ensure!(
            arrived == typed,
            "{} bytes arrived of {}; first difference at {at:?}; {} returns",
            arrived.len(),
            typed.len(),
            roamer.returns
        );
        println!(
            "{} keys, {} returns, {} keys typed again",
            typed.len(),
            roamer.returns,
            roamer.typed_again
        );
        returns += roamer.returns;
        again += roamer.typed_again;
    }
    ensure!(returns >= PEOPLE, "only {returns} lost their way");
    println!("{again} keys would have been lost in {returns} returns");
    Ok(())
}
