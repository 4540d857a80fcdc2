//! The settings of an SSH session, read once from the effective ones.

use std::time::Duration;

use super::ssh_key::{self, PinnedHostKey, SshKey};
use super::{FlatSettings, SettingError};
use crate::host::Host;
use crate::object::Protocol;
use crate::secret::Secret;

/// All that the node needs to open a shell, besides what it asks the viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshSettings {
    /// Name or address of the target, an IPv6 address without brackets.
    pub hostname: String,
    /// Port of the target.
    pub port: u16,
    /// How long the target may take to accept the connection.
    pub connect_timeout: Duration,
    /// Name to sign in with; the viewer is asked when there is none.
    pub username: Option<String>,
    /// Password to sign in with.
    pub password: Option<Secret>,
    /// Private key to sign in with, and its certificate.
    pub key: Option<SshKey>,
    /// Host keys to accept and no others; empty to trust on first use.
    pub host_keys: Vec<PinnedHostKey>,
    /// Value of `TERM`.
    pub terminal_type: String,
    /// Command to run instead of the login shell.
    pub command: Option<String>,
    /// Value of `LANG` to offer.
    pub locale: Option<String>,
    /// Value of `TZ` to offer.
    pub timezone: Option<String>,
    /// How often a silent target is asked for a sign of life; `None` for never.
    pub server_alive_interval: Option<Duration>,
}

impl SshSettings {
    /// Reads the settings of SSH from effective ones; others are passed over.
    ///
    /// # Errors
    /// When `hostname` is missing or a setting is of a wrong type.
    pub fn read(settings: &FlatSettings) -> Result<Self, SettingError> {
        let owned = |name| settings.text(name).map(|text| text.map(str::to_owned));
        let seconds = |name| {
            let count = settings.integer::<u64>(name);
            count.map(|count| Duration::from_secs(count.unwrap_or(0)))
        };
        let host = settings
            .text("hostname")?
            .and_then(|text| text.parse::<Host>().ok());
        let host = host.ok_or_else(|| SettingError::Missing {
            name: "hostname".to_owned(),
        })?;
        let port = settings.integer("port")?;
        let server_alive_interval = seconds("server-alive-interval")?;
        Ok(Self {
            hostname: host.name().to_owned(),
            port: port.unwrap_or(Protocol::Ssh.default_port()),
            connect_timeout: seconds("timeout")?,
            username: owned("username")?,
            password: settings.secret("password")?,
            key: read_key(settings)?,
            host_keys: read_host_keys(settings)?,
            terminal_type: owned("terminal-type")?.unwrap_or_default(),
            command: owned("command")?,
            locale: owned("locale")?,
            timezone: owned("timezone")?,
            server_alive_interval: Some(server_alive_interval).filter(|every| !every.is_zero()),
        })
    }
}

fn read_key(settings: &FlatSettings) -> Result<Option<SshKey>, SettingError> {
    // The catalogue's type is checked by `text`, with the same functions.
    let private_key = settings.text("private-key")?;
    let Some(private_key) = private_key.and_then(ssh_key::normal_private_key) else {
        return Ok(None);
    };
    let certificate = settings
        .text("public-key")?
        .and_then(ssh_key::parse_public_key)
        .filter(|(algorithm, _)| ssh_key::is_certificate(algorithm))
        .map(|(algorithm, base64)| format!("{algorithm} {base64}"));
    Ok(Some(SshKey {
        private_key: Secret::new(private_key),
        passphrase: settings.secret("passphrase")?,
        certificate,
    }))
}

fn read_host_keys(settings: &FlatSettings) -> Result<Vec<PinnedHostKey>, SettingError> {
    let keys = settings
        .text("host-key")?
        .and_then(ssh_key::parse_host_keys);
    Ok(keys.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";

    fn read(settings: &[(&str, &str)]) -> Result<SshSettings, SettingError> {
        let host = [("hostname", "web-01")];
        let all = host.iter().chain(settings);
        let owned = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        SshSettings::read(&owned.collect())
    }

    #[test]
    fn a_host_is_enough() {
        let expected = SshSettings {
            hostname: "web-01".to_owned(),
            port: 22,
            connect_timeout: Duration::from_secs(10),
            username: None,
            password: None,
            key: None,
            host_keys: Vec::new(),
            terminal_type: "xterm-256color".to_owned(),
            command: None,
            locale: None,
            timezone: None,
            server_alive_interval: Some(Duration::from_secs(30)),
        };
        assert_eq!(read(&[]), Ok(expected.clone()));
        // Empty texts and settings of other protocols change nothing.
        let others = [
            ("username", ""),
            ("port", ""),
            ("security", "nla"),
            ("unknown", "x"),
        ];
        assert_eq!(read(&others), Ok(expected));
    }

    #[test]
    fn everything_is_read() {
        let fingerprint = format!("SHA256:{}", "a".repeat(43));
        let read = read(&[
            ("port", "2222"),
            ("username", "ada"),
            ("password", "hunter2"),
            ("private-key", KEY),
            ("passphrase", "open sesame"),
            ("public-key", "ssh-ed25519-cert-v01@openssh.com AAAAC3 ada"),
            ("host-key", &fingerprint),
            ("command", "tmux attach"),
            ("locale", "de_AT.UTF-8"),
            ("timezone", "Europe/Vienna"),
            ("server-alive-interval", "0"),
            ("timeout", "3"),
        ])
        .unwrap();
        assert_eq!((read.port, read.username.as_deref()), (2222, Some("ada")));
        assert_eq!(read.password, Some(Secret::from("hunter2")));
        assert_eq!(
            read.key,
            Some(SshKey {
                private_key: Secret::from(KEY),
                passphrase: Some(Secret::from("open sesame")),
                certificate: Some("ssh-ed25519-cert-v01@openssh.com AAAAC3".to_owned()),
            })
        );
        assert_eq!(read.host_keys, [PinnedHostKey::Fingerprint(fingerprint)]);
        assert_eq!(read.command.as_deref(), Some("tmux attach"));
        assert_eq!(read.server_alive_interval, None);
        assert_eq!(read.connect_timeout, Duration::from_secs(3));
        let shown = format!("{read:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("sesame") && !shown.contains("BEGIN")
        );
    }

    #[test]
    fn a_plain_public_key_adds_nothing() {
        let read = read(&[("private-key", KEY), ("public-key", "ssh-ed25519 AAAAC3")]).unwrap();
        assert_eq!(read.key.and_then(|key| key.certificate), None);
    }

    #[test]
    fn errors_name_the_setting_and_show_no_secret() {
        let missing = SshSettings::read(&FlatSettings::default()).unwrap_err();
        assert_eq!(missing.to_string(), "setting hostname is missing");
        let check = |name: &str, value: &str| {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.name(), Some(name), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        };
        check("private-key", "hunter2");
        check("password", "hunter2\u{0}");
        check("hostname", "web-01:22");
        check("port", "0");
        check("port", "70000");
        check("terminal-type", "a b");
        check("host-key", "none");
        check("server-alive-interval", "-1");
    }
}
