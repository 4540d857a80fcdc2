//! Passkeys and security keys.

use causeway_identity::text::{base64url, from_base64url};
use causeway_identity::webauthn::{
    AssertionResponse, CHALLENGE_LENGTH, Credential, RelyingParty, UserVerification, WebauthnError,
    assert,
};
use causeway_model::id::UserId;
use causeway_model::object::FactorKind;
use causeway_table::StoredFactor;
use serde_json::{Value, json};

use super::{FactorError, confirmed, secret};
use crate::app::App;
use crate::use_case::kept::{self, random_text};

/// What is kept of a passkey.
pub(crate) type PasskeySecret = Credential;

/// A question to passkeys.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Challenge {
    /// What the answer is held against; to be kept where the user cannot change
    /// it.
    pub(crate) state: String,
    /// What the browser is given (`PublicKeyCredentialRequestOptionsJSON`).
    pub(crate) public_key: Value,
}

/// Whom passkeys are bound to.
pub(crate) struct Party {
    name: String,
    origins: Vec<String>,
}

impl Party {
    /// The host name of the portal.
    ///
    /// # Errors
    /// [`FactorError::NoDomain`] when it has none.
    pub(crate) fn of(app: &App) -> Result<Self, FactorError> {
        let party = app.config().passkey_party();
        let (name, origins) = party.ok_or(FactorError::NoDomain)?;
        Ok(Self { name, origins })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn relying_party(&self) -> RelyingParty<'_> {
        RelyingParty {
            id: &self.name,
            origins: &self.origins,
        }
    }

    /// What a browser is asked: to answer with one of these passkeys, or with
    /// whichever its user picks when there are none.
    pub(crate) fn question(
        &self,
        app: &App,
        passkeys: &[PasskeySecret],
        verification: &str,
    ) -> Challenge {
        let state = random_text(app, CHALLENGE_LENGTH);
        let public_key = json!({
            "challenge": state,
            "timeout": kept::LIFE.as_millis(),
            "rpId": self.name,
            "allowCredentials": passkeys.iter().map(descriptor).collect::<Vec<_>>(),
            "userVerification": verification,
        });
        Challenge { state, public_key }
    }
}

/// What names a passkey to a browser.
pub(crate) fn descriptor(passkey: &PasskeySecret) -> Value {
    json!({
        "type": "public-key",
        "id": base64url(&passkey.id.0),
        "transports": passkey.transports,
    })
}

/// A question to the passkeys among these factors.
pub(super) async fn challenge(
    app: &App,
    factors: &[StoredFactor],
) -> Result<Challenge, FactorError> {
    let mut passkeys: Vec<PasskeySecret> = Vec::new();
    for stored in confirmed(factors, FactorKind::Webauthn) {
        passkeys.push(secret::open(app, stored).await?);
    }
    if passkeys.is_empty() {
        return Err(FactorError::NotEnrolled);
    }
    Ok(Party::of(app)?.question(app, &passkeys, "preferred"))
}

/// Checks the answer of one of the user's passkeys.
pub(super) async fn verify(
    app: &App,
    user: UserId,
    state: &str,
    credential: &Value,
) -> Result<(), FactorError> {
    let answer: AssertionResponse =
        serde_json::from_value(credential.clone()).map_err(|_| FactorError::Wrong)?;
    accept(app, user, state, &answer, UserVerification::Discouraged).await
}

/// Checks the answer of one of the user's passkeys and keeps its counter.
///
/// # Errors
/// [`FactorError`].
pub(crate) async fn accept(
    app: &App,
    user: UserId,
    state: &str,
    answer: &AssertionResponse,
    verification: UserVerification,
) -> Result<(), FactorError> {
    let party = Party::of(app)?;
    let challenge = from_base64url(state).ok_or(FactorError::Wrong)?;
    let factors = app.table().factors().of_user(user).await?;
    let mut passkeys = confirmed(&factors, FactorKind::Webauthn).peekable();
    if passkeys.peek().is_none() {
        return Err(FactorError::NotEnrolled);
    }
    for stored in passkeys {
        let mut passkey: PasskeySecret = secret::open(app, stored).await?;
        if passkey.id != answer.raw_id {
            continue;
        }
        let asserted = assert(
            &party.relying_party(),
            &challenge,
            &passkey,
            answer,
            verification,
        );
        let asserted = asserted.map_err(|error| refused(stored, error))?;
        passkey.sign_count = asserted.sign_count;
        return if secret::used(app, stored, &passkey).await? {
            Ok(())
        } else {
            Err(FactorError::Wrong)
        };
    }
    Err(FactorError::Wrong)
}

/// The log knows why; the caller only that it was wrong.
fn refused(stored: &StoredFactor, error: WebauthnError) -> FactorError {
    tracing::info!(user = %stored.factor.user, factor = %stored.factor.id, %error, "passkey refused");
    FactorError::Wrong
}
