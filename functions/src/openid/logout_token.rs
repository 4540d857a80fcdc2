//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and
//! 2.6). `openidconnect` has no type for them: they are taken apart here and
//! verified with its keys.

use causeway_identity::text::from_base64url;
use causeway_model::object::Source;
use jiff::Timestamp;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyUse as _, SignatureVerificationError};
use serde::Deserialize;
use serde_json::Value;

use super::types::ALGORITHMS;
use super::{CLOCK_SKEW_S, OpenIdError, Provider};
use crate::app::App;

/// What the token must say happened.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Longest token in bytes.
pub(crate) const TOKEN_LENGTH_MAX: usize = 16 * 1024;
/// Longest `sub`, `sid` and `jti` in bytes (OpenID Connect Core 1.0, section 2).
const NAME_LENGTH_MAX: usize = 255;
/// How old a token without an expiry may be, in seconds: providers of earlier
/// drafts send none.
const AGE_S_MAX: i64 = 120;
/// How long a token may be good for, in seconds: its id must be remembered as
/// long.
const LIFE_S_MAX: i64 = 3600;

/// Who is to be signed out: a person, or one sign-in at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogoutToken {
    /// Its id; a second token of the same is a replay.
    pub(crate) id: String,
    /// Until when it could be replayed.
    pub(crate) good_until: Timestamp,
    /// The person.
    pub(crate) subject: Option<String>,
    /// The sign-in.
    pub(crate) sid: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    #[serde(default)]
    exp: Option<i64>,
    jti: String,
    events: Value,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    nonce: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Checks a logout token of the source's provider. Whether it came before is
/// the caller's to find out.
///
/// # Errors
/// [`OpenIdError`].
pub(crate) async fn check(
    app: &App,
    source: &Source,
    token: &str,
) -> Result<LogoutToken, OpenIdError> {
    let parts = Parts::of(token)?;
    let provider = app.providers().of(app, source).await?;
    match parts.verify(&provider) {
        // The provider may have new keys.
        Err(OpenIdError::UnknownKey) => {
            let fresh = app.providers().with_new_keys(app, source).await?;
            parts.verify(&*fresh.ok_or(OpenIdError::UnknownKey)?)?;
        }
        verified => verified?,
    }
    let claims: Claims =
        serde_json::from_slice(&parts.payload).map_err(|_| wrong("its claims are incomplete"))?;
    claims.check(source, app.now())
}

/// A token in compact form (RFC 7515, section 7.1).
struct Parts<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, OpenIdError> {
        let malformed = || wrong("not a signed token");
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(malformed());
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        let bytes = |text| from_base64url(text).ok_or_else(malformed);
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| malformed())?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(wrong("signed in a way that is not taken"));
        }
        let kind = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
        let kind = kind.strip_prefix("application/").unwrap_or(&kind);
        if header.crit.is_some() || !matches!(kind, "jwt" | "logout+jwt") {
            return Err(wrong("of another kind"));
        }
        Ok(Self {
            signed,
            payload: bytes(payload)?,
            signature: bytes(signature)?,
            header,
        })
    }

    /// Checks the signature with the provider's keys.
    fn verify(&self, provider: &Provider) -> Result<(), OpenIdError> {
        let mut error = OpenIdError::UnknownKey;
        let keys = provider.metadata().jwks().keys();
        for key in keys.iter().filter(|key| self.may_be_signed_with(key)) {
            let verified =
                key.verify_signature(&self.header.alg, self.signed.as_bytes(), &self.signature);
            match verified {
                Ok(()) => return Ok(()),
                // A key of another kind is no candidate.
                Err(SignatureVerificationError::InvalidKey(_)) => {}
                Err(_) => error = wrong("its signature is wrong"),
            }
        }
        Err(error)
    }

    fn may_be_signed_with(&self, key: &CoreJsonWebKey) -> bool {
        let is_named = self.header.kid.as_deref().is_none_or(|wanted| {
            let id = key.key_id();
            id.is_some_and(|id| id.as_str() == wanted)
        });
        is_named && key.key_use().is_none_or(|usage| usage.allows_signature())
    }
}

impl Claims {
    fn check(self, source: &Source, now: Timestamp) -> Result<LogoutToken, OpenIdError> {
        let is_for_us = match &self.aud {
            Audience::One(only) => *only == source.client_id,
            Audience::Several(all) => all.contains(&source.client_id),
        };
        if self.iss != source.issuer || !is_for_us {
            return Err(wrong("from another issuer or for another client"));
        }
        let event = self.events.get(EVENT);
        if !event.is_some_and(Value::is_object) || self.nonce.is_some() {
            return Err(wrong("of another kind"));
        }
        let good_until = self.good_until(now)?;
        let is_name = |name: &String| (1..=NAME_LENGTH_MAX).contains(&name.len());
        let names = [&self.sub, &self.sid].into_iter().flatten();
        if !is_name(&self.jti) || !names.clone().all(is_name) || names.count() == 0 {
            return Err(wrong("it names nobody"));
        }
        Ok(LogoutToken {
            id: self.jti,
            good_until,
            subject: self.sub,
            sid: self.sid,
        })
    }

    fn good_until(&self, now: Timestamp) -> Result<Timestamp, OpenIdError> {
        let now = now.as_second();
        let end = self.exp.unwrap_or(self.iat.saturating_add(AGE_S_MAX));
        let end = end.saturating_add(CLOCK_SKEW_S);
        let is_early = self.iat > now.saturating_add(CLOCK_SKEW_S);
        if is_early || end <= now || end > now.saturating_add(LIFE_S_MAX) {
            return Err(wrong("its time is over or has not come"));
        }
        Timestamp::from_second(end).map_err(|_| wrong("its time is absurd"))
    }
}

fn wrong(why: &str) -> OpenIdError {
    OpenIdError::Token(why.to_owned())
}
