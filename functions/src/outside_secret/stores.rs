//! The stores together: each reference to its own, with a deadline, and what was
//! read kept for a moment, so that a burst of launches asks once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};
use jiff::{SignedDuration, Timestamp};

use super::{Local, OutsideSecrets, Unavailable};
use crate::clock::{Clock, SystemClock};

/// How long a store may take to answer.
const READ_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a secret is kept after it was read: a rotated one is used soon.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(15);
/// How many secrets are kept at once.
const KEPT_MAX: usize = 256;

/// All stores that this control plane has.
pub struct Stores {
    local: Local,
    cloud: Option<Arc<dyn OutsideSecrets>>,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<SecretReference, Kept>>,
}

struct Kept {
    secret: Secret,
    until: Timestamp,
}

impl Stores {
    /// The stores of this machine, and those of a cloud if there is one.
    #[must_use]
    pub fn new(local: Local, cloud: Option<Arc<dyn OutsideSecrets>>) -> Self {
        Self::with_clock(local, cloud, Arc::new(SystemClock))
    }

    /// The same with another clock; for tests.
    #[must_use]
    pub fn with_clock(
        local: Local,
        cloud: Option<Arc<dyn OutsideSecrets>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            local,
            cloud,
            clock,
            kept: Mutex::default(),
        }
    }

    fn kept(&self, reference: &SecretReference) -> Option<Secret> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(reference)
            .filter(|kept| kept.until > self.clock.now())
            .map(|kept| kept.secret.clone())
    }

    fn keep(&self, reference: &SecretReference, secret: &Secret) {
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, kept| kept.until > now);
        }
        // Full of what is still good: this one is asked for again next time.
        if kept.len() < KEPT_MAX {
            let entry = Kept {
                secret: secret.clone(),
                until: now.saturating_add(KEPT_FOR).unwrap_or(now),
            };
            kept.insert(reference.clone(), entry);
        }
    }

    fn of(&self, store: SecretStore) -> Result<&dyn OutsideSecrets, Unavailable> {
        match store {
            SecretStore::Environment | SecretStore::File => Ok(&self.local),
            SecretStore::SecretsManager | SecretStore::ParameterStore => {
                self.cloud.as_deref().ok_or(Unavailable::NoStore(store))
            }
        }
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("local", &self.local)
            .field("has_cloud", &self.cloud.is_some())
            .finish_non_exhaustive()
    }
}

impl Default for Stores {
    fn default() -> Self {
        Self::new(Local::new(super::VariablePrefix::default(), None), None)
    }
}

#[async_trait]
impl OutsideSecrets for Stores {
    async fn read(&self, reference: &SecretReference) -> Result<Secret, Unavailable> {
        if let Some(secret) = self.kept(reference) {
            return Ok(secret);
        }
        let store = self.of(reference.store)?;
        let secret = tokio::time::timeout(READ_TIMEOUT, store.read(reference))
            .await
            .map_err(|_| Unavailable::TimedOut)??;
        self.keep(reference, &secret);
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::clock::ManualClock;
    use crate::outside_secret::VariablePrefix;

    /// Counts how often it is asked; `never` is never answered, `gone` fails.
    #[derive(Default)]
    struct Fake(AtomicUsize);

    #[async_trait]
    impl OutsideSecrets for Fake {
        async fn read(&self, reference: &SecretReference) -> Result<Secret, Unavailable> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            match reference.name.as_str() {
                "never" => std::future::pending().await,
                "gone" => Err(Unavailable::NotFound),
                name => Ok(Secret::new(format!("{name} {asked}"))),
            }
        }
    }

    fn stores() -> (Stores, Arc<Fake>, Arc<ManualClock>) {
        let fake = Arc::new(Fake::default());
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let local = Local::new(VariablePrefix::default(), None);
        let stores = Stores::with_clock(local, Some(fake.clone()), clock.clone());
        (stores, fake, clock)
    }

    async fn read(stores: &Stores, name: &str) -> Result<String, Unavailable> {
        let reference = format!("aws-ssm:{name}").parse().unwrap();
        let secret = stores.read(&reference).await?;
        Ok(secret.expose().to_owned())
    }

    #[tokio::test]
    async fn what_was_read_is_kept_for_a_moment() {
        let (stores, _, clock) = stores();
        assert_eq!(read(&stores, "a").await.unwrap(), "a 0");
        assert_eq!(read(&stores, "a").await.unwrap(), "a 0");
        clock.advance(Duration::from_secs(15));
        assert_eq!(read(&stores, "a").await.unwrap(), "a 1");
        assert!(!format!("{stores:?}").contains("a 1"));
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let (stores, fake, _) = stores();
        for _ in 0..2 {
            assert_eq!(read(&stores, "gone").await, Err(Unavailable::NotFound));
        }
        assert_eq!(fake.0.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn no_more_are_kept_than_may_be() {
        let (stores, fake, _) = stores();
        for number in 0..KEPT_MAX + 10 {
            read(&stores, &format!("s{number}")).await.unwrap();
        }
        assert_eq!(stores.kept.lock().unwrap().len(), KEPT_MAX);
        read(&stores, "s0").await.unwrap();
        assert_eq!(fake.0.load(Ordering::Relaxed), KEPT_MAX + 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_does_not_answer_is_given_up() {
        let (stores, _, _) = stores();
        assert_eq!(read(&stores, "never").await, Err(Unavailable::TimedOut));
    }
}
