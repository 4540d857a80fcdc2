//! Sources: identity providers that people sign in with.

use std::net::IpAddr;

use causeway_model::id::SourceId;
use causeway_model::names::{check_name, check_slug};
use causeway_model::object::{Source, SourceSpec};
use causeway_model::settings::Settings;
use serde_json::Value;
use url::{Host, Url};
use uuid::Uuid;

use super::expression::{self, Purpose};
use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, PrepareError, Prepared};
use super::settings::{self, Owner};
use crate::problem::FieldError;
use crate::sealing::{Sealing, SealingError};

/// Longest URL of an icon or an issuer, in characters.
const URL_CHARS_MAX: usize = 2048;
/// Longest client id or name of a claim, in characters.
const NAME_CHARS_MAX: usize = 256;
/// Longest client secret, in bytes.
const SECRET_BYTES_MAX: usize = 4096;
/// Most scopes.
const SCOPES_MAX: usize = 32;
/// The field with the client secret, and its name where it is sealed.
const CLIENT_SECRET: &str = "client_secret";

impl Object for Source {
    type Spec = SourceSpec;
    const KIND_NAME: &'static str = "source";

    object::configured!(Source, slug, sources);

    fn masked(self) -> Self {
        let masked = as_settings(self.client_secret.as_ref()).masked();
        Self {
            client_secret: masked.get(CLIENT_SECRET).cloned(),
            ..self
        }
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: SourceSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("slug", check_slug(&spec.slug));
        errors.name("name", check_name(&spec.name));
        errors.at_most("icon", &spec.icon, URL_CHARS_MAX);
        issuer(&spec.issuer, &mut errors);
        texts(&spec, &mut errors);
        scopes(&spec.scopes, &mut errors);
        expression::check(
            &mut errors,
            "attributes",
            &spec.attributes,
            Purpose::SourceAttributes,
        );
        let before = base.before.and_then(|before| before.client_secret.as_ref());
        let secrets = draft.app().secrets();
        let client_secret =
            secret(secrets, base.id, spec.client_secret, before, &mut errors).await?;
        errors.finish()?;
        Ok(Prepared::plain(Self {
            id: SourceId::new(base.id),
            slug: spec.slug,
            name: spec.name,
            icon: spec.icon,
            enabled: spec.enabled,
            issuer: spec.issuer,
            client_id: spec.client_id,
            client_secret,
            scopes: spec.scopes,
            username_claim: spec.username_claim,
            groups_claim: spec.groups_claim,
            attributes: spec.attributes,
            matching: spec.matching,
            meta: base.meta,
        }))
    }
}

/// The client secret of a source in clear: a text, or a reference to an outside
/// secret; `None` for a client without one.
///
/// # Errors
/// [`SealingError`] when it is not what was sealed for this source.
pub(crate) async fn client_secret(
    secrets: &dyn Sealing,
    source: &Source,
) -> Result<Option<Value>, SealingError> {
    let sealed = as_settings(source.client_secret.as_ref());
    let open = settings::open(secrets, owner(source.id.uuid()), sealed).await?;
    Ok(open.get(CLIENT_SECRET).cloned())
}

const fn owner(id: Uuid) -> Owner {
    Owner { kind: "source", id }
}

/// The secret as settings of its own, so that it is sealed, masked and kept as
/// other secrets are.
fn as_settings(secret: Option<&Value>) -> Settings {
    secret
        .map(|secret| (CLIENT_SECRET, secret.clone()))
        .into_iter()
        .collect()
}

async fn secret(
    secrets: &dyn Sealing,
    id: Uuid,
    written: Option<Value>,
    before: Option<&Value>,
    errors: &mut Errors,
) -> Result<Option<Value>, PrepareError> {
    let written = match written {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) if text.len() > SECRET_BYTES_MAX => {
            let message = format!("has more than {SECRET_BYTES_MAX} bytes");
            errors.push(FieldError::new(CLIENT_SECRET, "too_long", message));
            return Ok(None);
        }
        Some(value @ (Value::String(_) | Value::Object(_))) => value,
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            let message = "expected a text or a reference to an outside secret";
            errors.push(FieldError::new(CLIENT_SECRET, "wrong_type", message));
            return Ok(None);
        }
    };
    let accepted = settings::accept(
        secrets,
        owner(id),
        "",
        None,
        as_settings(Some(&written)),
        Some(&as_settings(before)),
    )
    .await;
    match accepted {
        Ok(accepted) => Ok(accepted.sealed.get(CLIENT_SECRET).cloned()),
        Err(settings::Rejected::Fields(wrong)) => {
            for error in wrong {
                let field = error.field.trim_start_matches('.').to_owned();
                errors.push(FieldError { field, ..error });
            }
            Ok(None)
        }
        Err(settings::Rejected::Seal(error)) => Err(error.into()),
    }
}

/// An issuer is a URL without query and fragment (OpenID Connect Discovery 1.0,
/// section 3), `https` unless it is on this machine.
fn issuer(text: &str, errors: &mut Errors) {
    errors.at_most("issuer", text, URL_CHARS_MAX);
    let is_good = Url::parse(text).is_ok_and(|url| {
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => return false,
        };
        let is_plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
    });
    if !is_good {
        let message =
            "expected an https URL without query and fragment (http on this machine only)";
        errors.push(FieldError::new("issuer", "invalid_url", message));
    }
}

fn texts(spec: &SourceSpec, errors: &mut Errors) {
    for (field, text, is_required) in [
        ("client_id", &spec.client_id, true),
        ("username_claim", &spec.username_claim, true),
        ("groups_claim", &spec.groups_claim, false),
    ] {
        errors.at_most(field, text, NAME_CHARS_MAX);
        if is_required && text.trim().is_empty() {
            errors.push(FieldError::new(field, "required", "must not be empty"));
        }
        if text.chars().any(char::is_control) {
            let message = "must not have control characters";
            errors.push(FieldError::new(field, "invalid_name", message));
        }
    }
}

/// Scopes are words of printable ASCII (RFC 6749, section 3.3).
fn scopes(scopes: &[String], errors: &mut Errors) {
    let is_token = |scope: &String| {
        (1..=NAME_CHARS_MAX).contains(&scope.len())
            && scope
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
    };
    if scopes.len() > SCOPES_MAX {
        let message = format!("has more than {SCOPES_MAX} entries");
        errors.push(FieldError::new("scopes", "too_many", message));
    } else if let Some(index) = scopes.iter().position(|scope| !is_token(scope)) {
        let field = format!("scopes.{index}");
        errors.push(FieldError::new(field, "invalid_name", "expected one word"));
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        let message = "openid must be among them (OpenID Connect Core 1.0, section 3.1.2.1)";
        errors.push(FieldError::new("scopes", "required", message));
    }
}
