//! The built web application, out of `web/dist`.
//!
//! Files that the bundler named by their content are cached for good, the page
//! itself never. `NAME.br` and `NAME.gz` beside a file are sent instead of it to
//! browsers that take them.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::EmbeddedFile;

use super::dist;

/// The page that every path of the application begins with.
const PAGE: &str = "index.html";
/// Folder of the files that are named by their content.
const HASHED: &str = "assets/";
/// Paths of servers, none of the application's: unknown ones are not its page.
const NOT_PAGES: [&str; 4] = [HASHED, "api/", "edge/", ".well-known/"];

const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Causeway</title>\
    <h1>The web application was not built</h1>\
    <p>Run <code>make web</code> (it needs Node.js) and reload this page.\
    The API answers under <a href=/api/v1/openapi.json>/api/v1</a> all the same.\n";

/// Answers everything that no other route takes.
pub(crate) fn router() -> Router {
    Router::new().fallback(asset)
}

async fn asset(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if path != PAGE
        && let Some(response) = file(path, &headers)
    {
        return response;
    }
    if NOT_PAGES.iter().any(|folder| path.starts_with(folder)) {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    }
    // The application itself says which of its pages do not exist.
    file(PAGE, &headers).unwrap_or_else(not_built)
}

fn not_built() -> Response {
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, ASK_AGAIN)];
    (StatusCode::SERVICE_UNAVAILABLE, headers, NOT_BUILT).into_response()
}

fn file(path: &str, request: &HeaderMap) -> Option<Response> {
    let plain = dist::find(path)?;
    let tag = entity_tag(&plain);
    let mut headers = HeaderMap::new();
    let hashed = path.starts_with(HASHED);
    headers.insert(CACHE_CONTROL, if hashed { FOR_GOOD } else { ASK_AGAIN });
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if request
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if let Ok(content_type) = HeaderValue::from_str(&content_type(&plain)) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    let (encoding, data) = smallest(path, plain, request);
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let body = match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    Some((headers, body).into_response())
}

fn smallest(
    path: &str,
    plain: EmbeddedFile,
    request: &HeaderMap,
) -> (Option<&'static str>, Cow<'static, [u8]>) {
    let compressed = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(request, encoding))
        .find_map(|(encoding, suffix)| {
            Some((encoding, dist::find(&format!("{path}.{suffix}"))?.data))
        });
    match compressed {
        Some((encoding, data)) => (Some(encoding), data),
        None => (None, plain.data),
    }
}

/// Whether the request takes the encoding (RFC 9110, section 12.5.3); a weight
/// of zero refuses it.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|part| part.split_once(';').unwrap_or((part, "")))
        .any(|(name, weight)| {
            let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            name.trim().eq_ignore_ascii_case(encoding) && !refused
        })
}

fn entity_tag(file: &EmbeddedFile) -> String {
    format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]))
}

fn content_type(file: &EmbeddedFile) -> String {
    let name = file.metadata.mimetype();
    let is_text = name.starts_with("text/") || name.ends_with("javascript");
    if is_text {
        format!("{name}; charset=utf-8")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_negotiated() {
        let check = |header: &'static str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
            accepts(&headers, encoding)
        };
        assert!(check("gzip, deflate, br", "br"));
        assert!(check("br;q=0.5, GZIP", "gzip"));
        assert!(!check("br;q=0, gzip", "br"));
        assert!(!check("identity", "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    async fn status(method: Method, path: &str) -> StatusCode {
        let uri = path.parse().unwrap();
        asset(method, uri, HeaderMap::new()).await.status()
    }

    #[tokio::test]
    async fn every_path_leads_to_the_page_except_those_of_servers() {
        let page = status(Method::GET, "/").await;
        assert!(page == StatusCode::OK || page == StatusCode::SERVICE_UNAVAILABLE);
        for path in [
            "/sessions",
            "/session/1",
            "/admin/x.example",
            "/index.html",
            "/elsewhere",
        ] {
            assert_eq!(status(Method::GET, path).await, page, "{path}");
        }
        for path in [
            "/assets/missing.js",
            "/api/v2/me",
            "/assets/../index.html",
            "/edge/v1/x",
        ] {
            assert_eq!(
                status(Method::GET, path).await,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        assert_eq!(
            status(Method::POST, "/").await,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }

    #[test]
    fn nothing_outside_of_the_folder_is_a_file() {
        for path in [
            "../Cargo.toml",
            "assets/../../package.json",
            "/etc/passwd",
            "..",
        ] {
            assert!(file(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
