//! Codes of authenticator apps.

use causeway_identity::text::Base64Url;
use causeway_identity::totp::{SEED_LENGTH, Seed};
use causeway_model::id::UserId;
use causeway_model::object::FactorKind;
use causeway_trust::SealError;
use serde::{Deserialize, Serialize};

use super::{FactorError, confirmed, secret};
use crate::app::App;
use crate::sealing::SealingError;
use crate::use_case::attempts;

/// What is kept of an authenticator app.
#[derive(Serialize, Deserialize)]
pub(crate) struct TotpSecret {
    seed: Base64Url,
    /// The last step whose code was used; none up to it is taken again.
    last_step: Option<i64>,
}

impl TotpSecret {
    /// A seed that no code of was used yet.
    pub(crate) fn new(seed: &Seed) -> Self {
        Self {
            seed: Base64Url(seed.expose().to_vec()),
            last_step: None,
        }
    }

    /// Uses up a code that was typed now; `None` when it is not good.
    pub(crate) fn use_up(mut self, app: &App, code: &str) -> Result<Option<Self>, SealError> {
        let seed: [u8; SEED_LENGTH] = self
            .seed
            .0
            .as_slice()
            .try_into()
            .map_err(|_| SealError::Malformed)?;
        let step = Seed::new(seed).check(code, app.now(), self.last_step);
        self.last_step = step.or(self.last_step);
        Ok(step.map(|_| self))
    }
}

/// Checks a code against every app of the user.
pub(super) async fn verify(app: &App, user: UserId, code: &str) -> Result<(), FactorError> {
    let factors = app.table().factors().of_user(user).await?;
    let mut apps = confirmed(&factors, FactorKind::Totp).peekable();
    if apps.peek().is_none() {
        return Err(FactorError::NotEnrolled);
    }
    attempts::count_code(app, user).await?;
    for stored in apps {
        let kept: TotpSecret = secret::open(app, stored).await?;
        if let Some(after) = kept.use_up(app, code).map_err(SealingError::from)?
            && secret::used(app, stored, &after).await?
        {
            return Ok(());
        }
    }
    Err(FactorError::Wrong)
}
