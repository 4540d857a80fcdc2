//! What every use case works with: the table, the keys, the ports to the
//! outside and the configuration. Nothing that a decision rests on lives here:
//! another process with the same parts would answer the same.

use std::sync::Arc;

use causeway_table::Table;
use causeway_trust::{Claims, KeyRing, SigningKey};
use jiff::Timestamp;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::clock::{Clock, Randomness, SystemClock, SystemRandomness, uuid_v7};
use crate::config::Config;
use crate::metrics::Metrics;
use crate::openid::Providers;
use crate::order::OrderSender;
use crate::outbound::{Outbound, OverHttp};
use crate::outside_secret::{OutsideSecrets, Stores};
use crate::password::{PasswordError, Passwords};
use crate::sealing::Sealing;
use crate::signing::{SigningError, SigningKeys, VerifyError};
use crate::use_case::authorize::CompiledExpressions;
use crate::use_case::selection::{Ledger, Turns};

/// The control plane's state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    table: Table,
    signing: SigningKeys,
    secrets: Arc<dyn Sealing>,
    config: Config,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    orders: Arc<dyn OrderSender>,
    outside_secrets: Arc<dyn OutsideSecrets>,
    outbound: Arc<dyn Outbound>,
    providers: Providers,
    passwords: Passwords,
    metrics: Metrics,
    ledger: Ledger,
    turns: Turns,
    expressions: CompiledExpressions,
    tasks: TaskTracker,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// Where everything is stored.
    pub table: Table,
    /// Sign tickets, passes and orders.
    pub signing: SigningKeys,
    /// Seals secret settings at rest.
    pub secrets: Arc<dyn Sealing>,
    /// What the operator decided.
    pub config: Config,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where unpredictable bytes come from.
    pub randomness: Arc<dyn Randomness>,
    /// Carries orders to nodes.
    pub orders: Arc<dyn OrderSender>,
    /// Where secrets are kept that are not kept here.
    pub outside_secrets: Arc<dyn OutsideSecrets>,
    /// Asks identity providers.
    pub outbound: Arc<dyn Outbound>,
}

impl Parts {
    /// The parts of a control plane on a real machine.
    #[must_use]
    pub fn new(
        table: Table,
        signing: impl Into<SigningKeys>,
        secrets: impl Sealing + 'static,
        config: Config,
        orders: Arc<dyn OrderSender>,
    ) -> Self {
        Self {
            table,
            signing: signing.into(),
            secrets: Arc::new(secrets),
            config,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness::default()),
            orders,
            outside_secrets: Arc::new(Stores::default()),
            outbound: Arc::new(OverHttp::default()),
        }
    }
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`PasswordError`] when the configured cost of passwords is not usable.
    pub fn new(parts: Parts) -> Result<Self, PasswordError> {
        let passwords = Passwords::new(parts.config.password_cost, &*parts.randomness)?;
        Ok(Self(Arc::new(Inner {
            passwords,
            table: parts.table,
            signing: parts.signing,
            secrets: parts.secrets,
            config: parts.config,
            clock: parts.clock,
            randomness: parts.randomness,
            orders: parts.orders,
            outside_secrets: parts.outside_secrets,
            outbound: parts.outbound,
            providers: Providers::default(),
            metrics: Metrics::default(),
            ledger: Ledger::default(),
            turns: Turns::default(),
            expressions: CompiledExpressions::default(),
            tasks: TaskTracker::new(),
        })))
    }

    /// Where everything is stored.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.0.table
    }

    /// What the operator decided.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Where secrets are kept that are not kept here.
    #[must_use]
    pub fn outside_secrets(&self) -> &dyn OutsideSecrets {
        &*self.0.outside_secrets
    }

    /// Where unpredictable bytes come from.
    #[must_use]
    pub fn randomness(&self) -> &dyn Randomness {
        &*self.0.randomness
    }

    /// A new id; ids grow with time.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        uuid_v7(self.now(), self.randomness())
    }

    /// Waits for the writing requests that are still at work, whose callers may
    /// be gone. To be called once no more requests come in.
    pub async fn drain(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// The key that signs now. To be asked for before anything is written that
    /// a signature is to follow.
    pub(crate) async fn signing_key(&self) -> Result<SigningKey, SigningError> {
        self.0.signing.current(self.now()).await
    }

    /// The keys that are believed now.
    pub(crate) async fn key_ring(&self) -> Result<Arc<KeyRing>, SigningError> {
        self.0.signing.ring(self.now()).await
    }

    /// Reads a token of ours.
    pub(crate) async fn verify<C: Claims>(&self, token: &str) -> Result<C, VerifyError> {
        self.0.signing.verify(token, self.now()).await
    }

    pub(crate) fn secrets(&self) -> &dyn Sealing {
        &*self.0.secrets
    }

    pub(crate) fn orders(&self) -> &dyn OrderSender {
        &*self.0.orders
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(crate) fn expressions(&self) -> &CompiledExpressions {
        &self.0.expressions
    }

    pub(crate) fn outbound(&self) -> Arc<dyn Outbound> {
        Arc::clone(&self.0.outbound)
    }

    pub(crate) fn providers(&self) -> &Providers {
        &self.0.providers
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }
}
