//! Requests that a member signed.

use axum::extract::{FromRequest, OriginalUri, Request};
use causeway_fleet::{MEMBER_UNKNOWN, claimed_member};
use causeway_model::object::Node;
use causeway_trust::SignedParts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::problem::Problem;
use crate::rest::json::{body, parse};
use crate::use_case::member::{self, Member, MemberError};

/// A body and the member that signed it.
#[derive(Debug)]
pub(super) struct Signed<T> {
    pub(super) member: Member,
    pub(super) body: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Signed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let path = match request.extensions().get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path().to_owned(),
            None => request.uri().path().to_owned(),
        };
        let method = request.method().clone();
        let signature = request.headers().get(header::AUTHORIZATION);
        let signature = signature.and_then(|value| value.to_str().ok());
        let claimed = claimed_member(signature).map_err(MemberError::from)?;
        let bytes = body(request, app).await?;
        let parts = SignedParts {
            method: method.as_str(),
            path: &path,
            body: &bytes,
        };
        let member = member::verify(app, &claimed, &parts).await?;
        Ok(Self {
            member,
            body: parse(&bytes)?,
        })
    }
}

impl<T> Signed<T> {
    /// The node that signed, and what.
    ///
    /// # Errors
    /// 403 `not_a_node`.
    pub(super) fn by_node(&self) -> Result<(&Node, &T), Problem> {
        let node = self.member.node().ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "not_a_node",
                "only nodes may ask this",
            )
        })?;
        Ok((node, &self.body))
    }
}

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Self {
        let unauthorised = |code, error: &MemberError| {
            Self::new(StatusCode::UNAUTHORIZED, code, error.to_string())
        };
        match error {
            MemberError::Unknown => unauthorised(MEMBER_UNKNOWN, &error),
            MemberError::Signature(reason) => unauthorised(reason.code(), &error),
            MemberError::Table(error) => error.into(),
        }
    }
}
