//! A server program that a fixture starts, in a process group of its own.
//!
//! It ends with the value that holds it, and with the test's process should
//! that be killed. What it says goes to a log.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal};

/// How long a server may take to be ready.
pub const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long it may take to end when asked to.
const ENDED_WITHIN: Duration = Duration::from_secs(1);
/// How often a state is looked at that nothing tells of.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOG_TAIL_LINES: usize = 30;

/// A running server. Dropping it ends it and what it started.
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts a program; its output goes to `log` unless the command says
    /// otherwise. Make the command with [`command`].
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        use std::os::unix::process::CommandExt;
        let output = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("start {command:?}"))?;
        Ok(Self {
            child,
            log: log.to_owned(),
        })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it as a power cut would, and what it started.
    pub fn kill(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fails only when the group has already ended.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        drop(self.child.wait());
    }

    /// Asks it to end and waits until it has; one that does not is killed.
    pub fn stop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(group) = Pid::from_raw(pid)
            && self.is_alive()
        {
            let _ = rustix::process::kill_process_group(group, Signal::TERM);
        }
        let deadline = Instant::now() + ENDED_WITHIN;
        while self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
        self.kill();
    }

    /// Waits until a look finds what it looks for; the daemon must live
    /// meanwhile.
    ///
    /// # Errors
    /// When it ends, or nothing is found in time; the error holds its last
    /// words.
    pub async fn until<T>(&mut self, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if !self.is_alive() {
                bail!("it ended before {what}\n{}", self.last_words());
            }
            ensure!(
                Instant::now() < deadline,
                "no {what} within {READY_WITHIN:?}\n{}",
                self.last_words()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The end of its log.
    #[must_use]
    pub fn last_words(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // An X server takes its sockets with it when it is asked to end.
        self.stop();
    }
}

/// A command with a clean environment that is killed when this thread ends:
/// start daemons from threads that live as long as they shall.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .stdin(Stdio::null())
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LANG", "C.UTF-8");
    command
}

/// Starts something that does not always start, a few times at most.
///
/// # Errors
/// The last attempt's, when none succeeds.
pub async fn retry<T, F>(attempts: usize, mut start: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut errors = String::new();
    for attempt in 1..=attempts {
        match start().await {
            Ok(started) => return Ok(started),
            Err(error) => writeln!(errors, "attempt {attempt}: {error:#}")?,
        }
    }
    bail!("none of {attempts} attempts succeeded\n{errors}")
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}
