//! Who signed in: the code is exchanged, the ID token checked, and what it does
//! not say is asked for (OpenID Connect Core 1.0, sections 3.1.3 and 5.3).

use std::collections::HashSet;
use std::sync::Arc;

use causeway_model::object::Source;
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use openidconnect::core::{CoreGenderClaim, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, Nonce, OAuth2TokenResponse as _,
    PkceCodeVerifier, RequestTokenError, SignatureVerificationError, TokenResponse as _,
    UserInfoClaims, UserInfoError,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::question::{Question, redirect_url};
use super::types::{ALGORITHMS, MoreClaims, OurClient, Tokens};
use super::{CLOCK_SKEW_S, Http, OpenIdError, Provider};
use crate::app::App;

/// Longest name of a sign-in that is kept, in bytes.
const SID_LENGTH_MAX: usize = 255;

/// Who signed in, as the provider says.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The provider's own name of the person; never used for another.
    pub(crate) subject: String,
    /// The provider's own name of the sign-in, for when it ends it.
    pub(crate) sid: Option<String>,
    /// All that it says.
    pub(crate) claims: Map<String, Value>,
    /// The ID token, to be shown when signing out.
    pub(crate) id_token: String,
}

/// Exchanges a code. `secret` is our own at the provider, if we have one.
///
/// # Errors
/// [`OpenIdError`].
pub(crate) async fn ask(
    app: &App,
    source: &Source,
    secret: Option<&str>,
    question: &Question,
    code: String,
) -> Result<Answer, OpenIdError> {
    let provider = app.providers().of(app, source).await?;
    let client = provider.client(source, secret, redirect_url(&question.redirect_uri)?);
    let tokens = exchange(app, &client, question, code).await?;
    let (claims, sid, subject) = match verified(app, source, &provider, &tokens, question) {
        // The provider may have new keys.
        Err(OpenIdError::UnknownKey) => {
            let fresh = app.providers().with_new_keys(app, source).await?;
            let provider = fresh.ok_or(OpenIdError::UnknownKey)?;
            verified(app, source, &provider, &tokens, question)
        }
        answer => answer,
    }?;
    let id_token = tokens.id_token().ok_or(OpenIdError::NoIdToken)?.to_string();
    let mut answer = Answer {
        subject,
        sid,
        claims,
        id_token,
    };
    if answer.lacks(source) {
        answer.add_userinfo(app, &client, &tokens).await?;
    }
    Ok(answer)
}

async fn exchange(
    app: &App,
    client: &OurClient,
    question: &Question,
    code: String,
) -> Result<Tokens, OpenIdError> {
    let http = Http(app.outbound());
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|_| OpenIdError::Unusable {
            what: "configuration",
            why: "it has no token endpoint".to_owned(),
        })?
        .set_pkce_verifier(PkceCodeVerifier::new(question.verifier.clone()));
    request.request_async(&http).await.map_err(|error| {
        let unusable = |why: String| OpenIdError::Unusable {
            what: "answer to the code",
            why,
        };
        match error {
            RequestTokenError::ServerResponse(response) => {
                OpenIdError::CodeRefused(response.error().to_string())
            }
            RequestTokenError::Request(error) => error.into(),
            RequestTokenError::Parse(error, _) => unusable(format!("at {}", error.path())),
            RequestTokenError::Other(why) => unusable(why),
        }
    })
}

type Checked = (Map<String, Value>, Option<String>, String);

/// Checks the ID token: signature, issuer, audience, expiry and nonce by the
/// crate; authorised party, times and the access token's hash here.
fn verified(
    app: &App,
    source: &Source,
    provider: &Arc<Provider>,
    tokens: &Tokens,
    question: &Question,
) -> Result<Checked, OpenIdError> {
    let now = app.now();
    let client = provider.client(source, None, redirect_url(&question.redirect_uri)?);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(algorithms(provider))
        .set_time_fn(move || chrono_time(now, -CLOCK_SKEW_S))
        .set_issue_time_verifier_fn(move |issued| {
            if issued > chrono_time(now, CLOCK_SKEW_S) {
                Err("issued in the future".to_owned())
            } else {
                Ok(())
            }
        })
        // Named together with others we must be the authorised party, below.
        .set_other_audience_verifier_fn(|_| true);
    let token = tokens.id_token().ok_or(OpenIdError::NoIdToken)?;
    let claims = token
        .claims(&verifier, &Nonce::new(question.nonce.clone()))
        .map_err(token_error)?;
    let party = claims.authorized_party();
    let party_is_ours = match party {
        Some(party) => **party == source.client_id,
        None => claims.audiences().len() == 1,
    };
    if !party_is_ours {
        return Err(OpenIdError::Token("meant for another client".to_owned()));
    }
    if let Some(hash) = claims.access_token_hash() {
        let key = token.signing_key(&verifier).map_err(signature_error)?;
        let algorithm = token.signing_alg().map_err(signature_error)?;
        let own = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|_| OpenIdError::Token("its hash is unknown".to_owned()))?;
        if own != *hash {
            return Err(OpenIdError::Token("with another access token".to_owned()));
        }
    }
    let all = as_map(claims)?;
    // A logout token must not pass for an ID token (Back-Channel Logout 1.0,
    // section 2.4).
    if all.contains_key("events") {
        return Err(OpenIdError::Token("of another kind".to_owned()));
    }
    let sid = all.get("sid").and_then(Value::as_str);
    let sid = sid.filter(|sid| (1..=SID_LENGTH_MAX).contains(&sid.len()));
    let sid = sid.map(str::to_owned);
    Ok((all, sid, claims.subject().to_string()))
}

impl Answer {
    /// Whether claims that the source needs are missing.
    fn lacks(&self, source: &Source) -> bool {
        let needed = [&source.username_claim, &source.groups_claim];
        let mut needed = needed.into_iter().filter(|claim| !claim.is_empty());
        needed.any(|claim| !self.claims.contains_key(claim.as_str()))
    }

    /// Asks for more. What the ID token says goes before it; a provider without
    /// such an endpoint leaves it at that.
    async fn add_userinfo(
        &mut self,
        app: &App,
        client: &OurClient,
        tokens: &Tokens,
    ) -> Result<(), OpenIdError> {
        let subject = openidconnect::SubjectIdentifier::new(self.subject.clone());
        let Ok(request) = client.user_info(tokens.access_token().clone(), Some(subject)) else {
            return Ok(());
        };
        let http = Http(app.outbound());
        let claims: UserInfoClaims<MoreClaims, CoreGenderClaim> =
            request.request_async(&http).await.map_err(userinfo_error)?;
        for (name, value) in as_map(&claims)? {
            self.claims.entry(name).or_insert(value);
        }
        Ok(())
    }
}

/// Those of ours that the provider says it uses.
fn algorithms(provider: &Provider) -> HashSet<CoreJwsSigningAlgorithm> {
    let theirs = provider.metadata().id_token_signing_alg_values_supported();
    ALGORITHMS
        .into_iter()
        .filter(|algorithm| theirs.contains(algorithm))
        .collect()
}

fn token_error(error: ClaimsVerificationError) -> OpenIdError {
    match error {
        ClaimsVerificationError::SignatureVerification(error) => signature_error(error),
        error => OpenIdError::Token(error.to_string()),
    }
}

fn signature_error(error: SignatureVerificationError) -> OpenIdError {
    match error {
        SignatureVerificationError::NoMatchingKey => OpenIdError::UnknownKey,
        error => OpenIdError::Token(error.to_string()),
    }
}

fn userinfo_error(error: UserInfoError<crate::outbound::OutboundError>) -> OpenIdError {
    let why = match error {
        UserInfoError::Request(error) => return error.into(),
        UserInfoError::ClaimsVerification(error) => return token_error(error),
        UserInfoError::Parse(error) => format!("at {}", error.path()),
        UserInfoError::Response(status, _, _) => format!("status {}", status.as_u16()),
        UserInfoError::Other(why) => why,
        _ => "unknown".to_owned(),
    };
    OpenIdError::Unusable {
        what: "userinfo",
        why,
    }
}

fn as_map(claims: &impl Serialize) -> Result<Map<String, Value>, OpenIdError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) | Err(_) => Err(OpenIdError::Token("not a map of claims".to_owned())),
    }
}

/// The time in the crate's own type.
fn chrono_time(now: Timestamp, seconds: i64) -> DateTime<Utc> {
    let second = now.as_second().saturating_add(seconds);
    DateTime::from_timestamp(second, 0).unwrap_or_default()
}
