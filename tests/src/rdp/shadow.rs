//! FreeRDP's shadow server: it shows a display that is there already, and
//! knows network level authentication (NTLM).

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{PASSWORD, USERNAME};
use crate::certificate;
use crate::daemon::{Daemon, retry};
use crate::display::{Background, Desk, Display, Xvfb};
use crate::relay::Relay;

/// It now and then crashes while it starts.
const ATTEMPTS: usize = 3;

/// How a shadow server lets somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShadowSecurity {
    /// TLS; whoever comes.
    Tls,
    /// Network level authentication alone: [`USERNAME`] with [`PASSWORD`].
    Nla,
}

/// A running server. Dropping it ends it and its display.
pub struct Shadow {
    relay: Relay,
    server: Daemon,
    screen: Xvfb,
}

impl Shadow {
    /// Starts one on a new display of a size, with a desk on it.
    ///
    /// # Errors
    /// When Debian's `freerdp2-shadow-x11`, `winpr-utils`, `xvfb`, `openbox`
    /// or `xterm` is not there or does not start.
    pub async fn start(width: u16, height: u16, security: ShadowSecurity) -> Result<Self> {
        retry(ATTEMPTS, || Self::attempt(width, height, security)).await
    }

    async fn attempt(width: u16, height: u16, security: ShadowSecurity) -> Result<Self> {
        // With its desk at rest: on a display that is still being set up the
        // server crashes.
        let screen = Xvfb::start(width, height, Background::Plain).await?;
        let directory = screen.directory();
        let socket = directory.join("rdp.socket");
        let mut command = screen.display().command("freerdp-shadow-cli");
        command
            .arg(format!("/ipc-socket:{}", socket.display()))
            .env("HOME", directory)
            .env("WLOG_LEVEL", "WARN");
        match security {
            ShadowSecurity::Tls => command.args(["-auth", "/sec:tls"]),
            ShadowSecurity::Nla => {
                let accounts = write_accounts(directory)?;
                command
                    .args(["+auth", "/sec:nla"])
                    .arg(format!("/sam-file:{}", accounts.display()))
            }
        };
        let mut server = Daemon::start(command, &directory.join("shadow.log"))?;
        server
            .until("socket", || socket.exists().then_some(()))
            .await?;
        Ok(Self {
            relay: Relay::start(socket).await?,
            server,
            screen,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.relay.address()
    }

    /// The certificate that it made for itself, SHA-256 as 64 upper-case
    /// hexadecimal digits.
    ///
    /// # Errors
    /// When openssl cannot read it.
    pub fn certificate_sha256_hex(&self) -> Result<String> {
        certificate::sha256_hex(&self.certificate_file())
    }

    /// The same certificate in DER form.
    ///
    /// # Errors
    /// When openssl cannot read it.
    pub fn certificate_der(&self) -> Result<Vec<u8>> {
        certificate::der(&self.certificate_file())
    }

    /// Its display, seen from this machine.
    #[must_use]
    pub const fn display(&self) -> &Display {
        self.screen.display()
    }

    /// What is on the display.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        self.screen.desk()
    }

    /// How many connections came so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.relay.accepted()
    }

    /// From the next connection on another server answers in its place.
    pub fn lead_to(&self, other: &Self) {
        self.relay.lead_to(&other.relay);
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.server.last_words()
    }

    fn certificate_file(&self) -> PathBuf {
        self.screen
            .directory()
            .join(".config/freerdp/shadow/shadow.crt")
    }
}

/// The server's account file: the user's name and the NT hash of the password.
fn write_accounts(directory: &Path) -> Result<PathBuf> {
    let output = Command::new("winpr-hash")
        .args(["-u", USERNAME, "-p", PASSWORD, "-f", "sam"])
        .stdin(Stdio::null())
        .output()
        .context("run winpr-hash (Debian package winpr-utils)")?;
    ensure!(output.status.success(), "winpr-hash failed: {output:?}");
    let file = directory.join("accounts");
    fs::write(&file, output.stdout)?;
    Ok(file)
}
