//! What idle sessions cost where they are held: the node, and the edge that
//! carries them, as processes of their own. The target is a small SSH server
//! in this process, so that hundreds of shells do not fill the machine.

use anyhow::Result;
use causeway_tests::scripted::{self, Scripted};
use causeway_tests::session::Viewer;
use causeway_tests::stack::Stack;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use crate::report::{Goal, Report, Row};
use crate::through::APPLICATION;

/// Sessions that are opened at once.
const AT_ONCE: usize = 8;
/// Sessions before the first look, so that what is made once is there.
const WARM_UP: u32 = 10;

pub(crate) async fn memory(sessions: u32, report: &mut Report) -> Result<()> {
    let mut stack = Stack::split(1, 0).await?;
    stack.add_node(0, sessions + WARM_UP).await?;
    let target = Scripted::start(Vec::new()).await?;
    stack.application(APPLICATION, json!({})).await?;
    stack
        .endpoint(
            APPLICATION,
            "shell",
            target.address(),
            json!({ "username": "someone" }),
        )
        .await?;
    let warm = open(&stack, WARM_UP).await?;
    let before = (
        stack.nodes[0].resident_bytes()?,
        stack.edges[0].resident_bytes()?,
    );
    let held = open(&stack, sessions).await?;
    let after = (
        stack.nodes[0].resident_bytes()?,
        stack.edges[0].resident_bytes()?,
    );
    let own_edge = stack.edges[0].fact("url")?.to_owned();
    let carried = held
        .iter()
        .filter(|(edge, _)| edge.starts_with(&own_edge))
        .count();
    report.add(Row::new(
        "node, memory for each idle session, KiB",
        Goal::AtMost(512.0),
        vec![each(before.0, after.0, held.len())],
        Vec::new(),
    ));
    report.add(Row::new(
        "edge, memory for each idle session, KiB",
        Goal::AtMost(64.0),
        vec![each(before.1, after.1, carried)],
        Vec::new(),
    ));
    eprintln!(
        "{} of {} sessions went through the edge that was measured",
        carried,
        held.len()
    );
    drop((held, warm));
    Ok(())
}

async fn open(stack: &Stack, sessions: u32) -> Result<Vec<(String, Viewer)>> {
    let open_one = |_| async move {
        let launched = stack.admin.launch(APPLICATION, "shell").await?;
        let mut viewer = Viewer::open(&launched.entry).await?;
        viewer.wait_for(scripted::PROMPT).await?;
        anyhow::Ok((launched.entry.edge_url, viewer))
    };
    stream::iter(0..sessions)
        .map(open_one)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

fn each(before: u64, after: u64, count: usize) -> f64 {
    after.saturating_sub(before) as f64 / 1024.0 / count.max(1) as f64
}
