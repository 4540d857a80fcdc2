//! A real OpenSSH server for one test.
//!
//! The fixture binds a loopback port itself and starts `sshd -i` for every
//! connection that it accepts, so that there is no daemon to wait for, no
//! port to guess, and a change of configuration or host keys holds from the
//! next connection on. All that it started ends when it is dropped.
//!
//! Needs root (an account is made, see [`UnixUser`]) and Debian's
//! `openssh-server`; without them it fails and says so.

mod acceptor;
mod keys;
mod user;

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::TempDir;

use acceptor::Acceptor;
pub use keys::{KeyForm, KeyKind, KeyPair};
pub use user::{Pam, USERNAME, UnixUser};

/// What a server lets in, and how.
#[must_use]
pub struct SshdBuilder {
    password: bool,
    keyboard_interactive: bool,
    none: bool,
    pam: Pam,
    authorized_keys: Vec<String>,
    user_ca: Option<String>,
    host_keys: Vec<KeyKind>,
    lines: Vec<String>,
}

impl SshdBuilder {
    /// Lets `password` in.
    pub fn password(mut self) -> Self {
        self.password = true;
        self
    }

    /// Lets `keyboard-interactive` in, with one prompt or two rounds of one.
    pub fn keyboard_interactive(mut self, pam: Pam) -> Self {
        self.keyboard_interactive = true;
        self.pam = pam;
        self
    }

    /// Lets `none` in: whoever comes.
    pub fn none(mut self) -> Self {
        self.none = true;
        self.pam = Pam::Nothing;
        self
    }

    /// Lets a public key in; the text is a line of `authorized_keys`.
    pub fn authorize(mut self, public_key: impl Into<String>) -> Self {
        self.authorized_keys.push(public_key.into());
        self
    }

    /// Lets certificates of this authority in.
    pub fn user_ca(mut self, public_key: impl Into<String>) -> Self {
        self.user_ca = Some(public_key.into());
        self
    }

    /// `AuthenticationMethods`, for several methods in a row.
    pub fn authentication_methods(self, methods: &str) -> Self {
        self.line(format!("AuthenticationMethods {methods}"))
    }

    /// The host keys it has; by default one of Ed25519.
    pub fn host_keys(mut self, kinds: &[KeyKind]) -> Self {
        self.host_keys = kinds.to_vec();
        self
    }

    /// Any other line of `sshd_config`.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When not root, or when a key cannot be made.
    pub fn start(self) -> Result<Sshd> {
        let user = UnixUser::ensure()?;
        let directory = TempDir::with_prefix("causeway-sshd-")?;
        // sshd reads the authorized keys as the user that signs in.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755))?;
        for kind in &self.host_keys {
            keys::generate_at(
                &directory.path().join(host_key_name(*kind)),
                *kind,
                KeyForm::OpenSsh,
                "",
            )?;
        }
        fs::write(
            directory.path().join("authorized_keys"),
            self.authorized_keys.join("\n"),
        )?;
        fs::write(
            directory.path().join("user_ca.pub"),
            self.user_ca.clone().unwrap_or_default(),
        )?;
        fs::write(
            directory.path().join("sshd_config"),
            self.config(&directory)?,
        )?;
        let acceptor = Acceptor::start(directory.path(), self.pam)?;
        Ok(Sshd {
            acceptor,
            user,
            directory,
        })
    }

    fn config(&self, directory: &TempDir) -> Result<String> {
        let path = directory.path().display();
        let yes_no = |on: bool| if on { "yes" } else { "no" };
        let mut text = format!(
            "AllowUsers {USERNAME}\n\
             AuthorizedKeysFile {path}/authorized_keys\n\
             AcceptEnv LANG LC_* TZ\n\
             KbdInteractiveAuthentication {}\n\
             LogLevel VERBOSE\n\
             PasswordAuthentication {}\n\
             PermitEmptyPasswords {}\n\
             PermitRootLogin no\n\
             PidFile none\n\
             PrintLastLog no\n\
             PrintMotd no\n\
             StrictModes no\n\
             Subsystem sftp internal-sftp\n\
             UseDNS no\n\
             UsePAM yes\n",
            yes_no(self.keyboard_interactive),
            yes_no(self.password || self.none),
            yes_no(self.none),
        );
        for kind in &self.host_keys {
            writeln!(text, "HostKey {path}/{}", host_key_name(*kind))?;
        }
        if self.user_ca.is_some() {
            writeln!(text, "TrustedUserCAKeys {path}/user_ca.pub")?;
        }
        for line in &self.lines {
            writeln!(text, "{line}")?;
        }
        Ok(text)
    }
}

/// A running server. Dropping it ends every session on it.
pub struct Sshd {
    acceptor: Acceptor,
    user: UnixUser,
    directory: TempDir,
}

impl Sshd {
    /// A server that lets nobody in yet.
    pub fn builder() -> SshdBuilder {
        SshdBuilder {
            password: false,
            keyboard_interactive: false,
            none: false,
            pam: Pam::OnePrompt,
            authorized_keys: Vec::new(),
            user_ca: None,
            host_keys: vec![KeyKind::Ed25519],
            lines: Vec::new(),
        }
    }

    /// A server that lets the account's password in.
    ///
    /// # Errors
    /// As [`SshdBuilder::start`].
    pub fn with_password() -> Result<Self> {
        Self::builder().password().start()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.acceptor.address()
    }

    /// The account to sign in to.
    #[must_use]
    pub fn username(&self) -> &'static str {
        USERNAME
    }

    /// The account's password.
    #[must_use]
    pub fn password(&self) -> &str {
        self.user.password()
    }

    /// The account's home directory.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.user.home()
    }

    /// A directory of this server alone, removed with it.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Fingerprint of a host key, `SHA256:...`.
    ///
    /// # Errors
    /// When it has no host key of that kind.
    pub fn fingerprint(&self, kind: KeyKind) -> Result<String> {
        keys::fingerprint(&self.host_key(kind).with_extension("pub"))
    }

    /// A host key as `algorithm base64`.
    ///
    /// # Errors
    /// When it has no host key of that kind.
    pub fn host_public_key(&self, kind: KeyKind) -> Result<String> {
        let line = fs::read_to_string(self.host_key(kind).with_extension("pub"))?;
        let mut words = line.split_whitespace();
        let (algorithm, key) = words
            .next()
            .zip(words.next())
            .context("a public key has two words")?;
        Ok(format!("{algorithm} {key}"))
    }

    /// Gives it a new host key of a kind, from the next connection on.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn replace_host_key(&self, kind: KeyKind) -> Result<()> {
        let file = self.host_key(kind);
        fs::remove_file(&file).context("remove the old host key")?;
        fs::remove_file(file.with_extension("pub"))?;
        keys::generate_at(&file, kind, KeyForm::OpenSsh, "")
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.acceptor.accepted()
    }

    /// How many connections are alive.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.acceptor.alive()
    }

    /// Ends every connection as a machine that lost power would: at once,
    /// without a word.
    pub fn end_connections(&self) {
        self.acceptor.end_connections();
    }

    /// All that sshd wrote to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(self.directory.path().join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn host_key(&self, kind: KeyKind) -> PathBuf {
        self.directory.path().join(host_key_name(kind))
    }
}

fn host_key_name(kind: KeyKind) -> String {
    format!("host_{}", kind.algorithm())
}
