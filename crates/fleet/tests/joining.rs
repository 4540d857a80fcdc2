//! Becoming a member: a token once, the kept identity ever after.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use causeway_fleet::http::client_builder;
use causeway_fleet::{Admission, EnrolledAs, Identity, JoinError, Joining, identity};
use causeway_model::id::{EdgeId, NodeId};
use causeway_trust::{KeyRing, MemberId, MemberKind, SigningKey};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn joining(directory: &Path, control_plane: &str, token: Option<&str>) -> Joining {
    Joining {
        directory: directory.to_owned(),
        control_plane: control_plane.parse().unwrap(),
        admission: token.map(|token| Admission::Token(token.to_owned())),
        name: "rack-7".to_owned(),
        role: EnrolledAs::Node { capacity: 42 },
    }
}

/// Joins while one request is answered; what was asked, and what came of it.
async fn enrols(
    directory: &Path,
    status: u16,
    answer: Value,
) -> (Value, Result<Identity, JoinError>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let control_plane = format!("http://{}/", listener.local_addr().unwrap());
    let client = client_builder().no_proxy().build().unwrap();
    let wish = joining(directory, &control_plane, Some("one-time"));
    let both = async { tokio::join!(answer_one(&listener, status, answer), wish.join(&client)) };
    tokio::time::timeout(PATIENCE, both).await.unwrap()
}

async fn answer_one(listener: &TcpListener, status: u16, answer: Value) -> Value {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("post /api/v1/fleet/enrol "), "{head}");
    let length = head.split_once("content-length: ").unwrap().1;
    let length = length.split_once("\r\n").unwrap().0.parse().unwrap();
    let mut asked = vec![0; length];
    stream.read_exact(&mut asked).await.unwrap();
    let answer = answer.to_string();
    let length = answer.len();
    let answer = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    serde_json::from_slice(&asked).unwrap()
}

fn enrolled(member: impl Into<MemberId>) -> Value {
    json!({
        "member": member.into().to_string(), "verifying_keys": [], "pass": "first",
        "heartbeat_interval_ms": 2000, "heartbeat_deadline_ms": 7000,
    })
}

fn node_id() -> NodeId {
    NodeId::new(Uuid::from_u128(7))
}

fn is_kept(directory: &Path) -> bool {
    directory.join(identity::FILE_NAME).exists()
}

#[tokio::test]
async fn a_token_makes_a_node_that_is_itself_ever_after() {
    let directory = TempDir::new().unwrap();
    let (asked, joined) = enrols(directory.path(), 200, enrolled(node_id())).await;
    let first = joined.unwrap();
    assert_eq!(first.member, node_id().into());
    assert_eq!(
        (&asked["token"], &asked["name"]),
        (&json!("one-time"), &json!("rack-7"))
    );
    assert_eq!(asked["node"], json!({ "capacity": 42 }));
    let key = serde_json::to_value(first.key.verifying_key()).unwrap();
    assert_eq!(asked["public_key"], key);
    // Neither a token nor a control plane is needed any more.
    let client = client_builder().build().unwrap();
    let again = joining(directory.path(), "http://127.0.0.1:1/", None);
    let again = again.join(&client).await.unwrap();
    assert_eq!(again.member, first.member);
    assert_eq!(again.key.verifying_key(), first.key.verifying_key());
}

#[tokio::test]
async fn without_a_token_a_new_node_asks_nobody() {
    let directory = TempDir::new().unwrap();
    let client = client_builder().build().unwrap();
    let wish = joining(directory.path(), "http://127.0.0.1:1/", None);
    let error = wish.join(&client).await.unwrap_err();
    assert!(
        matches!(
            error,
            JoinError::NotAdmitted {
                wanted: MemberKind::Node
            }
        ),
        "{error:?}"
    );
    assert!(!is_kept(directory.path()));
}

#[tokio::test]
async fn a_refused_token_leaves_nothing_behind() {
    let directory = TempDir::new().unwrap();
    let problem = json!({ "status": 401, "code": "join_token_unknown", "title": "Unknown" });
    let (_, joined) = enrols(directory.path(), 401, problem).await;
    let JoinError::Enrol(error) = joined.unwrap_err() else {
        panic!("it was the control plane that refused");
    };
    assert_eq!(error.code(), Some("join_token_unknown"));
    assert!(!is_kept(directory.path()));
}

#[tokio::test]
async fn an_edges_identity_is_none_of_a_node() {
    let edge = MemberId::from(EdgeId::new(Uuid::from_u128(8)));
    let directory = TempDir::new().unwrap();
    let (_, joined) = enrols(directory.path(), 200, enrolled(edge)).await;
    assert!(
        matches!(joined, Err(JoinError::OtherKind { .. })),
        "{joined:?}"
    );
    assert!(
        !is_kept(directory.path()),
        "a wrong answer must not be kept"
    );

    let kept = Identity {
        member: edge,
        key: SigningKey::generate().unwrap(),
        control_plane: "http://127.0.0.1:1/".parse().unwrap(),
        verifying_keys: KeyRing::default(),
    };
    kept.save(directory.path()).unwrap();
    let client = client_builder().build().unwrap();
    let wish = joining(directory.path(), "http://127.0.0.1:1/", Some("unused"));
    let error = wish.join(&client).await.unwrap_err();
    assert!(matches!(error, JoinError::OtherKind { .. }), "{error:?}");
}
