//! Under ECS: while a node has sessions, its task is protected from being
//! chosen when the service scales in or is deployed anew.
//!
//! The agent beside the container is asked (`PUT
//! $ECS_AGENT_URI/task-protection/v1/state`), with the rights of the task's
//! role. A protection ends by itself after an hour; it is renewed long before.
//! What the agent refuses is logged and asked again, ever more seldom: a node
//! without protection works all the same.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Where the agent listens, as ECS tells its tasks.
const AGENT: &str = "ECS_AGENT_URI";
const PATH: &str = "/task-protection/v1/state";
/// When a protection that nobody renews ends, in minutes.
const EXPIRES_MINUTES: u32 = 60;
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// A wait that nothing ends but news; the clock cannot add for ever.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How often the agent is asked.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// How long an answer may take.
    answered_within: Duration,
    /// When a protection is renewed.
    renewed_after: Duration,
    /// How long a node is without sessions before it gives the protection up:
    /// people leave and come.
    idle_for: Duration,
    /// Wait after the first failure; it doubles.
    again_first: Duration,
    /// Longest wait.
    again_longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answered_within: Duration::from_secs(5),
            renewed_after: Duration::from_secs(20 * 60),
            idle_for: Duration::from_secs(10),
            again_first: Duration::from_secs(1),
            again_longest: Duration::from_secs(60),
        }
    }
}

/// What asks for the protection of this task.
pub(crate) struct TaskProtection {
    client: Client,
    url: Url,
    limits: Limits,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    protection_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in_minutes: Option<u32>,
}

#[derive(Deserialize)]
struct Answer {
    protection: Option<Protection>,
    failure: Option<Failure>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Protection {
    protection_enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
}

impl TaskProtection {
    /// `None` where no agent of ECS is.
    ///
    /// # Errors
    /// When the agent's address is none.
    pub(crate) fn from_environment() -> anyhow::Result<Option<Self>> {
        let agent = std::env::var(AGENT).ok().filter(|text| !text.is_empty());
        let agent = agent.map(|agent| Self::new(&agent, Limits::default()));
        agent.transpose()
    }

    fn new(agent: &str, limits: Limits) -> anyhow::Result<Self> {
        let url = format!("{}{PATH}", agent.trim_end_matches('/'));
        // What is beside the container is reached without a proxy.
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Ok(Self {
            client: client.build()?,
            url: Url::parse(&url).with_context(|| format!("{AGENT} is no URL"))?,
            limits,
        })
    }

    /// Protects the task while there are sessions, until `over`.
    pub(crate) async fn run(self, mut sessions: watch::Receiver<usize>, over: CancellationToken) {
        let mut protected_at: Option<Instant> = None;
        let mut idle_since = Instant::now();
        let mut pause = Pause::default();
        loop {
            let has_sessions = *sessions.borrow_and_update() > 0;
            let now = Instant::now();
            if has_sessions {
                idle_since = now + FOR_EVER;
            } else {
                idle_since = idle_since.min(now);
            }
            let due = match (has_sessions, protected_at) {
                (true, None) => now,
                (true, Some(at)) => at + self.limits.renewed_after,
                (false, Some(_)) => idle_since + self.limits.idle_for,
                (false, None) => now + FOR_EVER,
            };
            tokio::select! {
                biased;
                () = over.cancelled() => return,
                changed = sessions.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
                () = sleep_until(pause.not_before(due)) => {}
            }
            let asked = tokio::select! {
                biased;
                () = over.cancelled() => return,
                asked = self.ask(has_sessions) => asked,
            };
            match asked {
                Ok(()) => {
                    if has_sessions != protected_at.is_some() {
                        tracing::info!(protected = has_sessions, "the task's protection is set");
                    }
                    protected_at = has_sessions.then(Instant::now);
                    pause = Pause::default();
                }
                Err(error) => {
                    let wait = pause.failed(&self.limits, Instant::now(), fastrand::f64());
                    tracing::warn!(
                        error = format!("{error:#}"),
                        wait_ms = wait.as_millis(),
                        protected = has_sessions,
                        "the task's protection cannot be set"
                    );
                }
            }
        }
    }

    async fn ask(&self, protection_enabled: bool) -> anyhow::Result<()> {
        let wanted = Wanted {
            protection_enabled,
            expires_in_minutes: protection_enabled.then_some(EXPIRES_MINUTES),
        };
        let request = self.client.put(self.url.clone()).json(&wanted);
        let request = request.timeout(self.limits.answered_within).send().await;
        let mut answer = request.map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            anyhow::ensure!(
                body.len() + chunk.len() <= ANSWER_BYTES_MAX,
                "too long an answer"
            );
            body.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&body)
            .with_context(|| format!("status {status}, and no answer of ECS"))?;
        if let Some(error) = answer.error {
            anyhow::bail!("refused: {} ({status})", error.code);
        }
        if let Some(failure) = answer.failure {
            anyhow::bail!("failed: {} ({status})", failure.reason);
        }
        let is_set = answer
            .protection
            .is_some_and(|protection| protection.protection_enabled == protection_enabled);
        anyhow::ensure!(is_set && status.is_success(), "not set ({status})");
        Ok(())
    }
}

/// How long to leave the agent alone after it failed.
#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    failures: u32,
}

impl Pause {
    fn not_before(&self, due: Instant) -> Instant {
        self.until.map_or(due, |until| due.max(until))
    }

    /// The wait from now on: half of the longest to the longest, which doubles.
    fn failed(&mut self, limits: &Limits, now: Instant, random: f64) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let longest = limits.again_first.saturating_mul(doubled);
        let wait = longest
            .min(limits.again_longest)
            .mul_f64(0.5 + random / 2.0);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::http::StatusCode;
    use axum::routing::put;
    use serde_json::{Value, json};
    use tokio::sync::mpsc;
    use tokio::task::JoinHandle;

    use super::*;

    const QUICK: Limits = Limits {
        answered_within: Duration::from_secs(5),
        renewed_after: Duration::from_secs(3600),
        idle_for: Duration::from_millis(50),
        again_first: Duration::from_millis(5),
        again_longest: Duration::from_millis(20),
    };

    /// A node, and an agent that refuses the first few questions.
    struct World {
        sessions: watch::Sender<usize>,
        asked: mpsc::UnboundedReceiver<Value>,
        over: CancellationToken,
        protecting: JoinHandle<()>,
        _agent: JoinHandle<()>,
    }

    impl World {
        async fn new(limits: Limits, refusals: usize) -> Self {
            let (tell, asked) = mpsc::unbounded_channel();
            let left = Arc::new(AtomicUsize::new(refusals));
            let answer = move |axum::Json(body): axum::Json<Value>| async move {
                tell.send(body.clone()).unwrap();
                let is_refused = left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok();
                if is_refused {
                    let error = json!({"error": {"Code": "AccessDeniedException"}});
                    return (StatusCode::BAD_REQUEST, axum::Json(error));
                }
                (StatusCode::OK, axum::Json(json!({ "protection": body })))
            };
            let router = axum::Router::new().route(&format!("/api/v1{PATH}"), put(answer));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let agent = format!("http://{}/api/v1", listener.local_addr().unwrap());
            let serving = async move { axum::serve(listener, router).await.unwrap() };
            let (sessions, seen) = watch::channel(0);
            let over = CancellationToken::new();
            let protection = TaskProtection::new(&agent, limits).unwrap();
            Self {
                sessions,
                asked,
                protecting: tokio::spawn(protection.run(seen, over.clone())),
                over,
                _agent: tokio::spawn(serving),
            }
        }

        async fn asked(&mut self) -> Value {
            let asked = tokio::time::timeout(Duration::from_secs(10), self.asked.recv());
            asked.await.expect("nothing asked").unwrap()
        }

        async fn ends(self) {
            self.over.cancel();
            self.protecting.await.unwrap();
        }
    }

    fn on() -> Value {
        json!({"ProtectionEnabled": true, "ExpiresInMinutes": 60})
    }

    fn off() -> Value {
        json!({"ProtectionEnabled": false})
    }

    #[tokio::test]
    async fn a_node_is_protected_from_its_first_session_to_its_last() {
        let mut world = World::new(QUICK, 0).await;
        for count in [1, 2, 1] {
            world.sessions.send_replace(count);
        }
        assert_eq!(world.asked().await, on());
        world.sessions.send_replace(0);
        assert_eq!(world.asked().await, off());
        world.sessions.send_replace(3);
        assert_eq!(world.asked().await, on());
        world.ends().await;
    }

    #[tokio::test]
    async fn who_comes_back_soon_finds_it_protected_still() {
        let patient = Limits {
            idle_for: Duration::from_secs(3600),
            ..QUICK
        };
        let mut world = World::new(patient, 0).await;
        world.sessions.send_replace(1);
        assert_eq!(world.asked().await, on());
        for count in [0, 1, 0] {
            world.sessions.send_replace(count);
            tokio::task::yield_now().await;
        }
        assert!(world.asked.is_empty());
        world.ends().await;
    }

    #[tokio::test]
    async fn it_is_renewed_before_it_ends() {
        let often = Limits {
            renewed_after: Duration::from_millis(10),
            ..QUICK
        };
        let mut world = World::new(often, 0).await;
        world.sessions.send_replace(1);
        for _ in 0..4 {
            assert_eq!(world.asked().await, on());
        }
        world.ends().await;
    }

    #[tokio::test]
    async fn an_agent_that_refuses_is_asked_again() {
        let mut world = World::new(QUICK, 5).await;
        world.sessions.send_replace(1);
        for _ in 0..6 {
            assert_eq!(world.asked().await, on());
        }
        world.sessions.send_replace(0);
        assert_eq!(world.asked().await, off());
        world.ends().await;
    }

    #[test]
    fn a_broken_agent_is_asked_once_a_minute() {
        let (limits, now) = (Limits::default(), Instant::now());
        let mut pause = Pause::default();
        let waits: Vec<_> = (0..9)
            .map(|_| pause.failed(&limits, now, 1.0).as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(pause.not_before(now), now + Duration::from_secs(60));
    }
}
