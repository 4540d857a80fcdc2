//! The control plane over real HTTP on loopback, answered by the tests.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;

use causeway_fleet::http::{ANSWER_LEN_MAX, client_builder};
use causeway_fleet::{
    CallError, Claim, ControlPlane, EnrolRequest, EnrolledAs, Heartbeat, HttpControlPlane,
    Identity, MemberStatus, NodeStatus, Report, ReportAnswer, ReportEvent, claimed_member, enrol,
    verify_request,
};
use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::EndReason;
use causeway_trust::{KeyRing, SignedParts, SigningKey};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

/// What the control plane heard.
struct Heard {
    line: String,
    authorization: Option<String>,
    body: Vec<u8>,
}

struct World {
    listener: TcpListener,
    identity: Identity,
}

impl World {
    /// `prefix` is the path of the control plane's base URL.
    async fn new(prefix: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let identity = Identity {
            member: NodeId::new(Uuid::from_u128(1)).into(),
            key: SigningKey::generate().unwrap(),
            control_plane: Url::parse(&format!("http://{address}{prefix}")).unwrap(),
            verifying_keys: KeyRing::default(),
        };
        Self { listener, identity }
    }

    fn control_plane(&self) -> HttpControlPlane {
        HttpControlPlane::new(client_builder().build().unwrap(), &self.identity)
    }

    /// Answers one request with `status` and `body`.
    async fn answer(&self, status: u16, body: &[u8]) -> Heard {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let header = |wanted: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let mut found = lines.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.next().map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").unwrap().parse().unwrap();
        let mut heard = vec![0; length];
        stream.read_exact(&mut heard).await.unwrap();
        let head_of_answer = format!(
            "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head_of_answer.as_bytes()).await.unwrap();
        // A reader that has had enough closes early.
        let _closed_early = stream.write_all(body).await;
        Heard {
            line: head.lines().next().unwrap().to_owned(),
            authorization: header("authorization"),
            body: heard,
        }
    }
}

fn report() -> Report {
    Report {
        connection: ConnectionId::new(Uuid::from_u128(2)),
        user: UserId::new(Uuid::from_u128(3)),
        event: ReportEvent::Ended {
            reason: EndReason::Exited,
            code: None,
        },
    }
}

/// How a report fares that is answered so.
async fn reported(status: u16, body: &[u8]) -> Result<ReportAnswer, CallError> {
    let world = World::new("").await;
    let (control_plane, report) = (world.control_plane(), report());
    let (outcome, _heard) = tokio::join!(control_plane.report(&report), world.answer(status, body));
    outcome
}

#[tokio::test]
async fn a_call_is_signed_over_what_is_sent() {
    let world = World::new("/behind/a/proxy/").await;
    let (control_plane, report) = (world.control_plane(), report());
    let (outcome, heard) = tokio::join!(control_plane.report(&report), world.answer(200, b"{}"));
    outcome.unwrap();
    assert_eq!(
        heard.line,
        "POST /behind/a/proxy/api/v1/fleet/report HTTP/1.1"
    );
    assert_eq!(
        String::from_utf8(heard.body.clone()).unwrap(),
        r#"{"connection":"00000000-0000-0000-0000-000000000002","user":"00000000-0000-0000-0000-000000000003","event":{"type":"ended","reason":"exited"}}"#
    );
    let claimed = claimed_member(heard.authorization.as_deref()).unwrap();
    assert_eq!(claimed.member(), world.identity.member);
    let parts = SignedParts {
        method: "POST",
        path: "/behind/a/proxy/api/v1/fleet/report",
        body: &heard.body,
    };
    let key = world.identity.key.verifying_key();
    let verified = verify_request(&claimed, &key, &parts, Timestamp::now());
    assert_eq!(verified, Ok(world.identity.member));
}

#[tokio::test]
async fn a_heartbeat_reads_its_answer_and_ignores_what_it_does_not_know() {
    let world = World::new("").await;
    let key = SigningKey::generate().unwrap().verifying_key();
    let answer = serde_json::json!({
        "pass": "a pass",
        "verifying_keys": [{ "kid": key.id().to_string(), "key": key }],
        "heartbeat_interval_ms": 2000,
        "heartbeat_deadline_ms": 7000,
        "end": [{ "connection": Uuid::from_u128(2), "reason": "terminated" }],
        "of_a_later_version": true,
    });
    let heartbeat = Heartbeat {
        version: "1".to_owned(),
        status: MemberStatus::Node(NodeStatus {
            draining: false,
            capacity: 10,
            connections: Vec::new(),
            edges: [].into(),
        }),
    };
    let (control_plane, answer) = (world.control_plane(), answer.to_string());
    let (outcome, heard) = tokio::join!(
        control_plane.heartbeat(&heartbeat),
        world.answer(200, answer.as_bytes())
    );
    let outcome = outcome.unwrap();
    assert_eq!(outcome.pass, "a pass");
    assert_eq!(outcome.verifying_keys[0].key(), key);
    assert_eq!(outcome.end[0].reason, EndReason::Terminated);
    assert_eq!(
        String::from_utf8(heard.body).unwrap(),
        r#"{"version":"1","node":{"draining":false,"capacity":10,"connections":[],"edges":[]}}"#
    );
}

#[tokio::test]
async fn enrolment_needs_no_signature() {
    let world = World::new("").await;
    let request = EnrolRequest {
        token: "once".to_owned(),
        name: "n1".to_owned(),
        public_key: world.identity.key.verifying_key(),
        version: "1".to_owned(),
        role: EnrolledAs::Node { capacity: 5 },
    };
    assert!(!format!("{request:?}").contains("once"));
    let client = client_builder().build().unwrap();
    let answer = serde_json::json!({
        "member": world.identity.member,
        "verifying_keys": [],
        "pass": "a pass",
        "heartbeat_interval_ms": 2000,
        "heartbeat_deadline_ms": 7000,
    })
    .to_string();
    let (outcome, heard) = tokio::join!(
        enrol(&client, &world.identity.control_plane, &request),
        world.answer(200, answer.as_bytes())
    );
    assert_eq!(outcome.unwrap().member, world.identity.member);
    assert_eq!(heard.authorization, None);
    let body: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
    assert_eq!(body["node"]["capacity"], 5);
}

#[tokio::test]
async fn a_refusal_carries_its_code_and_says_whether_to_try_again() {
    let body = br#"{"type":"about:blank","title":"Gone","status":200,"code":"connection_ended","detail":""}"#;
    for (status, retry_can_help) in [(409, false), (401, false), (429, true), (503, true)] {
        let error = reported(status, body).await.unwrap_err();
        assert_eq!(error.code(), Some("connection_ended"));
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.retry_can_help(), retry_can_help, "{status}");
    }
    let error = reported(502, b"<html>Bad gateway</html>")
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (Some("http_status"), Some(502))
    );
    assert!(error.retry_can_help());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let error = reported(307, b"").await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    assert!(!error.retry_can_help());
}

#[tokio::test]
async fn an_answer_that_does_not_read_is_not_quoted() {
    let error = reported(200, br#"["hunter2"]"#).await.unwrap_err();
    assert!(matches!(error, CallError::Unreadable(_)), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let error = reported(200, &vec![b' '; ANSWER_LEN_MAX + 1])
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Unreadable(_)), "{error:?}");
}

#[tokio::test]
async fn a_control_plane_that_is_away_is_unreachable() {
    let world = World::new("").await;
    let control_plane = world.control_plane();
    drop(world.listener);
    let claim = Claim {
        ticket: "a ticket".to_owned(),
        client_address: None,
    };
    let error = control_plane.claim(&claim).await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
    assert!(error.retry_can_help());
    assert!(!format!("{claim:?}").contains("a ticket"));
}
