//! Who is let in, and for how long.

use std::sync::Arc;
use std::time::Duration;

use causeway_trust::{SigningKey, token};
use causeway_tunnel::{ALPN, DialError, GreetError, Greeted, NodeTunnelEnd, PassError, TunnelEnd};
use jiff::Timestamp;
use quinn::crypto::rustls::QuicClientConfig;
use tokio::sync::{mpsc, watch};

use crate::world::{HOUR, Met, World, bounded, loopback};

fn refused(met: &Met) -> (PassError, &str) {
    let at_edge = match &met.at_edge {
        Err(GreetError::Pass(error)) => *error,
        other => panic!("the edge saw {other:?}"),
    };
    match &met.at_node {
        Err(DialError::Refused(refusal)) => (at_edge, refusal.code()),
        other => panic!("the node saw {other:?}"),
    }
}

#[tokio::test]
async fn a_node_with_a_good_pass_is_let_in() {
    let world = World::new();
    let met = world.meet(&world.pass(HOUR)).await;
    let greeted = met.at_edge.unwrap();
    assert_eq!(greeted.tunnel.node(), world.node);
    assert!(greeted.tunnel.is_open());
    assert_eq!(met.at_node.unwrap().edge(), world.edge);
}

#[tokio::test]
async fn an_edge_with_another_key_is_not_greeted() {
    let world = World::new();
    let (listener, dialer) = (world.listener(), world.dialer());
    let mut peer = world.peer(listener.local_addr().unwrap());
    peer.public_key = SigningKey::generate().unwrap().verifying_key();
    let (pass, keys) = (world.pass(HOUR), world.keys());
    let (at_edge, at_node) = bounded(async {
        tokio::join!(
            async { listener.accept().await.unwrap().greet(&keys).await },
            dialer.dial(&peer, &pass)
        )
    })
    .await;
    assert!(
        matches!(at_node, Err(DialError::Connection(_))),
        "{at_node:?}"
    );
    assert!(
        matches!(at_edge, Err(GreetError::Connection(_))),
        "{at_edge:?}"
    );
}

#[tokio::test]
async fn a_lapsed_pass_is_refused() {
    let world = World::new();
    let lapsed = world.pass_of(world.node.into(), &world.node_key, Timestamp::now());
    let met = world.meet(&lapsed).await;
    assert_eq!(refused(&met).1, "pass_expired");
}

#[tokio::test]
async fn a_pass_of_a_key_since_replaced_is_refused() {
    let world = World::new();
    let old_key = SigningKey::generate().unwrap();
    let old = world.pass_of(world.node.into(), &old_key, Timestamp::now() + HOUR);
    let met = world.meet(&old).await;
    assert_eq!(refused(&met), (PassError::NotYours, "pass_not_yours"));
}

#[tokio::test]
async fn an_edge_is_no_node() {
    let world = World::new();
    let pass = world.pass_of(world.edge.into(), &world.node_key, Timestamp::now() + HOUR);
    let met = world.meet(&pass).await;
    assert_eq!(refused(&met), (PassError::NotANode, "pass_not_a_node"));
}

#[tokio::test]
async fn a_pass_of_another_control_plane_is_refused() {
    let (world, other) = (World::new(), World::new());
    let pass = other.pass_of(world.node.into(), &world.node_key, Timestamp::now() + HOUR);
    for pass in [pass.as_str(), "", "nonsense"] {
        let met = world.meet(pass).await;
        assert_eq!(refused(&met).1, "pass_invalid");
    }
}

#[tokio::test]
async fn a_pass_longer_than_any_token_is_not_even_sent() {
    let world = World::new();
    let listener = world.listener();
    let peer = world.peer(listener.local_addr().unwrap());
    let error = world
        .dialer()
        .dial(&peer, &"x".repeat(token::TOKEN_LEN_MAX + 1))
        .await;
    assert!(matches!(error, Err(DialError::Pass)), "{error:?}");
}

#[tokio::test]
async fn a_tunnel_ends_when_its_pass_lapses() {
    let world = World::new();
    let met = world.meet(&world.pass(Duration::from_millis(300))).await;
    let Greeted { tunnel, control } = met.at_edge.unwrap();
    let (_passes, pass_changes) = watch::channel(String::new());
    let (_keys, keys) = watch::channel(world.keys());
    let (events, _) = mpsc::channel(1);
    let (at_edge, at_node) = bounded(async {
        tokio::join!(
            control.run(keys),
            met.at_node.unwrap().run(pass_changes, events)
        )
    })
    .await;
    assert!(matches!(at_edge, TunnelEnd::PassLapsed), "{at_edge:?}");
    assert!(
        matches!(at_node, Err(NodeTunnelEnd::Connection(_))),
        "{at_node:?}"
    );
    assert!(!tunnel.is_open());
}

#[tokio::test]
async fn a_tunnel_lives_on_with_a_renewed_pass_also_of_a_new_signing_key() {
    let mut world = World::new();
    let life = Duration::from_millis(500);
    let met = world.meet(&world.pass(life)).await;
    let Greeted { control, .. } = met.at_edge.unwrap();
    let (passes, pass_changes) = watch::channel(String::new());
    let (key_changes, keys) = watch::channel(world.keys());
    let (events, _open) = mpsc::channel(1);
    let at_node = met.at_node.unwrap();
    let serving = async { tokio::join!(control.run(keys), at_node.run(pass_changes, events)) };

    world.control_plane = SigningKey::generate().unwrap();
    key_changes.send_replace(world.keys());
    passes.send_replace(world.pass(HOUR));
    let outlived = tokio::time::timeout(life * 2, serving).await;
    assert!(outlived.is_err(), "the tunnel ended: {outlived:?}");
}

#[tokio::test]
async fn a_renewed_pass_of_another_node_ends_the_tunnel() {
    let world = World::new();
    let met = world.meet(&world.pass(HOUR)).await;
    let Greeted { control, .. } = met.at_edge.unwrap();
    let (passes, pass_changes) = watch::channel(String::new());
    let (_keys, keys) = watch::channel(world.keys());
    let (events, _open) = mpsc::channel(1);
    let other = causeway_model::id::NodeId::new(uuid::Uuid::from_u128(9));
    passes.send_replace(world.pass_of(other.into(), &world.node_key, Timestamp::now() + HOUR));
    let (at_edge, _) = bounded(async {
        tokio::join!(
            control.run(keys),
            met.at_node.unwrap().run(pass_changes, events)
        )
    })
    .await;
    assert!(
        matches!(at_edge, TunnelEnd::Pass(PassError::NotYours)),
        "{at_edge:?}"
    );
}

/// Speaks QUIC with a good key and sends `greeting` as it is.
async fn greet_with(greeting: &[u8]) -> GreetError {
    let world = World::new();
    let listener = world.listener();
    let tls =
        causeway_trust::tls::client_config(&world.node_key, world.edge_key.verifying_key(), ALPN)
            .unwrap();
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = quinn::Endpoint::new(
        quinn::EndpointConfig::default(),
        None,
        loopback(),
        Arc::new(quinn::TokioRuntime),
    )
    .unwrap();
    let connecting = endpoint
        .connect_with(config, listener.local_addr().unwrap(), "causeway")
        .unwrap();
    let keys = world.keys();
    let node = async {
        let connection = connecting.await.unwrap();
        let (mut send, _recv) = connection.open_bi().await.unwrap();
        send.write_all(greeting).await.unwrap();
        send.finish().unwrap();
        connection.closed().await
    };
    let edge = async { listener.accept().await.unwrap().greet(&keys).await };
    let (_closed, at_edge) = bounded(async { tokio::join!(node, edge) }).await;
    at_edge.unwrap_err()
}

#[tokio::test]
async fn a_malformed_greeting_closes_the_connection() {
    let cases: [&[u8]; 6] = [
        b"",
        b"\x00",
        b"\x00\x00",
        b"\xff\xff\x01",
        b"\x00\x01\x02",
        b"GET / HTTP/1.1\r\n\r\n",
    ];
    for greeting in cases {
        let error = greet_with(greeting).await;
        assert!(
            matches!(error, GreetError::Greeting(_)),
            "{greeting:?}: {error:?}"
        );
    }
}
