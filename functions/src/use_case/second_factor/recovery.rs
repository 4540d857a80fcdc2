//! Recovery codes: ten, each good once, shown when they are made.
//!
//! A code has 80 random bits, so its plain SHA-256 is enough to keep it by.

use aws_lc_rs::digest;
use causeway_identity::text::{Base64Url, base32};
use causeway_model::id::UserId;
use causeway_model::object::FactorKind;
use serde::{Deserialize, Serialize};

use super::{FactorError, confirmed, secret};
use crate::app::App;
use crate::use_case::attempts;

/// Codes of a list.
const CODES: usize = 10;
/// Random bytes of a code: 16 characters in base32.
const CODE_LENGTH: usize = 10;
/// Characters between two hyphens.
const BLOCK: usize = 4;

/// What is kept of a list: the hashes of the codes that are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecoverySecret {
    left: Vec<Base64Url>,
}

impl RecoverySecret {
    /// How many codes are left.
    pub(crate) fn count(&self) -> usize {
        self.left.len()
    }

    /// The list without this code; `None` when it is not in it.
    fn without(mut self, code: &str) -> Option<Self> {
        let hash = hash(code);
        let index = self.left.iter().position(|left| *left == hash)?;
        self.left.swap_remove(index);
        Some(self)
    }
}

/// Draws a new list: the codes for people, and what is kept of them.
pub(crate) fn draw(app: &App) -> (Vec<String>, RecoverySecret) {
    let codes: Vec<String> = (0..CODES)
        .map(|_| {
            let mut random = [0; CODE_LENGTH];
            app.randomness().fill(&mut random);
            spelled(&base32(&random))
        })
        .collect();
    let left = codes.iter().map(|code| hash(code)).collect();
    (codes, RecoverySecret { left })
}

/// Checks a code and uses it up.
pub(super) async fn verify(app: &App, user: UserId, code: &str) -> Result<(), FactorError> {
    let factors = app.table().factors().of_user(user).await?;
    let Some(stored) = confirmed(&factors, FactorKind::RecoveryCodes).next() else {
        return Err(FactorError::NotEnrolled);
    };
    attempts::count_code(app, user).await?;
    let kept: RecoverySecret = secret::open(app, stored).await?;
    let after = kept.without(code).ok_or(FactorError::Wrong)?;
    if secret::used(app, stored, &after).await? {
        Ok(())
    } else {
        Err(FactorError::Wrong)
    }
}

fn spelled(base32: &str) -> String {
    let lower = base32.to_ascii_lowercase();
    let blocks: Vec<_> = lower
        .as_bytes()
        .chunks(BLOCK)
        .filter_map(|block| str::from_utf8(block).ok())
        .collect();
    blocks.join("-")
}

/// The hash of a code as somebody typed it: case, hyphens and spaces do not
/// count.
fn hash(code: &str) -> Base64Url {
    let plain: String = code
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Base64Url(
        digest::digest(&digest::SHA256, plain.as_bytes())
            .as_ref()
            .to_vec(),
    )
}
