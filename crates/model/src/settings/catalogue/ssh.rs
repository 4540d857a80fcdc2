//! Settings of SSH alone.

use super::super::form::{self, Kind};
use super::{Entry, SSH};
use crate::object::Protocol;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "private-key",
        SSH,
        Kind::Form(&form::PRIVATE_KEY),
        "Private key to sign in with, in OpenSSH or PEM form.",
    )
    .secret(),
    Entry::new(
        "passphrase",
        SSH,
        Kind::Text,
        "Passphrase that the private key is encrypted with; the viewer asks when one is needed.",
    )
    .secret(),
    Entry::new(
        "public-key",
        SSH,
        Kind::Form(&form::PUBLIC_KEY),
        "User certificate that belongs to the private key; a plain public key adds nothing.",
    ),
    Entry::new(
        "host-key",
        SSH,
        Kind::Form(&form::HOST_KEYS),
        "Host keys to accept, as lines of known_hosts or SHA256 fingerprints; \
         unless set, the first key seen is remembered and a changed one refused.",
    ),
    Entry::new(
        "command",
        SSH,
        Kind::LongText,
        "Command to run instead of the login shell.",
    ),
    Entry::new(
        "locale",
        SSH,
        Kind::Form(&form::LOCALE),
        "Value of LANG that is offered to the target.",
    ),
    Entry::new(
        "timezone",
        &[Protocol::Rdp, Protocol::Ssh],
        Kind::Form(&form::TIME_ZONE),
        "IANA time zone; for SSH the value of TZ that is offered to the target.",
    ),
    Entry::new(
        "server-alive-interval",
        SSH,
        Kind::Integer { min: 0, max: 3600 },
        "How often a silent target is asked for a sign of life, in seconds; 0 for never.",
    )
    .default("30"),
    Entry::new(
        "enable-agent",
        SSH,
        Kind::Boolean,
        "Offers the private key to the target as an agent.",
    )
    .default("false")
    .planned(),
];
