//! Figures of the functions' programs, run as Lambda runs them over an emulated
//! cloud on this machine: how long from the start of the process to its first
//! answer, what that takes of memory, and what a launch costs a warm one.
//!
//!     cargo build --profile lambda -p causeway-lambda --bins
//!     cargo run -p causeway-lambda --example starts -- target/lambda
//!
//! What the emulated services take is part of the times and not of the
//! processor time. The engine of the table answers in well under a millisecond;
//! DynamoDB takes some five.
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails is to fail loudly"
)]

#[path = "../tests/emulated/mod.rs"]
mod emulated;
#[path = "../tests/fleet/mod.rs"]
mod fleet;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use emulated::services::ADMIN_PASSWORD;
use emulated::{Cloud, Function, Program, Sent};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;

/// Starts of each program.
const STARTS: usize = 21;
/// Launches that are measured.
const LAUNCHES: u32 = 500;
/// Launches before, which are not.
const WARM_UP: u32 = 20;

#[tokio::main]
async fn main() {
    let directory = std::env::args().nth(1).map(PathBuf::from);
    let directory = directory.expect("which directory the programs are in");
    let cloud = Cloud::start().await;
    let start = |name: &str| {
        let program = directory.join(name);
        Program::new(program.to_str().unwrap(), cloud.environment()).start()
    };

    let admin = start("admin").await;
    let bootstrap = json!({"causeway": "bootstrap"});
    admin.invoke(&bootstrap).await.unwrap();
    // Before the launches: the sweep has nothing to look through yet.
    measure_starts(&directory, &start).await;
    let (portal, nodes) = (start("portal").await, start("nodes").await);
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD});
    let signed_in = portal.answer(Sent::post("/api/v1/session", &body)).await;
    let cookie = signed_in.cookies()[0].to_owned();
    let (cookie, _node) = fleet::ready_to_launch(&admin, &portal, &nodes, cookie).await;
    drop(portal);
    // The node is heard of no more and takes launches for some seconds yet.
    measure_launches(&start("portal").await, &cookie).await;
}

async fn measure_starts(directory: &Path, start: impl AsyncFn(&str) -> Function) {
    println!(
        "| function | zip, MiB | start to first answer, ms | of that its own, ms | memory then, MiB |"
    );
    println!("|---|---|---|---|---|");
    for name in ["portal", "admin", "nodes", "sweep"] {
        // The first one reads the program from the disk.
        first_answer(name, &start(name).await).await;
        let mut times = Vec::with_capacity(STARTS);
        let mut own = Vec::with_capacity(STARTS);
        let mut memory = Vec::with_capacity(STARTS);
        for _ in 0..STARTS {
            let started = Instant::now();
            let function = start(name).await;
            first_answer(name, &function).await;
            times.push(milliseconds(started.elapsed()));
            own.push(milliseconds(processor_time(function.pid())));
            memory.push(resident_mib(function.pid()));
        }
        let (median, least, most) = spread(times);
        let (resident, _, _) = spread(memory);
        let zip = zip_mib(&directory.join(name));
        let (own, _, _) = spread(own);
        println!(
            "| {name} | {zip:.2} | {median:.0} ({least:.0} - {most:.0}) | {own:.0} | {resident:.1} |"
        );
    }
}

/// A request that reads the table; a sweep of one round.
async fn first_answer(name: &str, function: &Function) {
    if name == "sweep" {
        let swept = function.invoke_text("{}", Duration::from_secs(1)).await;
        swept.unwrap();
    } else {
        assert_eq!(function.answer(Sent::get("/readyz")).await.status(), 200);
    }
}

async fn measure_launches(portal: &Function, cookie: &str) {
    let path = "/api/v1/applications/machines/endpoints/one/launch";
    let launch = || Sent::post(path, &json!({})).cookies([cookie]);
    portal.ready().await;
    let first = Instant::now();
    portal.answer(launch()).await.ok();
    let first = milliseconds(first.elapsed());
    for _ in 0..WARM_UP {
        portal.answer(launch()).await.ok();
    }
    let (before, started) = (processor_time(portal.pid()), Instant::now());
    let mut launched = 0;
    // Short of the time after which a silent node is lost.
    while launched < LAUNCHES && started.elapsed() < Duration::from_secs(4) {
        portal.answer(launch()).await.ok();
        launched += 1;
    }
    let own = (processor_time(portal.pid()) - before) / launched;
    let lines = portal.lines();
    let warm = || lines.iter().filter(|line| line["launches"] == 1).skip(1);
    let round_trips = warm().map(|line| line["table_round_trips"].as_u64().unwrap());
    let durations = warm().map(|line| line["duration"].as_f64().unwrap());
    println!();
    println!("| launch | |");
    println!("|---|---|");
    println!("| measured | {launched} |");
    println!(
        "| table round trips of a warm one, at most | {} |",
        round_trips.max().unwrap()
    );
    println!("| own processor time, ms | {:.2} |", milliseconds(own));
    println!(
        "| inside the function, ms, median | {:.2} |",
        spread(durations.collect()).0
    );
    println!(
        "| memory after them, MiB | {:.1} |",
        resident_mib(portal.pid())
    );
    println!("| the first of a process, ms | {first:.1} |");
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Median, least and most.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (
        values[values.len() / 2],
        values[0],
        values[values.len() - 1],
    )
}

/// Resident memory of a process.
fn resident_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib / 1024.0
}

/// Processor time of all threads that a process has, to the nanosecond.
fn processor_time(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of_task = |task: PathBuf| {
        let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
        let nanoseconds = text.split(' ').next().and_then(|text| text.parse().ok());
        Duration::from_nanos(nanoseconds.unwrap_or_default())
    };
    tasks.map(|task| of_task(task.unwrap().path())).sum()
}

/// What a program is in a zip file, of which it is all.
fn zip_mib(program: &Path) -> f64 {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(program).unwrap()).unwrap();
    #[allow(clippy::cast_precision_loss, reason = "a size in MiB")]
    let length = encoder.finish().unwrap().len() as f64;
    length / (1024.0 * 1024.0)
}
