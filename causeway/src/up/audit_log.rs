//! The audit trail as a log stream: each event as one line of JSON, on standard
//! output or in a file.
//!
//! It follows the table, so that it holds what every process wrote, and no
//! decision ever waits for it. Events of several processes do not arrive in
//! order: each look goes back a little, and what was written is remembered. An
//! event may be missing only when more happened than one look takes, and that
//! is said.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use causeway_functions::App;
use causeway_functions::access::Admin;
use causeway_functions::use_case::event_list::{self, EventsWanted};
use causeway_model::id::EventId;
use causeway_model::object::Event;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(500);
/// How far each look goes back behind the one before.
const OVERLAP: SignedDuration = SignedDuration::from_secs(10);
/// Pages of one look at most.
const PAGES_MAX: usize = 40;
/// Events of a page.
const PAGE: usize = 100;

/// Where the lines go.
pub(super) struct AuditLog {
    out: Output,
    place: String,
    since: Timestamp,
    written: HashSet<EventId>,
}

enum Output {
    Stdout,
    File(std::fs::File),
}

impl AuditLog {
    /// Opens `place`: `stdout`, or a file that is appended to. Events from
    /// `since` on are written.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(super) fn open(place: &Path, since: Timestamp) -> anyhow::Result<Self> {
        let out = if place == Path::new("stdout") {
            Output::Stdout
        } else {
            let file = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(PathBuf::from(place));
            Output::File(file.with_context(|| format!("cannot open {}", place.display()))?)
        };
        Ok(Self {
            out,
            place: place.display().to_string(),
            since,
            written: HashSet::new(),
        })
    }

    /// Writes what happens until `stop`, and what happened before it once more.
    pub(super) async fn run(mut self, app: App, stop: CancellationToken) {
        let mut is_last = false;
        while !is_last {
            tokio::select! {
                biased;
                () = stop.cancelled() => is_last = true,
                () = tokio::time::sleep(INTERVAL) => {}
            }
            match self.look(&app).await {
                Ok(events) => {
                    let told = tokio::task::spawn_blocking(move || {
                        let told = self.write(&events);
                        (self, told)
                    });
                    let Ok((log, told)) = told.await else { return };
                    self = log;
                    if let Err(error) = told {
                        let place = &self.place;
                        tracing::error!(%error, place, "audit lines could not be written");
                    }
                }
                Err(error) => tracing::warn!(%error, "the audit trail could not be read"),
            }
        }
    }

    /// What has happened since the last look, oldest first.
    async fn look(&mut self, app: &App) -> anyhow::Result<Vec<Event>> {
        let reader = Admin::operator();
        let wanted = EventsWanted {
            since: Some(self.since),
            ..EventsWanted::default()
        };
        let mut events: Vec<Event> = Vec::new();
        let mut cursor = None;
        for page in 1..=PAGES_MAX {
            let read =
                event_list::list(app, reader.reader(), &wanted, cursor.as_deref(), PAGE).await?;
            events.extend(read.items);
            cursor = read.next;
            if cursor.is_none() {
                break;
            }
            if page == PAGES_MAX {
                tracing::error!(
                    place = self.place,
                    "audit lines were lost: too many at once"
                );
            }
        }
        events.reverse();
        if let Some(newest) = events.last() {
            let back = newest.at.checked_sub(OVERLAP).unwrap_or(newest.at);
            self.since = self.since.max(back);
        }
        let seen: HashSet<EventId> = events.iter().map(|event| event.id).collect();
        events.retain(|event| !self.written.contains(&event.id));
        // What is no longer looked at need not be remembered.
        self.written = seen;
        Ok(events)
    }

    fn write(&mut self, events: &[Event]) -> std::io::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event)?;
            lines.push(b'\n');
        }
        match &mut self.out {
            Output::Stdout => {
                let mut out = std::io::stdout().lock();
                out.write_all(&lines)?;
                out.flush()
            }
            Output::File(file) => file.write_all(&lines),
        }
    }
}
