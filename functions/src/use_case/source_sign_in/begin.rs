//! Sending a browser to its source.

use aws_lc_rs::digest;
use causeway_identity::text::{base64url, from_base64url};

use super::{SourceSignInError, UnderWay, WHAT, enabled};
use crate::app::App;
use crate::openid::Question;
use crate::use_case::attempts;
use crate::use_case::kept::{self, Kept, random_text};
use crate::use_case::session::Browser;

/// Random bytes of state, nonce, code verifier and browser cookie.
const RANDOM_LENGTH: usize = 32;
/// Longest path to come back to, in bytes.
const PATH_LENGTH_MAX: usize = 1024;

/// Where the browser is sent, and what it keeps meanwhile.
#[derive(Debug)]
pub struct Begun {
    /// The provider's page.
    pub url: String,
    /// The browser's cookie: without it the answer is not taken.
    pub browser: String,
}

/// Begins a sign-in. `cookie` is what the browser had from one that it began
/// just before, in another tab; it goes on being good.
///
/// # Errors
/// [`SourceSignInError`].
pub async fn begin(
    app: &App,
    slug: &str,
    to: Option<&str>,
    cookie: Option<&str>,
    from: &Browser,
) -> Result<Begun, SourceSignInError> {
    let source = enabled(app, slug).await?;
    attempts::count_beginning(app, &from.address).await?;
    let provider = app.providers().of(app, &source).await.inspect_err(
        |error| tracing::warn!(source = %source.slug, error = %crate::problem::Chain(error), "source not usable"),
    )?;
    let browser = cookie
        .filter(|text| from_base64url(text).is_some_and(|bytes| bytes.len() == RANDOM_LENGTH))
        .map_or_else(|| random_text(app, RANDOM_LENGTH), str::to_owned);
    let question = Question {
        state: random_text(app, RANDOM_LENGTH),
        nonce: random_text(app, RANDOM_LENGTH),
        verifier: random_text(app, RANDOM_LENGTH),
        redirect_uri: redirect_uri(app, slug),
    };
    let url = question.url(&provider, &source)?;
    let now = app.now();
    let kept = Kept {
        id: question.state,
        expires_at: now.saturating_add(kept::LIFE).unwrap_or(now),
    };
    let under_way = UnderWay {
        source: source.id,
        issuer: source.issuer.clone(),
        nonce: question.nonce,
        verifier: question.verifier,
        redirect_uri: question.redirect_uri,
        to: local_path(to).to_owned(),
        browser: hash(&browser),
    };
    kept::keep_as(app, WHAT, &kept, &under_way).await?;
    Ok(Begun {
        url: url.into(),
        browser,
    })
}

/// Where a provider sends browsers back to; to be registered there.
fn redirect_uri(app: &App, slug: &str) -> String {
    let base = app.config().public_url.as_str().trim_end_matches('/');
    format!("{base}/api/v1/sources/{slug}/callback")
}

/// What is kept of a browser's cookie.
pub(super) fn hash(cookie: &str) -> String {
    base64url(digest::digest(&digest::SHA256, cookie.as_bytes()))
}

/// A path of ours; anything else, which could lead elsewhere, is the first page.
fn local_path(to: Option<&str>) -> &str {
    let is_local = |path: &&str| {
        let mut bytes = path.bytes();
        path.len() <= PATH_LENGTH_MAX
            && bytes.next() == Some(b'/')
            && !matches!(bytes.next(), Some(b'/' | b'\\'))
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    to.filter(is_local).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_come_back_to() {
        for (to, expected) in [
            ("/", "/"),
            ("/session/1?a=b#c", "/session/1?a=b#c"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\\b", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("", "/"),
            ("/a b", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("/ä", "/"),
        ] {
            assert_eq!(local_path(Some(to)), expected, "{to:?}");
        }
        assert_eq!(local_path(None), "/");
        assert_eq!(local_path(Some(&format!("/{}", "a".repeat(2000)))), "/");
    }
}
