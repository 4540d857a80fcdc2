//! Orders of the control plane, by way of the edge.

use std::time::Duration;

use causeway_model::id::{ConnectionId, NodeId};
use causeway_model::object::EndReason;
use causeway_trust::{Order, OrderAction, OrderId, SigningKey, token};
use causeway_tunnel::TunnelEvent;
use jiff::Timestamp;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use crate::http::Request;
use crate::world::{PATIENCE, Setup, World, bounded};

fn order(key: &SigningKey, node: NodeId, life: Duration) -> String {
    let order = Order {
        id: OrderId::new(Uuid::from_u128(1)),
        node,
        connection: ConnectionId::new(Uuid::from_u128(2)),
        action: OrderAction::End {
            reason: EndReason::Terminated,
        },
        expires_at: Timestamp::now() + life,
    };
    token::sign(key, &order).unwrap()
}

const MINUTE: Duration = Duration::from_secs(60);

async fn check(world: &World, body: &str, status: u16, code: &str) {
    let (answer, _stream) = Request::new("POST /edge/v1/orders")
        .body(body)
        .send(world.http)
        .await;
    assert_eq!(answer.problem(), (status, code.to_owned()));
}

#[tokio::test]
async fn an_order_reaches_its_node_as_it_is() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let order = order(&world.signing, node.id, MINUTE);
    let (answer, _stream) = Request::new("POST /edge/v1/orders")
        .body(&order)
        .send(world.http)
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    match bounded(node.events.recv()).await {
        Some(TunnelEvent::Order(text)) => assert_eq!(text.as_str(), order),
        other => panic!("expected an order, got {other:?}"),
    }
    world.metric("causeway_edge_orders_relayed_total 1").await;
}

/// The edge may be the only one that reaches the node.
#[tokio::test]
async fn an_edge_that_drains_carries_orders_and_takes_no_browser() {
    let setup = Setup {
        drain: PATIENCE,
        ..Setup::default()
    };
    let world = World::with(setup).await;
    let mut node = world.node(1).await;
    let (mut first, _at_node) = world.session(&mut node).await;
    // Is sent on after half of the drain.
    let (_second, _at_node) = world.session(&mut node).await;
    world.stop.cancel();
    assert!(bounded(first.read_u8()).await.is_err());
    let order = order(&world.signing, node.id, MINUTE);
    let (answer, _stream) = Request::new("POST /edge/v1/orders")
        .body(&order)
        .send(world.http)
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(matches!(
        bounded(node.events.recv()).await,
        Some(TunnelEvent::Order(_))
    ));
    let ticket = world.ticket(node.id);
    let (answer, _stream) = Request::websocket(&ticket).send(world.http).await;
    assert_eq!(answer.problem(), (503, "edge_draining".to_owned()));
    assert_eq!(world.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn what_is_no_order_of_the_control_plane_is_refused() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let stranger = SigningKey::generate().unwrap();
    check(&world, "", 401, "order_invalid").await;
    check(&world, "nonsense", 401, "order_invalid").await;
    check(
        &world,
        &order(&stranger, node.id, MINUTE),
        401,
        "order_invalid",
    )
    .await;
    check(&world, &world.ticket(node.id), 401, "order_invalid").await;
    check(
        &world,
        &order(&world.signing, node.id, Duration::ZERO),
        401,
        "order_expired",
    )
    .await;
    check(&world, &"x".repeat(5000), 413, "order_too_long").await;
    let elsewhere = NodeId::new(Uuid::from_u128(404));
    check(
        &world,
        &order(&world.signing, elsewhere, MINUTE),
        404,
        "node_not_here",
    )
    .await;
    assert!(node.events.try_recv().is_err());
}
