//! The session cookie, and the one that binds a sign-in at a source to the
//! browser that began it.
//!
//! Over TLS it is named `__Host-causeway` and carries `Secure`, so that no
//! other host and no plain connection can set it (RFC 6265bis, section
//! 4.1.3.2); on plain loopback it is named `causeway`.

use http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};

use crate::credential::Credential;

const SECURE_NAME: &str = "__Host-causeway";
const PLAIN_NAME: &str = "causeway";

/// Name and attributes of the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionCookie {
    secure: bool,
}

impl SessionCookie {
    /// The cookie of a control plane that is reached over TLS, or not.
    #[must_use]
    pub(super) const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// Its name.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { PLAIN_NAME }
    }

    /// The credential that a request carries in it, if any.
    #[must_use]
    pub(super) fn read(self, headers: &HeaderMap) -> Option<Credential> {
        value_of(headers, self.name()).and_then(Credential::parse)
    }

    /// The `Set-Cookie` value that keeps `credential` until `expires_at`.
    #[must_use]
    pub(super) fn keep(
        self,
        credential: &Credential,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> HeaderValue {
        let seconds = expires_at
            .duration_since(now)
            .max(SignedDuration::ZERO)
            .as_secs();
        self.set(&credential.to_text(), seconds)
    }

    /// The `Set-Cookie` value that removes it.
    #[must_use]
    pub(super) fn remove(self) -> HeaderValue {
        self.set("", 0)
    }

    fn set(self, text: &str, max_age_seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!(
            "{}={text}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Strict{secure}",
            self.name(),
        );
        let mut value = HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

/// The cookie that a browser keeps while it signs in at a source. It comes
/// along when the source sends the browser back, which is why it is
/// `SameSite=Lax`; what it is worth is nothing but that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrowserCookie {
    secure: bool,
}

impl BrowserCookie {
    /// The cookie of a control plane that is reached over TLS, or not.
    pub(super) const fn new(secure: bool) -> Self {
        Self { secure }
    }

    const fn name(self) -> &'static str {
        if self.secure {
            "__Host-causeway-sign-in"
        } else {
            "causeway-sign-in"
        }
    }

    /// What a request carries in it.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        value_of(headers, self.name())
    }

    /// The `Set-Cookie` value that keeps `text` for so long.
    pub(super) fn keep(self, text: &str, life: SignedDuration) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!(
            "{}={text}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name(),
            life.as_secs(),
        );
        let mut value = HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

/// The value of the first cookie of that name.
fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use causeway_model::id::{SessionId, UserId};
    use causeway_table::Credential as CredentialKey;
    use uuid::Uuid;

    use super::*;
    use crate::clock::SystemRandomness;

    fn credential() -> Credential {
        let user = UserId::new(Uuid::from_u128(1));
        let session = CredentialKey::Session(SessionId::new(Uuid::from_u128(2)));
        Credential::draw(user, session, &SystemRandomness::default())
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let cookie = SessionCookie::new(false);
        let credential = credential();
        let now = Timestamp::UNIX_EPOCH;
        let kept = cookie.keep(&credential, now, now + SignedDuration::from_hours(12));
        let kept = kept.to_str().unwrap();
        assert!(
            kept.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"),
            "{kept}"
        );

        let mut headers = HeaderMap::new();
        let pair = kept.split(';').next().unwrap();
        headers.insert(
            header::COOKIE,
            format!("theme=dark; {pair}; x=y").parse().unwrap(),
        );
        assert_eq!(
            cookie.read(&headers).unwrap().to_text(),
            credential.to_text()
        );
        assert!(SessionCookie::new(true).read(&headers).is_none());
    }

    #[test]
    fn over_tls_the_name_binds_it_to_the_host() {
        let cookie = SessionCookie::new(true);
        let removed = cookie.remove();
        let removed = removed.to_str().unwrap();
        assert_eq!(
            removed,
            "__Host-causeway=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
