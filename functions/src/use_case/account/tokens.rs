//! The caller's own API tokens.

use causeway_model::id::TokenId;
use causeway_model::object::{Token, TokenSpec};
use causeway_table::{Credential as CredentialKey, TableError};

use super::{AccountError, Confirmed};
use crate::access::Caller;
use crate::app::App;
use crate::problem::FieldError;
use crate::use_case::connection::EndError;
use crate::use_case::event::Entry;
use crate::use_case::session;
use crate::use_case::token::{self, NewToken};
use causeway_model::object::{EventAction, Outcome};

/// Tokens that one user can have.
const TOKENS_MAX: usize = 50;

/// The caller's tokens, the newest first, those that are over too.
///
/// # Errors
/// [`TableError`].
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Token>, TableError> {
    let mut tokens = app.table().tokens().of_user(caller.user().id).await?;
    tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
    Ok(tokens)
}

/// Makes a token for the caller.
///
/// # Errors
/// [`AccountError`].
pub async fn create(app: &App, caller: &Caller, spec: TokenSpec) -> Result<NewToken, AccountError> {
    Confirmed::of(caller, app.now())?;
    let user = caller.user();
    if spec.user.is_some() {
        let message = "a token of yours carries your rights";
        return Err(wrong("user", "unknown_field", message));
    }
    if app.table().tokens().of_user(user.id).await?.len() >= TOKENS_MAX {
        let message = format!("you have {TOKENS_MAX} tokens already; delete one first");
        return Err(wrong("name", "too_many", &message));
    }
    let by = Entry::new(EventAction::Create, Outcome::Success)
        .by(&user.username)
        .address(caller.address());
    Ok(token::create_for(app, user, spec, by).await?)
}

/// Deletes a token of the caller and ends the connections that live in it.
///
/// # Errors
/// [`EndError`].
pub async fn delete(app: &App, caller: &Caller, id: TokenId) -> Result<(), EndError> {
    let user = caller.user();
    if !session::end_credential(app, user.id, CredentialKey::Token(id)).await? {
        return Err(EndError::NotFound);
    }
    let entry = Entry::new(EventAction::Delete, Outcome::Success)
        .by(&user.username)
        .address(caller.address())
        .on("token", id, "");
    app.table().events().append(&entry.event(app)).await?;
    Ok(())
}

fn wrong(field: &str, code: &str, message: &str) -> AccountError {
    AccountError::Fields(vec![FieldError::new(field, code, message)])
}
