//! Reaches a target by TCP: name, then addresses, each within its deadline.
//!
//! Several addresses are tried as RFC 8305 ("Happy Eyeballs") advises: in
//! alternating families, each a moment after the one before, and the first to
//! answer wins.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use causeway_wire::message::Step;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::failure::{Failure, FailureCode};

/// How long a name may take.
pub const RESOLVE_DEADLINE: Duration = Duration::from_secs(5);
/// Silence of a target after which it is asked for a sign of life.
const KEEPALIVE_TIME: Duration = Duration::from_secs(20);
/// How often it is asked then; the system's number of times.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// Longest that the settings may let all attempts to connect take together.
pub const CONNECT_DEADLINE_MAX: Duration = Duration::from_secs(60);
/// How long one attempt is alone before the next begins (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;

/// Looks a name up. An address is its own name.
///
/// # Errors
/// When the name is unknown or the lookup fails or takes too long.
pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let failed = |code| Failure::new(code, Step::Resolve).with("host", host);
    match timeout(RESOLVE_DEADLINE, lookup_host((host, port))).await {
        Err(_) => Err(failed(FailureCode::TargetNameLookupFailed).with("deadline", "resolve")),
        Ok(Err(error)) => Err(failed(lookup_code(&error)).because(error)),
        Ok(Ok(addresses)) => {
            let addresses = interleave(addresses.collect());
            if addresses.is_empty() {
                return Err(failed(FailureCode::TargetNameNotFound));
            }
            Ok(addresses)
        }
    }
}

/// Connects to the first of the addresses that answers within `deadline`.
///
/// # Errors
/// With the failure of the first address when none answers in time.
pub async fn connect(addresses: Vec<SocketAddr>, deadline: Duration) -> Result<TcpStream, Failure> {
    let first = addresses.first().copied();
    let failed = |code| {
        let failure = Failure::new(code, Step::Connect);
        match first {
            Some(address) => failure.with("address", address),
            None => failure,
        }
    };
    match timeout(deadline.min(CONNECT_DEADLINE_MAX), race(addresses.into())).await {
        Err(_) => Err(failed(FailureCode::TargetTimedOut).with("deadline", "connect")),
        Ok(Err(error)) => Err(failed(connect_code(&error)).because(error)),
        Ok(Ok(stream)) => {
            // Keystrokes are small and must not wait for each other.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
            // A desktop may have nothing to say for hours, and be gone.
            let keepalive = TcpKeepalive::new()
                .with_time(KEEPALIVE_TIME)
                .with_interval(KEEPALIVE_INTERVAL);
            if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
                tracing::debug!(%error, "cannot set SO_KEEPALIVE");
            }
            Ok(stream)
        }
    }
}

async fn race(mut waiting: VecDeque<SocketAddr>) -> io::Result<TcpStream> {
    let mut attempts = JoinSet::new();
    let mut first_error = None;
    loop {
        if let Some(address) = waiting.pop_front() {
            attempts.spawn(TcpStream::connect(address));
        }
        let ended = if waiting.is_empty() {
            attempts.join_next().await
        } else {
            match timeout(ATTEMPT_DELAY, attempts.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => first_error = first_error.or(Some(error)),
            Some(Err(error)) => first_error = first_error.or(Some(io::Error::other(error))),
            None => return Err(first_error.unwrap_or_else(|| io::ErrorKind::NotFound.into())),
        }
    }
}

/// Alternates between the families, beginning with the resolver's favourite.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let favourite_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut favourites, mut others): (VecDeque<_>, VecDeque<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == favourite_is_v6);
    let mut ordered = Vec::new();
    while ordered.len() < ADDRESSES_MAX && !(favourites.is_empty() && others.is_empty()) {
        ordered.extend(favourites.pop_front());
        ordered.extend(others.pop_front());
    }
    ordered.truncate(ADDRESSES_MAX);
    ordered
}

/// getaddrinfo's verdict reaches us as text only: what is not known to be
/// temporary counts as an unknown name.
fn lookup_code(error: &io::Error) -> FailureCode {
    let text = error.to_string();
    if text.contains("Temporary failure") || text.contains("Try again") {
        FailureCode::TargetNameLookupFailed
    } else {
        FailureCode::TargetNameNotFound
    }
}

fn connect_code(error: &io::Error) -> FailureCode {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => {
            FailureCode::TargetRefused
        }
        io::ErrorKind::TimedOut => FailureCode::TargetTimedOut,
        _ => FailureCode::TargetUnreachable,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::net::TcpListener;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(10);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns() {
        let addresses = ["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"].map(address);
        let expected = ["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"].map(address);
        assert_eq!(interleave(addresses.to_vec()), expected);
        let many = vec![address("10.0.0.1:1"); 30];
        assert_eq!(interleave(many).len(), ADDRESSES_MAX);
    }

    #[tokio::test]
    async fn a_dead_address_gives_way_to_a_live_one() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dead = closed.local_addr().unwrap();
        drop(closed);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let live = listener.local_addr().unwrap();
        let stream = connect(vec![dead, live], DEADLINE).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), live);

        let failure = connect(vec![dead], DEADLINE).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::TargetRefused);
        assert_eq!(failure.details.get("address"), Some(&dead.to_string()));
    }

    #[tokio::test]
    async fn an_address_is_its_own_name() {
        let found = resolve("127.0.0.1", 22).await.unwrap();
        assert_eq!(found, [address("127.0.0.1:22")]);
        let found = resolve("::1", 22).await.unwrap();
        assert_eq!(found, [address("[::1]:22")]);
    }

    #[tokio::test]
    async fn an_unknown_name_is_told_as_such() {
        // RFC 6761, section 6.4: names under `invalid` do not exist.
        let failure = resolve("nowhere.invalid", 22).await.unwrap_err();
        let codes = [
            FailureCode::TargetNameNotFound,
            FailureCode::TargetNameLookupFailed,
        ];
        assert!(codes.contains(&failure.code), "{failure:?}");
    }
}
