//! A program in a pseudo-terminal, ended for good with its owner.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};
use std::time::Duration;

use pty_process::{Pty, ReadPty, WritePty};
use russh::Sig;
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

/// Bytes read from the terminal at once.
const READ_BYTES: usize = 32 * 1024;
/// How long after a program's exit its last output may take to come, while a
/// child of it still holds the terminal.
const LAST_OUTPUT: Duration = Duration::from_millis(50);
/// How long a program may take to end after the hang-up, before it is killed.
const HANG_UP_GRACE: Duration = Duration::from_secs(2);
/// Variables of our own environment that a program gets; nothing else, since
/// ours may hold secrets.
const ENVIRONMENT_PASSED: [&str; 8] = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ",
];
/// Environment variables that a client may set.
const VARIABLES_MAX: usize = 32;
const PATH_DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Columns and rows, at least one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    /// What a client asked for, brought into the range of a terminal.
    pub(super) fn new(columns: u32, rows: u32) -> Self {
        let clamp = |value: u32| u16::try_from(value).unwrap_or(u16::MAX).max(1);
        Self {
            columns: clamp(columns),
            rows: clamp(rows),
        }
    }

    fn pty(self) -> pty_process::Size {
        pty_process::Size::new(self.rows, self.columns)
    }
}

/// What to start, and how its terminal looks.
#[derive(Debug)]
pub(super) struct Program {
    term: String,
    size: Size,
    variables: BTreeMap<String, String>,
    command: Option<OsString>,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            term: "xterm-256color".to_owned(),
            size: Size::new(80, 24),
            variables: BTreeMap::new(),
            command: None,
        }
    }
}

impl Program {
    /// The terminal's type and size; a type that is no plain name is ignored.
    pub(super) fn set_terminal(&mut self, term: &str, size: Size) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
        if (1..=64).contains(&term.len()) && term.bytes().all(plain) {
            term.clone_into(&mut self.term);
        }
        self.size = size;
    }

    /// The size at start.
    pub(super) fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Sets an environment variable; past [`VARIABLES_MAX`] it is ignored.
    pub(super) fn set_variable(&mut self, name: String, value: String) {
        if self.variables.len() < VARIABLES_MAX {
            self.variables.insert(name, value);
        }
    }

    /// A command line for the shell instead of an interactive shell.
    pub(super) fn set_command(&mut self, command: Vec<u8>) {
        self.command = Some(OsString::from_vec(command));
    }

    /// Starts it.
    ///
    /// # Errors
    /// When there is no pseudo-terminal or the shell cannot be run.
    pub(super) fn start(&self) -> Result<Terminal, pty_process::Error> {
        let (pty, pts) = pty_process::open()?;
        pty.resize(self.size.pty())?;
        erase_whole_characters(&pty)?;
        let mut command = pty_process::Command::new(shell())
            .env_clear()
            .env("PATH", PATH_DEFAULT)
            .envs(
                ENVIRONMENT_PASSED
                    .iter()
                    .filter_map(|name| Some((name, env::var_os(name)?))),
            )
            .envs(&self.variables)
            .env("TERM", &self.term)
            .current_dir(home())
            .kill_on_drop(true);
        if let Some(line) = &self.command {
            command = command.arg("-c").arg(line);
        }
        let child = command.spawn(pts)?;
        Ok(Terminal { pty, child })
    }
}

/// The terminal erases whole UTF-8 characters, not bytes.
fn erase_whole_characters(pty: &Pty) -> Result<(), pty_process::Error> {
    let mut modes = tcgetattr(pty).map_err(io::Error::from)?;
    modes.input_modes |= InputModes::IUTF8;
    tcsetattr(pty, OptionalActions::Now, &modes).map_err(io::Error::from)?;
    Ok(())
}

fn shell() -> PathBuf {
    env::var_os("SHELL")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.exists())
        .unwrap_or_else(|| PathBuf::from("/bin/sh"))
}

fn home() -> PathBuf {
    env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_dir())
        .unwrap_or_else(|| Path::new("/").to_path_buf())
}

/// A running program and its terminal.
pub(super) struct Terminal {
    pty: Pty,
    child: Child,
}

impl Terminal {
    /// The terminal's two directions.
    pub(super) fn parts(&mut self) -> (TerminalInput<'_>, Output<'_>) {
        let process = self.child.id();
        let (read, write) = self.pty.split();
        let output = Output {
            pty: read,
            child: &mut self.child,
            exit: None,
            buffer: Vec::new(),
        };
        (
            TerminalInput {
                pty: write,
                process,
            },
            output,
        )
    }

    /// Hangs up, and kills what does not heed it.
    pub(super) async fn end(self) {
        let Self { pty, mut child } = self;
        let process = child.id();
        // The kernel sends SIGHUP to the session when its terminal goes away.
        drop(pty);
        if timeout(HANG_UP_GRACE, child.wait()).await.is_err() {
            if let Some(process) = process {
                send(process, Signal::KILL);
            }
            if let Err(error) = child.kill().await {
                tracing::warn!(%error, "cannot kill a program of the demo target");
            }
        }
    }
}

/// What the terminal shows.
pub(super) struct Output<'a> {
    pty: ReadPty<'a>,
    child: &'a mut Child,
    exit: Option<ExitStatus>,
    buffer: Vec<u8>,
}

impl Output<'_> {
    /// The next bytes; `None` after the last ones.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        self.buffer.resize(READ_BYTES, 0);
        loop {
            tokio::select! {
                biased;
                // An error is how Linux says that the last program has closed it.
                read = self.pty.read(&mut self.buffer) => {
                    let count = read.ok().filter(|count| *count > 0)?;
                    return Some(self.buffer[..count].to_vec());
                }
                status = self.child.wait(), if self.exit.is_none() => {
                    self.exit = Some(status.ok()?);
                }
                () = sleep(LAST_OUTPUT), if self.exit.is_some() => return None,
            }
        }
    }

    /// How the program ended.
    pub(super) async fn exit_status(&mut self) -> Option<ExitStatus> {
        match self.exit {
            Some(status) => Some(status),
            None => self.child.wait().await.ok(),
        }
    }
}

/// What the terminal is told.
pub(super) struct TerminalInput<'a> {
    pty: WritePty<'a>,
    process: Option<u32>,
}

impl TerminalInput<'_> {
    /// Changes the terminal's size; the program hears of it by SIGWINCH.
    pub(super) fn resize(&self, size: Size) {
        if let Err(error) = self.pty.resize(size.pty()) {
            tracing::debug!(%error, "cannot resize the demo terminal");
        }
    }

    /// Sends a signal to the program; names that we do not know are ignored.
    pub(super) fn signal(&self, signal: &Sig) {
        if let (Some(process), Some(signal)) = (self.process, signal_number(signal)) {
            send(process, signal);
        }
    }
}

impl AsyncWrite for TerminalInput<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pty).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pty).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pty).poll_shutdown(context)
    }
}

fn send(process: u32, signal: Signal) {
    let Some(group) = i32::try_from(process).ok().and_then(Pid::from_raw) else {
        return;
    };
    if let Err(error) = kill_process_group(group, signal) {
        tracing::debug!(%error, "no program to send a signal to");
    }
}

fn signal_number(signal: &Sig) -> Option<Signal> {
    Some(match signal {
        Sig::ABRT => Signal::ABORT,
        Sig::ALRM => Signal::ALARM,
        Sig::FPE => Signal::FPE,
        Sig::HUP => Signal::HUP,
        Sig::ILL => Signal::ILL,
        Sig::INT => Signal::INT,
        Sig::KILL => Signal::KILL,
        Sig::PIPE => Signal::PIPE,
        Sig::QUIT => Signal::QUIT,
        Sig::SEGV => Signal::SEGV,
        Sig::TERM => Signal::TERM,
        Sig::USR1 => Signal::USR1,
        Sig::Custom(_) => return None,
    })
}
