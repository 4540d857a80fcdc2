//! Traces: one from the browser's launch to the target's first screen through
//! every process, nothing unless it is wanted, no harm when nobody takes them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use causeway_tests::collector::{Collector, Span};
use causeway_tests::session::Viewer;
use causeway_tests::silent::Silent;
use causeway_tests::sshd::{Sshd, USERNAME};
use causeway_tests::stack::{ADMIN_PASSWORD, Stack};
use serde_json::json;
use tokio::net::TcpListener;

use crate::lab::{LAB, settings, split_lab_with_shell};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const BROWSER: &str = "b7ad6b7169203331";
const LAUNCH: &str = "POST /api/v1/applications/{slug}/endpoints/{endpoint}/launch";
/// Spans are sent as soon as they have ended, for tests not to wait.
const AT_ONCE: (&str, &str) = ("OTEL_BSP_SCHEDULE_DELAY", "50");
/// From the signal to the end of a process whose collector is gone.
const ENDED_WITHIN: Duration = Duration::from_secs(20);

/// The ends of every hop; what is within them has ended before.
const WAY: [(&str, &str); 7] = [
    ("causeway", LAUNCH),
    ("causeway-edge", "GET /edge/v1/connect"),
    ("causeway-outpost", "attach"),
    ("causeway", "POST /api/v1/fleet/claim"),
    ("causeway-outpost", "open target"),
    ("causeway-outpost", "POST /api/v1/fleet/report"),
    ("causeway", "POST /api/v1/fleet/report"),
];

fn traceparent() -> String {
    format!("00-{TRACE}-{BROWSER}-01")
}

/// One span of a service by its name; there may be only one.
fn only<'a>(spans: &'a [Span], service: &str, name: &str) -> Result<&'a Span> {
    let mut found = spans
        .iter()
        .filter(|span| span.service == service && span.name == name);
    let span = found.next();
    let span = span.with_context(|| format!("no {name} of {service} in {spans:#?}"))?;
    anyhow::ensure!(found.next().is_none(), "more than one {name} of {service}");
    Ok(span)
}

fn below<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
    spans
        .iter()
        .filter(|span| span.parent == parent.id)
        .collect()
}

#[tokio::test]
async fn one_trace_leads_from_the_launch_to_the_target_through_every_process() -> Result<()> {
    let collector = Collector::start().await?;
    let endpoint = collector.endpoint();
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("CAUSEWAY_LOG", "info,causeway_functions=debug"),
        AT_ONCE,
    ];
    let (stack, sshd) = split_lab_with_shell(&environment, 1, 1).await?;
    let ada = stack.user("marker-user", "marker-user-password").await?;

    let me = ada.get("/api/v1/me?marker-query=1").await?.ok()?;
    assert_eq!(me["traces"], true);
    let launched = ada.in_trace(&traceparent()).launch(LAB, "shell").await?;
    let mut viewer = Viewer::open(&launched.entry).await?;
    viewer.wait_for("$ ").await?;

    let spans = collector
        .wait_for("the way to the first screen", |spans| {
            let has = |(service, name): &(&str, &str)| {
                let mut spans = spans.iter().filter(|span| span.trace == TRACE);
                spans.any(|span| span.service == *service && span.name == *name)
            };
            WAY.iter().all(has)
        })
        .await?;
    let spans: Vec<_> = spans
        .into_iter()
        .filter(|span| span.trace == TRACE)
        .collect();

    // The control plane, the edge and the node each go on where the launch was.
    let launch = only(&spans, "causeway", LAUNCH)?;
    assert_eq!(launch.parent, BROWSER);
    let edge = only(&spans, "causeway-edge", "GET /edge/v1/connect")?;
    assert_eq!(edge.parent, launch.id);
    let stream = only(&spans, "causeway-edge", "open tunnel stream")?;
    assert_eq!(stream.parent, edge.id);
    let attach = only(&spans, "causeway-outpost", "attach")?;
    assert_eq!(attach.parent, launch.id);
    // The node's claim leads back to the control plane.
    let claim = "POST /api/v1/fleet/claim";
    let asked = only(&spans, "causeway-outpost", claim)?;
    assert_eq!(asked.parent, attach.id);
    let answered = only(&spans, "causeway", claim)?;
    assert_eq!(answered.parent, asked.id);
    // The way to the target, step by step.
    let opening = only(&spans, "causeway-outpost", "open target")?;
    assert_eq!(opening.parent, attach.id);
    let steps = [
        "resolve",
        "connect",
        "handshake",
        "verify host",
        "authenticate",
        "open",
        "first screen",
    ];
    for step in steps {
        let step = only(&spans, "causeway-outpost", step)?;
        assert_eq!(step.parent, opening.id, "{step:?}");
    }
    // What the node reports on the way belongs to it, too.
    let reports = below(&spans, opening);
    let is_report = |span: &&&Span| span.name == "POST /api/v1/fleet/report";
    let reports = reports.iter().filter(is_report);
    let taken = reports.flat_map(|report| below(&spans, report));
    assert!(
        taken
            .map(|span| &span.service)
            .any(|service| service == "causeway")
    );

    for span in [launch, edge, attach, answered, opening] {
        let connection = span.attributes.get("causeway.connection.id");
        assert_eq!(connection, Some(&launched.connection), "{span:?}");
    }
    assert!(spans.iter().all(|span| !span.failed), "{spans:#?}");
    assert_eq!(
        attach
            .attributes
            .get("network.protocol.name")
            .map(String::as_str),
        Some("ssh")
    );

    // Each process names the trace in its log.
    for process in [&stack.up, &stack.edges[0], &stack.nodes[0]] {
        assert!(process.log().contains(TRACE), "{}", process.log());
    }

    let address = sshd.address().to_string();
    let secrets = [
        ("an administrator's password", ADMIN_PASSWORD),
        ("a user's name", "marker-user"),
        ("a query", "marker-query"),
        ("a target's user", USERNAME),
        ("a target's password", sshd.password()),
        ("a target's address", &address),
        ("a ticket", &launched.entry.ticket),
    ];
    for batch in collector.batches() {
        let text = String::from_utf8_lossy(&batch);
        for (what, secret) in secrets {
            assert!(!text.contains(secret), "{what} was sent: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_target_that_is_not_reached_is_a_step_that_failed_and_says_why() -> Result<()> {
    let collector = Collector::start().await?;
    let endpoint = collector.endpoint();
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), AT_ONCE];
    let stack = Stack::up_in(&environment, &[]).await?;
    stack.application(LAB, json!({})).await?;
    let closed = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
    stack.endpoint(LAB, "nowhere", closed, json!({})).await?;
    let launched = stack
        .admin
        .in_trace("00-not-a-traceparent-01")
        .launch(LAB, "nowhere")
        .await?;
    Viewer::open(&launched.entry).await?.failure().await?;
    let spans = collector
        .wait_for("the failure", |spans| {
            spans.iter().any(|span| span.name == "open target")
        })
        .await?;
    // What the browser said was no trace: the launch began one.
    let launch = only(&spans, "causeway", LAUNCH)?;
    assert_eq!(launch.parent, "");
    let opening = only(&spans, "causeway", "open target")?;
    assert_eq!(opening.trace, launch.trace);
    let step = only(&spans, "causeway", "connect")?;
    assert_eq!(step.parent, opening.id);
    for span in [opening, step] {
        assert!(span.failed, "{span:?}");
        let code = span.attributes.get("causeway.outcome.code");
        assert_eq!(code.map(String::as_str), Some("target_refused"), "{span:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_sent_when_traces_are_off() -> Result<()> {
    let collector = Collector::start().await?;
    let endpoint = collector.endpoint();
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("OTEL_SDK_DISABLED", "true"),
        AT_ONCE,
    ];
    let stack = Stack::up_in(&environment, &[]).await?;
    let me = stack.admin.get("/api/v1/me").await?.ok()?;
    assert_eq!(me["traces"], false);
    session(&stack).await?;
    let Stack { up, .. } = stack;
    assert!(up.terminate().await?.success());
    assert_eq!(collector.spans()?, []);
    Ok(())
}

#[tokio::test]
async fn a_variable_that_makes_no_sense_is_named_at_the_start() -> Result<()> {
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")];
    let error = Stack::up_in(&environment, &[]).await.err();
    let error = error.context("it started")?.to_string();
    assert!(
        error.contains("OTEL_EXPORTER_OTLP_ENDPOINT is not"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_collector_that_is_gone_or_silent_does_no_harm() -> Result<()> {
    let (gone, silent) = (Collector::start().await?.endpoint(), Silent::start().await?);
    let silent = format!("http://{}", silent.address());
    for endpoint in [gone, silent] {
        // A queue of one batch: what comes after it finds no room at first.
        let environment = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
            AT_ONCE,
        ];
        let stack = Stack::up_in(&environment, &[]).await?;
        for _ in 0..3 {
            session(&stack).await?;
        }
        let stopped = Instant::now();
        let Stack { up, .. } = stack;
        assert!(up.terminate().await?.success());
        assert!(stopped.elapsed() < ENDED_WITHIN, "{:?}", stopped.elapsed());
    }
    Ok(())
}

/// Launches a shell and sees its prompt.
async fn session(stack: &Stack) -> Result<()> {
    let sshd = Sshd::with_password()?;
    let name = format!("lab-{}", sshd.address().port());
    stack.application(&name, json!({})).await?;
    let settings = settings(&sshd, json!({}));
    stack
        .endpoint(&name, "shell", sshd.address(), settings)
        .await?;
    let launched = stack
        .admin
        .in_trace(&traceparent())
        .launch(&name, "shell")
        .await?;
    Viewer::open(&launched.entry).await?.wait_for("$ ").await?;
    Ok(())
}
