//! What a person or a program signs in with: a session or an API token, as
//! the table keeps them.

use causeway_model::id::{SessionId, SourceId, TokenId, UserId};
use causeway_model::object::{Session, Token};
use jiff::Timestamp;

use crate::action::Action;
use crate::error::TableError;
use crate::item::{Item, millis, text};
use crate::key::{Key, SESSION_PREFIX, SESSIONS, TOKEN_PREFIX, TOKENS};
use crate::named::enum_of;
use crate::secret::SecretHash;
use crate::stored::Stored;

const SECRET: &str = "secret";
const EXPIRES: &str = "expires_ms";
/// Attribute of a session with the methods proven since it began.
const PROOFS: &str = "proofs";
/// Attribute of a session with when its user last proved who they are.
const CONFIRMED: &str = "confirmed_ms";
/// Attributes of a session with what its source calls it.
const SID: &str = "sid";
const SID_SOURCE: &str = "sid_source";

/// Names a session or an API token of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A sign-in session.
    Session(SessionId),
    /// An API token.
    Token(TokenId),
}

impl Credential {
    pub(crate) fn key(self, user: UserId) -> Key {
        match self {
            Self::Session(id) => Key::session(user, id),
            Self::Token(id) => Key::token(user, id),
        }
    }

    /// Its sort key, which stands in the connections that live in it.
    pub(crate) fn sort_key(self) -> String {
        match self {
            Self::Session(id) => format!("{SESSION_PREFIX}{id}"),
            Self::Token(id) => format!("{TOKEN_PREFIX}{id}"),
        }
    }

    pub(crate) fn of_sort_key(sort_key: &str) -> Option<Self> {
        if let Some(id) = sort_key.strip_prefix(SESSION_PREFIX) {
            return id.parse().ok().map(Self::Session);
        }
        let id = sort_key.strip_prefix(TOKEN_PREFIX)?;
        id.parse().ok().map(Self::Token)
    }

    /// Checks in a transaction that it exists and has not expired at `now`.
    pub(crate) fn check_alive(self, user: UserId, now: Timestamp) -> Action {
        Action::check(
            self.key(user),
            "attribute_exists(pk) AND (attribute_not_exists(expires_ms) OR expires_ms > :now)",
        )
        .value(":now", millis(now))
    }
}

/// A sign-in session with the hash of its cookie's secret.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSession {
    /// The session.
    pub session: Session,
    /// Hash of its secret.
    pub secret: SecretHash,
    /// What the source that it came from calls it (OpenID Connect's `sid`), to
    /// be found by when the source ends it.
    pub source_session: Option<(SourceId, String)>,
}

/// An API token with the hash of its secret.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredToken {
    /// The token.
    pub token: Token,
    /// Hash of its secret.
    pub secret: SecretHash,
}

/// One of both.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredCredential {
    /// A sign-in session.
    Session(StoredSession),
    /// An API token.
    Token(StoredToken),
}

impl StoredCredential {
    /// Whose it is.
    #[must_use]
    pub const fn user(&self) -> UserId {
        match self {
            Self::Session(stored) => stored.session.user,
            Self::Token(stored) => stored.token.user,
        }
    }

    /// What names it.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        match self {
            Self::Session(stored) => Credential::Session(stored.session.id),
            Self::Token(stored) => Credential::Token(stored.token.id),
        }
    }

    /// Hash of its secret.
    #[must_use]
    pub const fn secret_hash(&self) -> &SecretHash {
        match self {
            Self::Session(stored) => &stored.secret,
            Self::Token(stored) => &stored.secret,
        }
    }

    /// When it ends; absent for never.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Session(stored) => Some(stored.session.expires_at),
            Self::Token(stored) => stored.token.expires_at,
        }
    }

    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at().is_none_or(|end| end > now)
    }
}

impl StoredSession {
    pub(crate) fn to_item(&self) -> Result<Item, TableError> {
        let session = &self.session;
        Ok(Item::new(&Key::session(session.user, session.id))
            .with_document(session)?
            .with(SECRET, text(self.secret.to_hex()))
            .with(EXPIRES, millis(session.expires_at))
            .with_some(SID, self.source_session.as_ref().map(|(_, sid)| text(sid)))
            .with_some(
                SID_SOURCE,
                self.source_session.as_ref().map(|(source, _)| text(source)),
            )
            .expiring(session.expires_at)
            .indexed(SESSIONS, &session.id.to_string()))
    }

    /// What finds the session by the source's own name for it.
    pub(crate) fn source_item(&self) -> Option<Item> {
        let session = &self.session;
        let (source, sid) = self.source_session.as_ref()?;
        let key = Key::source_session(*source, sid, session.id);
        Some(
            Item::new(&key)
                .with("user_id", text(session.user))
                .expiring(session.expires_at),
        )
    }
}

impl StoredToken {
    pub(crate) fn to_item(&self) -> Result<Item, TableError> {
        let token = &self.token;
        let item = Item::new(&Key::token(token.user, token.id))
            .with_document(token)?
            .with(SECRET, text(self.secret.to_hex()))
            .with_some(EXPIRES, token.expires_at.map(millis))
            .indexed(TOKENS, &token.id.to_string());
        Ok(match token.expires_at {
            Some(end) => item.expiring(end),
            None => item,
        })
    }
}

impl Stored for Session {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut session: Self = item.document()?;
        for proof in item.texts(PROOFS) {
            let method = enum_of(item, proof)?;
            if !session.methods.contains(&method) {
                session.methods.push(method);
            }
        }
        session.confirmed_at = item.optional_time(CONFIRMED)?.or(session.confirmed_at);
        Ok(session)
    }
}

impl Stored for StoredSession {
    fn read(item: &Item) -> Result<Self, TableError> {
        let source = item
            .optional_text(SID_SOURCE)
            .map(|_| item.parsed(SID_SOURCE))
            .transpose()?;
        let sid = item.optional_text(SID).map(str::to_owned);
        Ok(Self {
            session: Session::read(item)?,
            secret: item.parsed(SECRET)?,
            source_session: source.zip(sid),
        })
    }
}

impl Stored for StoredToken {
    fn read(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            token: item.document()?,
            secret: item.parsed(SECRET)?,
        })
    }
}

impl Stored for StoredCredential {
    fn read(item: &Item) -> Result<Self, TableError> {
        if item.text(crate::key::SK)?.starts_with(SESSION_PREFIX) {
            StoredSession::read(item).map(Self::Session)
        } else {
            StoredToken::read(item).map(Self::Token)
        }
    }
}
