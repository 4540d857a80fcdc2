//! Where a request came from, and whether it came through the front door.
//!
//! Behind a content delivery network every request comes from the network's
//! own addresses; the viewer's is in a header that anybody could write. So the
//! network sends a secret with it, and the header is believed when the secret
//! is right. With such a secret configured, what people use answers nobody who
//! walks around the front door, where nothing filters.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use causeway_functions::outside_secret::{OutsideSecrets, Unavailable};
use causeway_functions::problem::Problem;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};
use http::{HeaderMap, HeaderName, StatusCode};
use subtle::ConstantTimeEq as _;

/// The header that carries the secret.
pub const ORIGIN: HeaderName = HeaderName::from_static("x-causeway-origin");
/// The header in which the front door says where the viewer is: an address.
pub const VIEWER: HeaderName = HeaderName::from_static("x-causeway-viewer");
/// CloudFront's own header of that kind: an address and a port.
pub const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

/// How long the secret is kept before it is read again.
const KEPT_FOR: Duration = Duration::from_secs(300);
/// How soon after it was read a wrong one makes it be read again: it may have
/// been changed, and nobody may make us ask for it all the time.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// How long the store may take.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// The front door, if there is one.
pub struct FrontDoor {
    secret: Option<SecretReference>,
    required: bool,
    secrets: Arc<dyn OutsideSecrets>,
    kept: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    secret: Secret,
    read_at: Instant,
}

impl FrontDoor {
    /// A door with the secret named `secret`, or none. When it is `required`,
    /// requests that did not come through it are refused.
    #[must_use]
    pub fn new(secret: Option<&str>, required: bool, secrets: Arc<dyn OutsideSecrets>) -> Self {
        let reference = |name: &str| SecretReference {
            store: SecretStore::SecretsManager,
            name: name.to_owned(),
            key: None,
        };
        Self {
            secret: secret.map(reference),
            required,
            secrets,
            kept: Mutex::new(None),
        }
    }

    /// The address that a request came from: `source` as the gateway saw it, or
    /// what the front door says.
    ///
    /// # Errors
    /// 403 `not_through_front_door`; 503 `front_door_unknown` when the secret
    /// cannot be read.
    pub async fn client(
        &self,
        headers: &HeaderMap,
        source: Option<IpAddr>,
    ) -> Result<Option<SocketAddr>, Problem> {
        let source = source.map(|address| SocketAddr::new(address, 0));
        let Some(reference) = &self.secret else {
            return Ok(source);
        };
        let shown = headers.get(&ORIGIN).map(http::HeaderValue::as_bytes);
        let is_through = match shown {
            Some(shown) => self.is_right(reference, shown).await.map_err(unknown)?,
            None => false,
        };
        match is_through {
            true => Ok(viewer_address(headers).or(source)),
            false if self.required => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "not_through_front_door",
                "Use the address that you were given: this one is not meant for people.",
            )),
            false => Ok(source),
        }
    }

    async fn is_right(
        &self,
        reference: &SecretReference,
        shown: &[u8],
    ) -> Result<bool, Unavailable> {
        let equals = |secret: &Secret| bool::from(secret.expose().as_bytes().ct_eq(shown));
        let kept = self.kept();
        if let Some(kept) = &kept {
            let age = kept.read_at.elapsed();
            if age < KEPT_FOR && (equals(&kept.secret) || age < READ_AGAIN_AFTER) {
                return Ok(equals(&kept.secret));
            }
        }
        let secret = tokio::time::timeout(READ_TIMEOUT, self.secrets.read(reference)).await;
        match secret.unwrap_or(Err(Unavailable::TimedOut)) {
            Ok(secret) => {
                let is_right = equals(&secret);
                self.keep(secret);
                Ok(is_right)
            }
            // An old one is better than none.
            Err(error) => kept.map(|kept| equals(&kept.secret)).ok_or(error),
        }
    }

    fn kept(&self) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn keep(&self, secret: Secret) {
        let read_at = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Kept { secret, read_at });
    }
}

impl std::fmt::Debug for FrontDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrontDoor")
            .field("secret", &self.secret.is_some())
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

fn unknown(error: Unavailable) -> Problem {
    tracing::error!(%error, "the origin secret cannot be read");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "front_door_unknown",
        "It cannot be told where you come from. Try again in a moment.",
    )
    .retry_after(Duration::from_secs(2))
}

/// What the front door says of the viewer: in its own header, else in
/// CloudFront's, `203.0.113.7:50000` or `2001:db8::7:50000` with or without
/// brackets.
fn viewer_address(headers: &HeaderMap) -> Option<SocketAddr> {
    if let Some(viewer) = headers.get(&VIEWER) {
        let address = viewer.to_str().ok()?.parse().ok()?;
        return Some(SocketAddr::new(address, 0));
    }
    let text = headers.get(&VIEWER_ADDRESS)?.to_str().ok()?;
    let (address, port) = text.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
}

#[cfg(test)]
mod tests;
