//! Every edge and every node is replaced under live sessions, and nobody loses
//! anything: edges send their browsers on, nodes wait for their sessions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use causeway_tests::session::{Roamer, Viewer};
use causeway_tests::sshd::Sshd;
use causeway_tests::stack::{Api, Stack};
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::lab::{LAB, eventually, settings};

/// Sessions that live through it.
const SESSIONS: usize = 50;
/// How many are opened at once.
const OPENED_AT_ONCE: usize = 8;
/// The application whose sessions nobody may come back to who left.
const NO_RETURN: &str = "no-return";
/// Counts without a pause until Ctrl-C. (`read -t` would end by Enter, but loses
/// what comes in the moment that its time is up.)
const COUNTING: &str = r#"bash -c 'trap stop=1 INT; i=0; while [ -z "$stop" ]; do echo "n=$i;"; i=$((i+1)); sleep 0.2; done; echo "done=$i;"'"#;
/// So that nothing is shown of what is typed, and Ctrl-C throws no output away.
const QUIET: &str = "stty -echo noflsh";
/// Ctrl-C.
const INTERRUPT: &str = "\x03";
/// From a lost socket to the next output, on a busy machine.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Longer than any session of the test.
const NODE_DRAIN_S: &str = "600";

/// The fleet before: two edges and two nodes, each a process of its own.
async fn fleet() -> Result<(Stack, Sshd)> {
    let mut stack = Stack::split(2, 0).await?;
    for number in 0..2 {
        add_node(&mut stack, number).await?;
    }
    // Nobody is to be carried by the control plane's own edge.
    stack
        .admin
        .delete("/api/v1/admin/edges/built-in")
        .await?
        .ok()?;
    let sshd = Sshd::with_password()?;
    let settings = settings(&sshd, json!({}));
    let no_return = json!({ "delete_token_on_disconnect": true });
    for (application, provider) in [(LAB, json!({})), (NO_RETURN, no_return)] {
        stack.application(application, provider).await?;
        let (host, settings) = (sshd.address(), settings.clone());
        stack.endpoint(application, "shell", host, settings).await?;
    }
    Ok((stack, sshd))
}

async fn add_node(stack: &mut Stack, number: usize) -> Result<()> {
    let arguments = ["--drain-seconds", NODE_DRAIN_S];
    stack.add_node_with(number, &arguments).await
}

/// A session that counts; the edge and the node that it began on.
async fn open(api: &Api, application: &str) -> Result<(Roamer, String, String)> {
    let launched = api.launch(application, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;
    viewer.enter(QUIET).await?;
    viewer.wait_for("$ ").await?;
    viewer.enter(COUNTING).await?;
    viewer.wait_for("n=0;").await?;
    let roamer = Roamer::new(api.clone(), launched.connection, viewer);
    Ok((roamer, launched.entry.edge_url, launched.node))
}

/// All sessions, each heard by a task of its own.
struct Crowd {
    people: JoinSet<Result<Roamer>>,
    heard: Vec<Arc<AtomicU64>>,
    enough: CancellationToken,
}

impl Crowd {
    fn new(roamers: Vec<Roamer>) -> Self {
        let (mut people, mut heard) = (JoinSet::new(), Vec::new());
        let enough = CancellationToken::new();
        for roamer in roamers {
            let offset = Arc::new(AtomicU64::new(roamer.offset()));
            heard.push(Arc::clone(&offset));
            people.spawn(listen(roamer, offset, enough.clone()));
        }
        Self {
            people,
            heard,
            enough,
        }
    }

    fn offsets(&self) -> Vec<u64> {
        let offsets = self.heard.iter();
        offsets
            .map(|offset| offset.load(Ordering::SeqCst))
            .collect()
    }

    /// Waits until everybody has heard something new.
    async fn all_go_on(&self) -> Result<()> {
        let before = self.offsets();
        eventually("something new for everybody", || async {
            let now = self.offsets();
            let still = before
                .iter()
                .zip(&now)
                .filter(|(before, now)| now <= before);
            Ok(match still.count() {
                0 => Ok(()),
                still => Err(format!("{still} heard nothing new")),
            })
        })
        .await
    }

    /// Everybody ends their session themselves.
    async fn end(self) -> Result<Vec<Roamer>> {
        self.enough.cancel();
        let ended = self.people.join_all().await;
        ended.into_iter().collect()
    }
}

async fn listen(
    mut roamer: Roamer,
    offset: Arc<AtomicU64>,
    enough: CancellationToken,
) -> Result<Roamer> {
    while !enough.is_cancelled() {
        if let Some(ended) = roamer.hear().await? {
            bail!("nobody ended it, but: {ended:?}");
        }
        offset.store(roamer.offset(), Ordering::SeqCst);
    }
    roamer.type_text(INTERRUPT).await?;
    while !roamer.transcript().ends_with(b"$ ") {
        if let Some(ended) = roamer.hear().await? {
            bail!("it was not to end yet: {ended:?}");
        }
    }
    roamer.enter("exit").await?;
    loop {
        if let Some(ended) = roamer.hear().await? {
            ensure!(ended.reason == "exited", "{ended:?}");
            return Ok(roamer);
        }
    }
}

/// The count is whole: every byte of it came, once, in its order.
fn check_count(transcript: &[u8]) -> Result<u64> {
    let text = str::from_utf8(transcript)?;
    let from = text.find("n=0;\r\n").context("no beginning")?;
    let (count, rest) = text[from..].split_once("done=").context("no end")?;
    let counted: u64 = rest.split(';').next().unwrap_or_default().parse()?;
    let expected: String = (0..counted).map(|i| format!("n={i};\r\n")).collect();
    ensure!(
        count == expected,
        "it counted to {counted}, but said {count:?}"
    );
    Ok(counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_lost() -> Result<()> {
    let (mut stack, _sshd) = fleet().await?;
    let opening = (0..SESSIONS).map(|number| {
        let application = [LAB, NO_RETURN][number % 2];
        open(&stack.admin, application)
    });
    let opened: Vec<_> = stream::iter(opening)
        .buffer_unordered(OPENED_AT_ONCE)
        .collect()
        .await;
    let opened = opened.into_iter().collect::<Result<Vec<_>>>()?;
    let edges: BTreeSet<_> = opened.iter().map(|(_, edge, _)| edge.clone()).collect();
    let nodes: BTreeSet<_> = opened.iter().map(|(_, _, node)| node.clone()).collect();
    assert_eq!((edges.len(), nodes.len()), (2, 2), "{edges:?} {nodes:?}");
    let crowd = Crowd::new(opened.into_iter().map(|(roamer, _, _)| roamer).collect());

    for number in 2..4 {
        stack.add_edge(number).await?;
        dialled(&stack.admin, number).await?;
        let asked = Instant::now();
        let status = stack.edges.remove(0).terminate().await?;
        assert!(status.success(), "{status}");
        println!("edge-{} ended after {:?}", number - 2, asked.elapsed());
        crowd.all_go_on().await?;
    }

    for number in 2..4 {
        add_node(&mut stack, number).await?;
    }
    let old: Vec<_> = stack.nodes.drain(..2).collect();
    for node in &old {
        node.ask_to_end()?;
    }
    draining(&stack.admin, &nodes).await?;
    for _ in 0..4 {
        let launched = stack.admin.launch(LAB, "shell").await?;
        assert!(
            !nodes.contains(&launched.node),
            "it is on a node that stops"
        );
        Viewer::open(&launched.entry).await?.wait_for("$ ").await?;
    }
    crowd.all_go_on().await?;

    // They live for as long as their users want.
    let roamers = crowd.end().await?;
    for node in old {
        assert!(node.ended().await?.success());
    }
    check(&roamers)
}

fn check(roamers: &[Roamer]) -> Result<()> {
    let mut counted = 0;
    for roamer in roamers {
        counted += check_count(roamer.transcript())?;
        ensure!(
            roamer.returns > 0,
            "both edges were replaced, but not this one's"
        );
    }
    let returns: usize = roamers.iter().map(|roamer| roamer.returns).sum();
    let mut silences: Vec<Duration> = roamers
        .iter()
        .map(|roamer| roamer.longest_silence)
        .collect();
    silences.sort();
    let worst = silences[silences.len() - 1];
    ensure!(worst < SILENCE_MAX, "somebody heard nothing for {worst:?}");
    println!(
        "{} sessions, {counted} lines, {returns} times through another edge; longest silence: median {:?}, worst {worst:?}",
        roamers.len(),
        silences[silences.len() / 2],
    );
    Ok(())
}

/// Waits until the nodes have a tunnel to a new edge: two, and the control
/// plane's own.
async fn dialled(admin: &Api, number: usize) -> Result<()> {
    let path = format!("/api/v1/admin/edges/edge-{number}");
    eventually("tunnels to the new edge", || async {
        let edge = admin.get(&path).await?.ok()?;
        Ok(if edge["nodes"].as_u64() >= Some(3) {
            Ok(())
        } else {
            Err(edge.to_string())
        })
    })
    .await
}

/// Waits until the control plane knows that these nodes stop.
async fn draining(admin: &Api, nodes: &BTreeSet<String>) -> Result<()> {
    let stops = |node: &Value| {
        node["health"] == "draining" && nodes.contains(node["id"].as_str().unwrap_or_default())
    };
    eventually("nodes that drain", || async {
        let listed = admin.list("/api/v1/admin/nodes").await?;
        let count = listed.iter().filter(|node| stops(node)).count();
        Ok(if count == nodes.len() {
            Ok(())
        } else {
            Err(format!("{listed:?}"))
        })
    })
    .await
}
