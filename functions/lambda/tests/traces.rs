//! Traces of the functions' real programs: sent before an answer is given back,
//! in the trace that the caller began, and never at an answer's cost.
#![allow(clippy::unwrap_used, reason = "tests")]

mod deployed;
mod emulated;
mod fleet;

use std::time::{Duration, Instant};

use causeway_tests::collector::{Collector, Span};
use causeway_tests::silent::Silent;
use deployed::{Deployed, PORTAL};
use emulated::services::ADMIN_PASSWORD;
use emulated::{Cloud, Function, Program, Sent};
use serde_json::{Value, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const LAUNCH: &str = "/api/v1/applications/machines/endpoints/one/launch";
const LAUNCH_ROUTE: &str = "POST /api/v1/applications/{slug}/endpoints/{endpoint}/launch";
const CLAIM: &str = "/api/v1/fleet/claim";

/// A program that sends to `endpoint`, and only when it is told to: the next
/// time by itself would be in an hour.
fn sending(program: Program, endpoint: &str) -> Program {
    program
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .with("OTEL_BSP_SCHEDULE_DELAY", "3600000")
}

async fn start_portal(cloud: &Cloud, endpoint: &str) -> Function {
    let program = Program::new(PORTAL, cloud.environment());
    sending(program, endpoint).start().await
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// The claims of a token of ours, unverified.
fn claims(ticket: &Value) -> Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut parts = ticket.as_str().unwrap().split('.');
    parts
        .find_map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<Value>(&bytes)
                .ok()?
                .get("connection")?;
            serde_json::from_slice(&bytes).ok()
        })
        .unwrap()
}

#[tokio::test]
async fn a_launch_and_its_claim_are_sent_in_the_browsers_trace_before_they_are_answered() {
    let collector = Collector::start().await.unwrap();
    let endpoint = collector.endpoint();
    let deployed = Deployed::started(|program| sending(program, &endpoint)).await;
    let node = deployed.ready_to_launch().await;
    let Deployed {
        portal,
        nodes,
        cookie,
        ..
    } = &deployed;
    let me = portal
        .answer(deployed.signed_in(Sent::get("/api/v1/me")))
        .await;
    assert_eq!(me.ok()["traces"], true);

    let launch = deployed.signed_in(Sent::post(LAUNCH, &json!({})));
    let launched = portal
        .answer(launch.clone().header("traceparent", TRACEPARENT))
        .await;
    let launched = launched.ok();
    assert_eq!(portal.last_request().await["trace_id"], TRACE);
    let ticket = claims(&launched["ticket"]);
    let carried = ticket["trace"].as_str().unwrap();
    let claim = node.signed(CLAIM, &json!({"ticket": launched["ticket"]}));
    nodes
        .answer(claim.header("traceparent", carried))
        .await
        .ok();

    let spans = collector
        .wait_for("the claim", |spans| {
            !named(spans, &format!("POST {CLAIM}")).is_empty()
        })
        .await
        .unwrap();
    let [launch_span] = named(&spans, LAUNCH_ROUTE)[..] else {
        panic!("{spans:#?}")
    };
    let [claim_span] = named(&spans, &format!("POST {CLAIM}"))[..] else {
        panic!("{spans:#?}")
    };
    assert_eq!(launch_span.service, "causeway-portal");
    assert_eq!(
        (&*launch_span.trace, &*launch_span.parent),
        (TRACE, "b7ad6b7169203331")
    );
    assert_eq!(carried, format!("00-{TRACE}-{}-01", launch_span.id));
    assert_eq!(claim_span.service, "causeway-nodes");
    assert_eq!(
        (&*claim_span.trace, &claim_span.parent),
        (TRACE, &launch_span.id)
    );

    // What is no traceparent, or one too many, begins a trace.
    for hostile in [
        "hunter2",
        "00-0-0-01",
        &format!("{TRACEPARENT},{TRACEPARENT}"),
    ] {
        let before = named(&collector.spans().unwrap(), LAUNCH_ROUTE).len();
        let launched = portal
            .answer(launch.clone().header("traceparent", hostile))
            .await;
        launched.ok();
        let spans = collector
            .wait_for("another launch", |spans| {
                named(spans, LAUNCH_ROUTE).len() > before
            })
            .await
            .unwrap();
        let span = *named(&spans, LAUNCH_ROUTE).last().unwrap();
        assert_eq!(span.parent, "", "{hostile}");
        assert_ne!(span.trace, TRACE, "{hostile}");
    }
    let secrets = [
        ADMIN_PASSWORD,
        "hunter2",
        "target.example",
        cookie.split_once('=').unwrap().1,
        launched["ticket"].as_str().unwrap(),
    ];
    for batch in collector.batches() {
        let text = String::from_utf8_lossy(&batch);
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} was sent: {text}");
        }
    }
}

#[tokio::test]
async fn what_a_browser_wants_recorded_is_not_for_it_to_say() {
    let (cloud, collector) = (Cloud::start().await, Collector::start().await.unwrap());
    let portal = Program::new(PORTAL, cloud.environment())
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint())
        .with("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
        .with("OTEL_TRACES_SAMPLER_ARG", "0.5")
        .start()
        .await;
    let asked = |trace: &str| {
        let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
        portal.answer(Sent::get("/api/v1/me").header("traceparent", &traceparent))
    };
    let (unlucky, lucky) = (
        "0af7651916cd43ddffffffffffffffff",
        "0af7651916cd43dd0000000000000001",
    );
    for trace in [unlucky, lucky] {
        assert_eq!(asked(trace).await.status(), 401);
    }
    let spans = collector
        .wait_for("a span", |spans| !spans.is_empty())
        .await
        .unwrap();
    let traces: Vec<_> = spans.iter().map(|span| &*span.trace).collect();
    assert_eq!(traces, [lucky]);
    assert_eq!(
        spans[0].attributes["causeway.outcome.code"],
        "not_signed_in"
    );
    assert!(!spans[0].failed, "a refusal is no error of the server");
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_up_one_answer_and_fails_none() {
    let (cloud, silent) = (Cloud::start().await, Silent::start().await.unwrap());
    let endpoint = format!("http://{}", silent.address());
    let portal = start_portal(&cloud, &endpoint).await;
    portal.ready().await;
    let begun = Instant::now();
    for _ in 0..20 {
        let answer = portal.answer(Sent::get("/api/v1/me")).await;
        assert_eq!(answer.status(), 401);
    }
    // Twenty that were held up would take six seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn variables_that_make_no_sense_turn_traces_off_and_nothing_else() {
    let cloud = Cloud::start().await;
    let portal = start_portal(&cloud, "not a URL").await;
    let answer = portal.answer(Sent::get("/api/v1/me")).await;
    assert_eq!(answer.status(), 401);
    let lines = portal.lines();
    let told = lines
        .iter()
        .find(|line| line["message"] == "traces are off");
    let told = told.unwrap_or_else(|| panic!("{lines:?}"));
    assert!(
        told["error"]
            .as_str()
            .unwrap()
            .contains("OTEL_EXPORTER_OTLP_ENDPOINT")
    );
}
