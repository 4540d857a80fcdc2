//! Answers that come in parts, where the length of an answer is limited: how
//! long a part may be, and the header that leads to the next.

use http::{HeaderValue, Uri};
use url::form_urlencoded;

use crate::app::App;

/// Longest body of a part, in bytes; `None` where answers of any length are
/// carried. Half of what is carried: what carries it may have to escape it.
pub(super) fn bytes_max(app: &App) -> Option<usize> {
    app.config().answer_bytes_max.map(|bytes| bytes / 2)
}

/// The value of `Link` (RFC 8288, section 3) on the answer to `uri` when the
/// next part begins at `cursor`: the same question from there on.
pub(super) fn link_to_next(uri: &Uri, cursor: &str) -> HeaderValue {
    let query = uri.query().unwrap_or_default();
    let same = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(same)
        .append_pair("cursor", cursor)
        .finish();
    let link = format!("<{}?{query}>; rel=\"next\"", uri.path());
    // A path and a query are written in ASCII.
    HeaderValue::try_from(link).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &'static str, expected: &str) {
        let link = link_to_next(&Uri::from_static(uri), "a.b");
        assert_eq!(link, format!("<{expected}>; rel=\"next\""));
    }

    #[test]
    fn the_next_part_is_the_same_question_from_there_on() {
        check("/api/v1/x", "/api/v1/x?cursor=a.b");
        check(
            "/x?actor=J%C3%BCrgen%20%3E&cursor=before&kind=user",
            "/x?actor=J%C3%BCrgen+%3E&kind=user&cursor=a.b",
        );
    }
}
