//! The process is killed in the middle of taking, moving and giving back, again
//! and again; what it leaves is whole each time.
//!
//! That process is this test program itself, started anew.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use causeway_table::Table;
use fastrand::Rng;

use crate::fixtures::at_once;
use crate::place::Place;
use crate::steps;

/// Says to the killed process where to work.
const DIRECTORY_VARIABLE: &str = "CAUSEWAY_TEST_LEASES_DIRECTORY";
/// What it knows of the place, in the directory above.
const PLACE_FILE: &str = "place.json";
/// Tasks at once.
const TASKS: usize = 8;
/// How many steps are told of before each kill.
const ROUNDS: [usize; 4] = [5, 400, 90, 1000];

/// Takes, moves and gives back until it is killed; tells of each step.
#[tokio::test]
#[ignore = "run by the other test, as a process of its own"]
async fn the_working_process() {
    let Some(directory) = std::env::var_os(DIRECTORY_VARIABLE) else {
        return;
    };
    let directory = Path::new(&directory);
    let text = std::fs::read_to_string(directory.join(PLACE_FILE)).unwrap();
    let place: Place = serde_json::from_str(&text).unwrap();
    let table = Table::embedded(&directory.join("data")).await.unwrap();
    at_once(TASKS, |task| {
        let (table, place) = (table.clone(), place.clone());
        async move {
            let mut rng = Rng::with_seed(u64::from(std::process::id()) * 100 + task as u64);
            loop {
                steps::wild(&table, &place, &mut rng).await;
                let mut out = std::io::stdout().lock();
                writeln!(out, "\nstep").unwrap();
                out.flush().unwrap();
            }
        }
    })
    .await;
}

fn work_and_kill(directory: &Path, count: usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "kill::the_working_process",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(DIRECTORY_VARIABLE, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let steps = lines.filter(|line| line.as_ref().is_ok_and(|line| line == "step"));
    let told = steps.take(count).count();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(told, count, "it ended by itself: {status}");
    assert!(!status.success(), "it was to be killed: {status}");
}

#[tokio::test]
async fn nothing_leaks_when_the_process_is_killed() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let table = Table::embedded(&data).await.unwrap();
    let place = Place::new(&table).await;
    table.close().await;
    let text = serde_json::to_string(&place).unwrap();
    std::fs::write(parent.path().join(PLACE_FILE), text).unwrap();
    for count in ROUNDS {
        work_and_kill(parent.path(), count);
        let table = Table::embedded(&data).await.unwrap();
        place.assert_whole(&table).await;
        table.close().await;
    }
    let table = Table::embedded(&data).await.unwrap();
    place.end_all(&table).await;
    let counts = place.counts(&table).await;
    assert!(counts.is_empty(), "{counts:?}");
}
