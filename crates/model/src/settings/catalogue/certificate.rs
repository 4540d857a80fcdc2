//! Which certificates of a target are accepted.

use super::super::form::{self, Kind};
use super::{DESKTOP, Entry};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(
        "ignore-cert",
        DESKTOP,
        Kind::Boolean,
        "Accepts any certificate of the target; whoever is in between can read everything then.",
    )
    .default("false"),
    // Guacamole's own default is false, which leaves a self-signed
    // certificate with `ignore-cert` as the only way in.
    Entry::new(
        "cert-tofu",
        DESKTOP,
        Kind::Boolean,
        "Remembers the first certificate of the target and refuses a changed one; true unless set, unlike in Guacamole.",
    )
    .default("true"),
    Entry::new(
        "cert-fingerprints",
        DESKTOP,
        Kind::Form(&form::CERTIFICATE_PINS),
        "SHA-256 fingerprints of the certificates to accept and no others, separated by commas.",
    ),
];
