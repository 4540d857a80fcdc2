//! How an edge comes up, goes on and goes down.

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::MemberStatus;
use causeway_trust::SigningKey;
use causeway_tunnel::is_way_lost;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::http::{Request, exchange};
use crate::world::{PATIENCE, Setup, World, bounded};

#[tokio::test]
async fn health_readiness_and_metrics_are_served() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz").await.status, 200);
    assert_eq!(world.get("/readyz").await.status, 200);
    let metrics = world.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(
        metrics.body.contains("causeway_edge_sessions 0\n"),
        "{}",
        metrics.body
    );
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
}

#[tokio::test]
async fn the_heartbeat_tells_addresses_and_nodes() {
    let world = World::new().await;
    let _node = world.node(1).await;
    let mut status = world.heartbeat().await;
    // The node may have come while a heartbeat was on its way.
    if matches!(&status, MemberStatus::Edge(edge) if edge.nodes == 0) {
        status = world.heartbeat().await;
    }
    let MemberStatus::Edge(edge) = status else {
        panic!("{status:?}");
    };
    assert_eq!(edge.nodes, 1);
    assert_eq!(edge.public_url, format!("ws://{}", world.http));
    assert!(edge.tunnel_address.starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn keys_and_origins_follow_the_control_plane() {
    let mut world = World::new().await;
    let node = causeway_model::id::NodeId::new(uuid::Uuid::from_u128(9));
    let code = async |world: &World, origin: &str| {
        let request = Request::websocket(&world.ticket(node)).with("Origin", origin);
        request.send(world.http).await.0.problem().1
    };
    let new_key = SigningKey::generate().unwrap();
    world
        .control_plane
        .keys
        .lock()
        .unwrap()
        .push(new_key.clone());
    *world.control_plane.origins.lock().unwrap() = vec!["https://new.example".to_owned()];
    // The answer to the second heartbeat from now was made after the change,
    // the third is sent when that answer was taken over.
    for _ in 0..3 {
        world.heartbeat().await;
    }
    world.signing = new_key;
    assert_eq!(
        code(&world, "https://new.example").await,
        "node_not_connected"
    );
    assert_eq!(code(&world, crate::world::PAGE).await, "origin_not_allowed");
}

#[tokio::test]
async fn without_the_control_plane_the_edge_carries_on() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    *world.control_plane.reachable.lock().unwrap() = false;
    bounded(async {
        while !world
            .metrics
            .render(0)
            .contains("heartbeats_failed_total 2")
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    at_node.write_all(b"x").await.unwrap();
    assert_eq!(bounded(browser.read_u8()).await.unwrap(), b'x');
    assert!(world.status.borrow().ready);
}

#[tokio::test]
async fn a_stopping_edge_tells_the_control_plane_and_sends_its_browsers_on() {
    let setup = Setup {
        drain: PATIENCE,
        ..Setup::default()
    };
    let mut world = World::with(setup).await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    at_node.write_all(b"until here").await.unwrap();
    let mut heard = [0; 10];
    bounded(browser.read_exact(&mut heard)).await.unwrap();
    world.stop.cancel();
    bounded(world.status.wait_for(|status| !status.ready))
        .await
        .unwrap();
    assert!(!at_the_browser(&mut browser).await, "it was to be sent on");
    let error = bounded(at_node.read_u8()).await.unwrap_err();
    assert!(is_way_lost(&error), "{error:?}");
    let MemberStatus::Edge(told) = world.last_heartbeat() else {
        panic!("an edge is no node");
    };
    assert!(told.draining);
    bounded(world.running).await.unwrap();
    let refused = TcpStream::connect(world.http).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn an_edge_stops_without_a_control_plane_too() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut browser, _at_node) = world.session(&mut node).await;
    *world.control_plane.reachable.lock().unwrap() = false;
    world.stop.cancel();
    assert!(!at_the_browser(&mut browser).await);
    bounded(world.running).await.unwrap();
}

/// Whether another byte comes.
async fn at_the_browser(browser: &mut TcpStream) -> bool {
    bounded(browser.read_u8()).await.is_ok()
}

/// What ends a browser's stream by itself is no fault of the edge.
#[tokio::test]
async fn a_browser_that_is_lost_is_told_from_an_edge_that_stops() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (browser, mut at_node) = world.session(&mut node).await;
    browser.set_zero_linger().unwrap();
    drop(browser);
    let error = bounded(at_node.read_u8()).await.unwrap_err();
    assert!(!is_way_lost(&error), "{error:?}");
}

#[tokio::test]
async fn a_stopping_edge_ends_sessions_after_its_grace() {
    let setup = Setup {
        drain: Duration::from_millis(100),
        ..Setup::default()
    };
    let world = World::with(setup).await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    world.stop.cancel();
    bounded(world.running).await.unwrap();
    assert!(bounded(browser.read_u8()).await.is_err());
    assert!(bounded(at_node.read_u8()).await.is_err());
}

/// A certificate of its own, and a client that trusts it.
fn tls() -> (Arc<ServerConfig>, TlsConnector) {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = issued.cert.der().clone();
    let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

#[tokio::test]
async fn browsers_come_over_tls() {
    let (server, connector) = tls();
    let setup = Setup {
        tls: Some(server),
        ..Setup::default()
    };
    let world = World::with(setup).await;
    let mut node = world.node(1).await;
    let stream = TcpStream::connect(world.http).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut browser = bounded(connector.connect(name, stream)).await.unwrap();
    let text = Request::websocket(&world.ticket(node.id)).text();
    let (answer, mut at_node) = tokio::join!(bounded(exchange(&mut browser, &text)), async {
        node.offer().await.accept().await.unwrap()
    });
    assert_eq!(answer.status, 101);
    let sent: Vec<u8> = (0..251_u8).cycle().take(300_000).collect();
    let (sending, heard) = tokio::join!(
        async {
            at_node.write_all(&sent).await?;
            at_node.shutdown().await
        },
        async {
            let mut heard = Vec::new();
            bounded(browser.read_to_end(&mut heard))
                .await
                .map(|_| heard)
        }
    );
    sending.unwrap();
    assert!(heard.unwrap() == sent, "the browser got something else");
}
