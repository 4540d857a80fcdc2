#![allow(clippy::unwrap_used)]

use causeway_model::id::{ConnectionId, NodeId, SessionId, TicketId, UserId};
use causeway_trust::{SigningKey, token};
use http::Request;
use uuid::Uuid;

use super::*;

struct World {
    key: SigningKey,
    keys: KeyRing,
    origins: Origins,
}

impl World {
    fn new() -> Self {
        let key = SigningKey::generate().unwrap();
        Self {
            keys: [key.verifying_key()].into_iter().collect(),
            key,
            origins: Origins::new(&["https://causeway.example".to_owned()]),
        }
    }

    fn admit(&self, request: Request<()>) -> Result<Admission, Refused> {
        let gate = Gate {
            edge: edge(1),
            origins: &self.origins,
            keys: &self.keys,
        };
        gate.admit(&request.into_parts().0, at(0))
    }

    /// A request that is let in, after `change`.
    fn check(&self, change: impl FnOnce(&mut Request<()>), expected: Result<(), Refused>) {
        let mut request = self.request(&self.ticket(1, 60));
        change(&mut request);
        assert_eq!(self.admit(request).map(|_| ()), expected);
    }

    fn ticket(&self, of_edge: u128, expires_in: i64) -> String {
        token::sign(&self.key, &ticket(of_edge, expires_in)).unwrap()
    }

    fn request(&self, ticket: &str) -> Request<()> {
        Request::get("/edge/v1/connect")
            .header("host", "edge.example")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "WebSocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header(
                "sec-websocket-protocol",
                format!("causeway.v1, ticket.{ticket}"),
            )
            .header("origin", "https://causeway.example")
            .body(())
            .unwrap()
    }
}

fn edge(number: u128) -> EdgeId {
    EdgeId::new(Uuid::from_u128(number))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn ticket(of_edge: u128, expires_in: i64) -> Ticket {
    Ticket {
        id: TicketId::new(Uuid::from_u128(1)),
        connection: ConnectionId::new(Uuid::from_u128(2)),
        node: NodeId::new(Uuid::from_u128(3)),
        edge: edge(of_edge),
        user: UserId::new(Uuid::from_u128(5)),
        session: SessionId::new(Uuid::from_u128(6)),
        issued_at: at(0),
        expires_at: at(expires_in),
        trace: None,
    }
}

fn set(name: &'static str, value: &str) -> impl FnOnce(&mut Request<()>) {
    let value = value.parse().unwrap();
    move |request| {
        request.headers_mut().insert(name, value);
    }
}

fn add(name: &'static str, value: &'static str) -> impl FnOnce(&mut Request<()>) {
    move |request| {
        request.headers_mut().append(name, value.parse().unwrap());
    }
}

fn remove(name: &'static str) -> impl FnOnce(&mut Request<()>) {
    move |request| {
        request.headers_mut().remove(name);
    }
}

#[test]
fn a_browser_with_a_ticket_is_let_in() {
    let world = World::new();
    let text = world.ticket(1, 60);
    let admission = world.admit(world.request(&text)).unwrap();
    assert_eq!(admission.ticket, ticket(1, 60));
    assert_eq!(admission.ticket_text.as_str(), text);
    // The example of RFC 6455 section 1.3.
    assert_eq!(admission.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn what_is_no_websocket_is_told_so_first() {
    let world = World::new();
    let no = || Err(Refused::NotAWebsocket);
    world.check(
        |request| *request.method_mut() = Method::POST,
        Err(Refused::Method("GET")),
    );
    world.check(|request| *request.version_mut() = Version::HTTP_10, no());
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-version",
        "sec-websocket-key",
    ] {
        world.check(remove(name), no());
        world.check(set(name, "x"), no());
    }
    world.check(set("sec-websocket-version", "8"), no());
    world.check(set("sec-websocket-key", "AAAA"), no());
    world.check(add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="), no());
    world.check(set("content-length", "1"), no());
    world.check(set("transfer-encoding", "chunked"), no());
    world.check(set("content-length", "0"), Ok(()));
}

#[test]
fn origins_count_for_pages_only() {
    let world = World::new();
    let no = || Err(Refused::OriginNotAllowed);
    world.check(remove("origin"), Ok(()));
    world.check(set("origin", "https://evil.example"), no());
    world.check(set("origin", "null"), no());
    world.check(set("origin", ""), no());
    world.check(add("origin", "https://causeway.example"), no());
}

#[test]
fn there_must_be_one_ticket_beside_the_protocol() {
    let world = World::new();
    let name = "sec-websocket-protocol";
    world.check(remove(name), Err(Refused::TicketMissing));
    world.check(set(name, "causeway.v1"), Err(Refused::TicketMissing));
    world.check(
        set(name, "causeway.v1, Ticket.x"),
        Err(Refused::TicketMissing),
    );
    let ticket = world.ticket(1, 60);
    world.check(
        set(name, &format!("ticket.{ticket}")),
        Err(Refused::ProtocolUnsupported),
    );
    world.check(
        set(name, &format!("causeway.v2,ticket.{ticket}")),
        Err(Refused::ProtocolUnsupported),
    );
    world.check(add(name, "ticket.x"), Err(Refused::TicketInvalid));
    world.check(set(name, &format!("ticket.{ticket},,causeway.v1")), Ok(()));
}

#[test]
fn a_ticket_must_be_signed_fresh_and_for_this_edge() {
    let world = World::new();
    let check = |ticket: &str, expected| {
        world.check(
            set(
                "sec-websocket-protocol",
                &format!("causeway.v1, ticket.{ticket}"),
            ),
            expected,
        );
    };
    check("", Err(Refused::TicketInvalid));
    check("nonsense", Err(Refused::TicketInvalid));
    check(&"x".repeat(4096), Err(Refused::TicketInvalid));
    check(&World::new().ticket(1, 60), Err(Refused::TicketInvalid));
    check(&world.ticket(1, 0), Err(Refused::TicketExpired));
    check(&world.ticket(2, 60), Err(Refused::TicketForOtherEdge));
}

#[test]
fn what_is_checked_first_is_told_first() {
    let world = World::new();
    let everything_wrong = |request: &mut Request<()>| {
        remove("upgrade")(request);
        set("origin", "https://evil.example")(request);
        remove("sec-websocket-protocol")(request);
    };
    world.check(everything_wrong, Err(Refused::NotAWebsocket));
    let two_wrong = |request: &mut Request<()>| {
        set("origin", "https://evil.example")(request);
        remove("sec-websocket-protocol")(request);
    };
    world.check(two_wrong, Err(Refused::OriginNotAllowed));
    let expired = world.ticket(2, 0);
    let protocols = format!("causeway.v1, ticket.{expired}");
    world.check(
        set("sec-websocket-protocol", &protocols),
        Err(Refused::TicketExpired),
    );
}
