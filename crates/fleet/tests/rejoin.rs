//! A forgotten member, and a control plane on loopback that is made up.
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::time::Duration;

use causeway_fleet::http::client_builder;
use causeway_fleet::{
    Admission, ControlPlane as _, EdgeStatus, EnrolledAs, Enrolment, Heartbeat, Identity,
    MemberStatus, RejoinLimits, Rejoining,
};
use causeway_model::id::EdgeId;
use causeway_trust::{KeyRing, MemberId, SigningKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use uuid::Uuid;

struct World {
    listener: TcpListener,
    member: MemberId,
    rejoining: Rejoining,
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let control_plane: Url = url.parse().unwrap();
        let identity = Identity {
            member: EdgeId::new(Uuid::from_u128(1)).into(),
            key: SigningKey::generate().unwrap(),
            control_plane: control_plane.clone(),
            verifying_keys: KeyRing::default(),
        };
        let enrolment = Enrolment {
            control_plane,
            admission: Admission::Token("cwa_proof".to_owned()),
            name: "edge-1".to_owned(),
            version: "1".to_owned(),
            role: EnrolledAs::Edge {
                public_url: "wss://edge.example".to_owned(),
                tunnel_address: "auto:443".to_owned(),
            },
        };
        let client = client_builder().no_proxy().build().unwrap();
        let limits = RejoinLimits {
            first_within: Duration::from_millis(20),
            again_first: Duration::from_millis(20),
            again_longest: Duration::from_millis(40),
        };
        Self {
            listener,
            member: identity.member,
            rejoining: Rejoining::new(client, &identity, enrolment).with_limits(limits),
        }
    }

    /// Beats until it is known or removed, and a few times more. Enrolments are
    /// answered so, one after another; heartbeats as those were.
    async fn live(&self, enrolments: &[(u16, Value)]) -> Lived {
        let mut lived = Lived::default();
        let mut left = enrolments.iter();
        let answering = async {
            let mut known = false;
            loop {
                let (stream, path) = self.asked().await;
                let (status, answer) = match &*path {
                    "heartbeat" if known => (200, heard()),
                    "heartbeat" => (401, problem(401, "member_unknown")),
                    "enrol" => left.next().expect("one enrolment too many").clone(),
                    other => panic!("asked for {other}"),
                };
                known |= answer["member"] == self.member.to_string();
                lived.enrolments += usize::from(path == "enrol");
                answered(stream, status, &answer).await;
            }
        };
        let beating = async {
            let mut more = 20;
            while more > 0 {
                let beaten = self.rejoining.heartbeat(&heartbeat()).await;
                if beaten.is_ok() || self.rejoining.removed().is_cancelled() {
                    more -= 1;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.rejoining.heartbeat(&heartbeat()).await.is_ok()
        };
        let known = tokio::select! {
            known = beating => known,
            () = answering => unreachable!(),
        };
        lived.known = known;
        lived
    }

    async fn asked(&self) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.split_once("content-length: ").unwrap().1;
        let length = length.split_once("\r\n").unwrap().0.parse().unwrap();
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        let path = head.split(' ').nth(1).unwrap();
        (stream, path.rsplit('/').next().unwrap().to_owned())
    }
}

#[derive(Debug, Default, PartialEq)]
struct Lived {
    known: bool,
    enrolments: usize,
}

async fn answered(mut stream: TcpStream, status: u16, answer: &Value) {
    let answer = answer.to_string();
    let length = answer.len();
    let answer = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        version: "1".to_owned(),
        status: MemberStatus::Edge(EdgeStatus {
            draining: false,
            nodes: 0,
            public_url: "wss://edge.example".to_owned(),
            tunnel_address: "auto:443".to_owned(),
        }),
    }
}

fn problem(status: u16, code: &str) -> Value {
    json!({ "status": status, "code": code, "title": "No" })
}

fn enrolled(member: MemberId) -> Value {
    json!({
        "member": member.to_string(), "verifying_keys": [], "pass": "first",
        "heartbeat_interval_ms": 2000, "heartbeat_deadline_ms": 7000,
    })
}

fn heard() -> Value {
    json!({
        "pass": "next", "verifying_keys": [],
        "heartbeat_interval_ms": 2000, "heartbeat_deadline_ms": 7000,
    })
}

#[tokio::test]
async fn the_forgotten_are_known_again_after_one_enrolment() {
    let world = World::new().await;
    let lived = world.live(&[(200, enrolled(world.member))]).await;
    assert_eq!(
        lived,
        Lived {
            known: true,
            enrolments: 1
        }
    );
    assert!(!world.rejoining.removed().is_cancelled());
}

#[tokio::test]
async fn who_is_refused_for_a_while_asks_again() {
    let world = World::new().await;
    let enrolments = [
        (503, problem(503, "identity_unavailable")),
        (403, problem(403, "role_unknown")),
        (200, enrolled(EdgeId::new(Uuid::from_u128(2)).into())),
        (200, enrolled(world.member)),
    ];
    let lived = world.live(&enrolments).await;
    assert_eq!(
        lived,
        Lived {
            known: true,
            enrolments: 4
        }
    );
}

#[tokio::test]
async fn whom_an_administrator_removed_asks_once() {
    let world = World::new().await;
    let lived = world.live(&[(403, problem(403, "member_removed"))]).await;
    assert_eq!(
        lived,
        Lived {
            known: false,
            enrolments: 1
        }
    );
    assert!(world.rejoining.removed().is_cancelled());
}
