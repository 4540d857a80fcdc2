//! TigerVNC's X server, with a desk on it.
//!
//! The fixture binds a loopback port and hands it to the server as inetd
//! would, so that no port has to be guessed; the server chooses its display
//! itself. It can be started anew behind the same port.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;

use anyhow::Result;
use tempfile::TempDir;

use super::{PASSWORD, password};
use crate::certificate::Certificate;
use crate::daemon::Daemon;
use crate::display::{Background, Desk, Display, server_command, start_server};
use crate::sshd::{Pam, USERNAME, UnixUser};

/// What a server is like.
#[must_use]
pub struct XtigervncBuilder {
    security_types: String,
    password: String,
    size: (u16, u16),
    depth: u8,
    photo: bool,
    arguments: Vec<String>,
}

impl XtigervncBuilder {
    /// Security types in order of preference, as `SecurityTypes` wants them,
    /// e.g. `X509Plain,TLSVnc`; `VncAuth` unless set. Those with `Plain` let
    /// the test account in and need root.
    pub fn security_types(mut self, types: &str) -> Self {
        types.clone_into(&mut self.security_types);
        self
    }

    /// The password of `VncAuth`, `TLSVnc` and `X509Vnc`.
    pub fn password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// The first size of the desktop.
    pub fn size(mut self, width: u16, height: u16) -> Self {
        self.size = (width, height);
        self
    }

    /// Bits of a pixel: 24 unless set; 16 is possible.
    pub fn depth(mut self, bits: u8) -> Self {
        self.depth = bits;
        self
    }

    /// Has a photo behind the windows.
    pub fn photo(mut self) -> Self {
        self.photo = true;
        self
    }

    /// Any other parameter, e.g. `-Protocol3.3=1`.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When Debian's `tigervnc-standalone-server`, `tigervnc-tools`,
    /// `openbox` or `xterm` is not there or does not start.
    pub async fn start(self) -> Result<Xtigervnc> {
        let account = if self.security_types.contains("Plain") {
            Some(UnixUser::ensure()?)
        } else {
            None
        };
        let directory = TempDir::with_prefix("causeway-vnc-")?;
        password::write(&directory.path().join("password"), &self.password)?;
        let certificate = Certificate::generate(directory.path())?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        // The server waits for visitors of its own accord.
        listener.set_nonblocking(false)?;
        let running = self.run(directory.path(), &listener).await?;
        Ok(Xtigervnc {
            running,
            builder: self,
            certificate,
            account,
            listener,
            directory,
        })
    }

    async fn run(&self, directory: &Path, listener: &TcpListener) -> Result<Running> {
        let (width, height) = self.size;
        let mut command = server_command(directory, "Xtigervnc");
        command
            .args(["-inetd", "-ac", "-nolisten", "tcp"])
            .args(["-geometry", &format!("{width}x{height}")])
            .args(["-depth", &self.depth.to_string()])
            .arg(format!("-SecurityTypes={}", self.security_types))
            .args(["-desktop=marker desk", "-AlwaysShared=1", "-UseBlacklist=0"])
            .args(["-MaxCutText=4194304", "-Log=*:stdout:30"])
            .arg(format!("-PlainUsers={USERNAME}"))
            .arg(format!("-PAMService={}", Pam::OnePrompt.service()));
        for (name, file) in [
            ("PasswordFile", "password"),
            ("X509Cert", "certificate.pem"),
            ("X509Key", "key.pem"),
        ] {
            command.arg(format!("-{name}={}", directory.join(file).display()));
        }
        command
            .args(&self.arguments)
            .stdin(Stdio::from(OwnedFd::from(listener.try_clone()?)));
        let (server, display) = start_server(command, directory).await?;
        let background = if self.photo {
            let (width, height) = (width.into(), height.into());
            Background::Photo { width, height }
        } else {
            Background::Plain
        };
        drop(std::fs::remove_file(directory.join("typed")));
        let desk = Desk::start(&display, directory, background).await?;
        Ok(Running {
            server,
            display,
            desk,
        })
    }
}

/// A running server. Dropping it ends it and all that runs on its display.
pub struct Xtigervnc {
    running: Running,
    builder: XtigervncBuilder,
    certificate: Certificate,
    account: Option<UnixUser>,
    listener: TcpListener,
    directory: TempDir,
}

struct Running {
    server: Daemon,
    display: Display,
    desk: Desk,
}

impl Xtigervnc {
    /// A server that asks for a password and has a desktop of 1024x768.
    pub fn builder() -> XtigervncBuilder {
        XtigervncBuilder {
            security_types: "VncAuth".to_owned(),
            password: PASSWORD.to_owned(),
            size: (1024, 768),
            depth: 24,
            photo: false,
            arguments: Vec::new(),
        }
    }

    /// The same, started.
    ///
    /// # Errors
    /// As [`XtigervncBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Where it listens.
    ///
    /// # Panics
    /// Never: the port is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener
            .local_addr()
            .unwrap_or_else(|error| panic!("a bound port has an address: {error}"))
    }

    /// The password of VNC's own authentication.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.builder.password
    }

    /// The account that the `Plain` types let in; `None` without them.
    #[must_use]
    pub const fn account(&self) -> Option<&UnixUser> {
        self.account.as_ref()
    }

    /// The certificate that the `X509` types show.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its display, seen from this machine.
    #[must_use]
    pub const fn display(&self) -> &Display {
        &self.running.display
    }

    /// What is on the display.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.running.desk
    }

    /// A directory that is removed with it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Ends the server as a power cut would; its port stays bound.
    pub fn kill(&mut self) {
        self.running.server.kill();
    }

    /// Starts the server anew behind the same port, with a new certificate.
    ///
    /// # Errors
    /// As [`XtigervncBuilder::start`].
    pub async fn restart_with_new_certificate(&mut self) -> Result<()> {
        self.kill();
        self.certificate = Certificate::generate(self.directory.path())?;
        self.running = self
            .builder
            .run(self.directory.path(), &self.listener)
            .await?;
        Ok(())
    }

    /// The end of the server's log.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.running.server.last_words()
    }
}
