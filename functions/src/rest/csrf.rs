//! Protection against requests that another site makes a browser send.
//!
//! The cookie is `SameSite=Strict`; on top of that an unsafe method is refused
//! when the browser itself says that the request comes from elsewhere
//! (`Sec-Fetch-Site`, Fetch Metadata; `Origin`, RFC 6454). Programs send
//! neither header and pass.

use http::{HeaderMap, Method, StatusCode, header};

use crate::problem::Problem;

/// Refuses an unsafe request that a browser sent for another site.
///
/// # Errors
/// 403 `cross_site_request`.
pub(super) fn check(
    method: &Method,
    headers: &HeaderMap,
    own_origins: &[String],
) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let site_is_ours = headers
        .get("sec-fetch-site")
        .is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    let origin_is_ours = headers.get(header::ORIGIN).is_none_or(|origin| {
        own_origins
            .iter()
            .any(|own| own.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
    });
    if site_is_ours && origin_is_ours {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site_request",
        "the request comes from another site",
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn passes(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        check(method, &headers, &["http://127.0.0.1:8080".to_owned()]).is_ok()
    }

    #[test]
    fn only_our_own_pages_and_programs_may_write() {
        let ours = ("origin", "http://127.0.0.1:8080");
        assert!(passes(&Method::POST, &[]));
        assert!(passes(&Method::POST, &[ours]));
        assert!(passes(
            &Method::DELETE,
            &[ours, ("sec-fetch-site", "same-origin")]
        ));
        assert!(passes(&Method::POST, &[("sec-fetch-site", "none")]));
        assert!(!passes(
            &Method::POST,
            &[ours, ("sec-fetch-site", "same-site")]
        ));
        assert!(!passes(
            &Method::POST,
            &[ours, ("sec-fetch-site", "cross-site")]
        ));
        assert!(!passes(
            &Method::PUT,
            &[("origin", "http://127.0.0.1:8081")]
        ));
        assert!(!passes(&Method::PUT, &[("origin", "null")]));
        assert!(passes(
            &Method::GET,
            &[("origin", "https://elsewhere.example")]
        ));
    }
}
