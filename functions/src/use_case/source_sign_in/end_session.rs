//! Ending the sign-in at the source as well (OpenID Connect RP-Initiated Logout
//! 1.0).

use causeway_model::object::Session;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::openid;
use crate::problem::Chain;
use crate::use_case::kept::{self, KeepError, Kept, random_text};

/// Name of the ID tokens that are kept until their sign-in ends.
const WHAT: &str = "id-token";
/// Random bytes of the state.
const STATE_LENGTH: usize = 16;

/// What is kept of a sign-in with a source.
#[derive(Serialize, Deserialize)]
struct Shown {
    id_token: String,
}

/// Keeps the ID token of a sign-in, to be shown when it ends. One that is too
/// long to be kept is not worth failing for: the provider asks its user then.
pub(crate) async fn remember(
    app: &App,
    session: &Session,
    id_token: &str,
) -> Result<(), KeepError> {
    let kept = Kept {
        id: session.id.to_string(),
        expires_at: session.expires_at,
    };
    let shown = Shown {
        id_token: id_token.to_owned(),
    };
    match kept::keep_as(app, WHAT, &kept, &shown).await {
        Ok(_) => Ok(()),
        Err(KeepError::Seal(error)) => {
            tracing::debug!(%error, "an ID token is not kept");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Where the browser of a sign-in that ended goes to end it at the source too;
/// `None` when it came from no source, or from one that has no such page or
/// does not answer.
pub(crate) async fn end_session_url(app: &App, session: &Session) -> Option<String> {
    let snapshot = app.table().config().current().await.ok()?;
    let source = snapshot.sources().get(session.source?.uuid())?;
    let shown: Option<Shown> = kept::take(app, WHAT, &session.id.to_string())
        .await
        .inspect_err(|error| tracing::warn!(error = %Chain(error), "an ID token is lost"))
        .ok()?;
    let provider = app.providers().of(app, source).await.ok()?;
    let back_to = app.config().public_url.as_str();
    let state = random_text(app, STATE_LENGTH);
    let url = openid::end_session_url(&provider, source, &shown?.id_token, back_to, &state)?;
    Some(url.into())
}
