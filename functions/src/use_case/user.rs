//! Users: local accounts.

use std::borrow::Cow;

use causeway_model::id::UserId;
use causeway_model::names::check_username;
use causeway_model::object::{EndReason, Role, User, UserSpec};
use causeway_table::{
    Change, ConfigSnapshot, Credential as CredentialKey, ObjectChange, PasswordHash, TableError,
    UserFilter,
};
use serde_json::Map;

use super::connection::{self, EndError};
use super::object::check::Errors;
use super::object::{
    self, Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared,
};
use super::session;
use crate::access::Staff;
use crate::app::App;
use crate::password::PASSWORD_LENGTH_MAX;
use crate::problem::FieldError;

/// Longest name for people, in characters.
const DISPLAY_NAME_CHARS_MAX: usize = 128;
/// Longest mail address, in characters (RFC 5321, section 4.5.3.1.3).
const EMAIL_CHARS_MAX: usize = 254;
/// Users that are read from the table at once.
const READ_PAGE: usize = 100;
/// How often the index is asked for one page of a search, some thousands of
/// entries each time; a page may be short after that and yet not the last.
const SEARCH_READS_MAX: usize = 10;

impl Object for User {
    type Spec = UserSpec;
    const KIND_NAME: &'static str = "user";
    const OPERATORS: Operators = Operators::Choose;

    object::fields!(User, username);

    fn for_operator(self) -> Self {
        Self {
            email: String::new(),
            role: Role::default(),
            groups: Vec::new(),
            operates: Vec::new(),
            attributes: Map::new(),
            ..self
        }
    }

    fn change(change: Change<Self>, password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::User(change, password)
    }

    fn spec_name(spec: &UserSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.username)
    }

    async fn stored(
        app: &App,
        _snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        resolve(app, reference).await
    }

    async fn stored_for(draft: &Draft<'_>, spec: &UserSpec) -> Result<Option<Self>, TableError> {
        draft
            .app()
            .table()
            .users()
            .by_username(&spec.username)
            .await
    }

    async fn page(app: &App, _staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        if let Some(name) = &filter.name {
            let found = app.table().users().by_username(name).await?;
            return Ok(Page {
                items: found.into_iter().collect(),
                next: None,
            });
        }
        let mut cursor = filter
            .cursor
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|_| ListError::Cursor)?;
        let mut items = Vec::new();
        let search = UserFilter {
            search: filter.search.as_deref(),
            ..UserFilter::default()
        };
        for _ in 0..SEARCH_READS_MAX {
            let wanted = (filter.limit - items.len()).min(READ_PAGE);
            let users = app.table().users();
            let read = users.search(&search, cursor.as_ref(), wanted).await?;
            items.extend(read.items);
            cursor = read.next;
            if cursor.is_none() || items.len() >= filter.limit {
                break;
            }
        }
        Ok(Page {
            items,
            next: cursor.map(|cursor| cursor.to_string()),
        })
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: UserSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("username", check_username(&spec.username));
        errors.at_most("name", &spec.name, DISPLAY_NAME_CHARS_MAX);
        errors.at_most("email", &spec.email, EMAIL_CHARS_MAX);
        let groups = errors.references("groups", &spec.groups, |field, reference| {
            draft.group(field, reference)
        });
        let operates = errors.references("operates", &spec.operates, |field, reference| {
            draft.application(field, reference)
        });
        errors.attributes("attributes", &spec.attributes);
        if let Some(password) = &spec.password
            && !(1..=PASSWORD_LENGTH_MAX).contains(&password.len())
        {
            let message = format!("is empty or longer than {PASSWORD_LENGTH_MAX} bytes");
            errors.push(FieldError::new("password", "invalid_password", message));
        }
        errors.finish()?;
        let password = match spec.password {
            Some(password) => {
                changed_password(draft.app(), session::Password::new(password), base.before).await?
            }
            None => None,
        };
        let object = Self {
            id: UserId::new(base.id),
            username: spec.username,
            name: spec.name,
            email: spec.email,
            role: spec.role,
            groups,
            operates,
            attributes: spec.attributes,
            active: spec.active,
            sourced: base
                .before
                .map(|before| before.sourced.clone())
                .unwrap_or_default(),
            meta: base.meta,
        };
        Ok(Prepared {
            object,
            password,
            warnings: Vec::new(),
        })
    }
}

/// The hash of a password, unless it is the one that the user has: writing the
/// same twice changes nothing.
async fn changed_password(
    app: &App,
    password: session::Password,
    before: Option<&User>,
) -> Result<Option<PasswordHash>, PrepareError> {
    if let Some(before) = before {
        let found = app.table().users().for_sign_in(&before.username).await?;
        let hash = found
            .and_then(|(_, hash)| hash)
            .map(|hash| hash.expose().to_owned());
        let place = app.passwords().place().await?;
        if app.passwords().verify(place, password.clone(), hash).await {
            return Ok(None);
        }
    }
    let hash = app.passwords().hash(password, app.randomness()).await?;
    Ok(Some(PasswordHash::new(hash)))
}

/// The user of that username or id.
pub(crate) async fn resolve(app: &App, reference: &str) -> Result<Option<User>, TableError> {
    if let Ok(id) = reference.parse::<UserId>()
        && let Some(user) = app.table().users().by_id(id).await?
    {
        return Ok(Some(user));
    }
    app.table().users().by_username(reference).await
}

/// Ends everything that a user has open: one who is deleted or not active any
/// more.
pub(crate) async fn sign_out_everywhere(app: &App, user: UserId) -> Result<(), TableError> {
    let only_table = |error| match error {
        EndError::Table(error) => Err(error),
        EndError::NotFound | EndError::NotAllowed => Ok(()),
    };
    for session in app.table().sessions().of_user(user).await? {
        let key = CredentialKey::Session(session.id);
        session::end_credential(app, user, key)
            .await
            .map(drop)
            .or_else(only_table)?;
    }
    for token in app.table().tokens().of_user(user).await? {
        let key = CredentialKey::Token(token.id);
        session::end_credential(app, user, key)
            .await
            .map(drop)
            .or_else(only_table)?;
    }
    connection::end_of_user(app, user, EndReason::SignedOut, |_| true)
        .await
        .or_else(only_table)
}
