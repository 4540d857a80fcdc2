//! What to run in a terminal, and with which environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use pty_process::Pty;
use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};

use super::terminal::Terminal;

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

    /// The same for the pty library.
    pub(super) fn pty(self) -> pty_process::Size {
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
        Ok(Terminal::new(pty, child))
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
