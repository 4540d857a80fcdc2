//! Which pages may open websockets here.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use url::Url;

/// The allowed origins: those of the configuration, always, and those that the
/// control plane named last.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    configured: BTreeSet<String>,
    named: RwLock<BTreeSet<String>>,
}

impl Origins {
    pub(crate) fn new(configured: &[String]) -> Self {
        Self {
            configured: serialised(configured),
            named: RwLock::default(),
        }
    }

    /// Takes over what the control plane names.
    pub(crate) fn name(&self, named: &[String]) {
        *self.named.write().unwrap_or_else(PoisonError::into_inner) = serialised(named);
    }

    /// Whether the value of an `Origin` header is among them. Browsers send
    /// the serialised form (RFC 6454 section 6.2), which is compared as it is.
    pub(crate) fn allow(&self, origin: &str) -> bool {
        self.configured.contains(origin)
            || self
                .named
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(origin)
    }
}

/// The form that browsers send: lower case, no default port, no slash. What is
/// no origin of a page is left out and said.
fn serialised(origins: &[String]) -> BTreeSet<String> {
    let serialise = |text: &String| {
        let origin = Url::parse(text).ok().map(|url| url.origin());
        match origin {
            Some(origin) if origin.is_tuple() => Some(origin.ascii_serialization()),
            Some(_) | None => {
                tracing::warn!(origin = text, "not an origin, left out");
                None
            }
        }
    };
    origins.iter().filter_map(serialise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_in_the_form_that_browsers_send() {
        let origins = Origins::new(&[
            "HTTPS://Causeway.Example:443/".to_owned(),
            "null".to_owned(),
        ]);
        origins.name(&["http://localhost:8080".to_owned()]);
        assert!(origins.allow("https://causeway.example"));
        assert!(origins.allow("http://localhost:8080"));
        for foreign in [
            "null",
            "",
            "http://causeway.example",
            "https://causeway.example.evil",
            "https://causeway.example:8443",
            "http://localhost:80",
        ] {
            assert!(!origins.allow(foreign), "{foreign}");
        }
        origins.name(&[]);
        assert!(!origins.allow("http://localhost:8080"));
        assert!(origins.allow("https://causeway.example"));
    }
}
