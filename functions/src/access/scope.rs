//! What an API token's scope reaches: judged from the route alone, before any
//! handler runs.

use causeway_model::object::TokenScope;
use http::Method;

/// What launching needs; deciding for others and changing an account is not
/// among it.
const LAUNCH_ROUTES: [&str; 3] = [
    "/api/v1/applications",
    "/api/v1/connections",
    "/api/v1/flows",
];
/// What every token may read about its user.
const ME: &str = "/api/v1/me";

/// What a request is about, as far as scopes distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// It reads, and belongs to launching.
    LaunchRead,
    /// It writes, and belongs to launching.
    LaunchWrite,
    /// It reads something else.
    Read,
    /// It writes something else.
    Write,
}

impl Errand {
    /// The errand of a request, by its method and its path.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let is_below = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_launching = LAUNCH_ROUTES.into_iter().any(is_below);
        match (method.is_safe(), is_launching) {
            (true, true) => Self::LaunchRead,
            (true, false) if path == ME => Self::LaunchRead,
            (true, false) => Self::Read,
            (false, true) => Self::LaunchWrite,
            (false, false) => Self::Write,
        }
    }

    /// Whether a token of that scope may be used for it.
    pub(crate) const fn is_within(self, scope: TokenScope) -> bool {
        match (scope, self) {
            (TokenScope::Full, _)
            | (TokenScope::Read, Self::Read | Self::LaunchRead)
            | (TokenScope::Launch, Self::LaunchRead | Self::LaunchWrite) => true,
            (TokenScope::Read, Self::LaunchWrite | Self::Write)
            | (TokenScope::Launch, Self::Read | Self::Write) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, path: &str, read: bool, launch: bool) {
        let errand = Errand::of(&method, path);
        assert!(errand.is_within(TokenScope::Full));
        assert_eq!(
            (
                errand.is_within(TokenScope::Read),
                errand.is_within(TokenScope::Launch)
            ),
            (read, launch),
            "{method} {path}"
        );
    }

    #[test]
    fn scopes_reach_as_far_as_they_say() {
        check(Method::GET, "/api/v1/me", true, true);
        check(Method::GET, "/api/v1/me/tokens", true, false);
        check(Method::POST, "/api/v1/me/tokens", false, false);
        check(Method::GET, "/api/v1/applications", true, true);
        let launch = "/api/v1/applications/linux/endpoints/web-01/launch";
        check(Method::POST, launch, false, true);
        check(Method::POST, "/api/v1/flows/x", false, true);
        check(Method::DELETE, "/api/v1/connections/x", false, true);
        check(Method::GET, "/api/v1/admin/users", true, false);
        check(Method::PUT, "/api/v1/admin/users/x", false, false);
        check(Method::GET, "/api/v1/applications-of-others", true, false);
    }
}
