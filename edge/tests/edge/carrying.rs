//! Bytes between a browser and its node.

use std::time::Duration;

use causeway_edge::Limits;
use causeway_tunnel::TunnelStream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::http::{Answer, Request, exchange};
use crate::world::{PAGE, Setup, World, bounded};

#[tokio::test]
async fn a_browser_is_let_in_as_rfc_6455_wants_it() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let ticket = world.ticket(node.id);
    let request = Request::websocket(&ticket)
        .with("Origin", PAGE)
        .with("X-Request-Id", "from-the-proxy-1");
    let ((answer, _browser), _at_node) = tokio::join!(request.send(world.http), async {
        let offer = node.offer().await;
        assert_eq!(offer.ticket(), ticket);
        assert_eq!(offer.edge(), world.id);
        assert!(offer.client_address().is_loopback());
        assert_eq!(offer.request_id().to_string(), "from-the-proxy-1");
        offer.accept().await.unwrap()
    });
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    // Nothing beside it: some clients refuse `Upgrade, close`.
    assert_eq!(answer.header("connection"), Some("Upgrade"));
    assert_eq!(
        answer.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(answer.header("sec-websocket-protocol"), Some("causeway.v1"));
    assert_eq!(answer.header("x-request-id"), Some("from-the-proxy-1"));
}

#[tokio::test]
async fn where_a_browser_comes_from_is_its_socket_and_not_what_it_says() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let mut request = Request::websocket(&world.ticket(node.id));
    for (name, value) in [
        ("X-Forwarded-For", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
        ("CloudFront-Viewer-Address", "203.0.113.9:4711"),
    ] {
        request = request.with(name, value);
    }
    let ((answer, _browser), _at_node) = tokio::join!(request.send(world.http), async {
        let offer = node.offer().await;
        assert!(offer.client_address().is_loopback());
        offer.accept().await.unwrap()
    });
    assert_eq!(answer.status, 101);
}

#[tokio::test]
async fn the_answer_waits_for_the_node() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let mut browser = TcpStream::connect(world.http).await.unwrap();
    let text = Request::websocket(&world.ticket(node.id)).text();
    browser.write_all(text.as_bytes()).await.unwrap();
    let offer = node.offer().await;
    // The edge has the request, the node its offer, the browser nothing yet.
    let early = browser.try_read(&mut [0; 1]);
    assert!(
        early.is_err(),
        "the browser was answered before the node: {early:?}"
    );
    let _at_node = offer.accept().await.unwrap();
    assert_eq!(bounded(Answer::read(&mut browser)).await.status, 101);
}

#[tokio::test]
async fn bytes_pass_both_ways_as_they_are() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    browser.write_all(b"\x81\x00 not parsed").await.unwrap();
    let mut heard = [0; 13];
    bounded(at_node.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"\x81\x00 not parsed");
    at_node.write_all(b"back").await.unwrap();
    let mut heard = [0; 4];
    bounded(browser.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"back");
    world.metric("causeway_edge_sessions 1").await;
    world
        .metric("causeway_edge_bytes_total{direction=\"to_node\"} 13")
        .await;
    world
        .metric("causeway_edge_bytes_total{direction=\"to_browser\"} 4")
        .await;
}

#[tokio::test]
async fn bytes_sent_right_behind_the_request_come_first() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let text = Request::websocket(&world.ticket(node.id)).text() + "hasty";
    let mut browser = TcpStream::connect(world.http).await.unwrap();
    let (answer, mut at_node) = tokio::join!(bounded(exchange(&mut browser, &text)), async {
        node.offer().await.accept().await.unwrap()
    });
    assert_eq!(answer.status, 101);
    browser.write_all(b" and more").await.unwrap();
    let mut heard = [0; 14];
    bounded(at_node.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"hasty and more");
}

#[tokio::test]
async fn what_the_node_says_last_arrives_before_the_end() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    at_node.write_all(b"goodbye").await.unwrap();
    at_node.shutdown().await.unwrap();
    let mut heard = String::new();
    bounded(browser.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "goodbye");
    // The browser's own last words still pass.
    browser.write_all(b"bye").await.unwrap();
    browser.shutdown().await.unwrap();
    heard.clear();
    bounded(at_node.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "bye");
    world.metric("causeway_edge_sessions 0").await;
    world.metric("causeway_edge_connections 0").await;
}

#[tokio::test]
async fn a_browser_that_ends_still_hears_the_node() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    browser.shutdown().await.unwrap();
    let mut heard = Vec::new();
    bounded(at_node.read_to_end(&mut heard)).await.unwrap();
    assert!(heard.is_empty());
    at_node.write_all(b"late").await.unwrap();
    at_node.shutdown().await.unwrap();
    let mut heard = String::new();
    bounded(browser.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "late");
}

#[tokio::test]
async fn a_broken_browser_is_an_error_to_the_node() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (browser, mut at_node) = world.session(&mut node).await;
    browser.set_zero_linger().unwrap();
    drop(browser);
    assert!(bounded(at_node.read_u8()).await.is_err());
    world.metric("causeway_edge_sessions 0").await;
}

#[tokio::test]
async fn a_browser_that_leaves_before_the_answer_frees_its_place() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let mut browser = TcpStream::connect(world.http).await.unwrap();
    let text = Request::websocket(&world.ticket(node.id)).text();
    browser.write_all(text.as_bytes()).await.unwrap();
    let _offer = node.offer().await;
    drop(browser);
    world.metric("causeway_edge_connections 0").await;
}

#[tokio::test]
async fn a_node_that_vanishes_takes_its_sessions_along() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut browser, _at_node) = world.session(&mut node).await;
    node.stop.cancel();
    bounded(node.keeping).await.unwrap();
    let ended = bounded(browser.read_u8()).await;
    assert!(ended.is_err(), "{ended:?}");
    world.metric("causeway_edge_sessions 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn megabytes_pass_whole_both_ways_at_once() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (browser, at_node) = world.session(&mut node).await;
    let sent: Vec<u8> = (0..251_u8).cycle().take(16 * 1024 * 1024).collect();
    let (browser_reads, browser_writes) = tokio::io::split(browser);
    let (node_reads, node_writes) = tokio::io::split(at_node);
    let pour = |mut to: Box<dyn tokio::io::AsyncWrite + Send + Unpin>| {
        let sent = sent.clone();
        async move {
            to.write_all(&sent).await.unwrap();
            to.shutdown().await.unwrap();
        }
    };
    let drink = |mut from: Box<dyn tokio::io::AsyncRead + Send + Unpin>| async move {
        let mut heard = Vec::new();
        from.read_to_end(&mut heard).await.unwrap();
        heard
    };
    let ((), (), at_node, at_browser) = bounded(async {
        tokio::join!(
            pour(Box::new(browser_writes)),
            pour(Box::new(node_writes)),
            drink(Box::new(node_reads)),
            drink(Box::new(browser_reads)),
        )
    })
    .await;
    assert!(at_node == sent, "the node got something else");
    assert!(at_browser == sent, "the browser got something else");
}

/// More than one stream's window for each of several browsers, so that a window
/// that they share would be used up.
#[tokio::test]
async fn browsers_that_do_not_read_do_not_hold_up_another() {
    let world = World::new().await;
    let mut node = world.node(1).await;
    let (mut stalled, mut floods) = (Vec::new(), JoinSet::new());
    for _ in 0..6 {
        let (browser, at_node) = world.session(&mut node).await;
        stalled.push(browser);
        floods.spawn(flood(at_node));
    }
    let (mut browser, mut at_node) = world.session(&mut node).await;
    let echo = async {
        for _ in 0..100 {
            browser.write_all(b"x").await.unwrap();
            let byte = at_node.read_u8().await.unwrap();
            at_node.write_all(&[byte]).await.unwrap();
            assert_eq!(browser.read_u8().await.unwrap(), b'x');
        }
    };
    bounded(async {
        tokio::select! {
            ended = floods.join_next() => panic!("a flood ended: {ended:?}"),
            () = echo => {}
        }
    })
    .await;
}

/// Sends until nobody takes it any more.
async fn flood(mut to: TunnelStream) {
    let chunk = vec![0; 64 * 1024];
    while to.write_all(&chunk).await.is_ok() {}
}

fn impatient() -> Setup {
    let limits = Limits {
        stall_max: Duration::from_millis(200),
        half_closed_max: Duration::from_millis(200),
        ..Limits::default()
    };
    Setup {
        limits,
        ..Setup::default()
    }
}

#[tokio::test]
async fn a_browser_that_takes_nothing_is_given_up() {
    let world = World::with(impatient()).await;
    let mut node = world.node(1).await;
    let (_stalled, at_node) = world.session(&mut node).await;
    bounded(flood(at_node)).await;
    world.metric("causeway_edge_sessions_stalled_total 1").await;
    world.metric("causeway_edge_sessions 0").await;
}

#[tokio::test]
async fn a_node_that_does_not_follow_its_browser_is_given_up() {
    let world = World::with(impatient()).await;
    let mut node = world.node(1).await;
    let (mut browser, mut at_node) = world.session(&mut node).await;
    browser.shutdown().await.unwrap();
    assert_eq!(bounded(browser.read(&mut [0; 1])).await.unwrap(), 0);
    // What the node still says goes nowhere.
    bounded(async { while at_node.write_all(b"x").await.is_ok() {} }).await;
    world.metric("causeway_edge_sessions 0").await;
}
