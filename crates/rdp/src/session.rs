//! An open desktop: a task that reads and writes, has decoded what comes, and
//! connects again where that helps. It owns everything of the connection;
//! nothing of it is locked or shared but the screen.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use causeway_target::desktop::{DesktopCommand, DesktopEvent, DesktopSide};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use futures_util::FutureExt;
use ironrdp_pdu::rdp::server_redirection::ServerRedirectionPdu;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};

use crate::channels::Told;
use crate::clipboard::Clipboard;
use crate::config;
use crate::connect::{Connected, connect, lost};
use crate::decoder::{Decoder, Job, Outcome, panicked};
use crate::input::Input;
use crate::input_pdu;
use crate::keyboard::Layout;
use crate::link::{Decoded, Link};
use crate::plan::{Plan, REDIRECTIONS_MAX};
use crate::resize::{self, Resizer};
use crate::wire::Pdu;

/// Bytes that may wait for the target before the viewer has to wait too.
const WAITING_BYTES_MAX: usize = 1024 * 1024;
/// Jobs that may wait for the decoder; the oldest resizes and clipboards are
/// worth nothing then.
const JOBS_MAX: usize = 64;
/// How long nobody looks before the target is told.
const SUPPRESS_AFTER: Duration = Duration::from_secs(2);
/// How long the end of a frame may be missing before what there is is shown.
const FRAME_END_DEADLINE: Duration = Duration::from_millis(30);
/// How long to wait before each attempt to take a lost session up again.
const AGAIN_AFTER: [Duration; 5] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// The same where the connection was left for another one.
const AT_ONCE_AND_AGAIN: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// Why a connection was left.
enum End {
    /// The session is over.
    Over(Result<(), Failure>),
    /// The network failed, or the target without a word.
    Lost(Failure),
    /// A broker sends us elsewhere.
    Redirected(Box<ServerRedirectionPdu>),
    /// Another size needs another connection.
    Resized,
}

/// What wakes the session.
enum Woken {
    Closing,
    Decoded(Decoded),
    Command(Option<DesktopCommand>),
    Wanted(bool),
    Sent(std::io::Result<()>),
    Read(std::io::Result<Vec<Pdu>>),
    Timer,
}

struct Session {
    plan: Plan,
    side: DesktopSide,
    input: Input,
    resizer: Resizer,
    told_resizable: Option<bool>,
    unwanted_since: Option<Instant>,
    is_suppressed: bool,
    is_watched: bool,
    sounds_dropped: u64,
}

/// Lives until the session ends, and says how.
pub(crate) async fn run(plan: Plan, connected: Box<Link>, side: DesktopSide) {
    let events = side.events.clone();
    let resizer = Resizer::new(&plan.settings, plan.size, Instant::now());
    let session = Session {
        input: Input::new(Layout::named(&plan.settings.server_layout)),
        plan,
        side,
        resizer,
        told_resizable: None,
        unwanted_since: None,
        is_suppressed: false,
        is_watched: true,
        sounds_dropped: 0,
    };
    // The library decodes hostile bytes; whatever it trips over ends one
    // session and no other.
    let lived = AssertUnwindSafe(Box::pin(session.live(connected)))
        .catch_unwind()
        .await;
    let result = lived.unwrap_or_else(|_| Err(panicked()));
    if events.send(DesktopEvent::Closed(result)).await.is_err() {
        tracing::debug!("nobody listens to the end of a desktop");
    }
}

impl Session {
    async fn live(mut self, mut link: Box<Link>) -> Result<(), Failure> {
        let mut redirections = 0;
        loop {
            self.begin(&link);
            let end = self.serve(&mut link).await;
            let cookie = link.cookie.take();
            let clipboard = link.into_clipboard();
            let attempts = match end {
                End::Over(result) => return result,
                End::Lost(failure) => {
                    // Without a cookie a new connection might be a new session.
                    if cookie.is_none() {
                        return Err(failure);
                    }
                    tracing::info!(%failure, "the connection is lost and taken up again");
                    &AGAIN_AFTER[..]
                }
                End::Redirected(to) => {
                    redirections += 1;
                    if redirections > REDIRECTIONS_MAX {
                        return Err(Failure::new(FailureCode::RdpRedirectionLoop, Step::Active));
                    }
                    self.plan.redirect(&to);
                    &AT_ONCE_AND_AGAIN[..]
                }
                End::Resized => &AT_ONCE_AND_AGAIN[..],
            };
            self.plan.cookie = cookie;
            let clipboard = clipboard.unwrap_or_else(|| {
                Clipboard::new(&self.plan.policy, self.plan.settings.normalize_clipboard)
            });
            let Some(again) = self.again(attempts, clipboard).await? else {
                return Ok(());
            };
            link = again;
            self.resizer
                .reconnected(link.abilities.size, Instant::now());
        }
    }

    /// Connects again; `None` when the session closes meanwhile.
    async fn again(
        &mut self,
        attempts: &[Duration],
        clipboard: Clipboard,
    ) -> Result<Option<Box<Link>>, Failure> {
        // Nobody is there to be asked: what was accepted once is known.
        let (events, _) = mpsc::channel(1);
        let mut last = None;
        let closing = self.side.closing.clone();
        for pause in attempts {
            let connected = async {
                sleep(*pause).await;
                let (teller, told) = std::sync::mpsc::channel();
                let connected = connect(&mut self.plan, &events, &teller).await?;
                Ok::<_, Failure>((connected, told))
            };
            let connected = tokio::select! {
                biased;
                () = closing.cancelled() => return Ok(None),
                connected = connected => connected,
            };
            match connected {
                Ok((connected, told)) => {
                    self.input.forget();
                    let link = open_link(connected, &self.side.screen, clipboard, told)?;
                    return Ok(Some(link));
                }
                Err(failure) => {
                    tracing::info!(%failure, "the session cannot be taken up again yet");
                    last = Some(failure);
                }
            }
        }
        Err(last.unwrap_or_else(|| Failure::new(FailureCode::TargetClosed, Step::Active)))
    }

    fn begin(&mut self, link: &Link) {
        self.is_suppressed = false;
        let flags = link.abilities.input;
        self.input.set_abilities(
            flags.contains(input_pdu::Abilities::UNICODE),
            flags.contains(input_pdu::Abilities::TS_MOUSE_HWHEEL),
            flags.contains(input_pdu::Abilities::MOUSEX),
        );
    }

    async fn serve(&mut self, link: &mut Link) -> End {
        loop {
            if let Some(end) = self.attend(link).await {
                return end;
            }
            let due = self.due(link);
            let woken = tokio::select! {
                biased;
                () = self.side.closing.cancelled() => Woken::Closing,
                decoded = link.work.decoded(), if link.work.is_busy() => Woken::Decoded(decoded),
                command = self.side.commands.recv(),
                    if link.outgoing.waiting() < WAITING_BYTES_MAX => Woken::Command(command),
                changed = self.side.wanted.changed(), if self.is_watched => {
                    Woken::Wanted(changed.is_ok())
                }
                sent = link.outgoing.send(), if link.outgoing.is_busy() => Woken::Sent(sent),
                read = link.incoming.batch(), if !link.work.is_busy() => Woken::Read(read),
                () = sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => {
                    Woken::Timer
                }
            };
            let end = match woken {
                Woken::Closing | Woken::Command(None) => {
                    link.leave().await;
                    Some(End::Over(Ok(())))
                }
                Woken::Decoded(Decoded::Done(decoder, outcome)) => {
                    link.work.put_back(decoder);
                    self.take(outcome, link).await
                }
                Woken::Decoded(Decoded::Panicked) => Some(End::Over(Err(panicked()))),
                Woken::Command(Some(command)) => {
                    self.obey(command, link);
                    None
                }
                Woken::Wanted(is_watched) => {
                    self.is_watched = is_watched;
                    let wanted = *self.side.wanted.borrow_and_update();
                    self.unwanted_since = (!wanted).then(Instant::now);
                    None
                }
                Woken::Sent(Ok(())) | Woken::Timer => None,
                Woken::Sent(Err(error)) => Some(End::Lost(lost(error, Step::Active))),
                Woken::Read(Ok(batch)) => match link.decode(batch) {
                    Some(outcome) => self.take(outcome, link).await,
                    None => None,
                },
                Woken::Read(Err(error)) => Some(End::Lost(lost(error, Step::Active))),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Does what is due, as far as the decoder is free for it.
    async fn attend(&mut self, link: &mut Link) -> Option<End> {
        let now = Instant::now();
        let resizable = self.resizer.follows(now);
        let is_known = resizable || self.resizer.is_decided(now);
        if is_known && self.told_resizable != Some(resizable) {
            self.told_resizable = Some(resizable);
            self.tell(DesktopEvent::Resizable(resizable)).await;
        }
        match self.resizer.poll(now) {
            resize::Step::Tell(size) => {
                self.plan.size = size;
                link.jobs.push_back(Job::Resize {
                    width: size.width,
                    height: size.height,
                    scale_percent: config::scale_percent(&self.plan),
                });
            }
            resize::Step::Reconnect(size) => {
                self.plan.size = size;
                link.leave().await;
                return Some(End::Resized);
            }
            resize::Step::Wait(_) | resize::Step::Rest => {}
        }
        let is_unwanted = self
            .unwanted_since
            .is_some_and(|since| now >= since + SUPPRESS_AFTER);
        if is_unwanted != self.is_suppressed {
            self.is_suppressed = is_unwanted;
            link.jobs.push_back(Job::Suppress(is_unwanted));
        }
        if link.frame_due.is_some_and(|due| now >= due) {
            link.frame_due = None;
            link.jobs.push_back(Job::EndFrame);
        }
        while let Some(outcome) = link.do_one_job() {
            let end = self.take(outcome, link).await;
            if end.is_some() {
                return end;
            }
        }
        None
    }

    /// When something is due that nobody will wake us for.
    fn due(&mut self, link: &Link) -> Option<Instant> {
        let now = Instant::now();
        let resize = match self.resizer.poll_wait(now) {
            Some(at) => Some(at),
            None if self.told_resizable.is_none() => Some(self.resizer.decided_at()),
            None => None,
        };
        let suppress = self
            .unwanted_since
            .filter(|_| !self.is_suppressed)
            .map(|since| since + SUPPRESS_AFTER);
        [resize, suppress, link.frame_due]
            .into_iter()
            .flatten()
            .min()
    }

    /// Acts on what the decoder has to say.
    async fn take(&mut self, outcome: Outcome, link: &mut Link) -> Option<End> {
        link.outgoing.push(&outcome.output);
        link.frame_due = outcome.frame_is_open.then(|| {
            link.frame_due
                .unwrap_or_else(|| Instant::now() + FRAME_END_DEADLINE)
        });
        if let Some(cookie) = outcome.cookie {
            link.cookie = Some(cookie);
        }
        if outcome.can_resize {
            self.resizer.control();
        }
        if let Some(abilities) = outcome.activated {
            link.abilities = abilities;
            self.resizer.settled();
            self.begin(link);
        }
        for event in outcome.events {
            self.tell(event).await;
        }
        if let Some(to) = outcome.redirection {
            return Some(End::Redirected(to));
        }
        outcome.ending.map(End::Over)
    }

    /// Tells the session; one that is gone has nobody to close the desktop.
    async fn tell(&mut self, event: DesktopEvent) {
        let sent = match event {
            // Sound that comes late is worth nothing.
            DesktopEvent::Audio(_) => match self.side.events.try_send(event) {
                Err(mpsc::error::TrySendError::Full(_)) => {
                    self.sounds_dropped += 1;
                    tracing::trace!(dropped = self.sounds_dropped, "sound is dropped");
                    Ok(())
                }
                Ok(()) => Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => Err(()),
            },
            _ => self.side.events.send(event).await.map_err(|_| ()),
        };
        if sent.is_err() {
            self.side.closing.cancel();
        }
    }

    fn obey(&mut self, command: DesktopCommand, link: &mut Link) {
        let events = match command {
            DesktopCommand::Key { code, key, down } => self.input.key(&code, &key, down),
            DesktopCommand::Text(text) => self.input.text(&text),
            DesktopCommand::Pointer(pointer) => self.input.pointer(pointer),
            DesktopCommand::LockKeys(keys) => Input::lock_keys(keys),
            DesktopCommand::ReleaseAll => self.input.release_all(),
            DesktopCommand::Clipboard(text) => {
                link.jobs.retain(|job| !matches!(job, Job::Clipboard(_)));
                link.jobs.push_back(Job::Clipboard(text));
                Vec::new()
            }
            DesktopCommand::Resize(size) => {
                self.resizer.want(size, Instant::now());
                Vec::new()
            }
        };
        if !self.plan.policy.read_only {
            input_pdu::encode(events, &link.abilities, |bytes| link.outgoing.push(bytes));
        }
        bound(&mut link.jobs);
    }
}

fn bound(jobs: &mut VecDeque<Job>) {
    while jobs.len() > JOBS_MAX {
        jobs.pop_front();
    }
}

/// A link over a connection that has just been opened.
pub(crate) fn open_link(
    connected: Connected,
    screen: &causeway_target::desktop::SharedScreen,
    clipboard: Clipboard,
    told: std::sync::mpsc::Receiver<Told>,
) -> Result<Box<Link>, Failure> {
    let mut clipboard = clipboard;
    clipboard.meet(connected.has_nla);
    let decoder = Decoder::new(connected.result, screen.clone(), clipboard, told)?;
    Ok(Box::new(Link::new(connected.wire, decoder)))
}
