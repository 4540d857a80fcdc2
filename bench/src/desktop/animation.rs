//! Something that moves on a target's display: frames made by `ffmpeg`, shown
//! by `animation/xanim.c` through shared memory at a fixed rate.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use causeway_tests::daemon::Daemon;
use causeway_tests::display::Display;

/// Frames a second.
pub(crate) const RATE: u32 = 30;
/// Frames that are made; they are shown forth and back.
const FRAMES: u32 = 30;
/// Lines of a text to be edited, which is more pages than are turned.
const TEXT_LINES: u32 = 4000;
/// A picture that nobody takes away ends by itself, in seconds.
const SECONDS_MAX: u32 = 600;

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Like a photo or a film: a fractal with grain, nothing of which repeats.
    Photo,
    /// Like a drawing: flat colours, sharp edges.
    Clean,
}

impl Picture {
    const fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Clean => "clean",
        }
    }

    fn source(self, width: u32, height: u32) -> String {
        match self {
            Self::Photo => format!(
                "mandelbrot=size={width}x{height}:rate={RATE}:start_scale=0.5,noise=alls=20:allf=t"
            ),
            Self::Clean => format!("testsrc2=size={width}x{height}:rate={RATE}"),
        }
    }
}

/// Where frames and the player are made, once a run.
pub(crate) struct Studio {
    directory: tempfile::TempDir,
    player: PathBuf,
}

impl Studio {
    /// Builds the player.
    ///
    /// # Errors
    /// When there is no C compiler, or no libX11 and libXext to build with.
    pub(crate) fn open() -> Result<Self> {
        let directory = tempfile::TempDir::with_prefix("causeway-bench-")?;
        let player = directory.path().join("xanim");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("animation/xanim.c");
        let built = Command::new("cc")
            .args(["-O2", "-w", "-o"])
            .args([&player, &source])
            .args(["-lX11", "-lXext"])
            .status()
            .context("there is no C compiler")?;
        ensure!(
            built.success(),
            "xanim.c does not build; are libx11-dev and libxext-dev installed?"
        );
        // Players of other users run it and read its frames.
        open_to_all(directory.path())?;
        Ok(Self { directory, player })
    }

    /// Shows a picture on a display until it is dropped.
    ///
    /// # Errors
    /// When `ffmpeg` is missing or the display cannot be reached.
    pub(crate) fn show(
        &self,
        picture: Picture,
        (width, height): (u32, u32),
        display: &Display,
    ) -> Result<Daemon> {
        let frames = self.frames(picture, width, height)?;
        let size = [width, height, RATE, SECONDS_MAX].map(|number| number.to_string());
        let mut arguments: Vec<&str> = size.iter().map(String::as_str).collect();
        let frames = frames.to_str().context("a path that is no text")?;
        arguments.extend([frames, "0", "0"]);
        let player = self.player.to_str().context("a path that is no text")?;
        display.start(player, &arguments, &self.log())
    }

    /// A text to be edited.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn text(&self) -> Result<PathBuf> {
        let path = self.directory.path().join("text");
        let line = |number| format!("{number} of the lines that a person reads, each another.\n");
        std::fs::write(&path, (0..TEXT_LINES).map(line).collect::<String>())?;
        Ok(path)
    }

    /// Where programs on displays write their errors.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory.path().join("programs.log")
    }

    fn frames(&self, picture: Picture, width: u32, height: u32) -> Result<PathBuf> {
        let name = format!("{}-{width}x{height}.bgra", picture.name());
        let path = self.directory.path().join(name);
        if path.exists() {
            return Ok(path);
        }
        let made = Command::new("ffmpeg")
            .args(["-loglevel", "error", "-f", "lavfi", "-i"])
            .arg(picture.source(width, height))
            .args([
                "-frames:v",
                &FRAMES.to_string(),
                "-pix_fmt",
                "bgra",
                "-f",
                "rawvideo",
            ])
            .arg(&path)
            .status()
            .context("there is no ffmpeg")?;
        ensure!(made.success(), "ffmpeg makes no frames");
        Ok(path)
    }
}

fn open_to_all(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(
        directory,
        std::fs::Permissions::from_mode(0o755),
    )?)
}
