//! Every way to be turned away, with its status and its code, before 101.

use std::collections::HashSet;
use std::time::Duration;

use causeway_model::id::{EdgeId, NodeId};
use causeway_tunnel::Refusal;
use jiff::Timestamp;
use uuid::Uuid;

use crate::http::Request;
use crate::world::{PAGE, World};

async fn check(world: &World, request: Request, status: u16, code: &str) {
    let (answer, _stream) = request.send(world.http).await;
    assert_eq!(
        answer.problem(),
        (status, code.to_owned()),
        "{}",
        request.text()
    );
}

fn nobody() -> NodeId {
    NodeId::new(Uuid::from_u128(404))
}

#[tokio::test]
async fn what_is_no_websocket() {
    let world = World::new().await;
    let good = || Request::websocket(&world.ticket(nobody()));
    check(
        &world,
        good().line("POST /edge/v1/connect HTTP/1.1"),
        405,
        "not_a_websocket",
    )
    .await;
    check(
        &world,
        good().line("GET /edge/v1/connect HTTP/1.0"),
        426,
        "not_a_websocket",
    )
    .await;
    for header in [
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Key",
    ] {
        check(&world, good().without(header), 426, "not_a_websocket").await;
    }
    let (answer, _stream) = Request::new("GET /edge/v1/connect").send(world.http).await;
    assert_eq!(answer.problem(), (426, "not_a_websocket".to_owned()));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("sec-websocket-version"), Some("13"));
}

#[tokio::test]
async fn a_page_of_another_origin() {
    let world = World::new().await;
    let good = || Request::websocket(&world.ticket(nobody()));
    for origin in ["https://evil.example", "null", "http://causeway.example"] {
        check(
            &world,
            good().with("Origin", origin),
            403,
            "origin_not_allowed",
        )
        .await;
    }
    // The right page, and a program without any, come further.
    check(
        &world,
        good().with("Origin", PAGE),
        503,
        "node_not_connected",
    )
    .await;
    check(&world, good(), 503, "node_not_connected").await;
}

#[tokio::test]
async fn a_ticket_that_is_not_good() {
    let world = World::new().await;
    let other = World::new().await;
    let with = |ticket: &str| Request::websocket(ticket);
    let missing = with("").with("Sec-WebSocket-Protocol", "causeway.v1");
    check(&world, missing, 401, "ticket_missing").await;
    check(
        &world,
        with("").without("Sec-WebSocket-Protocol"),
        401,
        "ticket_missing",
    )
    .await;
    let alone = format!("ticket.{}", world.ticket(nobody()));
    let alone = with("").with("Sec-WebSocket-Protocol", &alone);
    check(&world, alone, 400, "protocol_unsupported").await;
    for ticket in ["", "nonsense", &other.ticket(nobody())] {
        check(&world, with(ticket), 401, "ticket_invalid").await;
    }
    let expired = world.ticket_with(nobody(), |ticket| ticket.expires_at = Timestamp::now());
    check(&world, with(&expired), 401, "ticket_expired").await;
    let foreign = world.ticket_with(nobody(), |ticket| {
        ticket.edge = EdgeId::new(Uuid::from_u128(7))
    });
    check(&world, with(&foreign), 403, "ticket_for_other_edge").await;
}

#[tokio::test]
async fn a_node_without_tunnel() {
    let world = World::new().await;
    let node = world.node(1).await;
    check(
        &world,
        Request::websocket(&world.ticket(nobody())),
        503,
        "node_not_connected",
    )
    .await;
    let mut status = world.status.clone();
    node.stop.cancel();
    crate::world::bounded(status.wait_for(|status| status.nodes == 0))
        .await
        .unwrap();
    check(
        &world,
        Request::websocket(&world.ticket(node.id)),
        503,
        "node_not_connected",
    )
    .await;
}

#[tokio::test]
async fn a_node_that_says_no() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let request = Request::websocket(&world.ticket(node.id));
    let refusing = async {
        let offer = node.offer().await;
        offer
            .refuse(Refusal::new(409, "connection_ended"))
            .await
            .unwrap();
    };
    tokio::join!(check(&world, request, 409, "connection_ended"), refusing);
}

#[tokio::test]
async fn a_node_that_gives_up() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let request = Request::websocket(&world.ticket(node.id));
    tokio::join!(check(&world, request, 502, "node_lost"), async {
        drop(node.offer().await)
    });
    world
        .metric("causeway_edge_refused_total{code=\"node_lost\"} 1")
        .await;
}

/// The edge lets the same ticket through twice: burning it is the node's.
#[tokio::test]
async fn a_ticket_used_twice_is_refused_by_the_node() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let ticket = world.ticket(node.id);
    let mut burnt = HashSet::new();
    for expected in [101, 401] {
        let request = Request::websocket(&ticket);
        let ((answer, _browser), ()) = tokio::join!(request.send(world.http), async {
            let offer = node.offer().await;
            if burnt.insert(offer.ticket().to_owned()) {
                // Held open until both ends have seen it.
                drop(offer.accept().await.unwrap());
            } else {
                offer
                    .refuse(Refusal::new(401, "ticket_used"))
                    .await
                    .unwrap();
            }
        });
        assert_eq!(answer.status, expected, "{answer:?}");
        if expected == 401 {
            assert_eq!(answer.problem().1, "ticket_used");
        }
    }
}

#[tokio::test]
async fn nothing_is_offered_to_the_node_before_every_check() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let expired = world.ticket_with(node.id, |ticket| {
        ticket.expires_at = Timestamp::now() - Duration::from_secs(1);
    });
    check(&world, Request::websocket(&expired), 401, "ticket_expired").await;
    let foreign_page =
        Request::websocket(&world.ticket(node.id)).with("Origin", "https://evil.example");
    check(&world, foreign_page, 403, "origin_not_allowed").await;
    assert!(node.events.try_recv().is_err());
}

#[tokio::test]
async fn paths_and_methods_that_are_not_served() {
    let world = World::new().await;
    check(&world, Request::new("GET /"), 404, "not_found").await;
    check(
        &world,
        Request::new("GET /edge/v1/connect/"),
        404,
        "not_found",
    )
    .await;
    check(
        &world,
        Request::new("DELETE /healthz"),
        405,
        "method_not_allowed",
    )
    .await;
    check(
        &world,
        Request::new("GET /edge/v1/orders"),
        405,
        "method_not_allowed",
    )
    .await;
}
