//! The only edge that reaches a node stops: what is to end there still ends
//! within a second, while the edge drains and when it is gone.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use causeway_tests::session::Viewer;
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::{Launched, Stack};

use crate::lab::{eventually, is_alive, shell, shell_pid, split_lab_with_shell};

/// From an act to the closed target.
const END_WITHIN: Duration = Duration::from_secs(1);
/// Sessions that are ended while the edge drains, and as many after that. Each
/// act but the first follows the end before, which the node may have heard of
/// from a heartbeat's answer: so it waits for a whole interval, if for any.
const ENDED_EACH: usize = 4;
/// The edge drains for so long; all that is ended in it must be, by then.
const DRAIN: (&str, &str) = ("CAUSEWAY_DRAIN_SECONDS", "6");

struct Open {
    launched: Launched,
    pid: u32,
    _viewer: Viewer,
}

/// One node that one edge reaches, with sessions.
async fn fleet() -> Result<(Stack, Sshd, Vec<Open>)> {
    let (stack, sshd) = split_lab_with_shell(&[DRAIN], 1, 1).await?;
    let mut sessions = Vec::new();
    for _ in 0..2 * ENDED_EACH {
        let (launched, mut viewer) = shell(&stack).await?;
        let pid = shell_pid(&mut viewer).await?;
        sessions.push(Open {
            launched,
            pid,
            _viewer: viewer,
        });
    }
    Ok((stack, sshd, sessions))
}

/// Terminates a session; how long its shell lived after the act began.
async fn terminate(stack: &Stack, session: &Open) -> Result<Duration> {
    let act = Instant::now();
    stack.admin.terminate(&session.launched.connection).await?;
    eventually("the shell's end", || async {
        Ok(if is_alive(session.pid) {
            Err(format!("process {} lives", session.pid))
        } else {
            Ok(())
        })
    })
    .await?;
    Ok(act.elapsed())
}

async fn terminate_all(stack: &Stack, sessions: &[Open], when: &str) -> Result<()> {
    let mut took = Vec::new();
    for session in sessions {
        took.push(terminate(stack, session).await?);
    }
    println!("{when}, from the act to the end of the shell: {took:?}");
    // A busy machine may hold one up; heartbeats alone would hold up most.
    took.sort();
    ensure!(took[took.len() / 2] <= END_WITHIN, "{when}: {took:?}");
    Ok(())
}

#[tokio::test]
async fn a_session_ends_within_a_second_without_an_edge_that_goes_on() -> Result<()> {
    let (mut stack, _sshd, sessions) = fleet().await?;
    let edge = stack.edges.remove(0);
    edge.ask_to_end()?;
    eventually("the edge to drain", || async {
        let told = stack.admin.get("/api/v1/admin/edges/edge-0").await?.ok()?;
        Ok(if told["draining"] == true {
            Ok(())
        } else {
            Err(told.to_string())
        })
    })
    .await?;
    let (while_it_drains, after) = sessions.split_at(ENDED_EACH);
    terminate_all(&stack, while_it_drains, "while its edge drains").await?;
    ensure!(edge.ended().await?.success());
    terminate_all(&stack, after, "when its edge is gone").await
}
