//! A tiny desktop session: a background, a window manager, and one terminal
//! that writes down what is typed and clicked into it.
//!
//! Nothing on it moves by itself, so that two looks at it are equal.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Display;
use crate::daemon::Daemon;
use crate::picture::Picture;

/// Where the terminal is, in pixels from the left and from the top, without
/// its frame.
pub const TERMINAL_AT: (usize, usize) = (40, 60);

/// What is behind the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// One colour.
    Plain,
    /// Something like a photo of the display's size.
    Photo {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
}

/// A session's files; with [`Desk::start`] the session itself, too.
pub struct Desk {
    directory: PathBuf,
    session: Option<Daemon>,
}

impl Desk {
    /// Starts it on a display and waits until its terminal is there.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(
        display: &Display,
        directory: &Path,
        background: Background,
    ) -> Result<Self> {
        let mut desk = Self::write(directory, background)?;
        let mut command = display.command("sh");
        command.arg(desk.script()).env("HOME", directory);
        let mut session = Daemon::start(command, &directory.join("session.log"))?;
        session
            .until("terminal", || desk.is_ready().then_some(()))
            .await?;
        desk.session = Some(session);
        display.at_rest().await?;
        Ok(desk)
    }

    /// Writes the session's program and what it needs into a directory;
    /// somebody else runs it.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn write(directory: &Path, background: Background) -> Result<Self> {
        let path = directory.display();
        let paint = match background {
            Background::Plain => "xsetroot -solid '#336699'".to_owned(),
            Background::Photo { width, height } => {
                fs::write(
                    directory.join("background.ppm"),
                    photo(width, height).to_ppm(),
                )?;
                format!("display -window root {path}/background.ppm")
            }
        };
        let (x, y) = TERMINAL_AT;
        let scripts = [
            (
                "session",
                format!(
                    "#!/bin/sh\n{paint}\nexec openbox --sm-disable --startup {path}/terminal\n"
                ),
            ),
            (
                "terminal",
                format!(
                    "#!/bin/sh\nexec xterm -u8 +sb +bc -uc -fa 'DejaVu Sans Mono' -fs 11 \
                     -xrm 'XTerm*allowWindowOps: false' -T desk -geometry 70x20+{x}+{y} -e {path}/writer\n"
                ),
            ),
            // Raw, so that every key is written at once; with reports of the
            // mouse (xterm's SGR mode), so that clicks are, too.
            (
                "writer",
                format!(
                    "#!/bin/sh\nstty -icanon -isig -ixon -icrnl\n\
                     printf 'typed here: \\033[?1000h\\033[?1006h'\n\
                     : > {path}/typed\nexec cat >> {path}/typed\n"
                ),
            ),
        ];
        for (name, text) in scripts {
            let file = directory.join(name);
            fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
            fs::set_permissions(&file, Permissions::from_mode(0o755))?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            session: None,
        })
    }

    /// The program that is the session.
    #[must_use]
    pub fn script(&self) -> PathBuf {
        self.directory.join("session")
    }

    /// Whether the terminal takes keys.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.typed_file().exists()
    }

    /// Where the terminal writes down what it is given.
    #[must_use]
    pub fn typed_file(&self) -> PathBuf {
        self.directory.join("typed")
    }

    /// All that was typed into the terminal so far; clicks are in it as
    /// xterm's SGR mode tells them (`ESC [ < button ; column ; row M`).
    #[must_use]
    pub fn typed(&self) -> String {
        let bytes = fs::read(self.typed_file()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What the session said, for errors.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.session
            .as_ref()
            .map(Daemon::last_words)
            .unwrap_or_default()
    }
}

/// Something that compresses like a photo: soft shapes and grain, the same
/// every time.
fn photo(width: usize, height: usize) -> Picture {
    let mut noise = 0x2545_f491_u32;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            // Marsaglia's xorshift.
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let grain = f64::from(noise % 13) - 6.0;
            let (x, y) = (x as f64 / 90.0, y as f64 / 70.0);
            for phase in [0.0, 1.3, 2.9] {
                let shade = (x + phase).sin() + (y * 1.3 - phase).cos() + (x * y / 3.0).sin();
                let value = 128.0 + shade * 36.0 + grain;
                rgb.push(value.clamp(0.0, 255.0) as u8);
            }
        }
    }
    Picture::from_rgb(width, height, rgb).unwrap_or_default()
}
