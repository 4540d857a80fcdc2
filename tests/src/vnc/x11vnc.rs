//! x11vnc, which shows a display that somebody else made: another RFB server
//! (libvncserver) than TigerVNC's.

use std::fs;
use std::net::SocketAddr;

use anyhow::Result;

use super::{PASSWORD, password};
use crate::daemon::Daemon;
use crate::display::{Background, Desk, Display, Xvfb};

/// A running server. Dropping it ends it and its display.
pub struct X11vnc {
    address: SocketAddr,
    server: Daemon,
    screen: Xvfb,
}

impl X11vnc {
    /// Starts one on a new display of a size, with a desk on it.
    ///
    /// # Errors
    /// When Debian's `x11vnc`, `xvfb`, `openbox` or `xterm` is not there or
    /// does not start.
    pub async fn start(width: u16, height: u16) -> Result<Self> {
        let screen = Xvfb::start(width, height, Background::Plain).await?;
        let file = screen.directory().join("password");
        password::write(&file, PASSWORD)?;
        let log = screen.directory().join("x11vnc.log");
        let mut command = screen.display().command("x11vnc");
        command
            .args([
                "-listen",
                "127.0.0.1",
                "-no6",
                "-noipv6",
                "-rfbportv6",
                "-1",
            ])
            .args(["-forever", "-shared", "-norc", "-noshm", "-rfbauth"])
            .arg(file)
            .env("HOME", screen.directory());
        let mut server = Daemon::start(command, &log)?;
        // It takes the first port from 5900 on that it can bind, and says so.
        let port = server
            .until("port", || {
                let text = fs::read_to_string(&log).ok()?;
                let port = text.lines().find_map(|line| line.strip_prefix("PORT="))?;
                port.parse::<u16>().ok()
            })
            .await?;
        Ok(Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            server,
            screen,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The password that it asks for.
    #[must_use]
    pub const fn password(&self) -> &'static str {
        PASSWORD
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

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.server.last_words()
    }
}
