//! X servers on a display of their own: the number is the server's choice.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;
use tempfile::TempDir;

use super::{Background, Desk, Display};
use crate::daemon::{self, Daemon};

/// An X server without a screen that anybody sees.
pub struct Xvfb {
    display: Display,
    desk: Desk,
    server: Daemon,
    directory: TempDir,
}

impl Xvfb {
    /// Starts a server of a size with a desk on it.
    ///
    /// # Errors
    /// When Debian's `xvfb`, `openbox` or `xterm` is not there or does not
    /// start.
    pub async fn start(width: u16, height: u16, background: Background) -> Result<Self> {
        let directory = TempDir::with_prefix("causeway-xvfb-")?;
        let screen = format!("{width}x{height}x24");
        let mut command = server_command(directory.path(), "Xvfb");
        command.args(["-screen", "0", &screen, "-ac", "-nolisten", "tcp"]);
        let (server, display) = start_server(command, directory.path()).await?;
        let desk = Desk::start(&display, directory.path(), background).await?;
        Ok(Self {
            display,
            desk,
            server,
            directory,
        })
    }

    /// Its display.
    #[must_use]
    pub const fn display(&self) -> &Display {
        &self.display
    }

    /// What is on it.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// A directory that is removed with it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.server.kill();
    }
}

/// A command that runs an X server, which writes the number of its display to
/// a file of the directory. Arguments may follow.
pub(crate) fn server_command(directory: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = daemon::command("sh");
    command
        .args(["-c", r#"file=$1; shift; exec "$@" -displayfd 4 4>"$file""#])
        .arg("sh")
        .arg(directory.join("display"))
        .arg(program)
        .env("HOME", directory)
        .stdin(Stdio::null());
    command
}

/// Starts an X server from a [`server_command`] and waits for its display.
pub(crate) async fn start_server(command: Command, directory: &Path) -> Result<(Daemon, Display)> {
    let told = directory.join("display");
    drop(fs::remove_file(&told));
    let mut server = Daemon::start(command, &directory.join("server.log"))?;
    let number = server
        .until("number of the display", || {
            let text = fs::read_to_string(&told).ok()?;
            text.strip_suffix('\n')?.parse().ok()
        })
        .await?;
    Ok((server, Display::open(number)))
}
