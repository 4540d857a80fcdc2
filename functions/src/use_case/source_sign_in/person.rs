//! Whom a source's person is here.
//!
//! Somebody who came before is found by the source's own name of them alone.
//! Somebody who comes for the first time is matched as the source says, or made
//! a user. What the source gives (groups, attributes) is taken back and given
//! anew at each sign-in; what was given by hand stays. [`Sourced`] on the user
//! keeps the two apart.

use std::sync::Arc;

use causeway_model::id::{GroupId, UserId};
use causeway_model::names::check_username;
use causeway_model::object::{
    EventAction, Meta, Outcome, Role, Source, SourceMatching, Sourced, User,
};
use causeway_policy::{Expression, Purpose, Scope};
use causeway_table::{Change, ConfigSnapshot, Identity, LinkOutcome, WriteError};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::SourceSignInError;
use crate::app::App;
use crate::openid::Answer;
use crate::use_case::event::Entry;
use crate::use_case::session::Browser;

/// Groups that a source can give.
const GROUPS_MAX: usize = 64;
/// Longest name and mail address that are taken over, in characters.
const TEXT_CHARS_MAX: usize = 128;
/// How often a write that somebody else was quicker for is tried.
const TRIES_MAX: usize = 3;

/// What a source says about a person.
struct Facts {
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: bool,
    groups: Option<Vec<GroupId>>,
    attributes: Option<Map<String, Value>>,
}

/// The user that the source's answer means, brought up to date.
pub(super) async fn of(
    app: &App,
    source: &Source,
    answer: &Answer,
    browser: &Browser,
) -> Result<User, SourceSignInError> {
    let snapshot = app.table().config().current().await?;
    let facts = Facts::of(app, source, answer, &snapshot);
    let known = app
        .table()
        .identities()
        .find(source.id, &answer.subject)
        .await?;
    match known {
        Some(user) => update(app, source, user, &facts, browser).await,
        None => first_time(app, source, answer, &facts, browser).await,
    }
}

async fn first_time(
    app: &App,
    source: &Source,
    answer: &Answer,
    facts: &Facts,
    browser: &Browser,
) -> Result<User, SourceSignInError> {
    match matching(app, source, facts).await? {
        Some(user) => {
            link(app, source, answer, &user, browser).await?;
            update(app, source, user, facts, browser).await
        }
        None => create(app, source, answer, facts, browser).await,
    }
}

/// The user who is already here, as the source's rule finds them.
async fn matching(
    app: &App,
    source: &Source,
    facts: &Facts,
) -> Result<Option<User>, SourceSignInError> {
    let users = app.table().users();
    match source.matching {
        SourceMatching::Create => Ok(None),
        SourceMatching::Linked => Err(SourceSignInError::NotLinked),
        SourceMatching::Username => match &facts.username {
            Some(username) => Ok(users.by_username(username).await?),
            None => Err(SourceSignInError::UsernameMissing),
        },
        SourceMatching::Email => {
            let Some(email) = facts.email.as_ref().filter(|_| facts.email_verified) else {
                return Ok(None);
            };
            let mut found = users.by_email(email).await?;
            match (found.pop(), found.pop()) {
                (found, None) => Ok(found),
                (_, Some(_)) => Err(SourceSignInError::EmailAmbiguous),
            }
        }
    }
}

async fn create(
    app: &App,
    source: &Source,
    answer: &Answer,
    facts: &Facts,
    browser: &Browser,
) -> Result<User, SourceSignInError> {
    let username = facts
        .username
        .clone()
        .ok_or(SourceSignInError::UsernameMissing)?;
    let mut user = User {
        id: UserId::new(app.new_id()),
        username,
        name: String::new(),
        email: String::new(),
        role: Role::User,
        groups: Vec::new(),
        operates: Vec::new(),
        attributes: Map::new(),
        active: true,
        sourced: Vec::new(),
        meta: Meta::first(app.now()),
    };
    facts.give(source, &mut user);
    let identity = identity(source, answer, user.id, app.now());
    let entry = entry(EventAction::Create, source, &user, browser);
    let created = app
        .table()
        .identities()
        .create_user_linked(&user, &identity, &[entry.event(app)])
        .await;
    match created {
        Ok(()) => Ok(user),
        Err(WriteError::NameTaken { .. }) => Err(SourceSignInError::UsernameTaken),
        Err(error) => Err(error.into()),
    }
}

async fn link(
    app: &App,
    source: &Source,
    answer: &Answer,
    user: &User,
    browser: &Browser,
) -> Result<(), SourceSignInError> {
    let identity = identity(source, answer, user.id, app.now());
    let event = entry(EventAction::Update, source, user, browser)
        .detail("linked")
        .event(app);
    let linked = app
        .table()
        .identities()
        .link(&identity, Some(&event))
        .await?;
    match linked {
        LinkOutcome::Linked => Ok(()),
        LinkOutcome::LinkedTo(_) | LinkOutcome::UserGone => Err(SourceSignInError::StateLost),
    }
}

/// Gives the user what the source says now. When somebody else wrote the user
/// meanwhile it is done again with what they wrote.
async fn update(
    app: &App,
    source: &Source,
    mut user: User,
    facts: &Facts,
    browser: &Browser,
) -> Result<User, SourceSignInError> {
    for _ in 1..TRIES_MAX {
        match try_update(app, source, &user, facts, browser).await {
            Err(WriteError::VersionChanged { .. }) => {
                let found = app.table().users().by_id(user.id).await?;
                user = found.ok_or(SourceSignInError::NotActive)?;
            }
            written => return Ok(written?),
        }
    }
    Ok(try_update(app, source, &user, facts, browser).await?)
}

async fn try_update(
    app: &App,
    source: &Source,
    before: &User,
    facts: &Facts,
    browser: &Browser,
) -> Result<User, WriteError> {
    let mut after = before.clone();
    facts.give(source, &mut after);
    if after == *before {
        return Ok(after);
    }
    after.meta = before.meta.next(app.now());
    let change = Change::Update {
        before: before.clone(),
        after: after.clone(),
    };
    let entry = entry(EventAction::Update, source, &after, browser);
    app.table()
        .write(&[change.into()], &[entry.event(app)])
        .await?;
    Ok(after)
}

impl Facts {
    fn of(app: &App, source: &Source, answer: &Answer, snapshot: &Arc<ConfigSnapshot>) -> Self {
        let claims = &answer.claims;
        let text = |claim: &str| {
            let text = claims.get(claim)?.as_str()?.trim();
            (!text.is_empty()).then(|| text.chars().take(TEXT_CHARS_MAX).collect::<String>())
        };
        let username = text(&source.username_claim);
        Self {
            username: username.filter(|name| check_username(name).is_ok()),
            name: text("name"),
            email: text("email"),
            email_verified: claims.get("email_verified") == Some(&Value::Bool(true)),
            groups: groups(source, claims, snapshot),
            attributes: attributes(app, source, claims),
        }
    }

    /// Takes back what the source gave before and gives what it says now.
    fn give(&self, source: &Source, user: &mut User) {
        if let Some(name) = &self.name {
            name.clone_into(&mut user.name);
        }
        if let Some(email) = &self.email {
            email.clone_into(&mut user.email);
        }
        let index = user
            .sourced
            .iter()
            .position(|given| given.source == source.id);
        let mut given = match index {
            Some(index) => user.sourced.remove(index),
            None => Sourced {
                source: source.id,
                groups: Vec::new(),
                attributes: Vec::new(),
            },
        };
        if let Some(groups) = &self.groups {
            user.groups.retain(|group| !given.groups.contains(group));
            given.groups = groups
                .iter()
                .filter(|group| !user.groups.contains(group))
                .copied()
                .collect();
            user.groups.extend(&given.groups);
        }
        if let Some(attributes) = &self.attributes {
            user.attributes
                .retain(|name, _| !given.attributes.contains(name));
            given.attributes = attributes.keys().cloned().collect();
            user.attributes.extend(attributes.clone());
        }
        if !given.groups.is_empty() || !given.attributes.is_empty() {
            user.sourced.push(given);
            user.sourced.sort_by_key(|given| given.source);
        }
    }
}

/// The groups of that name that exist here; `None` when the source leaves
/// groups alone.
fn groups(
    source: &Source,
    claims: &Map<String, Value>,
    snapshot: &Arc<ConfigSnapshot>,
) -> Option<Vec<GroupId>> {
    if source.groups_claim.is_empty() {
        return None;
    }
    let named = match claims.get(&source.groups_claim) {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(name)) => vec![name.as_str()],
        Some(_) | None => Vec::new(),
    };
    let mut groups: Vec<_> = named
        .into_iter()
        .filter_map(|name| snapshot.groups().named(name))
        .map(|group| group.id)
        .take(GROUPS_MAX)
        .collect();
    groups.sort_unstable();
    groups.dedup();
    Some(groups)
}

/// What the source's expression makes of the claims; `None` leaves attributes
/// as they are, which is what an expression that fails does.
fn attributes(
    app: &App,
    source: &Source,
    claims: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    if source.attributes.is_empty() {
        return Some(Map::new());
    }
    let failed = |error: &dyn std::fmt::Display| {
        tracing::warn!(source = %source.slug, %error, "attributes of a source failed");
    };
    let expression = Expression::compile(&source.attributes, Purpose::SourceAttributes)
        .inspect_err(|error| failed(error))
        .ok()?;
    let mut scope = Scope::at(app.now());
    scope.claims = claims.clone();
    match expression.evaluate(&scope) {
        Ok(Value::Object(attributes)) => Some(attributes),
        Ok(_) => None,
        Err(error) => {
            failed(&error);
            None
        }
    }
}

fn identity(source: &Source, answer: &Answer, user: UserId, now: Timestamp) -> Identity {
    Identity {
        source: source.id,
        subject: answer.subject.clone(),
        user,
        created_at: now,
    }
}

fn entry(action: EventAction, source: &Source, user: &User, browser: &Browser) -> Entry {
    Entry::new(action, Outcome::Success)
        .by(&source.slug)
        .address(&browser.address)
        .on("user", user.id, &user.username)
}
