//! What a person signs in with.

use std::fmt;

use zeroize::Zeroizing;

/// Name and password, as far as they are known. `Debug` shows no password.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Name to sign in with.
    pub username: Option<String>,
    /// Password, wiped when dropped.
    pub password: Option<Zeroizing<String>>,
}

/// Which credentials are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// A name.
    pub username: bool,
    /// A password.
    pub password: bool,
}

impl Wanted {
    pub(super) const NOTHING: Self = Self {
        username: false,
        password: false,
    };
    pub(super) const PASSWORD: Self = Self {
        username: false,
        password: true,
    };
    pub(super) const BOTH: Self = Self {
        username: true,
        password: true,
    };

    /// Whether anything is needed.
    #[must_use]
    pub const fn is_something(self) -> bool {
        self.username || self.password
    }
}

impl Credentials {
    /// What of `wanted` is not known.
    #[must_use]
    pub const fn missing(&self, wanted: Wanted) -> Wanted {
        Wanted {
            username: wanted.username && self.username.is_none(),
            password: wanted.password && self.password.is_none(),
        }
    }

    pub(super) fn username(&self) -> &str {
        self.username.as_deref().unwrap_or_default()
    }

    pub(super) fn password(&self) -> &str {
        self.password.as_deref().map_or("", String::as_str)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| ".."))
            .finish()
    }
}
