//! A program in a pseudo-terminal, ended for good with its owner.

use std::io;
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};
use std::time::Duration;

use pty_process::{Pty, ReadPty, WritePty};
use russh::Sig;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::process::Child;
use tokio::time::{sleep, timeout};

use super::program::Size;

/// Bytes read from the terminal at once.
const READ_BYTES: usize = 32 * 1024;
/// How long after a program's exit its last output may take to come, while a
/// child of it still holds the terminal.
const LAST_OUTPUT: Duration = Duration::from_millis(50);
/// How long a program may take to end after the hang-up, before it is killed.
const HANG_UP_GRACE: Duration = Duration::from_secs(2);

/// A running program and its terminal.
pub(super) struct Terminal {
    pty: Pty,
    child: Child,
}

impl Terminal {
    /// The terminal `pty` with `child` in it.
    pub(super) fn new(pty: Pty, child: Child) -> Self {
        Self { pty, child }
    }

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
