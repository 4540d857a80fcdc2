//! The session channel (RFC 4254, section 6): a terminal on the target.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use causeway_model::settings::SshSettings;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use futures_util::future::BoxFuture;
use russh::client::{Handle, Msg};
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Disconnect, Error, Pty, Sig};
use tokio::time::timeout;

use super::client::Client;
use super::gate::{CutOnDrop, Gate};
use crate::terminal::TerminalSize;

/// How long the target may take to open a channel with a running program.
pub(super) const OPEN_DEADLINE: Duration = Duration::from_secs(10);
/// How long the target may take to end once it is told to.
pub(super) const CLOSE_DEADLINE: Duration = Duration::from_millis(500);
/// Unanswered signs of life after which the target is lost.
const UNANSWERED_MAX: u32 = 3;

/// What to run, and in what terminal.
#[derive(Debug, Clone)]
pub struct ShellRequest {
    terminal_type: String,
    size: TerminalSize,
    erase_code: u32,
    environment: Vec<(&'static str, String)>,
    command: Option<String>,
}

impl ShellRequest {
    /// What the settings ask for, at this size.
    #[must_use]
    pub fn new(settings: &SshSettings, backspace_code: u8, size: TerminalSize) -> Self {
        // A server accepts what its AcceptEnv lists and ignores the rest.
        let mut environment = vec![("COLORTERM", "truecolor".to_owned())];
        environment.extend(settings.locale.clone().map(|locale| ("LANG", locale)));
        environment.extend(settings.timezone.clone().map(|zone| ("TZ", zone)));
        Self {
            terminal_type: settings.terminal_type.clone(),
            size,
            erase_code: u32::from(backspace_code),
            environment,
            command: settings.command.clone(),
        }
    }
}

/// What a running shell says.
#[derive(Debug)]
pub enum ShellEvent {
    /// It put something out, on either of its streams.
    Output(Bytes),
    /// It is over; nothing follows.
    Closed(Exit),
}

/// How a shell ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exit {
    /// Exit status of the program, if it told one.
    pub status: Option<u32>,
    /// Signal without `SIG` that ended it, if one did.
    pub signal: Option<String>,
}

/// What a shell is told.
#[derive(Debug)]
pub enum TargetCommand {
    /// Bytes for the terminal.
    Input(Bytes),
    /// The terminal has another size.
    Resize(TerminalSize),
}

/// A running shell. Dropping it closes the connection to the target.
pub struct Shell {
    handle: Handle<Client>,
    reader: ChannelReadHalf,
    writer: Arc<ChannelWriteHalf<Msg>>,
    gate: Arc<Gate>,
    opened_at: TerminalSize,
    exit: Exit,
    cut_on_drop: CutOnDrop,
}

/// Opens the channel, the terminal and the program in it.
pub(super) async fn open_shell(
    handle: Handle<Client>,
    gate: Arc<Gate>,
    cut_on_drop: CutOnDrop,
    request: ShellRequest,
) -> Result<Shell, Failure> {
    let failed = |code| Failure::new(code, Step::Open);
    let opening = async {
        let channel = handle.channel_open_session().await.map_err(|error| {
            let code = match error {
                Error::ChannelOpenFailure(_) => FailureCode::ChannelRefused,
                _ => FailureCode::TargetClosed,
            };
            failed(code).because(error)
        })?;
        let (mut reader, writer) = channel.split();
        start(&mut reader, &writer, &request).await?;
        Ok((reader, writer))
    };
    let (reader, writer) = timeout(OPEN_DEADLINE, opening)
        .await
        .map_err(|_| failed(FailureCode::TargetTimedOut).with("deadline", "open"))??;
    Ok(Shell {
        handle,
        reader,
        writer: Arc::new(writer),
        gate,
        opened_at: request.size,
        exit: Exit::default(),
        cut_on_drop,
    })
}

/// Sends all requests at once and then hears the answers, which come in
/// order: one round trip instead of three.
async fn start(
    reader: &mut ChannelReadHalf,
    writer: &ChannelWriteHalf<Msg>,
    request: &ShellRequest,
) -> Result<(), Failure> {
    send_requests(writer, request)
        .await
        .map_err(|error| Failure::new(FailureCode::TargetClosed, Step::Open).because(error))?;
    let program = match request.command {
        Some(_) => FailureCode::CommandRefused,
        None => FailureCode::ShellRefused,
    };
    granted(reader, FailureCode::PtyRefused).await?;
    granted(reader, program).await
}

async fn send_requests(
    writer: &ChannelWriteHalf<Msg>,
    request: &ShellRequest,
) -> Result<(), Error> {
    let modes = [(Pty::IUTF8, 1), (Pty::VERASE, request.erase_code)];
    let size = request.size;
    writer
        .request_pty(
            true,
            &request.terminal_type,
            size.columns,
            size.rows,
            size.width_px,
            size.height_px,
            &modes,
        )
        .await?;
    for (name, value) in &request.environment {
        writer.set_env(false, *name, value.as_str()).await?;
    }
    match &request.command {
        Some(command) => writer.exec(true, command.as_bytes()).await,
        None => writer.request_shell(true).await,
    }
}

async fn granted(reader: &mut ChannelReadHalf, refusal: FailureCode) -> Result<(), Failure> {
    let failed = |code| Err(Failure::new(code, Step::Open));
    loop {
        match reader.wait().await {
            Some(ChannelMsg::Success) => return Ok(()),
            Some(ChannelMsg::Failure) => return failed(refusal),
            None | Some(ChannelMsg::Close | ChannelMsg::Eof) => {
                return failed(FailureCode::TargetClosed);
            }
            Some(_) => {}
        }
    }
}

impl Shell {
    /// The size that its terminal was opened with.
    #[must_use]
    pub const fn opened_at(&self) -> TerminalSize {
        self.opened_at
    }

    /// What the shell says next. Cancel-safe.
    pub async fn next_event(&mut self) -> ShellEvent {
        loop {
            match self.reader.wait().await {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    return ShellEvent::Output(data);
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    self.exit.status = Some(exit_status);
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    self.exit.signal = Some(signal_text(&signal_name));
                }
                Some(ChannelMsg::Close) | None => {
                    return ShellEvent::Closed(std::mem::take(&mut self.exit));
                }
                Some(_) => {}
            }
        }
    }

    /// What to do to tell the shell something. It may have to wait until the
    /// target reads; commands are to be done one after the other.
    pub fn command(&self, command: TargetCommand) -> BoxFuture<'static, Result<(), Error>> {
        let writer = Arc::clone(&self.writer);
        Box::pin(async move {
            match command {
                TargetCommand::Input(bytes) => writer.data_bytes(bytes).await,
                TargetCommand::Resize(size) => {
                    writer
                        .window_change(size.columns, size.rows, size.width_px, size.height_px)
                        .await
                }
            }
        })
    }

    /// Holds back what the target puts out, or lets it through again.
    pub fn hold_back(&self, hold: bool) {
        self.gate.set_closed(hold);
    }

    /// Bytes heard from the target so far, and whether it is held back.
    #[must_use]
    pub fn heard(&self) -> (u64, bool) {
        (self.gate.bytes_read(), self.gate.is_closed())
    }

    /// What to do to ask the target for a sign of life; any answer is one.
    pub fn ask_for_life(&self) -> impl Future<Output = Result<(), Error>> + '_ {
        self.handle.send_keepalive(true)
    }

    /// Closes the connection to the target and waits until it is closed. A
    /// target that does not take its leave is cut off.
    pub async fn close(self) {
        let Self {
            handle,
            reader,
            gate,
            cut_on_drop,
            ..
        } = self;
        // What nobody hears must not keep russh from hearing us.
        drop(reader);
        gate.set_closed(false);
        let closing = async {
            handle.disconnect(Disconnect::ByApplication, "", "").await?;
            handle.await
        };
        match timeout(CLOSE_DEADLINE, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the target closed on its own"),
            Err(_) => tracing::debug!("the target did not close in time"),
        }
        drop(cut_on_drop);
    }
}

/// Finds out whether a silent target still lives.
#[derive(Debug, Clone, Copy)]
pub struct Liveness {
    heard: u64,
    unanswered: u32,
}

impl Default for Liveness {
    fn default() -> Self {
        Self::new()
    }
}

impl Liveness {
    /// Nothing heard, nothing asked.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heard: 0,
            unanswered: 0,
        }
    }

    /// Called once an interval with the bytes heard so far and whether the
    /// target is held back. `Ok(true)` asks for a sign of life.
    ///
    /// # Errors
    /// When the target is lost.
    pub const fn handle_interval(&mut self, heard: u64, held_back: bool) -> Result<bool, Lost> {
        if heard != self.heard || held_back {
            self.heard = heard;
            self.unanswered = 0;
            return Ok(false);
        }
        if self.unanswered >= UNANSWERED_MAX {
            return Err(Lost);
        }
        self.unanswered += 1;
        Ok(true)
    }
}

/// The target gives no sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the target gives no sign of life")]
pub struct Lost;

fn signal_text(signal: &Sig) -> String {
    let name = match signal {
        Sig::ABRT => "ABRT",
        Sig::ALRM => "ALRM",
        Sig::FPE => "FPE",
        Sig::HUP => "HUP",
        Sig::ILL => "ILL",
        Sig::INT => "INT",
        Sig::KILL => "KILL",
        Sig::PIPE => "PIPE",
        Sig::QUIT => "QUIT",
        Sig::SEGV => "SEGV",
        Sig::TERM => "TERM",
        Sig::USR1 => "USR1",
        Sig::Custom(name) => name,
    };
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_lost_after_some_unanswered_questions() {
        let mut liveness = Liveness::new();
        assert_eq!(liveness.handle_interval(10, false), Ok(false));
        for _ in 0..UNANSWERED_MAX {
            assert_eq!(liveness.handle_interval(10, false), Ok(true));
        }
        assert_eq!(liveness.handle_interval(10, false), Err(Lost));
    }

    #[test]
    fn a_target_that_is_held_back_is_not_asked() {
        let mut liveness = Liveness::new();
        for _ in 0..10 {
            assert_eq!(liveness.handle_interval(0, true), Ok(false));
        }
    }

    #[test]
    fn a_word_of_the_target_starts_the_count_anew() {
        let mut liveness = Liveness::new();
        for heard in 1..20 {
            assert_eq!(liveness.handle_interval(heard, false), Ok(false));
            assert_eq!(liveness.handle_interval(heard, false), Ok(true));
        }
    }

    #[test]
    fn a_signal_is_told_without_surprises() {
        assert_eq!(signal_text(&Sig::KILL), "KILL");
        assert_eq!(signal_text(&Sig::Custom("A\u{7}B".to_owned())), "AB");
    }
}
