//! OpenID providers: what they say of themselves, of who signed in with them,
//! and of who signed out. Documents and signatures are read by the crate
//! `openidconnect`; what it leaves to its users is checked here.
//!
//! Nothing here knows users or sessions: that is
//! [`crate::use_case::source_sign_in`]'s.

mod answer;
mod logout_token;
mod provider;
mod question;
mod types;

pub(crate) use answer::{Answer, ask as redeem};
pub(crate) use logout_token::{LogoutToken, check as check_logout_token};
pub(crate) use provider::{Provider, Providers};
pub(crate) use question::{Question, end_session_url};

use std::sync::Arc;

use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::outbound::{Outbound, OutboundError};

/// How far a provider's clock may be off, in seconds.
const CLOCK_SKEW_S: i64 = 60;

/// Our way to the outside, as `openidconnect` asks for it.
struct Http(Arc<dyn Outbound>);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = OutboundError;
    type Future = BoxFuture<'c, Result<HttpResponse, OutboundError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.0.send(request)
    }
}

/// Why a provider's word does not count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenIdError {
    /// The source is not configured as one can be.
    #[error("the source cannot be used: {0}")]
    Source(&'static str),
    /// The provider did not answer.
    #[error("the provider did not answer")]
    Unreachable(#[from] OutboundError),
    /// The provider answered with something else than was asked for.
    #[error("the provider's {what} is not as it should be: {why}")]
    Unusable {
        /// What was asked for.
        what: &'static str,
        /// In words, without anything that was sent.
        why: String,
    },
    /// The provider refused the code.
    #[error("the provider refused the code: {0}")]
    CodeRefused(String),
    /// The provider sent no ID token.
    #[error("the provider sent no ID token")]
    NoIdToken,
    /// A token is not what was asked for.
    #[error("the token does not count: {0}")]
    Token(String),
    /// No key of the provider fits the token.
    #[error("no key of the provider fits the token")]
    UnknownKey,
}

impl OpenIdError {
    /// Whether the provider is to be tried again later, rather than the person.
    pub(crate) const fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Source(_) | Self::Unreachable(_) | Self::Unusable { .. }
        )
    }
}
