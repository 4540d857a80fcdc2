//! Data keys in memory: how many, for how long, and for how many seals. No I/O,
//! no clock.

use std::collections::HashMap;
use std::sync::Arc;

use causeway_trust::SecretBox;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::SealingError;

/// How far data keys are used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long a key stays unwrapped in memory. A right that is taken away, or a
    /// wrapping key that is disabled, is felt within it.
    pub(super) kept_for: SignedDuration,
    /// How many keys are kept unwrapped.
    pub(super) kept_max: usize,
    /// How long a key is the current one.
    pub(super) life: SignedDuration,
    /// How many secrets one process seals with a key. AES-GCM with random nonces
    /// is good for 2^32, so that 256 processes may do as much.
    pub(super) seals_max: u32,
    /// How long it goes unasked whether another process made a new key.
    pub(super) unchecked_for: SignedDuration,
    /// How long nobody is asked again after a failure.
    pub(super) held_off_for: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            kept_for: SignedDuration::from_hours(1),
            kept_max: 64,
            life: SignedDuration::from_hours(30 * 24),
            seals_max: 1 << 24,
            unchecked_for: SignedDuration::from_mins(5),
            held_off_for: SignedDuration::from_secs(1),
        }
    }
}

/// An unwrapped key.
#[derive(Clone)]
pub(super) struct OpenKey {
    pub(super) id: Uuid,
    pub(super) secrets: Arc<SecretBox>,
    pub(super) made_at: Timestamp,
}

/// The keys that a process has at hand.
#[derive(Default)]
pub(super) struct Held {
    open: HashMap<Uuid, (OpenKey, Timestamp)>,
    current: Option<Current>,
    failed: Option<(SealingError, Timestamp)>,
}

struct Current {
    id: Uuid,
    checked_until: Timestamp,
    seals: u32,
}

impl Held {
    /// The key of that id, if it is at hand.
    pub(super) fn key(&self, id: Uuid, now: Timestamp) -> Option<OpenKey> {
        let (key, until) = self.open.get(&id)?;
        (now < *until).then(|| key.clone())
    }

    /// The key to seal one more secret with, if it is known to be current.
    pub(super) fn next_seal(&mut self, limits: &Limits, now: Timestamp) -> Option<OpenKey> {
        let current = self.current.as_ref()?;
        let key = self.key(current.id, now)?;
        let good = now < current.checked_until && !self.is_worn(&key, limits, now);
        if !good {
            return None;
        }
        self.count_seal(key.id);
        Some(key)
    }

    /// Whether the key should be replaced: too old, or used too often here.
    pub(super) fn is_worn(&self, key: &OpenKey, limits: &Limits, now: Timestamp) -> bool {
        let seals = self
            .current
            .as_ref()
            .filter(|current| current.id == key.id)
            .map_or(0, |current| current.seals);
        seals >= limits.seals_max || now >= after(key.made_at, limits.life)
    }

    fn count_seal(&mut self, id: Uuid) {
        if let Some(current) = self.current.as_mut().filter(|current| current.id == id) {
            current.seals = current.seals.saturating_add(1);
        }
    }

    /// Keeps a key that was unwrapped now.
    pub(super) fn keep(&mut self, key: OpenKey, limits: &Limits, now: Timestamp) {
        self.open.retain(|_, (_, until)| now < *until);
        while self.open.len() >= limits.kept_max {
            let oldest = self.open.iter().min_by_key(|(_, (_, until))| *until);
            let Some(oldest) = oldest.map(|(id, _)| *id) else {
                break;
            };
            self.open.remove(&oldest);
        }
        self.open.insert(key.id, (key, after(now, limits.kept_for)));
        self.failed = None;
    }

    /// Notes that the key is current as of now, and one secret sealed with it.
    pub(super) fn is_current(&mut self, id: Uuid, limits: &Limits, now: Timestamp) {
        let checked_until = after(now, limits.unchecked_for);
        match &mut self.current {
            Some(current) if current.id == id => current.checked_until = checked_until,
            other => {
                *other = Some(Current {
                    id,
                    checked_until,
                    seals: 0,
                });
            }
        }
        self.count_seal(id);
    }

    /// Notes a failure: who asks within a moment gets it too.
    pub(super) fn note_failure(&mut self, error: &SealingError, limits: &Limits, now: Timestamp) {
        self.failed = Some((error.clone(), after(now, limits.held_off_for)));
    }

    /// A failure of this moment.
    pub(super) fn failure(&self, now: Timestamp) -> Option<SealingError> {
        let (error, until) = self.failed.as_ref()?;
        (now < *until).then(|| error.clone())
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
