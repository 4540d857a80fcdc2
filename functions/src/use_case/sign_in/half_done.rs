//! The second step of a sign-in.

use causeway_model::id::UserId;
use causeway_model::object::{AuthenticationMethod, User};
use causeway_table::StoredFactor;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SignInError, not_offered, refused};
use crate::app::App;
use crate::use_case::kept::{self, Kept};
use crate::use_case::second_factor::{self, Answer, Enrolled, FactorError};
use crate::use_case::session::{self, Browser, Opening, SignedIn};

/// Name of half-done sign-ins in the table.
const WHAT: &str = "sign-in";
/// Wrong answers after which a sign-in begins anew.
const WRONG_ANSWERS_MAX: u8 = 5;

/// What is still asked for.
#[derive(Debug)]
pub struct SecondFactorNeeded {
    /// Names the sign-in at its second step; only its browser knows it.
    pub sign_in: String,
    /// What may be answered with, the best first.
    pub methods: Vec<AuthenticationMethod>,
    /// The question to the user's passkeys.
    pub public_key: Option<Value>,
    /// When the sign-in must begin anew.
    pub expires_at: Timestamp,
}

/// An answer at the second step.
#[derive(Debug)]
pub struct SecondStep {
    /// Which sign-in.
    pub sign_in: String,
    /// The answer.
    pub given: Given,
    /// Where from.
    pub browser: Browser,
}

/// What the browser answers.
#[derive(Debug)]
pub enum Given {
    /// A code of an authenticator app.
    Totp(String),
    /// A recovery code.
    RecoveryCode(String),
    /// A passkey's answer to the question that the first step gave.
    Webauthn(Value),
}

/// What is kept between the two steps.
#[derive(Serialize, Deserialize)]
struct HalfDone {
    user: UserId,
    /// What a passkey's answer is held against.
    challenge: Option<String>,
    wrong_answers: u8,
    expires_at: Timestamp,
}

/// Asks for a second factor after the right password.
pub(super) async fn ask(
    app: &App,
    user: &User,
    factors: &[StoredFactor],
) -> Result<SecondFactorNeeded, SignInError> {
    let enrolled = Enrolled::of(factors);
    let challenge = second_factor::challenge_for(app, factors)
        .await
        .inspect_err(not_offered)
        .ok();
    let mut methods = enrolled.methods();
    if challenge.is_none() {
        methods.retain(|method| *method != AuthenticationMethod::Webauthn);
    }
    let (challenge, public_key) = challenge
        .map(|challenge| (challenge.state, challenge.public_key))
        .unzip();
    let now = app.now();
    let half_done = HalfDone {
        user: user.id,
        challenge,
        wrong_answers: 0,
        expires_at: now.saturating_add(kept::LIFE).unwrap_or(now),
    };
    let kept = kept::keep(app, WHAT, &half_done).await?;
    Ok(SecondFactorNeeded {
        sign_in: kept.id,
        methods,
        public_key,
        expires_at: kept.expires_at,
    })
}

/// Takes the answer and signs in.
///
/// # Errors
/// [`SignInError`].
pub async fn finish(app: &App, step: SecondStep) -> Result<SignedIn, SignInError> {
    // Taken away while it is looked at: of several answers at once one counts.
    let taken: Option<HalfDone> = kept::take(app, WHAT, &step.sign_in).await?;
    let half_done = taken.ok_or(SignInError::Gone)?;
    let user = app.table().users().by_id(half_done.user).await?;
    let user = user.filter(|user| user.active).ok_or(SignInError::Gone)?;
    let answer = match step.given {
        Given::Totp(code) => Some(Answer::Totp(code)),
        Given::RecoveryCode(code) => Some(Answer::RecoveryCode(code)),
        Given::Webauthn(credential) => half_done
            .challenge
            .clone()
            .map(|state| Answer::Webauthn { state, credential }),
    };
    let checked = match &answer {
        Some(answer) => second_factor::verify(app, &user, &step.browser.address, answer).await,
        None => Err(FactorError::NotEnrolled),
    };
    if let Err(error) = checked {
        put_back(app, step.sign_in, half_done, &error).await?;
        if matches!(error, FactorError::Wrong) {
            refused(app, Some(&user), &step.browser, "second_factor_wrong").await?;
        }
        return Err(error.into());
    }
    let second = answer.as_ref().map(Answer::method);
    let opening = Opening {
        user,
        methods: [AuthenticationMethod::Password]
            .into_iter()
            .chain(second)
            .collect(),
        browser: &step.browser,
        source: None,
    };
    Ok(session::open(app, opening).await?)
}

/// Lets the person try again, unless they were wrong too often.
async fn put_back(
    app: &App,
    id: String,
    mut half_done: HalfDone,
    error: &FactorError,
) -> Result<(), SignInError> {
    if matches!(error, FactorError::Wrong | FactorError::NotEnrolled) {
        half_done.wrong_answers += 1;
    }
    if half_done.wrong_answers < WRONG_ANSWERS_MAX {
        let kept = Kept {
            id,
            expires_at: half_done.expires_at,
        };
        kept::keep_as(app, WHAT, &kept, &half_done).await?;
    }
    Ok(())
}
