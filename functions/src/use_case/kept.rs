//! What is kept between two requests of one act and taken once: the state of a
//! sign-in elsewhere, a ceremony with a passkey, a sign-in that waits for its
//! second factor. Sealed, named by an unguessable id, and gone by itself.

use causeway_table::TableError;
use causeway_trust::SealError;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::app::App;
use crate::sealing::SealingError;
use causeway_identity::text::base64url;

/// How long an act may take, from its first request to its last.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Random bytes of an id.
const ID_LENGTH: usize = 32;
/// Longest id that is looked for, in bytes.
const ID_TEXT_LENGTH_MAX: usize = 64;

/// Why something was not kept or not found again.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It cannot be sealed, or what is kept does not open.
    #[error("what is kept cannot be sealed or opened")]
    Seal(#[from] SealingError),
}

/// What something is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Unguessable; whoever has it may go on.
    pub(crate) id: String,
    /// When it is gone.
    pub(crate) expires_at: Timestamp,
}

/// An unguessable text of `length` random bytes.
pub(crate) fn random_text(app: &App, length: usize) -> String {
    let mut bytes = Zeroizing::new(vec![0; length]);
    app.randomness().fill(&mut bytes);
    base64url(&*bytes)
}

/// Keeps `document` for [`LIFE`] under a new id.
pub(crate) async fn keep<T: Serialize>(
    app: &App,
    what: &'static str,
    document: &T,
) -> Result<Kept, KeepError> {
    let now = app.now();
    let kept = Kept {
        id: random_text(app, ID_LENGTH),
        expires_at: now.saturating_add(LIFE).unwrap_or(now),
    };
    keep_as(app, what, &kept, document).await?;
    Ok(kept)
}

/// Keeps `document` under an id and until a time that are given: again, after
/// a try that failed. Says whether the id was free.
pub(crate) async fn keep_as<T: Serialize>(
    app: &App,
    what: &'static str,
    kept: &Kept,
    document: &T,
) -> Result<bool, KeepError> {
    let text = serde_json::to_string(document).map_err(|_| broken(SealError::Seal))?;
    let text = Zeroizing::new(text);
    let sealed = app.secrets().seal(&context(what, &kept.id), &text).await?;
    let table = app.table().one_time();
    Ok(table.put(what, &kept.id, &sealed, kept.expires_at).await?)
}

/// Takes what is kept under `id`; of any number who ask, one gets it.
pub(crate) async fn take<T: DeserializeOwned>(
    app: &App,
    what: &'static str,
    id: &str,
) -> Result<Option<T>, KeepError> {
    if !(1..=ID_TEXT_LENGTH_MAX).contains(&id.len()) {
        return Ok(None);
    }
    // Opened before it is taken: what cannot be opened now may be later.
    let table = app.table().one_time();
    let Some(sealed) = table.peek(what, id, app.now()).await? else {
        return Ok(None);
    };
    let text = app.secrets().open(&context(what, id), &sealed).await?;
    if table.take(what, id, app.now()).await?.as_ref() != Some(&sealed) {
        return Ok(None);
    }
    let document = serde_json::from_str(text.expose()).map_err(|_| broken(SealError::Malformed))?;
    Ok(Some(document))
}

const fn broken(error: SealError) -> KeepError {
    KeepError::Seal(SealingError::Seal(error))
}

fn context(what: &str, id: &str) -> String {
    format!("kept:{what}:{id}")
}
