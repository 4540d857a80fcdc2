//! The process is killed in the middle of bursts of writes, again and again.
//! Whatever was acknowledged is there afterwards, and whole.
//!
//! The writing process is this test program itself, started anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use causeway_model::id::GroupId;
use causeway_model::object::{Group, Meta};
use causeway_table::{Change, Kind, Table, WriteError};
use jiff::Timestamp;
use uuid::Uuid;

/// Says to the writing process where to write.
const DIRECTORY_VARIABLE: &str = "CAUSEWAY_TEST_KILL_DIRECTORY";

/// Writers at once.
const WRITERS: usize = 8;

/// How many writes are acknowledged before each kill.
const ROUNDS: [usize; 5] = [1, 90, 700, 333, 40];

fn group(name: String) -> Group {
    Group {
        role: causeway_model::object::Role::User,
        operates: Vec::new(),
        attributes: serde_json::Map::new(),
        id: GroupId::new(Uuid::now_v7()),
        name,
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

/// Writes until it is killed; says on standard output what was acknowledged.
#[tokio::test]
#[ignore = "run by the other test, as a process of its own"]
async fn the_writing_process() {
    let Some(directory) = std::env::var_os(DIRECTORY_VARIABLE) else {
        return;
    };
    let table = Table::embedded(Path::new(&directory)).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let table = table.clone();
        writers.spawn(async move {
            loop {
                let name = Uuid::new_v4().to_string();
                let change = Change::Create(group(name.clone())).into();
                table.write(&[change], &[]).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "\nacknowledged {name}").unwrap();
                out.flush().unwrap();
            }
        });
    }
    writers.join_all().await;
}

/// Starts the writing process, kills it after `count` acknowledgements, and
/// returns all that it got out.
fn write_and_kill(directory: &Path, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_writing_process", "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY_VARIABLE, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    // Lines that it wrote before it died are still read after the kill; a
    // line that was cut short names nothing.
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Some(name) = line
            .unwrap()
            .strip_prefix("acknowledged ")
            .map(str::to_owned)
        else {
            continue;
        };
        if name.parse::<Uuid>().is_ok() {
            acknowledged.push(name);
        }
        if acknowledged.len() == count {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(!status.success(), "it was to be killed: {status}");
    assert!(
        acknowledged.len() >= count,
        "{} of {count}",
        acknowledged.len()
    );
    acknowledged
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data");
    let mut acknowledged = Vec::new();
    for count in ROUNDS {
        acknowledged.extend(write_and_kill(&directory, count));
        let table = Table::embedded(&directory).await.unwrap();
        let snapshot = table.config().current().await.unwrap();
        let names: BTreeSet<&str> = snapshot
            .groups()
            .iter()
            .map(|group| group.name.as_str())
            .collect();
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|name| !names.contains(name.as_str()))
            .collect();
        assert_eq!(lost, [] as [&String; 0]);
        // Transactions are whole: each raised the epoch by one.
        assert_eq!(snapshot.epoch().to_string(), names.len().to_string());
        table.close().await;
    }

    // And each took its name along.
    let table = Table::embedded(&directory).await.unwrap();
    let snapshot = table.config().current().await.unwrap();
    for written in snapshot.groups().iter() {
        let rival = Change::Create(group(written.name.clone())).into();
        let error = table.write(&[rival], &[]).await.unwrap_err();
        assert!(
            matches!(
                error,
                WriteError::NameTaken {
                    kind: Kind::Group,
                    ..
                }
            ),
            "{error}"
        );
    }
    println!(
        "{} writes acknowledged over {} kills",
        acknowledged.len(),
        ROUNDS.len()
    );
}

/// The lock ends with the process that held it, however it ended.
#[tokio::test]
async fn a_directory_in_use_by_another_process_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_writing_process", "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY_VARIABLE, &directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let writing = lines.any(|line| line.is_ok_and(|line| line.starts_with("acknowledged")));
    assert!(writing, "the writing process never wrote");
    let error = Table::embedded(&directory).await.unwrap_err();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        matches!(error, causeway_table::OpenError::InUse { .. }),
        "{error}"
    );
    Table::embedded(&directory).await.unwrap();
}
