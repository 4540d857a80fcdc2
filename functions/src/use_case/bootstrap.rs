//! What a fresh data directory starts with: the first administrator and an
//! outpost for the node of the same process. Called by whoever runs the
//! process, never over HTTP.

use causeway_model::object::{Outpost, OutpostSpec, Role, User, UserSpec};
use causeway_table::TableError;

use super::object::{self, SaveError};
use super::session::Password;
use crate::access::Admin;
use crate::app::App;

/// Name of the first administrator.
pub const ADMIN_USERNAME: &str = "admin";
/// Name of the outpost that the node of the same process joins.
pub const DEFAULT_OUTPOST: &str = "default";

/// Makes user `admin` with that password, unless there is one. Says whether it
/// did; an existing user keeps the password they have.
///
/// # Errors
/// [`SaveError`].
pub async fn ensure_admin(app: &App, password: &Password) -> Result<bool, SaveError> {
    if app
        .table()
        .users()
        .by_username(ADMIN_USERNAME)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let spec = UserSpec {
        username: ADMIN_USERNAME.to_owned(),
        name: "Administrator".to_owned(),
        email: String::new(),
        role: Role::Admin,
        groups: Vec::new(),
        operates: Vec::new(),
        attributes: serde_json::Map::new(),
        active: true,
        password: Some(password.expose().to_owned()),
    };
    object::create::<User>(app, Admin::operator().staff(), spec).await?;
    Ok(true)
}

/// Makes outpost `default`, unless there is one.
///
/// # Errors
/// [`SaveError`].
pub async fn ensure_default_outpost(app: &App) -> Result<Outpost, SaveError> {
    if let Some(outpost) = default_outpost(app).await? {
        return Ok(outpost);
    }
    let spec = OutpostSpec {
        name: DEFAULT_OUTPOST.to_owned(),
        labels: Default::default(),
    };
    let written = object::create::<Outpost>(app, Admin::operator().staff(), spec).await?;
    Ok(written.object)
}

async fn default_outpost(app: &App) -> Result<Option<Outpost>, TableError> {
    let snapshot = app.table().config().current().await?;
    Ok(snapshot
        .outposts()
        .named(DEFAULT_OUTPOST)
        .map(|found| Outpost::clone(found)))
}
