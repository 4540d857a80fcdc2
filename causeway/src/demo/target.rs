//! The demo target's listener: loopback only, its connections owned.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use causeway_trust::Secret;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, PrivateKey};
use russh::server::{Config, run_stream};
use russh::{Disconnect, MethodKind, MethodSet};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

use super::connection::DemoConnection;
use crate::data_dir::{DataDir, PrivateFileError, read_or_create};

/// SSH connections at once.
const CONNECTIONS_MAX: usize = 256;
/// How long a client may take to sign in.
const SIGN_IN_DEADLINE: Duration = Duration::from_secs(30);
/// Passwords that a connection may try.
const ATTEMPTS_MAX: usize = 4;
/// How often a silent client is asked whether it lives; it may miss three.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Random bytes in the password.
const PASSWORD_BYTES: usize = 24;

/// Why the demo target cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error("the demo target listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    #[error("cannot listen for the demo target")]
    Listen(#[source] io::Error),
    #[error(transparent)]
    File(#[from] PrivateFileError),
    #[error("the demo target's host key is damaged; remove {0} to get a new one")]
    HostKey(String),
    #[error("the demo target's password file is not text; remove {0} to get a new one")]
    Password(String),
    #[error("the system gives no random bytes")]
    Random,
}

/// What the demo target is and who may enter, kept in the data directory.
pub(crate) struct Credentials {
    host_key: PrivateKey,
    password: Secret,
}

impl Credentials {
    /// The only user of the demo target.
    pub(crate) const USERNAME: &'static str = "demo";

    /// Reads host key and password from `data`, drawn the first time.
    ///
    /// # Errors
    /// When the files can be neither read nor written, or are damaged.
    pub(crate) fn load(data: &DataDir) -> Result<Self, DemoError> {
        let key_path = data.demo_host_key();
        let damaged = |_| DemoError::HostKey(key_path.display().to_string());
        let host_key = read_or_create(&key_path, new_host_key)?;
        let host_key = PrivateKey::from_openssh(&*host_key).map_err(damaged)?;
        let path = data.demo_password();
        let password = read_or_create(&path, new_password)?;
        let password = std::str::from_utf8(&password)
            .map_err(|_| DemoError::Password(path.display().to_string()))?;
        Ok(Self {
            host_key,
            password: Secret::from(password),
        })
    }

    /// The only user's password.
    pub(crate) fn password(&self) -> &Secret {
        &self.password
    }
}

fn new_host_key() -> Result<Zeroizing<Vec<u8>>, DemoError> {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&random()?));
    let text = key
        .to_openssh(LineEnding::LF)
        .map_err(|error| DemoError::HostKey(error.to_string()))?;
    Ok(Zeroizing::new(text.as_bytes().to_vec()))
}

fn new_password() -> Result<Zeroizing<Vec<u8>>, DemoError> {
    let bytes: [u8; PASSWORD_BYTES] = random()?;
    Ok(Zeroizing::new(hex::encode(bytes).into_bytes()))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], DemoError> {
    let mut bytes = [0; LENGTH];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| DemoError::Random)?;
    Ok(bytes)
}

/// An SSH server that opens shells of this machine.
pub(crate) struct DemoTarget {
    listener: TcpListener,
    address: SocketAddr,
    config: Arc<Config>,
    password: Secret,
}

impl DemoTarget {
    /// Listens on `address`, which must be loopback.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be bound.
    pub(crate) async fn bind(
        address: SocketAddr,
        credentials: &Credentials,
    ) -> Result<Self, DemoError> {
        if !address.ip().is_loopback() {
            return Err(DemoError::NotLoopback(address));
        }
        let listener = TcpListener::bind(address)
            .await
            .map_err(DemoError::Listen)?;
        let address = listener.local_addr().map_err(DemoError::Listen)?;
        let config = Arc::new(config(credentials.host_key.clone()));
        Ok(Self {
            listener,
            address,
            config,
            password: credentials.password.clone(),
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is cancelled; every shell has ended when it returns.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "demo target cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                tracing::warn!(limit = CONNECTIONS_MAX, "demo target is full");
                continue;
            };
            let serving = serve(
                stream,
                Arc::clone(&self.config),
                self.password.clone(),
                tracker.clone(),
                stop.child_token(),
            );
            tracker.spawn(async move {
                if let Err(error) = serving.await {
                    tracing::debug!(%error, "demo connection ended");
                }
                drop(place);
            });
        }
        tracker.close();
        tracker.wait().await;
    }
}

async fn serve(
    stream: TcpStream,
    config: Arc<Config>,
    password: Secret,
    tracker: TaskTracker,
    stop: CancellationToken,
) -> Result<(), russh::Error> {
    stream.set_nodelay(true)?;
    // Whatever way the connection ends, its shells are told.
    let _ended = stop.clone().drop_guard();
    let signed_in = CancellationToken::new();
    let handler = DemoConnection::new(password, tracker, stop.clone(), signed_in.clone());
    let mut session = run_stream(config, stream, handler).await?;
    let sign_in = async {
        tokio::select! {
            () = signed_in.cancelled() => std::future::pending::<()>().await,
            () = tokio::time::sleep(SIGN_IN_DEADLINE) => {}
        }
    };
    tokio::select! {
        biased;
        result = &mut session => return result,
        () = stop.cancelled() => {}
        () = sign_in => tracing::debug!("nobody signed in to the demo target in time"),
    }
    let goodbye = (Disconnect::ByApplication, String::new(), String::new());
    session
        .handle()
        .disconnect(goodbye.0, goodbye.1, goodbye.2)
        .await?;
    session.await
}

fn config(host_key: PrivateKey) -> Config {
    Config {
        methods: MethodSet::from(&[MethodKind::Password][..]),
        auth_rejection_time: Duration::from_secs(1),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![host_key],
        max_auth_attempts: ATTEMPTS_MAX,
        inactivity_timeout: None,
        keepalive_interval: Some(KEEPALIVE_INTERVAL),
        nodelay: true,
        ..Config::default()
    }
}
