//! API tokens of programs.

use causeway_model::id::TokenId;
use causeway_model::names::check_name;
use causeway_model::object::{EventAction, Token, TokenSpec, User};
use causeway_table::{Credential as CredentialKey, StoredToken, TableError, WriteError};

use super::connection::EndError;
use super::event::Entry;
use super::object::check::Errors;
use super::object::{Filter, ListError, Page};
use super::{session, user};
use crate::access::{Admin, Reader};
use crate::app::App;
use crate::credential::Credential;
use crate::problem::FieldError;

/// A fresh token; its text is shown once.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The token.
    pub token: Token,
    /// What the program sends.
    pub credential: Credential,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<FieldError>),
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the token could not be kept")]
    Table(#[from] TableError),
}

/// Makes a token for the caller or another user.
///
/// # Errors
/// [`TokenError`].
pub async fn create(app: &App, admin: &Admin, spec: TokenSpec) -> Result<NewToken, TokenError> {
    let user = match (&spec.user, admin.user()) {
        (Some(reference), _) => user::resolve(app, reference).await?,
        (None, Some(id)) => app.table().users().by_id(id).await?,
        (None, None) => None,
    };
    let user = user.ok_or_else(|| {
        let error = FieldError::new("user", "unknown_reference", "there is no such user");
        TokenError::Fields(vec![error])
    })?;
    let by = Entry::of_admin(admin, EventAction::Create);
    create_for(app, &user, spec, by).await
}

/// Makes a token for this user.
///
/// # Errors
/// [`TokenError`].
pub(crate) async fn create_for(
    app: &App,
    user: &User,
    spec: TokenSpec,
    by: Entry,
) -> Result<NewToken, TokenError> {
    check(app, &spec)?;
    let id = TokenId::new(app.new_id());
    let token = Token {
        id,
        name: spec.name,
        user: user.id,
        scope: spec.scope,
        created_at: app.now(),
        expires_at: spec.expires_at,
    };
    let credential = Credential::draw(user.id, CredentialKey::Token(id), app.randomness());
    let stored = StoredToken {
        token: token.clone(),
        secret: credential.secret_hash(),
    };
    app.table().tokens().create(&stored).await?;
    let entry = by.on("token", id, &token.name).detail(&user.username);
    app.table().events().append(&entry.event(app)).await?;
    Ok(NewToken { token, credential })
}

fn check(app: &App, spec: &TokenSpec) -> Result<(), TokenError> {
    let mut errors = Errors::default();
    errors.name("name", check_name(&spec.name));
    if spec.expires_at.is_some_and(|end| end <= app.now()) {
        errors.push(FieldError::new(
            "expires_at",
            "in_the_past",
            "this time is over",
        ));
    }
    errors.finish().map_err(TokenError::Fields)
}

/// A page of tokens, by the time they were made.
///
/// # Errors
/// [`ListError`].
pub async fn list(app: &App, _reader: &Reader, filter: &Filter) -> Result<Page<Token>, ListError> {
    if let Some(reference) = &filter.of {
        let items = match user::resolve(app, reference).await? {
            Some(user) => app.table().tokens().of_user(user.id).await?,
            None => Vec::new(),
        };
        let found = items.into_iter().filter(|token| filter.takes(&token.name));
        return Ok(Page {
            items: found.collect(),
            next: None,
        });
    }
    let cursor = filter.cursor.as_deref().map(str::parse).transpose();
    let cursor = cursor.map_err(|_| ListError::Cursor)?;
    let read = app
        .table()
        .tokens()
        .list(cursor.as_ref(), filter.limit)
        .await?;
    Ok(Page {
        items: read
            .items
            .into_iter()
            .filter(|token| filter.takes(&token.name))
            .collect(),
        next: read.next.map(|cursor| cursor.to_string()),
    })
}

/// One token.
///
/// # Errors
/// [`TableError`].
pub async fn find(app: &App, _reader: &Reader, id: TokenId) -> Result<Option<Token>, TableError> {
    app.table().tokens().by_id(id).await
}

/// Deletes a token and ends the connections that live in it.
///
/// # Errors
/// [`EndError`].
pub async fn delete(app: &App, admin: &Admin, id: TokenId) -> Result<(), EndError> {
    let token = app
        .table()
        .tokens()
        .by_id(id)
        .await?
        .ok_or(EndError::NotFound)?;
    session::end_credential(app, token.user, CredentialKey::Token(id)).await?;
    let entry = Entry::of_admin(admin, EventAction::Delete).on("token", id, &token.name);
    app.table().events().append(&entry.event(app)).await?;
    Ok(())
}
