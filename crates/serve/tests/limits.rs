//! The accept loop under its limits, over real sockets.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use causeway_serve::{Acceptor, Arrival, Beyond, Limits, Load, Socket};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Bound of every wait of a test.
const PATIENCE: Duration = Duration::from_secs(10);

const WIDE: Limits = Limits {
    connections_max: 100,
    strangers_max: 100,
    beyond: Beyond::Close,
    handshake_max: PATIENCE,
};

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("the test waited too long")
}

/// A loop whose connections come out here and are served by the test.
struct Loop {
    address: SocketAddr,
    arrivals: mpsc::Receiver<Arrival>,
    load: Load,
    tasks: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
}

impl Loop {
    async fn start(limits: Limits) -> Self {
        Self::with(limits, None).await
    }

    async fn with(limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (load, tasks) = (Load::default(), TaskTracker::new());
        let (stop, cut) = (CancellationToken::new(), CancellationToken::new());
        let acceptor = Acceptor {
            listener,
            tls,
            limits,
            load: load.clone(),
            tasks: tasks.clone(),
            cut: cut.clone(),
        };
        let (sender, arrivals) = mpsc::channel(16);
        // Owned by the test's runtime, which ends with the test.
        tokio::spawn(acceptor.run(stop.clone(), move |arrival| {
            let sender = sender.clone();
            async move { sender.send(arrival).await.unwrap() }
        }));
        Self {
            address,
            arrivals,
            load,
            tasks,
            stop,
            cut,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn arrival(&mut self) -> Arrival {
        bounded(self.arrivals.recv()).await.unwrap()
    }

    /// Waits until so many connections are open and so many were dropped.
    async fn counts(&self, open: u64, dropped: u64) {
        let counted = async {
            while (self.load.open(), self.load.dropped()) != (open, dropped) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, counted)
            .await
            .unwrap_or_else(|_| {
                panic!("{} open, {} dropped", self.load.open(), self.load.dropped())
            });
    }
}

/// Whether the other side closes without a word.
async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(bounded(stream.read(&mut [0])).await, Ok(0) | Err(_))
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_closed_unread() {
    let limits = Limits {
        connections_max: 1,
        ..WIDE
    };
    let mut running = Loop::start(limits).await;
    let _first = running.connect().await;
    let mut arrival = running.arrival().await;
    arrival.place.is_known();
    assert!(is_closed(&mut running.connect().await).await);
    running.counts(1, 1).await;
    drop(arrival);
    let _third = running.connect().await;
    running.arrival().await;
}

#[tokio::test]
async fn who_is_known_leaves_its_place_to_another_stranger() {
    let limits = Limits {
        strangers_max: 1,
        ..WIDE
    };
    let mut running = Loop::start(limits).await;
    let _first = running.connect().await;
    let mut first = running.arrival().await;
    assert!(is_closed(&mut running.connect().await).await);
    first.place.is_known();
    let _second = running.connect().await;
    let _stays = running.arrival().await;
    running.counts(2, 1).await;
}

#[tokio::test]
async fn a_connection_may_wait_for_its_place() {
    let limits = Limits {
        connections_max: 1,
        beyond: Beyond::Wait,
        ..WIDE
    };
    let mut running = Loop::start(limits).await;
    let _first = running.connect().await;
    let first = running.arrival().await;
    let mut second = running.connect().await;
    second.write_all(b"x").await.unwrap();
    running.counts(1, 0).await;
    assert!(running.arrivals.try_recv().is_err(), "it did not wait");
    drop(first);
    let Socket::Plain(mut served) = running.arrival().await.socket else {
        panic!("nobody asked for TLS");
    };
    assert_eq!(bounded(served.read_u8()).await.unwrap(), b'x');
}

/// A server without any certificate: the handshake must not get that far.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

fn tls() -> Arc<ServerConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(NoCertificate));
    Arc::new(config)
}

#[tokio::test]
async fn a_handshake_is_not_waited_for_any_longer_than_its_time() {
    let limits = Limits {
        handshake_max: Duration::from_millis(100),
        ..WIDE
    };
    let running = Loop::with(limits, Some(tls())).await;
    let mut silent = running.connect().await;
    running.counts(1, 0).await;
    assert!(is_closed(&mut silent).await);
    running.counts(0, 0).await;
}

#[tokio::test]
async fn what_is_no_tls_frees_its_place() {
    let running = Loop::with(WIDE, Some(tls())).await;
    let mut plain = running.connect().await;
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut alert = Vec::new();
    let _broken = bounded(plain.read_to_end(&mut alert)).await;
    running.counts(0, 0).await;
}

#[tokio::test]
async fn after_the_stop_nobody_comes_in_and_who_is_in_stays_until_the_cut() {
    let mut running = Loop::start(WIDE).await;
    // Served by the loop's own task: nobody takes it out of the channel.
    let mut first = running.connect().await;
    let arrival = running.arrival().await;
    running.stop.cancel();
    let refused = async {
        while TcpStream::connect(running.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    bounded(refused).await;
    let Socket::Plain(mut served) = arrival.socket else {
        panic!("nobody asked for TLS");
    };
    served.write_all(b"y").await.unwrap();
    assert_eq!(bounded(first.read_u8()).await.unwrap(), b'y');
}

#[tokio::test]
async fn the_cut_ends_whoever_is_served() {
    let running = Loop::with(WIDE, Some(tls())).await;
    let mut silent = running.connect().await;
    running.counts(1, 0).await;
    running.cut.cancel();
    assert!(is_closed(&mut silent).await);
    running.tasks.close();
    bounded(running.tasks.wait()).await;
    running.counts(0, 0).await;
}
