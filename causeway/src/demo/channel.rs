//! One session channel (RFC 4254, section 6): requests, then a terminal.

use std::process::ExitStatus;

use russh::server::{Handle, Msg};
use russh::{Channel, ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use super::program::{Program, Size};
use super::terminal::{Output, Terminal, TerminalInput};

/// Environment variables that a client may set, as Debian's sshd lets it.
const ENVIRONMENT_ACCEPTED: [&str; 3] = ["LANG", "LC_", "TZ"];
/// Longest value of such a variable, in bytes.
const ENVIRONMENT_VALUE_MAX: usize = 256;

/// Exit status of a program that could not be started, as shells have it.
const EXIT_STATUS_NOT_STARTED: u32 = 126;

/// A channel and the way to say how its program ended.
pub(super) struct DemoChannel {
    id: ChannelId,
    requests: ChannelReadHalf,
    output: ChannelWriteHalf<Msg>,
    handle: Handle,
}

/// The other side went away; there is nobody to tell.
struct Gone;

/// Why a channel has no program.
#[derive(Debug, thiserror::Error)]
enum NoTerminal {
    #[error("the client went away")]
    Gone,
    #[error("cannot start a program")]
    NotStarted(#[from] pty_process::Error),
}

impl From<()> for Gone {
    fn from((): ()) -> Self {
        Self
    }
}

impl DemoChannel {
    pub(super) fn new(channel: Channel<Msg>, handle: Handle) -> Self {
        let id = channel.id();
        let (requests, output) = channel.split();
        Self {
            id,
            requests,
            output,
            handle,
        }
    }

    /// Serves the channel until its program ends, the client closes it or
    /// `stop` is cancelled. No program of it is left behind.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let terminal = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            terminal = self.start() => terminal,
        };
        let mut terminal = match terminal {
            Ok(terminal) => terminal,
            Err(NoTerminal::Gone) => return,
            Err(NoTerminal::NotStarted(error)) => {
                tracing::warn!(%error, "demo target cannot start a program");
                if self.say_not_started().await.is_err() {
                    tracing::debug!("demo client left meanwhile");
                }
                return;
            }
        };
        let ended = {
            let (input, mut output) = terminal.parts();
            tokio::select! {
                biased;
                () = stop.cancelled() => None,
                status = copy_output(&mut output, &self.output) => status,
                () = feed(&mut self.requests, input) => None,
            }
        };
        if let Some(status) = ended
            && self.say_exit(status).await.is_err()
        {
            tracing::debug!("demo client left before it heard the exit status");
        }
        terminal.end().await;
    }

    /// Takes requests until one starts a program. The connection answers them:
    /// an answer must go out before the next request comes in.
    async fn start(&mut self) -> Result<Terminal, NoTerminal> {
        let mut program = Program::default();
        while let Some(message) = self.requests.wait().await {
            match message {
                ChannelMsg::RequestPty {
                    term,
                    col_width,
                    row_height,
                    ..
                } => {
                    program.set_terminal(&term, Size::new(col_width, row_height));
                }
                ChannelMsg::SetEnv {
                    variable_name,
                    variable_value,
                    ..
                } if is_accepted(&variable_name, &variable_value) => {
                    program.set_variable(variable_name, variable_value);
                }
                ChannelMsg::WindowChange {
                    col_width,
                    row_height,
                    ..
                } => {
                    program.resize(Size::new(col_width, row_height));
                }
                ChannelMsg::RequestShell { .. } => return Ok(program.start()?),
                ChannelMsg::Exec { command, .. } => {
                    program.set_command(command);
                    return Ok(program.start()?);
                }
                ChannelMsg::Close => return Err(NoTerminal::Gone),
                _ => {}
            }
        }
        Err(NoTerminal::Gone)
    }

    /// Says that there is no program, as a shell would of one that cannot run.
    async fn say_not_started(&self) -> Result<(), Gone> {
        self.handle
            .exit_status_request(self.id, EXIT_STATUS_NOT_STARTED)
            .await?;
        self.close().await
    }

    async fn close(&self) -> Result<(), Gone> {
        self.handle.eof(self.id).await?;
        Ok(self.handle.close(self.id).await?)
    }

    async fn say_exit(&self, status: ExitStatus) -> Result<(), Gone> {
        use std::os::unix::process::ExitStatusExt;
        if let Some(code) = status.code() {
            self.handle
                .exit_status_request(self.id, code.unsigned_abs())
                .await?;
        } else if let Some(signal) = status.signal().and_then(signal_name) {
            let core = status.core_dumped();
            self.handle
                .exit_signal_request(self.id, signal, core, String::new(), String::new())
                .await?;
        }
        self.close().await
    }
}

/// Whether a client may set this environment variable.
pub(super) fn is_accepted(name: &str, value: &str) -> bool {
    let known = ENVIRONMENT_ACCEPTED
        .iter()
        .any(|accepted| match accepted.strip_suffix('_') {
            Some(_) => name.starts_with(accepted),
            None => name == *accepted,
        });
    let clean = |text: &str| !text.contains('\0') && text.len() <= ENVIRONMENT_VALUE_MAX;
    known && clean(name) && clean(value) && !name.contains('=')
}

/// Output until the program has ended and all it wrote was sent; `None` when
/// the client stopped listening.
async fn copy_output(
    output: &mut Output<'_>,
    client: &ChannelWriteHalf<Msg>,
) -> Option<ExitStatus> {
    while let Some(bytes) = output.next().await {
        client.data_bytes(bytes).await.ok()?;
    }
    output.exit_status().await
}

/// Input, window sizes and signals, until the client closes the channel.
async fn feed(requests: &mut ChannelReadHalf, mut terminal: TerminalInput<'_>) {
    while let Some(message) = requests.wait().await {
        match message {
            ChannelMsg::Data { data } => write(&mut terminal, &data).await,
            ChannelMsg::WindowChange {
                col_width,
                row_height,
                ..
            } => {
                terminal.resize(Size::new(col_width, row_height));
            }
            ChannelMsg::Signal { signal } => terminal.signal(&signal),
            ChannelMsg::Close => return,
            _ => {}
        }
    }
}

/// A program that has ended reads no more; its exit is on its way and ends the
/// wait.
async fn write(terminal: &mut TerminalInput<'_>, bytes: &[u8]) {
    if terminal.write_all(bytes).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The name of a signal number, for those that RFC 4254 names.
fn signal_name(number: i32) -> Option<Sig> {
    use rustix::process::Signal;
    let signal = Signal::from_named_raw(number)?;
    Some(match signal {
        Signal::ABORT => Sig::ABRT,
        Signal::ALARM => Sig::ALRM,
        Signal::FPE => Sig::FPE,
        Signal::HUP => Sig::HUP,
        Signal::ILL => Sig::ILL,
        Signal::INT => Sig::INT,
        Signal::KILL => Sig::KILL,
        Signal::PIPE => Sig::PIPE,
        Signal::QUIT => Sig::QUIT,
        Signal::SEGV => Sig::SEGV,
        Signal::TERM => Sig::TERM,
        Signal::USR1 => Sig::USR1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_variables_are_accepted() {
        assert!(is_accepted("LANG", "C.UTF-8"));
        assert!(is_accepted("LC_ALL", "de_DE.UTF-8"));
        assert!(is_accepted("TZ", "Europe/Berlin"));
        assert!(!is_accepted("LANGUAGE", "de"));
        assert!(!is_accepted("LD_PRELOAD", "/tmp/x.so"));
        assert!(!is_accepted("PATH", "/tmp"));
        assert!(!is_accepted("LC_X=Y", "z"));
        assert!(!is_accepted("TZ", &"x".repeat(300)));
    }
}
