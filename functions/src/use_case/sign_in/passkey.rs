//! Signing in with a passkey alone: the browser offers what it has for us, the
//! authenticator checks who its user is.

use causeway_identity::webauthn::{AssertionResponse, UserVerification};
use causeway_model::id::UserId;
use causeway_model::object::AuthenticationMethod;
use serde_json::Value;
use uuid::Uuid;

use super::{SignInError, refused};
use crate::app::App;
use crate::use_case::attempts;
use crate::use_case::kept;
use crate::use_case::second_factor::{FactorError, Party, accept_passkey};
use crate::use_case::session::{self, Browser, Opening, SignedIn};

/// Name of these questions in the table.
const WHAT: &str = "passkey-sign-in";

/// A question that any passkey of ours may answer.
#[derive(Debug)]
pub struct PasskeyQuestion {
    /// Names the question; it is answered once.
    pub ceremony: String,
    /// What the browser is given.
    pub public_key: Value,
}

/// Asks.
///
/// # Errors
/// [`SignInError`].
pub async fn begin(app: &App, browser: &Browser) -> Result<PasskeyQuestion, SignInError> {
    attempts::count_beginning(app, &browser.address).await?;
    let challenge = Party::of(app)?.question(app, &[], "required");
    let kept = kept::keep(app, WHAT, &challenge.state).await?;
    Ok(PasskeyQuestion {
        ceremony: kept.id,
        public_key: challenge.public_key,
    })
}

/// Takes the answer and signs in. The passkey says whose it is, and proves it
/// with a signature that counts for that user only.
///
/// # Errors
/// [`SignInError::PasskeyRefused`] whatever is wrong with it.
pub async fn finish(
    app: &App,
    ceremony: &str,
    credential: Value,
    browser: &Browser,
) -> Result<SignedIn, SignInError> {
    let state: Option<String> = kept::take(app, WHAT, ceremony).await?;
    let state = state.ok_or(SignInError::Gone)?;
    let answer: AssertionResponse =
        serde_json::from_value(credential).map_err(|_| SignInError::PasskeyRefused)?;
    let handle = answer.response.user_handle.as_ref();
    let id = handle.and_then(|handle| Uuid::from_slice(&handle.0).ok());
    let user = match id {
        Some(id) => app.table().users().by_id(UserId::new(id)).await?,
        None => None,
    };
    let Some(user) = user.filter(|user| user.active) else {
        refused(app, None, browser, "passkey_unknown").await?;
        return Err(SignInError::PasskeyRefused);
    };
    match accept_passkey(app, user.id, &state, &answer, UserVerification::Required).await {
        Ok(()) => {}
        Err(FactorError::Wrong | FactorError::NotEnrolled) => {
            refused(app, Some(&user), browser, "passkey_wrong").await?;
            return Err(SignInError::PasskeyRefused);
        }
        Err(error) => return Err(error.into()),
    }
    let opening = Opening {
        user,
        methods: vec![AuthenticationMethod::Webauthn],
        browser,
        source: None,
    };
    Ok(session::open(app, opening).await?)
}
