//! Opens desktops as a session does: questions answered, keys remembered.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use causeway_fleet::HostKey;
use causeway_model::secret::Secret;
use causeway_model::settings::VncSettings;
use causeway_target::desktop::{
    Desktop, DesktopCommand, DesktopEvent, DesktopSize, Pointer, SharedScreen,
};
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::OpenEvent;
use causeway_tests::display::Display;
use causeway_tests::picture::Picture;
use causeway_vnc::{VncRequest, open};
use causeway_wire::message::{DataPolicy, Step};
use tokio::sync::{mpsc, watch};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How a desktop is to be opened.
pub(crate) struct Opening {
    settings: Vec<(String, String)>,
    remembered: Vec<HostKey>,
    remembers: bool,
    answers: Vec<Vec<String>>,
    policy: DataPolicy,
    size: Option<DesktopSize>,
    is_late: bool,
}

/// What happened on the way.
#[derive(Debug, Default, Clone)]
pub(crate) struct Heard {
    pub(crate) steps: Vec<Step>,
    pub(crate) keys: Vec<HostKey>,
    pub(crate) questions: Vec<Vec<String>>,
}

impl Opening {
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self {
            settings: vec![
                ("hostname".to_owned(), address.ip().to_string()),
                ("port".to_owned(), address.port().to_string()),
            ],
            remembered: Vec::new(),
            remembers: true,
            answers: Vec::new(),
            policy: DataPolicy {
                copy_allowed: true,
                paste_allowed: true,
                read_only: false,
                audio_allowed: false,
                clipboard_bytes_max: 1024 * 1024,
            },
            size: None,
            is_late: false,
        }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn remembered(mut self, keys: &[HostKey]) -> Self {
        self.remembered = keys.to_vec();
        self
    }

    /// The control plane cannot be reached.
    pub(crate) fn forgetful(mut self) -> Self {
        self.remembers = false;
        self
    }

    /// The next question is answered so.
    pub(crate) fn answer(mut self, answers: &[&str]) -> Self {
        self.answers
            .push(answers.iter().map(|answer| (*answer).to_owned()).collect());
        self
    }

    pub(crate) fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some(DesktopSize::clamped(width, height, 100));
        self
    }

    /// The size is only known once the target is open.
    pub(crate) fn late(mut self) -> Self {
        self.is_late = true;
        self
    }

    pub(crate) async fn open(self) -> (Result<Desktop, Failure>, Heard) {
        let settings = VncSettings::read(&self.settings.into_iter().collect()).unwrap();
        let (sizes, size) = watch::channel(None);
        if !self.is_late {
            sizes.send_replace(self.size);
        }
        let (sender, events) = mpsc::channel(8);
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listener = listen(events, Arc::clone(&heard), self.remembers, self.answers);
        let request = VncRequest {
            endpoint: "desk".to_owned(),
            settings,
            remembered: self.remembered,
            policy: self.policy,
            size,
        };
        let opening = async { tokio::time::timeout(PATIENCE, open(request, sender)).await };
        let (result, ()) = tokio::join!(opening, listener);
        sizes.send_replace(self.size);
        let heard = heard.lock().unwrap().clone();
        (result.expect("the opening took too long"), heard)
    }

    pub(crate) async fn opens(self) -> Result<Desktop> {
        Ok(self.open().await.0?)
    }

    pub(crate) async fn fails(self, code: FailureCode) -> Failure {
        let (result, heard) = self.open().await;
        let failure = result.expect_err("the desktop opened");
        assert_eq!(failure.code, code, "{failure:?} {heard:?}");
        failure
    }
}

async fn listen(
    mut events: mpsc::Receiver<OpenEvent>,
    heard: Arc<Mutex<Heard>>,
    remembers: bool,
    answers: Vec<Vec<String>>,
) {
    let mut answers = answers.into_iter();
    while let Some(event) = events.recv().await {
        let mut heard = heard.lock().unwrap();
        match event {
            OpenEvent::Step(step) => heard.steps.push(step),
            OpenEvent::Question(question) => {
                let labels = question.prompts.prompts.iter();
                let labels = labels.map(|prompt| prompt.label.clone()).collect();
                heard.questions.push(labels);
                let answer = answers.next();
                let answer = answer.map(|texts| texts.into_iter().map(Secret::new).collect());
                let _ = question.answer.send(answer);
            }
            OpenEvent::HostKey(seen) => {
                heard.keys.push(seen.key);
                let failure = || Failure::new(FailureCode::HostKeyNotRemembered, Step::VerifyHost);
                let _ = seen
                    .remembered
                    .send(if remembers { Ok(()) } else { Err(failure()) });
            }
        }
    }
}

/// What the desktop shows.
pub(crate) fn shown(screen: &SharedScreen) -> Result<Picture> {
    let screen = screen.lock();
    let size = screen.size();
    Picture::from_rgbx(size.width.into(), size.height.into(), screen.pixels())
}

/// Moves the pointer.
pub(crate) fn point(desktop: &Desktop, x: u16, y: u16) {
    let pointer = Pointer {
        x,
        y,
        ..Pointer::default()
    };
    desktop
        .teller()
        .try_tell(DesktopCommand::Pointer(pointer))
        .unwrap();
}

/// Waits until the desktop shows what the server's own screenshot shows.
pub(crate) async fn shows(desktop: &Desktop, display: &Display) -> Result<()> {
    // TigerVNC draws the pointer itself as long as the viewer has none there.
    point(desktop, 3, 3);
    let expected = display.at_rest().await?;
    until("the picture is the server's", || {
        shown(desktop.screen())?.must_equal(&expected)
    })
    .await
}

/// Waits for a state.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> Result<()>) -> Result<()> {
    const INTERVAL: Duration = Duration::from_millis(5);
    let deadline = Instant::now() + PATIENCE;
    loop {
        match is_so() {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => {
                return Err(error).with_context(|| what.to_owned());
            }
            Err(_) => tokio::time::sleep(INTERVAL).await,
        }
    }
}

/// Waits for an event.
pub(crate) async fn hears<T>(
    desktop: &mut Desktop,
    mut is_it: impl FnMut(&DesktopEvent) -> Option<T>,
) -> Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut heard = Vec::new();
    loop {
        let Ok(event) = tokio::time::timeout_at(deadline, desktop.next_event()).await else {
            bail!("it was not told, only {heard:?}");
        };
        if let Some(found) = is_it(&event) {
            return Ok(found);
        }
        if matches!(event, DesktopEvent::Closed(_)) {
            bail!("closed: {event:?}");
        }
        heard.push(format!("{event:?}"));
    }
}
