//! Against a secret that is kept in memory, as Secrets Manager keeps one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use causeway_model::id::{ConnectionId, EdgeId, NodeId, SessionId, TicketId, UserId};
use causeway_model::secret::Secret;
use causeway_trust::{Ticket, token};
use futures_util::future::join_all;
use jiff::ToSpan as _;
use uuid::Uuid;

use super::*;
use crate::aws::CallError;

const CURRENT: &str = "AWSCURRENT";

/// A secret with its versions.
#[derive(Default)]
struct Kept {
    versions: Mutex<BTreeMap<String, (String, Vec<String>)>>,
    reads: AtomicUsize,
    down: std::sync::atomic::AtomicBool,
}

impl Kept {
    fn with(text: &str) -> Arc<Self> {
        let kept = Self::default();
        let version = (text.to_owned(), vec![CURRENT.to_owned()]);
        kept.versions.lock().unwrap().insert("v0".into(), version);
        Arc::new(kept)
    }

    fn current(&self) -> Option<KeySet> {
        let versions = self.versions.lock().unwrap();
        let mut current = versions
            .values()
            .filter(|(_, stages)| stages.contains(&CURRENT.into()));
        let (text, _) = current.next()?;
        assert!(current.next().is_none(), "one version is current");
        KeySet::parse(text).ok()
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    async fn rotate(&self, step: Step, version: &str, now: Timestamp) -> Result<(), RotationError> {
        let rotation = Rotation {
            step,
            secret_id: "signing".to_owned(),
            client_request_token: version.to_owned(),
        };
        rotate(self, &rotation, now).await
    }

    async fn rotate_whole(&self, version: &str, now: Timestamp) -> Result<(), RotationError> {
        for step in [
            Step::CreateSecret,
            Step::SetSecret,
            Step::TestSecret,
            Step::FinishSecret,
        ] {
            self.rotate(step, version, now).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl KeySource for Kept {
    async fn read(&self) -> Result<KeySet, Box<dyn Error + Send + Sync>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if self.down.load(Ordering::Relaxed) {
            return Err(CallError::TimedOut.into());
        }
        self.current().ok_or_else(|| KeySetError::Nothing.into())
    }
}

#[async_trait]
impl SecretVersions for Kept {
    async fn stages(&self) -> Result<BTreeMap<String, Vec<String>>, CallError> {
        let versions = self.versions.lock().unwrap();
        let stages = versions
            .iter()
            .map(|(id, (_, stages))| (id.clone(), stages.clone()));
        Ok(stages.collect())
    }

    async fn value(&self, version: &str) -> Result<Option<Secret>, CallError> {
        let versions = self.versions.lock().unwrap();
        Ok(versions
            .get(version)
            .map(|(text, _)| Secret::from(text.as_str())))
    }

    async fn put_pending(&self, version: &str, text: &str) -> Result<(), CallError> {
        let pending = (text.to_owned(), vec!["AWSPENDING".to_owned()]);
        self.versions
            .lock()
            .unwrap()
            .insert(version.to_owned(), pending);
        Ok(())
    }

    async fn make_current(&self, version: &str, instead_of: Option<&str>) -> Result<(), CallError> {
        let mut versions = self.versions.lock().unwrap();
        for (id, (_, stages)) in versions.iter_mut() {
            if Some(id.as_str()) == instead_of {
                stages.retain(|stage| stage != CURRENT);
            }
            if id == version {
                stages.push(CURRENT.to_owned());
            }
        }
        Ok(())
    }
}

fn start() -> Timestamp {
    "2026-01-15T08:30:00Z".parse().unwrap()
}

fn ticket(now: Timestamp) -> Ticket {
    let id = Uuid::from_u128(1);
    Ticket {
        id: TicketId::new(id),
        connection: ConnectionId::new(id),
        node: NodeId::new(id),
        edge: EdgeId::new(id),
        user: UserId::new(id),
        session: SessionId::new(id),
        issued_at: now,
        expires_at: now + 60.seconds(),
        trace: None,
    }
}

async fn signed(keys: &SigningKeys, now: Timestamp) -> String {
    token::sign(&keys.current(now).await.unwrap(), &ticket(now)).unwrap()
}

async fn believed(keys: &SigningKeys, token: &str, now: Timestamp) -> bool {
    keys.verify::<Ticket>(token, now).await.is_ok()
}

async fn made(now: Timestamp) -> Arc<Kept> {
    let kept = Kept::with("whatever the template drew");
    kept.rotate_whole("v1", now).await.unwrap();
    kept
}

#[tokio::test]
async fn keys_are_read_once_when_first_needed() {
    let kept = made(start()).await;
    let keys = SigningKeys::kept(kept.clone());
    assert_eq!(kept.reads(), 0);
    let tokens = join_all((0..20).map(|_| signed(&keys, start()))).await;
    for token in &tokens {
        assert!(believed(&keys, token, start()).await);
    }
    assert_eq!(kept.reads(), 1);
    signed(&keys, start() + 299.seconds()).await;
    assert_eq!(kept.reads(), 1);
    signed(&keys, start() + 300.seconds()).await;
    assert_eq!(kept.reads(), 2);
}

#[tokio::test]
async fn what_was_read_stays_in_use_while_nobody_answers() {
    let kept = made(start()).await;
    let (keys, late) = (
        SigningKeys::kept(kept.clone()),
        SigningKeys::kept(kept.clone()),
    );
    let token = signed(&keys, start()).await;
    kept.down.store(true, Ordering::Relaxed);
    let later = start() + 400.seconds();
    assert_eq!(
        keys.ring(later).await.unwrap(),
        keys.ring(start()).await.unwrap()
    );
    assert!(believed(&keys, &token, start() + 59.seconds()).await);
    let before = kept.reads();
    for _ in 0..3 {
        assert!(late.current(later).await.is_err());
        signed(&keys, later).await;
    }
    assert_eq!(kept.reads(), before + 1, "nobody is asked again at once");
    kept.down.store(false, Ordering::Relaxed);
    signed(&late, later + 5.seconds()).await;
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_is_believed_after() {
    let kept = made(start()).await;
    let keys = SigningKeys::kept(kept.clone());
    let old = keys.current(start()).await.unwrap().verifying_key();
    let at = start() + 24.hours();
    kept.rotate_whole("v2", at).await.unwrap();
    let new = kept.current().unwrap().newest().verifying_key();
    assert_ne!(new, old);

    // Everybody reads again within five minutes.
    let read = at + 5.minutes();
    let published: Vec<_> = keys
        .ring(read)
        .await
        .unwrap()
        .published()
        .map(|key| key.key())
        .collect();
    assert!(published.contains(&old) && published.contains(&new) && published.len() == 2);
    assert_eq!(keys.current(read).await.unwrap().verifying_key(), old);
    let lead = at + LEAD;
    let last_of_old = signed(&keys, lead - 1.second()).await;
    assert_eq!(keys.current(lead).await.unwrap().verifying_key(), new);
    assert!(believed(&keys, &last_of_old, lead + 58.seconds()).await);
    let first_of_new = signed(&keys, lead).await;
    assert!(believed(&keys, &first_of_new, lead).await);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once() {
    let kept = made(start()).await;
    let (one, behind) = (
        SigningKeys::kept(kept.clone()),
        SigningKeys::kept(kept.clone()),
    );
    signed(&behind, start()).await;
    // As if somebody had put a key there by hand, which signs at once.
    let by_hand = KeySet::first(start()).unwrap().to_text();
    kept.versions.lock().unwrap().get_mut("v1").unwrap().0 = by_hand.to_string();
    let now = start() + 20.seconds();
    let token = signed(&one, now).await;
    assert!(believed(&behind, &token, now).await, "read again for it");
    let before = kept.reads();
    let foreign = token::sign(&SigningKey::generate().unwrap(), &ticket(now)).unwrap();
    for _ in 0..20 {
        assert!(!believed(&behind, &foreign, now).await);
    }
    assert_eq!(kept.reads(), before, "it was read a moment ago");
    assert!(!believed(&behind, &foreign, now + 10.seconds()).await);
    assert_eq!(kept.reads(), before + 1);
}

#[tokio::test]
async fn each_step_may_come_twice() {
    let kept = Kept::with("not a key");
    for step in [
        Step::CreateSecret,
        Step::SetSecret,
        Step::TestSecret,
        Step::FinishSecret,
    ] {
        kept.rotate(step, "v1", start()).await.unwrap();
        let after_once = kept.versions.lock().unwrap().clone();
        kept.rotate(step, "v1", start()).await.unwrap();
        assert_eq!(*kept.versions.lock().unwrap(), after_once, "{step:?}");
    }
    assert!(kept.current().is_some());
}

#[tokio::test]
async fn keys_are_not_rotated_faster_than_what_they_signed_ends() {
    let kept = made(start()).await;
    kept.rotate_whole("v2", start()).await.unwrap();
    let early = start() + ROTATION_INTERVAL_MIN - Duration::from_secs(1);
    let refused = kept.rotate(Step::CreateSecret, "v3", early).await;
    assert!(
        matches!(refused, Err(RotationError::TooEarly(_))),
        "{refused:?}"
    );
    assert!(!kept.versions.lock().unwrap().contains_key("v3"));
    let second = kept.current().unwrap().newest().verifying_key();
    kept.rotate_whole("v3", start() + ROTATION_INTERVAL_MIN)
        .await
        .unwrap();
    let third = kept.current().unwrap();
    assert!(third.ring().find(second.id()).is_some());
    assert_eq!(third.all().count(), 2);
}

#[tokio::test]
async fn what_does_not_stand_the_test_never_becomes_current() {
    let kept = made(start()).await;
    let before = kept.current().unwrap().newest().verifying_key();
    // A version without the key in use: what it signed would be lost.
    let strange = KeySet::first(start()).unwrap().to_text();
    kept.put_pending("v2", &strange).await.unwrap();
    let refused = kept.rotate(Step::TestSecret, "v2", start()).await;
    assert!(matches!(refused, Err(RotationError::Test)), "{refused:?}");
    kept.put_pending("v3", "{}").await.unwrap();
    for step in [Step::TestSecret, Step::FinishSecret] {
        let refused = kept.rotate(step, "v3", start()).await;
        assert!(
            matches!(refused, Err(RotationError::Keys(_))),
            "{refused:?}"
        );
    }
    let refused = kept.rotate(Step::FinishSecret, "v4", start()).await;
    assert!(
        matches!(refused, Err(RotationError::NoVersion(_))),
        "{refused:?}"
    );
    assert_eq!(kept.current().unwrap().newest().verifying_key(), before);
    // A damaged key is not taken for none.
    kept.versions.lock().unwrap().get_mut("v1").unwrap().0 = r#"{"current": "AAAA"}"#.to_owned();
    let refused = kept.rotate(Step::CreateSecret, "v5", start()).await;
    assert!(
        matches!(refused, Err(RotationError::Keys(KeySetError::Key(_)))),
        "{refused:?}"
    );
}

#[test]
fn a_step_is_read_as_secrets_manager_writes_it() {
    let event = r#"{"Step": "createSecret", "SecretId": "arn:aws:x", "ClientRequestToken": "t", "RotationToken": "r"}"#;
    let rotation: Rotation = serde_json::from_str(event).unwrap();
    assert_eq!(
        (rotation.step, &*rotation.secret_id),
        (Step::CreateSecret, "arn:aws:x")
    );
}
