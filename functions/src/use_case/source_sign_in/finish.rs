//! A browser comes back from its source.

use aws_lc_rs::constant_time;
use causeway_model::object::{AuthenticationMethod, EventAction, Outcome, Source};
use serde::Deserialize;

use super::begin::hash;
use super::{SourceSignInError, UnderWay, WHAT, client_secret, enabled, person, remember};
use crate::app::App;
use crate::openid::{self, Answer, Question};
use crate::problem::Chain;
use crate::use_case::event::Entry;
use crate::use_case::kept;
use crate::use_case::session::{self, Browser, Opening, SignedIn};

/// Longest code, state or issuer that is looked at, in bytes.
const PARAMETER_LENGTH_MAX: usize = 4096;

/// What a provider sends a browser back with (RFC 6749, sections 4.1.2 and
/// 4.1.2.1; RFC 9207).
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// Good for the tokens, once.
    #[serde(default)]
    pub code: Option<String>,
    /// As it was sent.
    #[serde(default)]
    pub state: Option<String>,
    /// Why there is no code.
    #[serde(default)]
    pub error: Option<String>,
    /// Who sends the browser.
    #[serde(default)]
    pub iss: Option<String>,
}

/// A sign-in with a source.
#[derive(Debug)]
pub struct Finished {
    /// Who, and what the browser keeps.
    pub signed_in: SignedIn,
    /// The path to go to.
    pub to: String,
}

/// Takes the provider's answer and signs in.
///
/// # Errors
/// [`SourceSignInError`].
pub async fn finish(
    app: &App,
    slug: &str,
    query: CallbackQuery,
    cookie: Option<&str>,
    browser: &Browser,
) -> Result<Finished, SourceSignInError> {
    let source = enabled(app, slug).await?;
    let finished = try_to_finish(app, &source, query, cookie, browser).await;
    if let Err(error) = &finished {
        app.metrics().sign_ins_refused.add_one();
        let entry = Entry::new(EventAction::SignIn, Outcome::Refused)
            .address(&browser.address)
            .on("source", source.id, &source.slug)
            .detail(error.code());
        app.table().events().append(&entry.event(app)).await?;
    }
    finished
}

async fn try_to_finish(
    app: &App,
    source: &Source,
    query: CallbackQuery,
    cookie: Option<&str>,
    browser: &Browser,
) -> Result<Finished, SourceSignInError> {
    let fits = |text: &String| text.len() <= PARAMETER_LENGTH_MAX;
    let state = query.state.filter(fits).unwrap_or_default();
    // Taken away before anything else is looked at: it is good once.
    let under_way: Option<UnderWay> = kept::take(app, WHAT, &state).await?;
    let under_way = under_way.ok_or(SourceSignInError::StateLost)?;
    let is_same_browser = cookie.is_some_and(|cookie| {
        let (theirs, ours) = (hash(cookie), under_way.browser.as_bytes());
        constant_time::verify_slices_are_equal(theirs.as_bytes(), ours).is_ok()
    });
    let is_same_source = under_way.source == source.id && under_way.issuer == source.issuer;
    if !is_same_browser || !is_same_source {
        return Err(SourceSignInError::StateLost);
    }
    check_issuer(app, source, query.iss.as_deref()).await?;
    if query.error.is_some() {
        return Err(SourceSignInError::Denied);
    }
    let code = query.code.filter(fits);
    let code = code.ok_or(SourceSignInError::AnswerInvalid)?;
    let secret = client_secret(app, source).await?;
    let question = Question {
        state,
        nonce: under_way.nonce,
        verifier: under_way.verifier,
        redirect_uri: under_way.redirect_uri,
    };
    let answer = openid::redeem(app, source, secret.as_deref(), &question, code)
        .await
        .inspect_err(|error| {
            tracing::warn!(source = %source.slug, error = %Chain(error), "sign-in with a source failed");
        })?;
    let signed_in = open(app, source, answer, browser).await?;
    Ok(Finished {
        signed_in,
        to: under_way.to,
    })
}

/// A redirect that names another issuer, or none where its issuer always does,
/// is another provider's (RFC 9207, section 2.4).
async fn check_issuer(
    app: &App,
    source: &Source,
    named: Option<&str>,
) -> Result<(), SourceSignInError> {
    let is_right = match named {
        Some(named) => named == source.issuer,
        None => !app.providers().of(app, source).await?.names_itself(),
    };
    if is_right {
        Ok(())
    } else {
        Err(SourceSignInError::AnswerInvalid)
    }
}

async fn open(
    app: &App,
    source: &Source,
    answer: Answer,
    browser: &Browser,
) -> Result<SignedIn, SourceSignInError> {
    let user = person::of(app, source, &answer, browser).await?;
    if !user.active {
        return Err(SourceSignInError::NotActive);
    }
    let opening = Opening {
        user,
        methods: vec![AuthenticationMethod::Source],
        browser,
        source: Some((source.id, answer.sid)),
    };
    let signed_in = session::open(app, opening).await?;
    remember(app, &signed_in.session, &answer.id_token).await?;
    Ok(signed_in)
}
