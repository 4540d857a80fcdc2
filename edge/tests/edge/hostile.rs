//! What no browser sends.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use causeway_edge::Limits;
use causeway_trust::{SigningKey, tls};
use causeway_tunnel::ALPN;
use quinn::crypto::rustls::QuicClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::http::{Answer, Request, exchange};
use crate::world::{Setup, World, bounded};

/// Sends bytes, then reads until the edge closes; a broken pipe is as good.
async fn throw(world: &World, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.http).await.unwrap();
    let mut heard = Vec::new();
    bounded(async {
        let _refused_early = stream.write_all(bytes).await;
        let _refused_early = stream.shutdown().await;
        let _broken = stream.read_to_end(&mut heard).await;
    })
    .await;
    String::from_utf8_lossy(&heard).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_headers() {
    let world = World::new().await;
    let long = Request::new("GET /healthz").with("X-Long", &"x".repeat(64 * 1024));
    let answer = throw(&world, long.text().as_bytes()).await;
    assert!(["431", ""].contains(&status(&answer)), "{answer}");
    let many = (0..200).fold(Request::new("GET /healthz"), |request, number| {
        request.with(&format!("X-{number}"), "x")
    });
    let answer = throw(&world, many.text().as_bytes()).await;
    assert_eq!(status(&answer), "431", "{answer}");
    let long_path = Request::new(&format!("GET /{}", "x".repeat(64 * 1024)));
    let answer = throw(&world, long_path.text().as_bytes()).await;
    assert!(["414", "431", ""].contains(&status(&answer)), "{answer}");
    assert_eq!(world.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn bytes_that_are_not_http() {
    let world = World::new().await;
    let cases: [&[u8]; 6] = [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ];
    for bytes in cases {
        let answer = throw(&world, bytes).await;
        assert!(
            ["400", ""].contains(&status(&answer)),
            "{bytes:?}: {answer}"
        );
    }
    assert_eq!(world.get("/healthz").await.status, 200);
    world.metric("causeway_edge_connections 0").await;
}

#[tokio::test]
async fn a_second_request_behind_the_first_is_not_served() {
    let world = World::new().await;
    let twice = Request::new("GET /healthz").text().repeat(2);
    let answer = throw(&world, twice.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[tokio::test]
async fn an_upgrade_with_a_body_is_none() {
    let world = World::new().await;
    let node = world.node(1).await;
    let request = Request::websocket(&world.ticket(node.id)).body("body");
    let (answer, _stream) = request.send(world.http).await;
    assert_eq!(answer.problem(), (426, "not_a_websocket".to_owned()));
}

#[tokio::test]
async fn a_request_id_that_is_none_is_replaced() {
    let world = World::new().await;
    for id in ["a b", "", &"x".repeat(65), "é"] {
        let (answer, _stream) = Request::new("GET /healthz")
            .with("X-Request-Id", id)
            .send(world.http)
            .await;
        let own = answer.header("x-request-id").unwrap();
        assert_eq!(own.len(), 32, "{own}");
    }
}

#[tokio::test]
async fn strangers_beyond_the_limit_are_closed_unread() {
    let limits = Limits {
        strangers_max: 2,
        ..Limits::default()
    };
    let world = World::with(Setup {
        limits,
        ..Setup::default()
    })
    .await;
    let mut node = world.node(1).await;
    // A session is no stranger: it leaves its place to others.
    let (_browser, _at_node) = world.session(&mut node).await;
    let mut first = TcpStream::connect(world.http).await.unwrap();
    let _second = TcpStream::connect(world.http).await.unwrap();
    world.metric("causeway_edge_connections 3").await;
    let answer = throw(&world, Request::new("GET /healthz").text().as_bytes()).await;
    assert_eq!(answer, "");
    world
        .metric("causeway_edge_connections_dropped_total 1")
        .await;
    // Those who are in are served, and their places become free.
    let answer = bounded(exchange(&mut first, &Request::new("GET /healthz").text())).await;
    assert_eq!(answer.status, 200);
    drop(first);
    world.metric("causeway_edge_connections 2").await;
    assert_eq!(world.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_head_in_small_pieces_is_read_whole() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.http).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in Request::new("GET /healthz").text().as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    assert_eq!(bounded(Answer::read(&mut stream)).await.status, 200);
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let limits = Limits {
        head_deadline: Duration::from_millis(200),
        ..Limits::default()
    };
    let world = World::with(Setup {
        limits,
        ..Setup::default()
    })
    .await;
    let mut silent = TcpStream::connect(world.http).await.unwrap();
    let mut slow = TcpStream::connect(world.http).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        .await
        .unwrap();
    for stream in [&mut silent, &mut slow] {
        let mut heard = Vec::new();
        let _broken = bounded(stream.read_to_end(&mut heard)).await;
    }
    world.metric("causeway_edge_connections 0").await;
}

#[tokio::test]
async fn an_answer_is_heard_by_those_who_still_send() {
    let world = World::new().await;
    let long = Request::new("POST /edge/v1/orders").body(&"x".repeat(512 * 1024));
    let answer = throw(&world, long.text().as_bytes()).await;
    assert_eq!(status(&answer), "413", "{answer}");
}

/// Shows a key and then says nothing.
async fn silent_node(world: &World, endpoint: &quinn::Endpoint) -> quinn::Connection {
    let key = SigningKey::generate().unwrap();
    let tls = tls::client_config(&key, world.peer.public_key, ALPN).unwrap();
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let address = world.peer.address.parse().unwrap();
    let connecting = endpoint.connect_with(config, address, "causeway").unwrap();
    bounded(connecting).await.unwrap()
}

/// Half of the places are taken: the next has to prove its address, and can.
#[tokio::test]
async fn silent_nodes_do_not_keep_others_out() {
    let limits = Limits {
        greetings_max: 4,
        ..Limits::default()
    };
    let world = World::with(Setup {
        limits,
        ..Setup::default()
    })
    .await;
    let endpoint = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(silent_node(&world, &endpoint).await);
    }
    let mut node = world.node(1).await;
    let (_browser, _at_node) = world.session(&mut node).await;
}
