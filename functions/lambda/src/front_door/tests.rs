#![allow(clippy::unwrap_used)]
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::*;

/// Hands out one secret and counts how often it is asked; without one it fails.
struct Store(Option<&'static str>, AtomicUsize);

#[async_trait]
impl OutsideSecrets for Store {
    async fn read(&self, _: &SecretReference) -> Result<Secret, Unavailable> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.map(Secret::from).ok_or(Unavailable::NotFound)
    }
}

const SOURCE: &str = "198.51.100.9";

async fn check(
    configured: bool,
    required: bool,
    headers: &[(HeaderName, &'static str)],
) -> Result<String, &'static str> {
    let store = Arc::new(Store(Some("right"), AtomicUsize::new(0)));
    let door = FrontDoor::new(configured.then_some("origin"), required, store);
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), http::HeaderValue::from_static(value)))
        .collect();
    let client = door.client(&headers, SOURCE.parse().ok()).await;
    client
        .map(|address| address.unwrap().ip().to_string())
        .map_err(|problem| problem.code)
}

#[tokio::test]
async fn the_viewer_is_believed_with_the_secret_only() {
    let viewer = |text| (VIEWER_ADDRESS, text);
    let right = (ORIGIN, "right");
    let wrong = (ORIGIN, "wrong");
    let four = viewer("203.0.113.7:50000");
    let six = viewer("2001:db8::7:50000");
    let through = check(true, true, &[right.clone(), four.clone()]).await;
    assert_eq!(through.unwrap(), "203.0.113.7");
    let through = check(true, true, &[right.clone(), six]).await;
    assert_eq!(through.unwrap(), "2001:db8::7");
    let own = (VIEWER, "2001:db8::8");
    let through = check(true, true, &[right.clone(), own.clone(), four.clone()]).await;
    assert_eq!(through.unwrap(), "2001:db8::8");
    assert_eq!(check(true, false, &[own]).await.unwrap(), SOURCE);
    let unreadable = check(true, true, &[right.clone(), viewer("somewhere")]).await;
    assert_eq!(unreadable.unwrap(), SOURCE);
    for around in [vec![four.clone()], vec![wrong, four.clone()], vec![]] {
        assert_eq!(
            check(true, true, &around).await,
            Err("not_through_front_door")
        );
        assert_eq!(check(true, false, &around).await.unwrap(), SOURCE);
    }
    assert_eq!(check(false, true, &[right, four]).await.unwrap(), SOURCE);
}

#[tokio::test]
async fn the_secret_is_read_once_whatever_is_shown() {
    let store = Arc::new(Store(Some("right"), AtomicUsize::new(0)));
    let door = FrontDoor::new(Some("origin"), true, store.clone());
    for shown in ["right", "wrong", "right", "worse"] {
        let headers = [(ORIGIN, http::HeaderValue::from_static(shown))];
        let client = door.client(&headers.into_iter().collect(), None).await;
        assert_eq!(client.is_ok(), shown == "right", "{shown}");
    }
    assert_eq!(store.1.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_the_secret_nobody_is_believed() {
    let store = Arc::new(Store(None, AtomicUsize::new(0)));
    let door = FrontDoor::new(Some("origin"), true, store);
    let headers = [(ORIGIN, http::HeaderValue::from_static("right"))];
    let refused = door.client(&headers.into_iter().collect(), None).await;
    assert_eq!(refused.unwrap_err().code, "front_door_unknown");
}
