//! A viewer that comes back to its session through another edge whenever its
//! own is lost, as the web's viewer does, and keeps all output in one piece.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use causeway_wire::message::Ended;

use super::typed::Typed;
use super::{Entry, Viewer};
use crate::stack::Api;

/// How long anything may take to come; many are heard at once.
const HEARD_WITHIN: Duration = Duration::from_secs(30);
/// How long a way back is looked for.
const RETURN_WITHIN: Duration = Duration::from_secs(25);
/// Between attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// A session, and the way to it.
pub struct Roamer {
    api: Api,
    connection: String,
    viewer: Viewer,
    typed: Option<Typed>,
    /// How often it came back through another socket.
    pub returns: usize,
    /// Messages that were typed again, because a lost way had lost them.
    pub typed_again: usize,
    /// The longest time from the loss of a socket to the next output.
    pub longest_silence: Duration,
    lost_at: Option<Instant>,
}

impl Roamer {
    /// Goes on with a viewer of a connection that `api` launched.
    #[must_use]
    pub fn new(api: Api, connection: String, viewer: Viewer) -> Self {
        Self {
            api,
            connection,
            viewer,
            typed: None,
            returns: 0,
            typed_again: 0,
            longest_silence: Duration::ZERO,
            lost_at: None,
        }
    }

    /// Attaches to a new connection that `api` launched. What is typed arrives
    /// whatever becomes of the way.
    ///
    /// # Errors
    /// As [`Viewer::open`].
    pub async fn open(api: Api, connection: String, entry: &Entry) -> Result<Self> {
        let typed = Typed::new();
        let viewer = Viewer::count_input(entry, None, typed.stream()).await?;
        let roamer = Self::new(api, connection, viewer);
        Ok(Self {
            typed: Some(typed),
            ..roamer
        })
    }

    /// Bytes of output since the session began.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.viewer.offset()
    }

    /// All output of the session, in one piece.
    #[must_use]
    pub fn transcript(&self) -> &[u8] {
        &self.viewer.transcript
    }

    /// Types a text.
    ///
    /// # Errors
    /// When the socket is gone at that very moment, and input is not counted.
    pub async fn type_text(&mut self, text: &str) -> Result<()> {
        match &mut self.typed {
            Some(typed) => {
                typed.type_text(&mut self.viewer, text).await;
                Ok(())
            }
            None => self.viewer.type_text(text).await,
        }
    }

    /// Types a text and the Enter key.
    ///
    /// # Errors
    /// As [`Self::type_text`].
    pub async fn enter(&mut self, line: &str) -> Result<()> {
        self.type_text(&format!("{line}\r")).await
    }

    /// Hears until a text is in the output.
    ///
    /// # Errors
    /// As [`Self::hear`], and when the session ends before.
    pub async fn wait_for(&mut self, text: &str) -> Result<()> {
        while !self.viewer.text().contains(text) {
            if let Some(ended) = self.hear().await? {
                bail!("it ended before {text:?} came: {ended:?}");
            }
        }
        Ok(())
    }

    /// Hears for a while; comes back when the socket is lost.
    ///
    /// # Errors
    /// As [`Self::hear`], and when the session ends.
    pub async fn hear_for(&mut self, period: Duration) -> Result<()> {
        // Hearing alone may be given up; a way back must be gone to its end.
        let Ok(open) = tokio::time::timeout(period, self.viewer.hear()).await else {
            return Ok(());
        };
        match (open?, &self.viewer.heard.ended) {
            (_, Some(ended)) => bail!("nobody ended it, but: {ended:?}"),
            (true, None) => Ok(()),
            (false, None) => self.come_back().await,
        }
    }

    /// Hears the next of whatever comes; comes back when the socket is lost.
    /// Says how the session ended, once it has.
    ///
    /// # Errors
    /// When nothing comes for half a minute, when there is no way back, or when
    /// output is missing there.
    pub async fn hear(&mut self) -> Result<Option<Ended>> {
        let before = self.offset();
        let heard = tokio::time::timeout(HEARD_WITHIN, self.viewer.hear()).await;
        let open = heard.with_context(|| {
            let said = self.viewer.last_words();
            format!("{} is silent; {said}", self.connection)
        })??;
        if self.viewer.heard.ended.is_some() {
            return Ok(self.viewer.heard.ended.clone());
        }
        if self.offset() > before
            && let Some(lost_at) = self.lost_at.take()
        {
            self.longest_silence = self.longest_silence.max(lost_at.elapsed());
        }
        if !open {
            self.lost_at.get_or_insert_with(Instant::now);
            self.come_back().await?;
        }
        Ok(None)
    }

    async fn come_back(&mut self) -> Result<()> {
        let path = format!("/api/v1/connections/{}/ticket", self.connection);
        let deadline = Instant::now() + RETURN_WITHIN;
        let mut last = String::new();
        while Instant::now() < deadline {
            let answer = self.api.post(&path, serde_json::json!({})).await?;
            match answer.problem() {
                (200, _) => {
                    let entry = crate::stack::entry(&answer.body)?;
                    match self.attach_again(&entry).await {
                        Ok(viewer) => return self.go_on(viewer).await,
                        Err(error) => last = format!("{error:#}"),
                    }
                }
                (503, code) => last = code.to_owned(),
                problem => bail!("no ticket for {}: {problem:?}", self.connection),
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!(
            "no way back to {} in {RETURN_WITHIN:?}: {last}",
            self.connection
        )
    }

    async fn attach_again(&self, entry: &Entry) -> Result<Viewer> {
        match &self.typed {
            Some(typed) => Viewer::count_input(entry, Some(self.offset()), typed.stream()).await,
            None => Viewer::resume(entry, self.offset()).await,
        }
    }

    /// Puts what the new viewer heard behind what the old one heard.
    async fn go_on(&mut self, mut viewer: Viewer) -> Result<()> {
        let welcome = viewer.heard.welcome.as_ref().context("no welcome")?;
        let (from, left_at) = (welcome.output_offset, self.offset());
        ensure!(
            from == left_at,
            "{} goes on at {from}, not at {left_at}",
            self.connection
        );
        let mut transcript = std::mem::take(&mut self.viewer.transcript);
        transcript.append(&mut viewer.transcript);
        viewer.transcript = transcript;
        viewer.searched = self.viewer.searched;
        if let Some(typed) = &mut self.typed {
            self.typed_again += typed.type_again(&mut viewer).await?;
        }
        self.viewer = viewer;
        self.returns += 1;
        Ok(())
    }
}
