//! Where browsers are sent: to sign in, and to sign out.

use causeway_model::object::Source;
use openidconnect::core::CoreAuthenticationFlow;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use url::Url;

use super::{OpenIdError, Provider};

/// What binds the answer to the question; drawn anew for each.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Comes back with the code.
    pub(crate) state: String,
    /// Comes back inside the ID token.
    pub(crate) nonce: String,
    /// Is shown with the code (PKCE, RFC 7636): 43 characters.
    pub(crate) verifier: String,
    /// Where the browser comes back to.
    pub(crate) redirect_uri: String,
}

impl Question {
    /// Where a browser is sent to sign in (OpenID Connect Core 1.0, section
    /// 3.1.2.1).
    ///
    /// # Errors
    /// [`OpenIdError::Source`].
    pub(crate) fn url(&self, provider: &Provider, source: &Source) -> Result<Url, OpenIdError> {
        let verifier = PkceCodeVerifier::new(self.verifier.clone());
        let client = provider.client(source, None, redirect_url(&self.redirect_uri)?);
        let scopes = source.scopes.iter().filter(|scope| *scope != "openid");
        let (state, nonce) = (self.state.clone(), self.nonce.clone());
        let (url, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state.clone()),
                move || Nonce::new(nonce.clone()),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.cloned().map(Scope::new))
            .url();
        Ok(url)
    }
}

/// The address that a browser comes back to, as the provider must know it.
pub(super) fn redirect_url(text: &str) -> Result<RedirectUrl, OpenIdError> {
    RedirectUrl::new(text.to_owned())
        .map_err(|_| OpenIdError::Source("the portal's own address is no URL"))
}

/// Where a browser is sent to end the sign-in at the provider, if it can
/// (OpenID Connect RP-Initiated Logout 1.0, section 2).
pub(crate) fn end_session_url(
    provider: &Provider,
    source: &Source,
    id_token: &str,
    back_to: &str,
    state: &str,
) -> Option<Url> {
    let mut url = provider.end_session_endpoint()?.clone();
    url.query_pairs_mut()
        .append_pair("id_token_hint", id_token)
        .append_pair("client_id", &source.client_id)
        .append_pair("post_logout_redirect_uri", back_to)
        .append_pair("state", state);
    Some(url)
}
