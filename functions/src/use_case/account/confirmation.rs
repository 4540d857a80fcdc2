//! Proving again who one is, for what is worth it.

use causeway_model::object::{AuthenticationMethod, Session};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::password;
use crate::access::{Caller, Proof};
use crate::app::App;
use crate::use_case::kept;
use crate::use_case::second_factor::{self, Answer, Enrolled, FactorError};
use crate::use_case::session::{self, Password};
use causeway_model::id::SessionId;

/// How long a confirmation holds.
pub(crate) const CONFIRMATION_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Name of these questions in the table.
const WHAT: &str = "confirmation";

/// Somebody in a browser who proved lately who they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirmed<'a> {
    pub(super) session: &'a Session,
}

/// Why a caller counts as unconfirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotConfirmed {
    /// They proved it too long ago.
    #[error("the caller must prove again who they are")]
    TooLongAgo,
    /// A program's token never proves it.
    #[error("the caller is a program")]
    Program,
}

impl<'a> Confirmed<'a> {
    /// The caller, if they proved within the last [`CONFIRMATION_LIFE`] who
    /// they are.
    ///
    /// # Errors
    /// [`NotConfirmed`].
    pub(crate) fn of(caller: &'a Caller, now: Timestamp) -> Result<Self, NotConfirmed> {
        let Proof::Session(session) = caller.proof() else {
            return Err(NotConfirmed::Program);
        };
        let confirmed = session
            .confirmed_at
            .is_some_and(|at| now.duration_since(at) < CONFIRMATION_LIFE);
        if confirmed {
            Ok(Self { session })
        } else {
            Err(NotConfirmed::TooLongAgo)
        }
    }
}

/// What the caller can confirm with.
#[derive(Debug)]
pub struct ConfirmationQuestion {
    /// The ways, the best first.
    pub methods: Vec<AuthenticationMethod>,
    /// Names the question to the caller's passkeys; answered once.
    pub ceremony: Option<String>,
    /// The question to the caller's passkeys.
    pub public_key: Option<Value>,
}

/// What the caller confirms with.
#[derive(Debug)]
pub enum Confirmation {
    /// Their password.
    Password(Password),
    /// A code of their authenticator app.
    Totp(String),
    /// A passkey's answer.
    Webauthn {
        /// Which question.
        ceremony: String,
        /// The answer.
        credential: Value,
    },
}

/// What a confirmation proved.
#[derive(Debug, Clone)]
pub struct ConfirmedAnswer {
    /// When.
    pub confirmed_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// What is kept of a question to passkeys.
#[derive(Serialize, Deserialize)]
struct Asked {
    session: SessionId,
    state: String,
}

/// Asks.
///
/// # Errors
/// [`FactorError`].
pub async fn question(app: &App, caller: &Caller) -> Result<ConfirmationQuestion, FactorError> {
    let factors = app.table().factors().of_user(caller.user().id).await?;
    let mut methods = Enrolled::of(&factors).methods();
    methods.retain(|method| *method != AuthenticationMethod::RecoveryCode);
    if password::has_password(app, caller.user().id).await? {
        methods.push(AuthenticationMethod::Password);
    }
    let challenge = match second_factor::challenge_for(app, &factors).await {
        Ok(challenge) => challenge,
        Err(FactorError::NotEnrolled | FactorError::NoDomain) => {
            methods.retain(|method| *method != AuthenticationMethod::Webauthn);
            return Ok(ConfirmationQuestion {
                methods,
                ceremony: None,
                public_key: None,
            });
        }
        Err(error) => return Err(error),
    };
    let asked = Asked {
        session: caller.session(),
        state: challenge.state,
    };
    let kept = kept::keep(app, WHAT, &asked).await?;
    Ok(ConfirmationQuestion {
        methods,
        ceremony: Some(kept.id),
        public_key: Some(challenge.public_key),
    })
}

/// Takes the answer and notes it in the session.
///
/// # Errors
/// [`FactorError`].
pub async fn confirm(
    app: &App,
    caller: &Caller,
    given: Confirmation,
) -> Result<ConfirmedAnswer, FactorError> {
    let user = caller.user();
    let address = caller.address();
    let method = match given {
        Confirmation::Password(typed) => {
            password::verify(app, caller, typed).await?;
            AuthenticationMethod::Password
        }
        Confirmation::Totp(code) => {
            second_factor::verify_totp(app, user, address, &code).await?;
            AuthenticationMethod::Totp
        }
        Confirmation::Webauthn {
            ceremony,
            credential,
        } => {
            let asked: Option<Asked> = kept::take(app, WHAT, &ceremony).await?;
            let asked = asked.filter(|asked| asked.session == caller.session());
            let state = asked.ok_or(FactorError::Wrong)?.state;
            let answer = Answer::Webauthn { state, credential };
            second_factor::verify(app, user, address, &answer).await?;
            answer.method()
        }
    };
    session::confirm(app, caller, method).await?;
    let now = app.now();
    Ok(ConfirmedAnswer {
        confirmed_at: now,
        expires_at: now.saturating_add(CONFIRMATION_LIFE).unwrap_or(now),
    })
}
