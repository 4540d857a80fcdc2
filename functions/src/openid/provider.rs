//! What is known of a provider: its configuration and its keys, found once and
//! kept for an hour. Another process finds the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::id::SourceId;
use causeway_model::object::Source;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreClientAuthMethod, CoreJsonWebKeySet};
use openidconnect::{
    AuthType, ClientId, ClientSecret, DiscoveryError, IssuerUrl, JsonWebKeySetUrl, RedirectUrl,
};
use url::Url;

use super::types::{Metadata, OurClient};
use super::{Http, OpenIdError};
use crate::app::App;
use crate::outbound::{OutboundError, is_safe};

/// How long a configuration is believed.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// How often a provider is asked for new keys because of a token that no known
/// key fits: anybody can send such tokens.
const KEYS_ASKED_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Providers that are kept; beyond that all are forgotten.
const PROVIDERS_MAX: usize = 256;

/// The providers that were found.
#[derive(Default)]
pub(crate) struct Providers(Mutex<HashMap<SourceId, Kept>>);

#[derive(Clone)]
struct Kept {
    provider: Arc<Provider>,
    found_at: Timestamp,
    keys_asked_at: Timestamp,
}

/// A provider as it is known.
#[derive(Debug)]
pub(crate) struct Provider {
    issuer: String,
    metadata: Metadata,
}

impl Providers {
    /// The provider of a source.
    ///
    /// # Errors
    /// [`OpenIdError`] when it does not answer or not as it should.
    pub(crate) async fn of(
        &self,
        app: &App,
        source: &Source,
    ) -> Result<Arc<Provider>, OpenIdError> {
        let now = app.now();
        let known = self.kept(source.id).filter(|kept| {
            kept.provider.issuer == source.issuer && now.duration_since(kept.found_at) < KEPT
        });
        if let Some(kept) = known {
            return Ok(kept.provider);
        }
        let provider = Arc::new(Provider::find(app, source).await?);
        self.keep(
            source.id,
            Kept {
                provider: Arc::clone(&provider),
                found_at: now,
                keys_asked_at: now,
            },
        );
        Ok(provider)
    }

    /// The same provider with the keys that it has now; `None` when it was
    /// asked just before.
    ///
    /// # Errors
    /// [`OpenIdError`] when it does not answer or not as it should.
    pub(crate) async fn with_new_keys(
        &self,
        app: &App,
        source: &Source,
    ) -> Result<Option<Arc<Provider>>, OpenIdError> {
        let Some(mut kept) = self.ask_now(source.id, app.now()) else {
            return Ok(None);
        };
        let url = kept.provider.metadata.jwks_uri().clone();
        let keys = fetch_keys(app, &url).await?;
        kept.provider = Arc::new(Provider {
            issuer: kept.provider.issuer.clone(),
            metadata: kept.provider.metadata.clone().set_jwks(keys),
        });
        let provider = Arc::clone(&kept.provider);
        self.keep(source.id, kept);
        Ok(Some(provider))
    }

    /// Takes the turn to ask for keys: whoever comes next must wait, also when
    /// this one fails.
    fn ask_now(&self, id: SourceId, now: Timestamp) -> Option<Kept> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get_mut(&id)?;
        if now.duration_since(kept.keys_asked_at) < KEYS_ASKED_EVERY {
            return None;
        }
        kept.keys_asked_at = now;
        Some(kept.clone())
    }

    fn kept(&self, id: SourceId) -> Option<Kept> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&id).cloned()
    }

    fn keep(&self, id: SourceId, kept: Kept) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= PROVIDERS_MAX {
            all.clear();
        }
        all.insert(id, kept);
    }
}

impl Provider {
    async fn find(app: &App, source: &Source) -> Result<Self, OpenIdError> {
        let issuer = IssuerUrl::new(source.issuer.clone())
            .map_err(|_| OpenIdError::Source("the issuer is no URL"))?;
        let http = Http(app.outbound());
        let metadata = Metadata::discover_async(issuer, &http)
            .await
            .map_err(|error| unusable("configuration", error))?;
        let provider = Self {
            issuer: source.issuer.clone(),
            metadata,
        };
        provider.check_addresses()?;
        Ok(provider)
    }

    /// Every address must be safe to send people and secrets to. Who is reached
    /// over TLS does not send us to this machine.
    fn check_addresses(&self) -> Result<(), OpenIdError> {
        let metadata = &self.metadata;
        let addresses = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|url| url.url()),
            Some(metadata.jwks_uri().url()),
            metadata.userinfo_endpoint().map(|url| url.url()),
            self.end_session_endpoint(),
        ];
        let is_plain = self.issuer.starts_with("http:");
        let is_fine = |url: &Url| is_safe(url) && (is_plain || url.scheme() == "https");
        if addresses.into_iter().flatten().all(is_fine) {
            return Ok(());
        }
        Err(OpenIdError::Unusable {
            what: "configuration",
            why: "an address in it is not https".to_owned(),
        })
    }

    /// Us at this provider, sent back to `redirect_uri`.
    pub(super) fn client(
        &self,
        source: &Source,
        secret: Option<&str>,
        redirect_uri: RedirectUrl,
    ) -> OurClient {
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        // What is not said means the header (Discovery 1.0, section 3).
        let in_form = methods.is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        OurClient::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(source.client_id.clone()),
            secret,
        )
        .set_auth_type(if in_form {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        })
        .set_redirect_uri(redirect_uri)
    }

    pub(super) const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Where browsers go to sign out.
    pub(super) fn end_session_endpoint(&self) -> Option<&Url> {
        let more = self.metadata.additional_metadata();
        more.end_session_endpoint.as_ref().map(|url| url.url())
    }

    /// Whether its redirects name it, so that one that does not is another's.
    pub(crate) fn names_itself(&self) -> bool {
        let more = &self.metadata.additional_metadata().additional_metadata;
        more.authorization_response_iss_parameter_supported
    }
}

async fn fetch_keys(app: &App, url: &JsonWebKeySetUrl) -> Result<CoreJsonWebKeySet, OpenIdError> {
    let http = Http(app.outbound());
    CoreJsonWebKeySet::fetch_async(url, &http)
        .await
        .map_err(|error| unusable("key set", error))
}

/// The error without the answer, which may hold anything.
fn unusable(what: &'static str, error: DiscoveryError<OutboundError>) -> OpenIdError {
    let why = match error {
        DiscoveryError::Request(error) => return error.into(),
        DiscoveryError::Response(status, _, _) => format!("status {}", status.as_u16()),
        DiscoveryError::Parse(error) => format!("at {}", error.path()),
        DiscoveryError::Validation(why) | DiscoveryError::Other(why) => why,
        _ => "unknown".to_owned(),
    };
    OpenIdError::Unusable { what, why }
}
