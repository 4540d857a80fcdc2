//! One-time tokens that admit a process: an administrator draws them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_model::id::OutpostId;
use causeway_model::object::{EnrolmentKind, EventAction};
use causeway_table::{Enrolment, SecretHash, StoredEnrolment, TableError, WriteError};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::access::Admin;
use crate::app::App;
use crate::use_case::event::Entry;

const PREFIX: &str = "cwj_";
/// Length of the secret in a token, in bytes.
const SECRET_LENGTH: usize = 32;

/// A one-time token; shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// The token's text.
    pub token: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// There is no such outpost.
    #[error("there is no such outpost")]
    OutpostNotFound,
    /// The table did not take it.
    #[error("the token could not be kept")]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the token could not be kept")]
    Table(#[from] TableError),
}

/// Draws a token that admits one node to an outpost, by name or id.
///
/// # Errors
/// [`JoinError`].
pub async fn join_node(app: &App, admin: &Admin, outpost: &str) -> Result<JoinToken, JoinError> {
    let snapshot = app.table().config().current().await?;
    let outpost = snapshot
        .outposts()
        .resolve(outpost)
        .ok_or(JoinError::OutpostNotFound)?;
    let entry = Entry::of_admin(admin, EventAction::Create)
        .on("outpost", outpost.id, &outpost.name)
        .detail("join token for a node");
    draw(app, EnrolmentKind::Node, Some(outpost.id), entry).await
}

/// Draws a token that admits one edge.
///
/// # Errors
/// [`JoinError`].
pub async fn join_edge(app: &App, admin: &Admin) -> Result<JoinToken, JoinError> {
    let entry = Entry::of_admin(admin, EventAction::Create).detail("join token for an edge");
    draw(app, EnrolmentKind::Edge, None, entry).await
}

async fn draw(
    app: &App,
    kind: EnrolmentKind,
    outpost: Option<OutpostId>,
    entry: Entry,
) -> Result<JoinToken, JoinError> {
    let mut secret = Zeroizing::new([0_u8; SECRET_LENGTH]);
    app.randomness().fill(secret.as_mut());
    let created_at = app.now();
    let expires_at = created_at
        .saturating_add(app.config().join_token_life)
        .unwrap_or(created_at);
    let enrolment = Enrolment {
        kind,
        outpost,
        created_at,
        expires_at,
    };
    let stored = StoredEnrolment {
        enrolment,
        token: SecretHash::of(&*secret),
    };
    app.table().enrolments().create(&stored).await?;
    app.table().events().append(&entry.event(app)).await?;
    Ok(JoinToken {
        token: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.as_slice())),
        expires_at,
    })
}

/// The secret of a token, as it is kept; `None` when the text is no token.
pub(super) fn read(token: &str) -> Option<SecretHash> {
    let secret = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    Some(SecretHash::of(&Zeroizing::new(secret)))
}
