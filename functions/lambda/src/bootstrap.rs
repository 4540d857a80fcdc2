//! The first administrator and the first outpost, when whoever deploys asks
//! for them: the admin function invoked with `{"causeway":"bootstrap"}`. Nobody
//! can ask for it over HTTP.

use anyhow::Context as _;
use causeway_functions::outside_secret::OutsideSecrets;
use causeway_functions::{App, use_case};
use causeway_model::settings::{SecretReference, SecretStore};
use serde_json::{Value, json};

use crate::environment::ADMIN_PASSWORD_SECRET;

/// Makes user `admin`, with the password that the secret is, and outpost
/// `default`, unless they are there. It changes nothing when it is repeated.
///
/// # Errors
/// When the secret cannot be read or the table does not take them.
pub async fn bootstrap(
    app: &App,
    secrets: &dyn OutsideSecrets,
    password: Option<&str>,
) -> anyhow::Result<Value> {
    let name = password.with_context(|| format!("{ADMIN_PASSWORD_SECRET} is not set"))?;
    let reference = SecretReference {
        store: SecretStore::SecretsManager,
        name: name.to_owned(),
        key: None,
    };
    let password = secrets
        .read(&reference)
        .await
        .context("the first administrator's password cannot be read")?;
    let made = use_case::bootstrap::ensure_admin(app, &password)
        .await
        .context("cannot make the first administrator")?;
    let outpost = use_case::bootstrap::ensure_default_outpost(app)
        .await
        .context("cannot make the first outpost")?;
    Ok(json!({"made_administrator": made, "outpost": outpost.name}))
}
