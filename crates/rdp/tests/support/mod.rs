//! A session without a node: opens a desktop, answers for the person and the
//! control plane, and waits for what a test expects.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use causeway_fleet::HostKey;
use causeway_model::secret::Secret;
use causeway_model::settings::RdpSettings;
use causeway_rdp::RdpRequest;
use causeway_screen::Screen;
use causeway_target::desktop::{Desktop, DesktopCommand, DesktopEvent, DesktopSize, SharedScreen};
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::OpenEvent;
use causeway_tests::picture::Picture;
use causeway_tests::sound::Sound as Recording;
use causeway_wire::message::DataPolicy;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// How long anything that a test waits for may take.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Everything is allowed.
pub fn open_policy() -> DataPolicy {
    DataPolicy {
        copy_allowed: true,
        paste_allowed: true,
        read_only: false,
        audio_allowed: true,
        clipboard_bytes_max: 4 * 1024 * 1024,
    }
}

/// What a test opens.
#[derive(Debug, Clone)]
pub struct Attempt {
    settings: Vec<(String, String)>,
    pub policy: DataPolicy,
    pub remembered: Vec<HostKey>,
    pub answers: Vec<String>,
    pub size: DesktopSize,
}

impl Attempt {
    pub fn to(address: SocketAddr) -> Self {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        drop(tracing_subscriber::fmt().with_env_filter(filter).try_init());
        let attempt = Self {
            settings: Vec::new(),
            policy: open_policy(),
            remembered: Vec::new(),
            answers: Vec::new(),
            size: DesktopSize::clamped(1024, 768, 100),
        };
        attempt
            .with("hostname", &address.ip().to_string())
            .with("port", &address.port().to_string())
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn signing_in(self, username: &str, password: &str) -> Self {
        self.with("username", username).with("password", password)
    }

    pub fn sized(mut self, width: u32, height: u32) -> Self {
        self.size = DesktopSize::clamped(width, height, 100);
        self
    }

    pub fn answering(mut self, answers: &[&str]) -> Self {
        self.answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        self
    }

    /// Opens it, whatever comes of it, and says what happened on the way.
    pub async fn try_open(self) -> (Result<Viewer, Failure>, Opening) {
        let settings = match RdpSettings::read(&self.settings.iter().cloned().collect()) {
            Ok(settings) => settings,
            Err(error) => panic!("{error}"),
        };
        let (_size, size) = watch::channel(Some(self.size));
        let screen = SharedScreen::new(Screen::new());
        let request = RdpRequest {
            endpoint: "the endpoint".to_owned(),
            settings,
            remembered: self.remembered,
            policy: self.policy,
            size,
            screen,
        };
        let (events, mut happened) = mpsc::channel(16);
        let answers = self.answers;
        let answering = tokio::spawn(async move {
            let mut opening = Opening::default();
            while let Some(event) = happened.recv().await {
                match event {
                    OpenEvent::Step(step) => opening.steps.push(step.as_str_name().to_owned()),
                    OpenEvent::Question(question) => {
                        let labels = question.prompts.prompts.iter();
                        opening
                            .asked
                            .extend(labels.map(|prompt| prompt.label.clone()));
                        let count = question.prompts.prompts.len();
                        let secrets = answers.iter().take(count);
                        let secrets: Vec<_> =
                            secrets.map(|text| Secret::from(text.as_str())).collect();
                        let given = (secrets.len() == count).then_some(secrets);
                        drop(question.answer.send(given));
                    }
                    OpenEvent::HostKey(seen) => {
                        opening.seen.push(seen.key.clone());
                        drop(seen.remembered.send(Ok(())));
                    }
                }
            }
            opening
        });
        let began = Instant::now();
        let opened = causeway_rdp::open(request, events).await;
        let opening = answering.await.unwrap_or_default();
        let viewer = opened.map(|desktop| Viewer {
            desktop,
            opened_in: began.elapsed(),
            said: Vec::new(),
        });
        (viewer, opening)
    }

    pub async fn open(self) -> Result<Viewer> {
        let (opened, opening) = self.try_open().await;
        opened.map_err(|failure| anyhow::anyhow!("{failure:?} after {opening:?}"))
    }

    /// Opens what cannot be opened.
    pub async fn refused(self) -> (FailureCode, Failure) {
        match timeout(DEADLINE * 3, self.try_open()).await {
            Ok((Err(failure), _)) => (failure.code, failure),
            Ok((Ok(_), opening)) => panic!("it was opened: {opening:?}"),
            Err(_) => panic!("neither opened nor refused"),
        }
    }
}

/// What happened while it was opened.
#[derive(Debug, Default)]
pub struct Opening {
    pub steps: Vec<String>,
    pub asked: Vec<String>,
    pub seen: Vec<HostKey>,
}

/// Somebody who looks on.
pub struct Viewer {
    pub desktop: Desktop,
    pub opened_in: Duration,
    /// Events that nobody has waited for yet.
    said: Vec<DesktopEvent>,
}

impl Viewer {
    pub async fn tell(&self, command: DesktopCommand) {
        let teller = self.desktop.teller();
        let mut rest = Some(command);
        while let Some(command) = rest.take() {
            teller.room_for(&command).await;
            rest = teller.try_tell(command).err();
        }
    }

    pub async fn key(&self, code: &str, key: &str) {
        for down in [true, false] {
            self.tell(DesktopCommand::Key {
                code: code.to_owned(),
                key: key.to_owned(),
                down,
            })
            .await;
        }
    }

    pub fn size(&self) -> (usize, usize) {
        let size = self.desktop.screen().lock().size();
        (usize::from(size.width), usize::from(size.height))
    }

    /// What is shown now; `None` before there is anything.
    pub fn picture(&self) -> Option<Picture> {
        let screen = self.desktop.screen().lock();
        let size = screen.size();
        let (width, height) = (usize::from(size.width), usize::from(size.height));
        Picture::from_rgbx(width, height, screen.pixels()).ok()
    }

    /// The next event that `choose` takes; others are kept.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut choose: impl FnMut(&DesktopEvent) -> Option<T>,
    ) -> Result<T> {
        if let Some(index) = self.said.iter().position(|event| choose(event).is_some()) {
            let event = self.said.remove(index);
            return choose(&event).context("it was chosen before");
        }
        let deadline = Instant::now() + DEADLINE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let Ok(event) = timeout(rest, self.desktop.next_event()).await else {
                bail!("no {what} within {DEADLINE:?}; instead {:?}", self.said);
            };
            if let Some(chosen) = choose(&event) {
                return Ok(chosen);
            }
            if let DesktopEvent::Closed(result) = event {
                bail!("closed instead of {what}: {result:?}");
            }
            if !matches!(event, DesktopEvent::Changed) {
                self.said.push(event);
            }
        }
    }

    /// Waits until the picture is as it should be.
    pub async fn shows(&mut self, what: &str, mut is: impl FnMut(&Picture) -> bool) -> Result<()> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if self.picture().is_some_and(|picture| is(&picture)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("never showed {what}; size {:?}", self.size());
            }
            let event = timeout(Duration::from_millis(50), self.desktop.next_event()).await;
            match event {
                Ok(DesktopEvent::Closed(result)) => bail!("closed: {result:?}"),
                Ok(DesktopEvent::Changed) | Err(_) => {}
                Ok(event) => self.said.push(event),
            }
        }
    }

    /// Waits until nearly all of the screen is drawn on.
    pub async fn is_lit(&mut self) -> Result<()> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (lit, all) = {
                let screen = self.desktop.screen().lock();
                let pixels = screen.pixels().chunks_exact(4);
                let all = pixels.len();
                (pixels.filter(|pixel| pixel[..3] != [0, 0, 0]).count(), all)
            };
            if all > 0 && lit * 10 > all * 9 {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{lit} of {all} pixels are lit");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn clipboard(&mut self) -> Result<String> {
        self.until("clipboard", |event| match event {
            DesktopEvent::Clipboard(text) => Some(text.clone()),
            _ => None,
        })
        .await
    }

    pub async fn closed(&mut self) -> Result<Result<(), FailureCode>> {
        self.until("end", |event| match event {
            DesktopEvent::Closed(Ok(())) => Some(Ok(())),
            DesktopEvent::Closed(Err(failure)) => Some(Err(failure.code)),
            _ => None,
        })
        .await
    }

    /// Listens until so much that can be heard was played.
    pub async fn hears(&mut self, seconds: f64) -> Result<Recording> {
        let mut recording = Recording::default();
        while recording.audible_seconds() < seconds {
            let sound = self
                .until("sound", |event| match event {
                    DesktopEvent::Audio(sound) => Some(sound.clone()),
                    _ => None,
                })
                .await?;
            recording.append(sound.sample_rate, u32::from(sound.channels), &sound.pcm)?;
        }
        Ok(recording)
    }
}
