//! An X display that a test looks at and works in from its own side, past
//! whatever server shows it to the world.

mod desk;
mod xvfb;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;

use crate::daemon::{self, Daemon};
use crate::picture::Picture;

pub use desk::{Background, Desk, TERMINAL_AT};
pub use xvfb::Xvfb;
pub(crate) use xvfb::{server_command, start_server};

/// How long a tool may take.
const TOOL_PATIENCE: Duration = Duration::from_secs(20);
/// How long the owner of a clipboard may take.
const CLIPBOARD_PATIENCE: Duration = Duration::from_secs(3);
/// How long a display may take to come to rest.
const REST_WITHIN: Duration = Duration::from_secs(15);
/// Two looks this far apart that are equal mean rest.
const REST: Duration = Duration::from_millis(150);

/// A display, by its number.
#[derive(Debug, Clone)]
pub struct Display {
    number: u32,
    authority: Option<PathBuf>,
}

impl Display {
    /// The display of a number that lets everybody on this machine in.
    #[must_use]
    pub const fn open(number: u32) -> Self {
        Self {
            number,
            authority: None,
        }
    }

    /// The display of a number that wants to see a cookie of a file.
    #[must_use]
    pub const fn with_authority(number: u32, authority: PathBuf) -> Self {
        Self {
            number,
            authority: Some(authority),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Its name, as `DISPLAY` wants it.
    #[must_use]
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// The file with its cookie, as `XAUTHORITY` wants it; `None` when it lets
    /// everybody in.
    #[must_use]
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// A command that draws here; for [`Daemon::start`] or [`Self::run`].
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = daemon::command(program);
        command.env("DISPLAY", self.name());
        if let Some(authority) = &self.authority {
            command.env("XAUTHORITY", authority);
        }
        command
    }

    /// Runs a program to its end and tells what it said.
    ///
    /// # Errors
    /// When it fails, or takes too long.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Result<Vec<u8>> {
        self.run_within(TOOL_PATIENCE, program, arguments).await
    }

    async fn run_within(
        &self,
        patience: Duration,
        program: &str,
        arguments: &[&str],
    ) -> Result<Vec<u8>> {
        let mut command = self.command(program);
        command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {program}"))?;
        let output = tokio::time::timeout(patience, child.wait_with_output())
            .await
            .with_context(|| format!("{program} took more than {patience:?}"))??;
        ensure!(
            output.status.success(),
            "{program} {arguments:?} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output.stdout)
    }

    /// What it shows, without the pointer.
    ///
    /// # Errors
    /// When no picture can be taken.
    pub async fn screenshot(&self) -> Result<Picture> {
        let ppm = self
            .run(
                "import",
                &["-silent", "-window", "root", "-depth", "8", "ppm:-"],
            )
            .await?;
        Picture::from_ppm(&ppm)
    }

    /// What it shows once it has come to rest.
    ///
    /// # Errors
    /// When it does not.
    pub async fn at_rest(&self) -> Result<Picture> {
        let deadline = Instant::now() + REST_WITHIN;
        let mut before = self.screenshot().await?;
        loop {
            tokio::time::sleep(REST).await;
            let now = self.screenshot().await?;
            if now == before {
                return Ok(now);
            }
            ensure!(
                Instant::now() < deadline,
                "{} did not come to rest within {REST_WITHIN:?}",
                self.name()
            );
            before = now;
        }
    }

    /// Pixels across and down.
    ///
    /// # Errors
    /// When the display is gone.
    pub async fn size(&self) -> Result<(usize, usize)> {
        let text = self.run("xdotool", &["getdisplaygeometry"]).await?;
        let text = String::from_utf8(text)?;
        let (width, height) = text.trim().split_once(' ').context("two numbers")?;
        Ok((width.parse()?, height.parse()?))
    }

    /// Where the pointer is.
    ///
    /// # Errors
    /// When the display is gone.
    pub async fn pointer(&self) -> Result<(i32, i32)> {
        let text = self
            .run("xdotool", &["getmouselocation", "--shell"])
            .await?;
        let text = String::from_utf8(text)?;
        let coordinate = |name: &str| -> Result<i32> {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            Ok(value.context("a coordinate")?.parse()?)
        };
        Ok((coordinate("X=")?, coordinate("Y=")?))
    }

    /// Text of the clipboard; none when nobody owns it or it holds no text.
    ///
    /// # Errors
    /// When its owner does not answer.
    pub async fn clipboard(&self) -> Result<Option<String>> {
        let read = |target| ["-selection", "clipboard", "-o", "-t", target];
        // Old owners do not tell what they have, and have Latin-1 (ICCCM 2.6.2).
        let targets = self
            .run_within(CLIPBOARD_PATIENCE, "xclip", &read("TARGETS"))
            .await
            .unwrap_or_default();
        let targets = String::from_utf8_lossy(&targets);
        let has = |target| targets.lines().any(|line| line == target);
        if has("UTF8_STRING") {
            let text = self
                .run_within(CLIPBOARD_PATIENCE, "xclip", &read("UTF8_STRING"))
                .await?;
            return Ok(Some(String::from_utf8(text)?));
        }
        let text = self
            .run_within(CLIPBOARD_PATIENCE, "xclip", &read("STRING"))
            .await;
        Ok(text
            .ok()
            .map(|text| text.into_iter().map(char::from).collect()))
    }

    /// Puts a text on the clipboard, as long as the returned owner lives or
    /// until somebody else copies.
    ///
    /// # Errors
    /// When it is not owned in the end.
    pub async fn copy(&self, text: &str) -> Result<ClipboardOwner> {
        let mut command = self.command("xclip");
        command
            .args(["-quiet", "-selection", "clipboard", "-i"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut owner = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .context("start xclip")?;
        let mut input = owner.stdin.take().context("no standard input")?;
        input.write_all(text.as_bytes()).await?;
        drop(input);
        Ok(ClipboardOwner { _process: owner })
    }

    /// Starts a program that stays; its output goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, program: &str, arguments: &[&str], log: &Path) -> Result<Daemon> {
        let mut command = self.command(program);
        command.args(arguments);
        Daemon::start(command, log)
    }
}

/// Owns a display's clipboard; dropping it gives it up.
pub struct ClipboardOwner {
    _process: tokio::process::Child,
}
