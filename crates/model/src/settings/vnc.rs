//! The settings of a VNC session, read once from the effective ones.

use std::time::Duration;

use super::{CertificateSettings, FlatSettings, SettingError};
use crate::host::Host;
use crate::object::Protocol;
use crate::secret::Secret;

/// Names that `security-types` takes, those of TigerVNC's parameter of the
/// same meaning.
pub const SECURITY_TYPES: &[&str] = &[
    "X509Plain",
    "X509Vnc",
    "X509None",
    "RA2_256",
    "RA2",
    "TLSPlain",
    "TLSVnc",
    "TLSNone",
    "RA2ne_256",
    "RA2ne",
    "DH",
    "VncAuth",
    "Tight",
    "MSLogonII",
    "Plain",
    "None",
];

/// Where a repeater leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeaterDestination {
    /// A host, or `ID` for a server that waits at the repeater.
    pub host: String,
    /// Its port, or the number that it waits under.
    pub port: u16,
}

/// All that the node needs to open a VNC desktop, besides what it asks the
/// viewer and what the data policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VncSettings {
    /// Name or address of the target, an IPv6 address without brackets.
    pub hostname: String,
    /// Port of the target.
    pub port: u16,
    /// How long the target may take to accept the connection.
    pub connect_timeout: Duration,
    /// How often a failed connection is tried again.
    pub retries: u32,
    /// Set when `hostname` is a repeater's.
    pub repeater: Option<RepeaterDestination>,
    /// Name to sign in with; the viewer is asked where one is needed.
    pub username: Option<String>,
    /// Password to sign in with; the viewer is asked where one is needed.
    pub password: Option<Secret>,
    /// Which certificates are accepted.
    pub certificate: CertificateSettings,
    /// Ways of signing in to take, best first, by their names; empty for every
    /// one that is spoken, by strength.
    pub security_types: Vec<String>,
    /// Bits a pixel to ask for: 8, 16, 24 or 32; the best unless set.
    pub color_depth: Option<u8>,
    /// Red and blue are exchanged.
    pub swap_red_blue: bool,
    /// The target draws the pointer into its picture.
    pub remote_cursor: bool,
    /// Encodings to ask for, best first, by their names; empty for the best
    /// that both know.
    pub encodings: Vec<String>,
    /// How hard the target compresses, 0 to 9.
    pub compress_level: Option<u8>,
    /// Quality of JPEG that the target sends, 0 to 9.
    pub quality_level: Option<u8>,
    /// Nothing is lost.
    pub force_lossless: bool,
    /// The target is asked to follow the viewer's size.
    pub display_resize: bool,
}

impl VncSettings {
    /// Reads the settings of VNC from effective ones; others are passed over.
    ///
    /// # Errors
    /// When `hostname` is missing or a setting is of a wrong type.
    pub fn read(settings: &FlatSettings) -> Result<Self, SettingError> {
        let owned = |name| settings.text(name).map(|text| text.map(str::to_owned));
        let host = settings
            .text("hostname")?
            .and_then(|text| text.parse::<Host>().ok());
        let host = host.ok_or_else(|| SettingError::Missing {
            name: "hostname".to_owned(),
        })?;
        let port = settings.integer("port")?;
        let seconds = settings.integer("timeout")?.unwrap_or(0);
        Ok(Self {
            hostname: host.name().to_owned(),
            port: port.unwrap_or(Protocol::Vnc.default_port()),
            connect_timeout: Duration::from_secs(seconds),
            retries: settings.integer("autoretry")?.unwrap_or(0),
            repeater: read_repeater(settings)?,
            username: owned("username")?,
            password: settings.secret("password")?,
            certificate: CertificateSettings::read(settings)?,
            security_types: words(settings.text("security-types")?),
            color_depth: settings.integer("color-depth")?,
            swap_red_blue: settings.boolean("swap-red-blue")?,
            remote_cursor: settings.text("cursor")? == Some("remote"),
            encodings: words(settings.text("encodings")?),
            compress_level: settings.integer("compress-level")?,
            quality_level: settings.integer("quality-level")?,
            force_lossless: settings.boolean("force-lossless")?,
            display_resize: !settings.boolean("disable-display-resize")?,
        })
    }
}

fn read_repeater(settings: &FlatSettings) -> Result<Option<RepeaterDestination>, SettingError> {
    let Some(host) = settings.text("dest-host")? else {
        return Ok(None);
    };
    let port = settings.integer("dest-port")?;
    Ok(Some(RepeaterDestination {
        host: host.to_owned(),
        port: port.unwrap_or(Protocol::Vnc.default_port()),
    }))
}

/// The words of a list, separated by spaces or commas.
fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default()
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether every word is the name of a security type; at least one.
pub(super) fn are_security_types(text: &str) -> bool {
    let words = words(Some(text));
    let is_known = |word: &String| {
        SECURITY_TYPES
            .iter()
            .any(|name| name.eq_ignore_ascii_case(word))
    };
    !words.is_empty() && words.iter().all(is_known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<VncSettings, SettingError> {
        let host = [("hostname", "desk-01")];
        let all = host.iter().chain(settings);
        let owned = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        VncSettings::read(&owned.collect())
    }

    #[test]
    fn a_host_is_enough() {
        let read = read(&[]).unwrap();
        assert_eq!((read.hostname.as_str(), read.port), ("desk-01", 5900));
        assert_eq!(read.connect_timeout, Duration::from_secs(10));
        assert_eq!((read.username, read.password), (None, None));
        assert_eq!((read.retries, read.repeater), (0, None));
        assert!(read.certificate.trust_on_first_use && read.display_resize);
        assert!(read.security_types.is_empty() && read.encodings.is_empty());
        assert!(!read.remote_cursor && !read.swap_red_blue && !read.force_lossless);
    }

    #[test]
    fn everything_is_read() {
        let read = read(&[
            ("port", "5901"),
            ("timeout", "3"),
            ("autoretry", "2"),
            ("dest-host", "ID"),
            ("dest-port", "1234"),
            ("username", "ada"),
            ("password", "hunter2"),
            ("ignore-cert", "true"),
            ("security-types", "X509Plain, x509vnc"),
            ("color-depth", "16"),
            ("swap-red-blue", "true"),
            ("cursor", "remote"),
            ("encodings", "zrle ultra copyrect"),
            ("compress-level", "9"),
            ("quality-level", "0"),
            ("force-lossless", "true"),
            ("disable-display-resize", "true"),
        ])
        .unwrap();
        assert_eq!((read.port, read.retries), (5901, 2));
        let destination = RepeaterDestination {
            host: "ID".to_owned(),
            port: 1234,
        };
        assert_eq!(read.repeater, Some(destination));
        assert_eq!(read.username.as_deref(), Some("ada"));
        assert_eq!(read.password, Some(Secret::from("hunter2")));
        assert!(read.certificate.ignore);
        assert_eq!(read.security_types, ["X509Plain", "x509vnc"]);
        assert_eq!(read.color_depth, Some(16));
        assert_eq!(
            (read.compress_level, read.quality_level),
            (Some(9), Some(0))
        );
        assert_eq!(read.encodings, ["zrle", "ultra", "copyrect"]);
        assert!(read.swap_red_blue && read.remote_cursor && read.force_lossless);
        assert!(!read.display_resize);
    }

    #[test]
    fn errors_name_the_setting() {
        let check = |name: &str, value: &str| {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.name(), Some(name), "{error}");
        };
        check("port", "0");
        check("security-types", "X509Plain,TLSSASL");
        check("security-types", ",");
        check("color-depth", "15");
        check("cert-fingerprints", "x");
        check("autoretry", "-1");
    }
}
