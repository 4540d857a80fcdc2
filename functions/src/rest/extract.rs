//! Who sends a request, taken from it before the handler runs.

use std::marker::PhantomData;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::cookie::SessionCookie;
use super::csrf;
use super::layers::client_address;
use crate::access::{self, Admin, Caller, Errand, Reader, Staff};
use crate::app::App;
use crate::credential::Credential;
use crate::problem::Problem;
use crate::use_case::object::{self, Object};
use crate::use_case::session::Browser;

/// Where a request came from; empty when unknown.
#[derive(Debug, Clone)]
pub(crate) struct Address(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(client_address(&parts.extensions)))
    }
}

/// Where a request came from, and what its browser says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(pub(crate) Browser);

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok());
        Ok(Self(Browser {
            address: client_address(&parts.extensions),
            user_agent: user_agent.unwrap_or_default().to_owned(),
        }))
    }
}

/// A request that no other site made a browser send.
#[derive(Debug)]
pub(crate) struct SameSite;

impl FromRequestParts<App> for SameSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        csrf::check(&parts.method, &parts.headers, &app.config().own_origins)?;
        Ok(Self)
    }
}

/// A credential as it came, not yet checked: an API token in `Authorization`,
/// or a session in the cookie of a same-site request.
#[derive(Debug)]
pub(crate) struct Presented(pub(crate) Credential);

impl FromRequestParts<App> for Presented {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let errand = Errand::of(&parts.method, parts.uri.path());
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value
                .to_str()
                .ok()
                .and_then(|value| value.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .and_then(|(_, token)| Credential::parse(token.trim()))
                .filter(Credential::is_token);
            return token
                .map(|token| Self(token.on(errand)))
                .ok_or_else(Problem::not_signed_in);
        }
        let cookie = SessionCookie::new(app.config().is_secure());
        let session = cookie
            .read(&parts.headers)
            .filter(|credential| !credential.is_token());
        let session = session.ok_or_else(Problem::not_signed_in)?;
        csrf::check(&parts.method, &parts.headers, &app.config().own_origins)?;
        Ok(Self(session))
    }
}

/// Somebody signed in.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Presented(credential) = Presented::from_request_parts(parts, app).await?;
        let address = client_address(&parts.extensions);
        Ok(Self(
            access::authenticate(app, &credential, &address).await?,
        ))
    }
}

/// An operator, an auditor or an administrator.
#[derive(Debug)]
pub(crate) struct StaffOnly(pub(crate) Staff);

impl FromRequestParts<App> for StaffOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, app).await?;
        Ok(Self(Staff::try_from(caller)?))
    }
}

/// An auditor or an administrator.
#[derive(Debug)]
pub(crate) struct ReaderOnly(pub(crate) Reader);

impl FromRequestParts<App> for ReaderOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffOnly(staff) = StaffOnly::from_request_parts(parts, app).await?;
        Ok(Self(Reader::try_from(staff)?))
    }
}

/// Somebody who may look at objects of a kind.
#[derive(Debug)]
pub(crate) struct Viewer<T>(pub(crate) Staff, pub(crate) PhantomData<T>);

impl<T: Object> FromRequestParts<App> for Viewer<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffOnly(staff) = StaffOnly::from_request_parts(parts, app).await?;
        object::may_look::<T>(&staff)?;
        Ok(Self(staff, PhantomData))
    }
}

/// Somebody who may write objects of a kind; which of them, the use case says.
#[derive(Debug)]
pub(crate) struct Holder<T>(pub(crate) Staff, pub(crate) PhantomData<T>);

impl<T: Object> FromRequestParts<App> for Holder<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffOnly(staff) = StaffOnly::from_request_parts(parts, app).await?;
        object::may_write::<T>(&staff)?;
        Ok(Self(staff, PhantomData))
    }
}

/// An administrator.
#[derive(Debug)]
pub(crate) struct AdminOnly(pub(crate) Admin);

impl FromRequestParts<App> for AdminOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let StaffOnly(staff) = StaffOnly::from_request_parts(parts, app).await?;
        Ok(Self(Admin::try_from(staff)?))
    }
}

/// Parts of the path as they are written; not UTF-8 is not found.
#[derive(Debug)]
pub(crate) struct Names<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Names<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(names) = Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("object"))?;
        Ok(Self(names))
    }
}

/// An id in the path; what is no id is not found.
#[derive(Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Names(text) = Names::<String>::from_request_parts(parts, state).await?;
        text.parse()
            .map(Self)
            .map_err(|_| Problem::not_found("object"))
    }
}

/// The version in `If-Match`, as `ETag` shows it: `"3"`.
#[derive(Debug)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let version = version
            .and_then(|version| version.parse().ok())
            .ok_or_else(|| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "invalid_if_match",
                    "If-Match is the version in quotes, as ETag showed it",
                )
            })?;
        Ok(Self(Some(version)))
    }
}
