//! The catalogue: what each setting is, for whom, and what it does here.
//!
//! One static table in parts by theme. A row is the only place that knows a
//! setting's type, range and default: checks and typed views both read it.
//! Names and their meaning follow the manual of Apache Guacamole 1.6, section
//! "Configuring connections"; where Causeway differs the row says so.

mod certificate;
mod clipboard;
mod connection;
mod desktop;
mod document;
mod file_transfer;
mod rdp;
mod recording;
mod ssh;
mod terminal;
mod vnc;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::form::Kind;
use crate::object::Protocol;

pub use document::document;

pub use super::form::Form;
pub use super::form::Kind as SettingKind;

/// What becomes of a setting today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does what the row says.
    Honoured,
    /// It is kept and has no effect yet.
    Planned,
    /// It has no meaning here and is kept only so that settings can be pasted.
    Ignored,
}

/// One row of the catalogue.
#[derive(Debug)]
pub struct Entry {
    /// Guacamole's name of the setting.
    pub name: &'static str,
    /// The protocols that it concerns.
    pub protocols: &'static [Protocol],
    /// What its value is.
    pub kind: Kind,
    /// Its value when it is not set, as text; `None` for unset.
    pub default: Option<&'static str>,
    /// Whether its value must not be seen.
    pub secret: bool,
    /// What becomes of it.
    pub status: Status,
    /// What it does here, in a sentence.
    pub about: &'static str,
}

const SSH: &[Protocol] = &[Protocol::Ssh];
const RDP: &[Protocol] = &[Protocol::Rdp];
const VNC: &[Protocol] = &[Protocol::Vnc];
const DESKTOP: &[Protocol] = &[Protocol::Rdp, Protocol::Vnc];
const ALL: &[Protocol] = &[Protocol::Rdp, Protocol::Ssh, Protocol::Vnc];

impl Entry {
    const fn new(
        name: &'static str,
        protocols: &'static [Protocol],
        kind: Kind,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            protocols,
            kind,
            default: None,
            secret: false,
            status: Status::Honoured,
            about,
        }
    }

    const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn planned(mut self) -> Self {
        self.status = Status::Planned;
        self
    }

    const fn ignored(mut self) -> Self {
        self.status = Status::Ignored;
        self
    }
}

static PARTS: [(&str, &[Entry]); 10] = [
    ("connection", connection::ENTRIES),
    ("ssh", ssh::ENTRIES),
    ("terminal", terminal::ENTRIES),
    ("clipboard", clipboard::ENTRIES),
    ("desktop", desktop::ENTRIES),
    ("certificate", certificate::ENTRIES),
    ("rdp", rdp::ENTRIES),
    ("vnc", vnc::ENTRIES),
    ("file_transfer", file_transfer::ENTRIES),
    ("recording", recording::ENTRIES),
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| entries().map(|entry| (entry.name, entry)).collect());

/// All rows, by theme.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    PARTS.iter().flat_map(|(_, entries)| *entries)
}

/// All rows, each theme under its name.
pub fn groups() -> impl Iterator<Item = (&'static str, &'static [Entry])> {
    PARTS.iter().copied()
}

/// The row of a setting.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    BY_NAME.get(name).copied()
}

/// Whether the value of a setting must not be seen: the catalogue says so, or
/// the catalogue does not know the name and it looks like a secret's.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    find(name).map_or_else(|| looks_secret(name), |entry| entry.secret)
}

/// Parts of names that an unknown secret is likely to have.
const SECRET_WORDS: [&str; 8] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "key",
    "token",
    "credential",
    "private",
];

fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The known name that was most likely meant by an unknown one: the same but
/// for case and underscores, or at most two edits away.
#[must_use]
pub fn nearest(unknown: &str) -> Option<&'static str> {
    /// Longer texts are no misspelt names and not worth the work.
    const COMPARED_BYTES_MAX: usize = 40;
    if unknown.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let plain = unknown.to_ascii_lowercase().replace(['_', ' '], "-");
    let near = entries()
        .map(|entry| (edits(&plain, entry.name), entry.name))
        .min()?;
    let (distance, name) = near;
    (distance <= 2 && distance * 3 < name.len()).then_some(name)
}

/// Levenshtein's distance between two texts, in bytes.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, byte_a) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, byte_b) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(byte_a != byte_b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_default_is_of_its_type() {
        let mut seen = std::collections::HashSet::new();
        for entry in entries() {
            assert!(seen.insert(entry.name), "{} twice", entry.name);
            assert!(!entry.protocols.is_empty(), "{}", entry.name);
            assert!(entry.about.ends_with('.'), "{}", entry.name);
            if let Some(default) = entry.default {
                assert!(entry.kind.takes_text(default), "{}", entry.name);
                assert!(!entry.secret, "{} is secret and has a default", entry.name);
            }
        }
        assert!(seen.len() > 100);
    }

    #[test]
    fn secrets_are_known_by_the_catalogue_or_by_their_looks() {
        fn check(name: &str, expected: bool) {
            assert_eq!(is_secret(name), expected, "{name}");
        }
        check("password", true);
        check("private-key", true);
        check("passphrase", true);
        check("gateway-password", true);
        check("sftp-private-key", true);
        check("host-key", false);
        check("public-key", false);
        check("username", false);
        check("recording-include-keys", false);
        check("vault-Token", true);
        check("api_key", true);
        check("my-setting", false);
    }

    #[test]
    fn every_parameter_of_guacamole_has_a_row() {
        // The manual of Apache Guacamole 1.6, "Configuring connections": VNC, RDP,
        // SSH, and what they have in common.
        const NAMES: &str = "hostname port timeout username password autoretry color-depth \
            swap-red-blue cursor encodings read-only force-lossless clipboard-encoding dest-host \
            dest-port reverse-connect listen-timeout enable-audio audio-servername compress-level \
            quality-level disable-server-input disable-display-resize disable-copy disable-paste \
            clipboard-buffer-size domain security disable-auth ignore-cert cert-tofu \
            cert-fingerprints auth-pkg kdc-url kerberos-cache normalize-clipboard server-layout \
            timezone width height dpi resize-method client-name console console-audio \
            initial-program disable-audio enable-audio-input enable-touch enable-printing \
            printer-name enable-drive disable-download disable-upload drive-name drive-path \
            create-drive-path static-channels enable-wallpaper enable-theming \
            enable-font-smoothing enable-full-window-drag enable-desktop-composition \
            enable-menu-animations disable-bitmap-caching disable-offscreen-caching \
            disable-glyph-caching disable-gfx remote-app remote-app-dir remote-app-args \
            preconnection-id preconnection-blob gateway-hostname gateway-port gateway-username \
            gateway-password gateway-domain load-balance-info wol-send-packet wol-mac-addr \
            wol-broadcast-addr wol-udp-port wol-wait-time recording-path recording-name \
            create-recording-path recording-exclude-output recording-exclude-mouse \
            recording-exclude-touch recording-include-keys recording-include-clipboard \
            recording-write-existing host-key server-alive-interval private-key passphrase \
            public-key color-scheme font-name font-size scrollback command locale enable-sftp \
            sftp-root-directory sftp-disable-download sftp-disable-upload backspace terminal-type \
            func-keys-and-keypad typescript-path typescript-name create-typescript-path \
            typescript-write-existing sftp-hostname sftp-port sftp-timeout sftp-host-key \
            sftp-username sftp-password sftp-private-key sftp-passphrase sftp-public-key \
            sftp-directory sftp-server-alive-interval";
        for name in NAMES.split_whitespace() {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        fn check(unknown: &str, expected: Option<&str>) {
            assert_eq!(nearest(unknown), expected, "{unknown}");
        }
        check("private_key", Some("private-key"));
        check("Ignore-Cert", Some("ignore-cert"));
        check("usernam", Some("username"));
        check("enable-adio", Some("enable-audio"));
        check("x", None);
        check("department", None);
        check(&"a".repeat(100_000), None);
    }
}
