//! What processes use, read from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// Processor time of a process and all that it has started and not yet
/// outlived.
pub(crate) fn tree_processor_time(root: u32) -> Result<Duration> {
    let mut total = processor_time(root)?;
    for id in descendants(root) {
        // One may have ended in between.
        total += processor_time(id).unwrap_or_default();
    }
    Ok(total)
}

/// Memory of a process and its descendants, shared pages counted by share
/// (PSS), in bytes.
pub(crate) fn tree_memory(root: u32) -> Result<u64> {
    let mut total = memory(root)?;
    for id in descendants(root) {
        total += memory(id).unwrap_or_default();
    }
    Ok(total)
}

/// Children, their children, and so on.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut ask = vec![root];
    while let Some(id) = ask.pop() {
        let threads = fs::read_dir(format!("/proc/{id}/task"))
            .into_iter()
            .flatten();
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace().filter_map(|id| id.parse().ok()) {
                found.push(child);
                ask.push(child);
            }
        }
    }
    found
}

/// Ends a process at once.
pub(crate) fn kill(id: u32) {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        // Nothing is lost when it has ended already.
        kill_process(id, Signal::KILL).ok();
    }
}

/// User and system time, from `/proc/PID/stat` (proc(5), fields 14 and 15).
fn processor_time(id: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The second field is a name in brackets, which may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap_or(0))
        .sum();
    let ticks_per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(ticks * 1000 / ticks_per_second))
}

fn memory(id: u32) -> Result<u64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: u64 = kilobytes.context("no Pss")?.parse()?;
    Ok(kilobytes * 1024)
}
