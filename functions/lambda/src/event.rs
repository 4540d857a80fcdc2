//! Events of HTTP APIs and Function URLs, payload format 2.0: a request of the
//! router in, an answer out. Whatever a client sends becomes a request or a
//! problem 400, never a panic and never a failed invocation.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::IpAddr;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use causeway_functions::problem::Problem;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use serde::{Deserialize, Serialize};

/// Longest body of an answer, in bytes. Lambda takes 6 MB, in which a text is
/// escaped and anything else is base64.
pub const ANSWER_LENGTH_MAX: usize = 4 * 1024 * 1024;

/// An event, as far as it matters here. What is not listed is skipped.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    #[serde(borrow)]
    raw_path: Cow<'a, str>,
    #[serde(default, borrow)]
    raw_query_string: Cow<'a, str>,
    #[serde(default, borrow)]
    cookies: Option<Vec<Cow<'a, str>>>,
    #[serde(default, borrow)]
    headers: HashMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: bool,
    #[serde(borrow)]
    request_context: RequestContext<'a>,
}

#[derive(Debug, Deserialize)]
struct RequestContext<'a> {
    #[serde(borrow)]
    http: HttpContext<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(default, borrow)]
    source_ip: Cow<'a, str>,
}

/// Why an event is no request. The client is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The method has characters that no method has.
    #[error("the method is none")]
    Method,
    /// The path or the query cannot be one.
    #[error("the path or the query is none")]
    Path,
    /// A header that cannot be one.
    #[error("a header is none")]
    Header,
    /// The body is said to be base64 and is not.
    #[error("the body cannot be read")]
    Body,
}

impl From<EventError> for Problem {
    fn from(error: EventError) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "request_malformed",
            error.to_string(),
        )
    }
}

impl Event<'_> {
    /// Where the request came from, as the gateway saw it.
    #[must_use]
    pub fn source(&self) -> Option<IpAddr> {
        self.request_context.http.source_ip.parse().ok()
    }

    /// The request.
    ///
    /// # Errors
    /// [`EventError`].
    pub fn into_request(self) -> Result<Request<Body>, EventError> {
        let method = Method::from_bytes(self.request_context.http.method.as_bytes())
            .map_err(|_| EventError::Method)?;
        let uri = uri(&self.raw_path, &self.raw_query_string)?;
        let headers = headers(&self.headers, self.cookies.as_deref())?;
        let body = match self.body {
            None => Bytes::new(),
            Some(text) if self.is_base64_encoded => STANDARD
                .decode(&*text)
                .map_err(|_| EventError::Body)?
                .into(),
            Some(text) => text.into_owned().into(),
        };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Gateways hand on the path decoded, Function URLs as it was sent; what cannot
/// stand in a URI is encoded again.
fn uri(path: &str, query: &str) -> Result<Uri, EventError> {
    let mut text = String::with_capacity(path.len() + query.len() + 2);
    if !path.starts_with('/') {
        text.push('/');
    }
    encode(&mut text, path, b"\"#<>?[\\]^`{|}");
    if !query.is_empty() {
        text.push('?');
        encode(&mut text, query, b"\"#<>\\^`{|}");
    }
    text.parse().map_err(|_| EventError::Path)
}

fn encode(text: &mut String, part: &str, unsafe_bytes: &[u8]) {
    for byte in part.bytes() {
        if byte.is_ascii_graphic() && !unsafe_bytes.contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

fn headers(
    given: &HashMap<Cow<'_, str>, Cow<'_, str>>,
    cookies: Option<&[Cow<'_, str>]>,
) -> Result<HeaderMap, EventError> {
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes());
    let mut headers = HeaderMap::with_capacity(given.len() + 1);
    for (name, text) in given {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| EventError::Header)?;
        headers.append(name, value(text).map_err(|_| EventError::Header)?);
    }
    if let Some(cookies) = cookies.filter(|cookies| !cookies.is_empty()) {
        let joined = value(&cookies.join("; ")).map_err(|_| EventError::Header)?;
        headers.insert(header::COOKIE, joined);
    }
    Ok(headers)
}

/// What a function answers to an [`Event`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    /// Its HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status_code
    }

    /// The answer that a response is: text as it is, anything else in base64;
    /// cookies apart, headers of the same name as one.
    #[must_use]
    pub fn new(parts: &http::response::Parts, body: &[u8]) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let cookies = parts.headers.get_all(header::SET_COOKIE);
        let mut headers = BTreeMap::new();
        for name in parts
            .headers
            .keys()
            .filter(|name| *name != header::SET_COOKIE)
        {
            let values: Vec<_> = parts.headers.get_all(name).iter().map(text).collect();
            headers.insert(name.as_str().to_owned(), values.join(", "));
        }
        let (body, is_base64_encoded) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(body), true),
        };
        Self {
            status_code: parts.status.as_u16(),
            headers,
            cookies: cookies.iter().map(text).collect(),
            body,
            is_base64_encoded,
        }
    }
}

#[cfg(test)]
mod tests;
