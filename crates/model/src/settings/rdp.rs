//! The settings of an RDP session, read once from the effective ones.

use std::time::Duration;

use super::{CertificateSettings, FlatSettings, SettingError};
use crate::host::Host;
use crate::object::Protocol;
use crate::secret::Secret;

/// Keyboard layouts of targets, by Guacamole's names.
pub const KEYBOARD_LAYOUTS: &[&str] = &[
    "en-us-qwerty",
    "en-gb-qwerty",
    "cs-cz-qwertz",
    "da-dk-qwerty",
    "de-ch-qwertz",
    "de-de-qwertz",
    "es-es-qwerty",
    "es-latam-qwerty",
    "failsafe",
    "fr-be-azerty",
    "fr-ca-qwerty",
    "fr-ch-qwertz",
    "fr-fr-azerty",
    "hu-hu-qwertz",
    "it-it-qwerty",
    "ja-jp-qwerty",
    "no-no-qwerty",
    "pl-pl-qwerty",
    "pt-br-qwerty",
    "pt-pt-qwerty",
    "ro-ro-qwerty",
    "sv-se-qwerty",
    "tr-tr-qwerty",
];

/// How a connection is secured and the user authenticated
/// (MS-RDPBCGR 2.2.1.1.1, `requestedProtocols`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RdpSecurity {
    /// Whatever the target prefers of NLA and TLS.
    #[default]
    Any,
    /// Network Level Authentication (CredSSP) and nothing else.
    Nla,
    /// TLS; the target's own sign-in screen authenticates.
    Tls,
    /// A Hyper-V host's console of a machine: NLA, with the machine named in
    /// `preconnection-blob`.
    VmConnect,
    /// RC4 as of RDP 4: never spoken here.
    Standard,
}

/// How the desktop follows the size of the viewer's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResizeMethod {
    /// By the display control channel (MS-RDPEDISP), by a new connection where
    /// the target lacks it.
    #[default]
    DisplayUpdate,
    /// By a new connection of the new size.
    Reconnect,
    /// Not at all.
    Never,
}

/// What a target may spend on its looks (MS-RDPBCGR 2.2.1.11.1.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RdpExperience {
    /// The desktop's background picture.
    pub wallpaper: bool,
    /// Windows in their theme.
    pub theming: bool,
    /// Smooth edges of text.
    pub font_smoothing: bool,
    /// Contents of a window while it is moved.
    pub full_window_drag: bool,
    /// Transparency and shadows.
    pub desktop_composition: bool,
    /// Animated menus.
    pub menu_animations: bool,
}

/// All that the node needs to open a desktop over RDP, besides what it asks
/// the viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RdpSettings {
    /// Name or address of the target, an IPv6 address without brackets.
    pub hostname: String,
    /// Port of the target.
    pub port: u16,
    /// How long the target may take to accept the connection.
    pub connect_timeout: Duration,
    /// Name to sign in with, also as `DOMAIN\name` and `name@domain`; the
    /// viewer is asked when there is none.
    pub username: Option<String>,
    /// Password to sign in with.
    pub password: Option<Secret>,
    /// Domain to sign in to; overrides one that is part of the name.
    pub domain: Option<String>,
    /// Nothing is asked and nothing is sent: the target's own screen does it.
    pub disable_auth: bool,
    /// How the connection is secured.
    pub security: RdpSecurity,
    /// NLA proves the password by Kerberos, not by NTLM.
    pub kerberos: bool,
    /// Where the key distribution center is; found by krb5.conf unless set.
    pub kdc_url: Option<String>,
    /// Which certificates are accepted.
    pub certificate: CertificateSettings,
    /// What the target calls the client.
    pub client_name: Option<String>,
    /// The administrative session is joined.
    pub console: bool,
    /// Sound is played at the target's own console.
    pub console_audio: bool,
    /// Program to run instead of the desktop.
    pub initial_program: Option<String>,
    /// One of [`KEYBOARD_LAYOUTS`].
    pub server_layout: String,
    /// IANA name of the viewer's time zone.
    pub timezone: Option<String>,
    /// Bits per pixel to ask for: 16, 24 or 32.
    pub color_depth: u8,
    /// Width to insist on, in pixels.
    pub width: Option<u16>,
    /// Height to insist on, in pixels.
    pub height: Option<u16>,
    /// Resolution to tell the target, in dots per inch.
    pub dpi: Option<u16>,
    /// How the desktop follows the viewer's size.
    pub resize_method: ResizeMethod,
    /// What the target may spend on its looks.
    pub experience: RdpExperience,
    /// No graphics pipeline (MS-RDPEGFX).
    pub disable_gfx: bool,
    /// Number that names the source of the session (MS-RDPEPS).
    pub preconnection_id: Option<u32>,
    /// Text that names the source of the session (MS-RDPEPS).
    pub preconnection_blob: Option<String>,
    /// Routing token for a connection broker.
    pub load_balance_info: Option<String>,
    /// Line endings of the clipboard's text.
    pub normalize_clipboard: NormalizeClipboard,
}

/// Which line endings text is given on its way to and from the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NormalizeClipboard {
    /// The target's clipboard has its own, the viewer's text keeps its own;
    /// what the protocol demands (CRLF) is undone on the way back.
    #[default]
    Preserve,
    /// LF everywhere.
    Unix,
    /// CRLF everywhere.
    Windows,
}

impl RdpSettings {
    /// Reads the settings of RDP from effective ones; others are passed over.
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
        let timeout: Option<u64> = settings.integer("timeout")?;
        let security = read_security(settings.text("security")?);
        Ok(Self {
            hostname: host.name().to_owned(),
            port: port.unwrap_or(if security == RdpSecurity::VmConnect {
                VMCONNECT_PORT
            } else {
                Protocol::Rdp.default_port()
            }),
            connect_timeout: Duration::from_secs(timeout.unwrap_or(0)),
            username: owned("username")?,
            password: settings.secret("password")?,
            domain: owned("domain")?,
            disable_auth: settings.boolean("disable-auth")?,
            security,
            kerberos: match settings.text("auth-pkg")? {
                Some(package) => package == "kerberos",
                None => settings.text("kdc-url")?.is_some(),
            },
            kdc_url: owned("kdc-url")?,
            certificate: CertificateSettings::read(settings)?,
            client_name: owned("client-name")?,
            console: settings.boolean("console")?,
            console_audio: settings.boolean("console-audio")?,
            initial_program: owned("initial-program")?,
            server_layout: owned("server-layout")?.unwrap_or_default(),
            timezone: owned("timezone")?,
            color_depth: match settings.text("color-depth")? {
                // Eight bits would need a palette that no encoder here gains
                // from; sixteen is the least that is asked for.
                Some("8" | "16") => 16,
                Some("24") => 24,
                _ => 32,
            },
            width: settings.integer("width")?,
            height: settings.integer("height")?,
            dpi: settings.integer("dpi")?,
            resize_method: match settings.text("resize-method")? {
                Some("reconnect") => ResizeMethod::Reconnect,
                Some("none") => ResizeMethod::Never,
                _ => ResizeMethod::DisplayUpdate,
            },
            experience: read_experience(settings)?,
            disable_gfx: settings.boolean("disable-gfx")?,
            preconnection_id: settings.integer("preconnection-id")?,
            preconnection_blob: owned("preconnection-blob")?,
            load_balance_info: owned("load-balance-info")?,
            normalize_clipboard: match settings.text("normalize-clipboard")? {
                Some("unix") => NormalizeClipboard::Unix,
                Some("windows") => NormalizeClipboard::Windows,
                _ => NormalizeClipboard::Preserve,
            },
        })
    }
}

/// Where a Hyper-V host offers the consoles of its machines.
const VMCONNECT_PORT: u16 = 2179;

fn read_security(text: Option<&str>) -> RdpSecurity {
    match text {
        Some("nla" | "nla-ext") => RdpSecurity::Nla,
        Some("tls") => RdpSecurity::Tls,
        Some("vmconnect") => RdpSecurity::VmConnect,
        Some("rdp") => RdpSecurity::Standard,
        _ => RdpSecurity::Any,
    }
}

fn read_experience(settings: &FlatSettings) -> Result<RdpExperience, SettingError> {
    Ok(RdpExperience {
        wallpaper: settings.boolean("enable-wallpaper")?,
        theming: settings.boolean("enable-theming")?,
        font_smoothing: settings.boolean("enable-font-smoothing")?,
        full_window_drag: settings.boolean("enable-full-window-drag")?,
        desktop_composition: settings.boolean("enable-desktop-composition")?,
        menu_animations: settings.boolean("enable-menu-animations")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<RdpSettings, SettingError> {
        let host = [("hostname", "win-01")];
        let all = host.iter().chain(settings);
        let owned = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        RdpSettings::read(&owned.collect())
    }

    #[test]
    fn a_host_is_enough() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.hostname, "win-01");
        assert_eq!(settings.port, 3389);
        assert_eq!(settings.security, RdpSecurity::Any);
        assert_eq!(settings.color_depth, 32);
        assert_eq!(settings.server_layout, "en-us-qwerty");
        assert_eq!(settings.resize_method, ResizeMethod::DisplayUpdate);
        assert_eq!(settings.experience, RdpExperience::default());
        assert!(settings.certificate.trust_on_first_use && !settings.disable_gfx);
        assert_eq!(settings.connect_timeout, Duration::from_secs(10));
    }

    #[test]
    fn everything_is_read() {
        let settings = read(&[
            ("security", "vmconnect"),
            ("username", "CORP\\ada"),
            ("password", "hunter2"),
            ("ignore-cert", "true"),
            ("resize-method", "reconnect"),
            ("server-layout", "de-de-qwertz"),
            ("enable-wallpaper", "true"),
            ("color-depth", "16"),
            ("preconnection-id", "4294967295"),
            ("preconnection-blob", "vm"),
            ("width", "1280"),
            ("normalize-clipboard", "windows"),
        ])
        .unwrap();
        assert_eq!(
            (settings.port, settings.security),
            (2179, RdpSecurity::VmConnect)
        );
        assert!(settings.certificate.ignore && !settings.kerberos);
        let kerberos = read(&[("kdc-url", "tcp://dc1.corp.example:88")]).unwrap();
        assert!(kerberos.kerberos);
        assert_eq!(settings.resize_method, ResizeMethod::Reconnect);
        assert!(settings.experience.wallpaper && !settings.experience.theming);
        assert_eq!(settings.color_depth, 16);
        assert_eq!(settings.preconnection_id, Some(u32::MAX));
        assert_eq!(settings.width, Some(1280));
        assert_eq!(settings.normalize_clipboard, NormalizeClipboard::Windows);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn errors_name_the_setting() {
        let check = |name: &str, value: &str| {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.name(), Some(name), "{error}");
        };
        check("security", "rc4");
        check("server-layout", "klingon");
        check("width", "100");
        check("preconnection-id", "-1");
        check("resize-method", "magic");
        check("ignore-cert", "perhaps");
    }
}
