//! What a tunnel carries.

use std::sync::Arc;

use causeway_tunnel::frame::Frame;
use causeway_tunnel::{ALPN, Offer, OpenError, Preamble, Refusal, Text, TunnelEvent, TunnelStream};
use quinn::crypto::rustls::QuicServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, watch};

use crate::world::{HOUR, Tunnel, World, bounded, loopback};

fn preamble() -> Preamble {
    Preamble {
        ticket: Text::new("a ticket").unwrap(),
        client_address: "192.0.2.7".parse().unwrap(),
        request_id: "request-1".parse().unwrap(),
    }
}

async fn offer(tunnel: &mut Tunnel) -> Offer {
    match bounded(tunnel.events.recv()).await {
        Some(TunnelEvent::Offer(offer)) => offer,
        other => panic!("expected an offer, got {other:?}"),
    }
}

/// A stream that the node has taken: the edge's end, the node's end.
async fn stream(tunnel: &mut Tunnel) -> (TunnelStream, TunnelStream) {
    let edge = tunnel.tunnel.clone();
    let (at_edge, at_node) = tokio::join!(edge.open(preamble()), async {
        offer(tunnel).await.accept().await.unwrap()
    });
    (at_edge.unwrap(), at_node)
}

#[tokio::test]
async fn a_browser_is_offered_with_its_preamble_and_bytes_pass_both_ways() {
    let world = World::new();
    let mut tunnel = world.tunnel().await;
    let edge = tunnel.tunnel.clone();
    let (at_edge, mut at_node) = tokio::join!(edge.open(preamble()), async {
        let offer = offer(&mut tunnel).await;
        assert_eq!(offer.edge(), world.edge);
        assert_eq!(offer.ticket(), "a ticket");
        assert_eq!(offer.client_address().to_string(), "192.0.2.7");
        assert_eq!(offer.request_id().to_string(), "request-1");
        offer.accept().await.unwrap()
    });
    let mut at_edge = at_edge.unwrap();
    at_edge.write_all(b"ping").await.unwrap();
    at_edge.shutdown().await.unwrap();
    let mut heard = String::new();
    bounded(at_node.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "ping");
    // The other direction is still open.
    at_node.write_all(b"pong").await.unwrap();
    at_node.shutdown().await.unwrap();
    heard.clear();
    bounded(at_edge.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "pong");
}

#[tokio::test]
async fn a_refused_browser_learns_why() {
    let mut tunnel = World::new().tunnel().await;
    let edge = tunnel.tunnel.clone();
    let (at_edge, ()) = tokio::join!(edge.open(preamble()), async {
        let refusal = Refusal::new(401, "ticket_used");
        offer(&mut tunnel).await.refuse(refusal).await.unwrap();
    });
    match at_edge {
        Err(OpenError::Refused(refusal)) => {
            assert_eq!((refusal.status(), refusal.code()), (401, "ticket_used"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_browser_that_the_node_drops_is_not_let_in() {
    let mut tunnel = World::new().tunnel().await;
    let edge = tunnel.tunnel.clone();
    let (at_edge, ()) = tokio::join!(edge.open(preamble()), async {
        drop(offer(&mut tunnel).await)
    });
    assert!(matches!(at_edge, Err(OpenError::Answer(_))), "{at_edge:?}");
}

#[tokio::test]
async fn an_aborted_stream_is_an_error_and_the_tunnel_lives_on() {
    let mut tunnel = World::new().tunnel().await;
    let (at_edge, mut at_node) = stream(&mut tunnel).await;
    at_edge.abort();
    assert!(bounded(at_node.read_u8()).await.is_err());
    let (mut at_edge, mut at_node) = stream(&mut tunnel).await;
    at_node.write_all(b"x").await.unwrap();
    assert_eq!(bounded(at_edge.read_u8()).await.unwrap(), b'x');
}

/// Bytes that repeat at no power of two.
fn pattern(len: usize) -> Vec<u8> {
    (0..251_u8).cycle().take(len).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn megabytes_pass_whole_in_both_directions_at_once() {
    // More than a stream's window, so that flow control takes part.
    let sent = Arc::new(pattern(24 * 1024 * 1024));
    let mut tunnel = World::new().tunnel().await;
    let (at_edge, at_node) = stream(&mut tunnel).await;
    let exchange = |stream: TunnelStream| {
        let sent = Arc::clone(&sent);
        async move {
            let (mut reader, mut writer) = tokio::io::split(stream);
            let mut heard = Vec::new();
            let (written, read) = tokio::join!(
                async {
                    writer.write_all(&sent).await?;
                    writer.shutdown().await
                },
                reader.read_to_end(&mut heard)
            );
            written.and(read.map(|_| ())).unwrap();
            assert!(heard == *sent, "the bytes differ");
        }
    };
    bounded(async { tokio::join!(exchange(at_edge), exchange(at_node)) }).await;
}

#[tokio::test]
async fn an_order_is_delivered() {
    let mut tunnel = World::new().tunnel().await;
    tunnel
        .tunnel
        .order(Text::new("an order").unwrap())
        .await
        .unwrap();
    match bounded(tunnel.events.recv()).await {
        Some(TunnelEvent::Order(order)) => assert_eq!(order.as_str(), "an order"),
        other => panic!("{other:?}"),
    }
}

/// Plays an edge that sends `preamble` as it is; what the node answers.
async fn answer_to(preamble: &[u8]) -> Frame {
    let world = World::new();
    let tls = causeway_trust::tls::server_config(&world.edge_key, ALPN).unwrap();
    let config =
        quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
    let endpoint = quinn::Endpoint::new(
        quinn::EndpointConfig::default(),
        Some(config),
        loopback(),
        Arc::new(quinn::TokioRuntime),
    )
    .unwrap();
    let (peer, pass, dialer) = (
        world.peer(endpoint.local_addr().unwrap()),
        world.pass(HOUR),
        world.dialer(),
    );
    let edge = async {
        let connection = endpoint.accept().await.unwrap().await.unwrap();
        let (mut control, _recv) = connection.accept_bi().await.unwrap();
        control.write_all(&Frame::Accepted.encode()).await.unwrap();
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(preamble).await.unwrap();
        send.finish().unwrap();
        let answer = recv.read_to_end(1024).await.unwrap();
        Frame::decode(&answer[2..]).unwrap()
    };
    let (_passes, passes) = watch::channel(String::new());
    let (events, _open) = mpsc::channel(1);
    let node = async {
        dialer
            .dial(&peer, &pass)
            .await
            .unwrap()
            .run(passes, events)
            .await
    };
    bounded(async {
        tokio::select! {
            answer = edge => answer,
            end = node => panic!("the tunnel ended: {end:?}"),
        }
    })
    .await
}

#[tokio::test]
async fn a_malformed_preamble_is_refused() {
    let expected = Frame::Refused(Refusal::new(502, "preamble_malformed"));
    let cases: [&[u8]; 6] = [
        b"",
        b"\x00\x00",
        b"\x00\x02\x04\x02",
        b"\x00\x05\x04\x01\xff\xff\x00",
        b"\xff\xff",
        b"\x00\x01\x02",
    ];
    for preamble in cases {
        assert_eq!(answer_to(preamble).await, expected, "{preamble:?}");
    }
}
