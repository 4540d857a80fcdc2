//! Adding a passkey or a security key.

use causeway_identity::text::base64url;
use causeway_identity::webauthn::{ALGORITHMS, CHALLENGE_LENGTH, RegistrationResponse, register};
use causeway_model::id::SessionId;
use causeway_model::object::FactorKind;
use causeway_table::{FactorChanges, StoredFactor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Confirmed;
use super::factor::{AccountError, AddedFactor, check_factor_name, made, note, write_with_codes};
use crate::access::Caller;
use crate::app::App;
use crate::use_case::kept::{self, random_text};
use crate::use_case::second_factor::{self, FactorError, Party, PasskeySecret, descriptor};
use causeway_identity::text::from_base64url;

/// Name of enrolments in the table.
const WHAT: &str = "passkey-enrolment";

/// What a browser is asked to make.
#[derive(Debug)]
pub struct PasskeyEnrolment {
    /// Names the enrolment; it is finished once.
    pub ceremony: String,
    /// What the browser is given (`PublicKeyCredentialCreationOptionsJSON`).
    pub public_key: Value,
}

/// What is kept of an enrolment.
#[derive(Serialize, Deserialize)]
struct Asked {
    session: SessionId,
    challenge: String,
}

/// Asks the browser for a new passkey.
///
/// # Errors
/// [`AccountError`].
pub async fn enrol(app: &App, caller: &Caller) -> Result<PasskeyEnrolment, AccountError> {
    let confirmed = Confirmed::of(caller, app.now())?;
    let user = caller.user();
    let party = Party::of(app)?;
    let known = passkeys(app, &app.table().factors().of_user(user.id).await?).await?;
    let asked = Asked {
        session: confirmed.session.id,
        challenge: random_text(app, CHALLENGE_LENGTH),
    };
    let shown = if user.name.is_empty() {
        &user.username
    } else {
        &user.name
    };
    let algorithms = ALGORITHMS.map(|number| json!({"type": "public-key", "alg": number}));
    let public_key = json!({
        "rp": {"id": party.name(), "name": "Causeway"},
        "user": {
            "id": base64url(user.id.uuid().as_bytes()),
            "name": user.username,
            "displayName": shown,
        },
        "challenge": asked.challenge,
        "pubKeyCredParams": algorithms,
        "timeout": kept::LIFE.as_millis(),
        "excludeCredentials": known.iter().map(descriptor).collect::<Vec<_>>(),
        "authenticatorSelection": {
            "residentKey": "preferred",
            "requireResidentKey": false,
            "userVerification": "preferred",
        },
        "attestation": "none",
        "extensions": {"credProps": true},
    });
    let kept = kept::keep(app, WHAT, &asked)
        .await
        .map_err(FactorError::from)?;
    Ok(PasskeyEnrolment {
        ceremony: kept.id,
        public_key,
    })
}

/// Takes the new passkey; from now on a sign-in asks for one.
///
/// # Errors
/// [`AccountError`].
pub async fn add(
    app: &App,
    caller: &Caller,
    ceremony: &str,
    name: &str,
    credential: Value,
) -> Result<AddedFactor, AccountError> {
    let confirmed = Confirmed::of(caller, app.now())?;
    check_factor_name(name)?;
    let asked: Option<Asked> = kept::take(app, WHAT, ceremony)
        .await
        .map_err(FactorError::from)?;
    let asked = asked.filter(|asked| asked.session == confirmed.session.id);
    let challenge = asked.and_then(|asked| from_base64url(&asked.challenge));
    let challenge = challenge.ok_or(AccountError::EnrolmentGone)?;
    let answer: RegistrationResponse =
        serde_json::from_value(credential).map_err(|_| FactorError::Wrong)?;
    let party = Party::of(app)?;
    let passkey = register(&party.relying_party(), &challenge, &answer).map_err(|error| {
        tracing::info!(user = %caller.user().id, %error, "passkey not taken");
        FactorError::Wrong
    })?;
    let user = caller.user();
    let stored = app.table().factors().of_user(user.id).await?;
    if passkeys(app, &stored)
        .await?
        .iter()
        .any(|known| known.id == passkey.id)
    {
        return Err(AccountError::PasskeyKnown);
    }
    let made = made(app, user, FactorKind::Webauthn, name, &passkey).await?;
    let changes = FactorChanges::of(user.id).create(made.clone());
    let recovery_codes = write_with_codes(app, caller, changes, &stored).await?;
    note(app, caller, "webauthn_added").await?;
    Ok(AddedFactor {
        factor: made.factor,
        recovery_codes,
    })
}

async fn passkeys(app: &App, stored: &[StoredFactor]) -> Result<Vec<PasskeySecret>, FactorError> {
    let mut passkeys = Vec::new();
    for stored in stored {
        if stored.factor.kind == FactorKind::Webauthn {
            passkeys.push(second_factor::open(app, stored).await?);
        }
    }
    Ok(passkeys)
}
