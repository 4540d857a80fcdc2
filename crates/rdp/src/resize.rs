//! When a target is told of another size: at once, but never while it is
//! still busy with the last one, and the newest only. Pure.

use std::time::{Duration, Instant};

use causeway_model::settings::{RdpSettings, ResizeMethod};
use causeway_screen::Size;
use causeway_target::desktop::DesktopSize;

/// How long a target may take to begin anew before it is told again.
const BUSY_MAX: Duration = Duration::from_secs(2);
/// How long a target that cannot be told may take to say that it can.
const CONTROL_DEADLINE: Duration = Duration::from_secs(5);
/// How long a size has to stand before a connection is made for it.
const SETTLE: Duration = Duration::from_millis(600);

/// What is to be done about a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Tell the target through the display control channel.
    Tell(DesktopSize),
    /// Connect anew with it.
    Reconnect(DesktopSize),
    /// Nothing before then.
    Wait(Instant),
    /// Nothing.
    Rest,
}

/// What is known of sizes.
#[derive(Debug)]
pub(crate) struct Resizer {
    method: ResizeMethod,
    fixed: (Option<u16>, Option<u16>),
    has_control: bool,
    reconnecting_helps: bool,
    opened_at: Instant,
    wanted: Option<(DesktopSize, Instant)>,
    busy_since: Option<Instant>,
    asked: DesktopSize,
}

impl Resizer {
    /// A session that was opened with `asked`.
    pub(crate) fn new(settings: &RdpSettings, asked: DesktopSize, now: Instant) -> Self {
        Self {
            method: settings.resize_method,
            fixed: (settings.width, settings.height),
            has_control: false,
            reconnecting_helps: true,
            opened_at: now,
            wanted: None,
            busy_since: None,
            asked,
        }
    }

    /// The size that the settings leave of the viewer's.
    pub(crate) fn bound(settings: &RdpSettings, size: DesktopSize) -> DesktopSize {
        DesktopSize {
            width: settings.width.unwrap_or(size.width) & !1,
            height: settings.height.unwrap_or(size.height),
            ..size
        }
    }

    /// Whether the viewer's size is followed.
    pub(crate) fn follows(&self, now: Instant) -> bool {
        match self.method {
            _ if self.fixed.0.is_some() && self.fixed.1.is_some() => false,
            ResizeMethod::Never => false,
            ResizeMethod::Reconnect => self.reconnecting_helps,
            ResizeMethod::DisplayUpdate => {
                self.has_control
                    || (self.reconnecting_helps
                        && now.duration_since(self.opened_at) >= CONTROL_DEADLINE)
            }
        }
    }

    /// Whether it is clear by now that the answer of [`Self::follows`] stays.
    pub(crate) fn is_decided(&self, now: Instant) -> bool {
        self.method != ResizeMethod::DisplayUpdate || now >= self.decided_at()
    }

    /// When it is clear.
    pub(crate) fn decided_at(&self) -> Instant {
        self.opened_at + CONTROL_DEADLINE
    }

    /// The target can be told.
    pub(crate) const fn control(&mut self) {
        self.has_control = true;
    }

    /// The viewer has room for `size` now.
    pub(crate) fn want(&mut self, size: DesktopSize, now: Instant) {
        let size = DesktopSize {
            width: self.fixed.0.unwrap_or(size.width) & !1,
            height: self.fixed.1.unwrap_or(size.height),
            ..size
        };
        self.wanted = Some((size, now));
    }

    /// The target has begun anew.
    pub(crate) const fn settled(&mut self) {
        self.busy_since = None;
    }

    /// A connection that was made for a size has this one.
    pub(crate) fn reconnected(&mut self, size: Size, now: Instant) {
        self.busy_since = None;
        self.has_control = false;
        self.opened_at = now;
        self.reconnecting_helps =
            (size.width, size.height) == (self.asked.width, self.asked.height);
    }

    /// What to do now.
    pub(crate) fn poll(&mut self, now: Instant) -> Step {
        let Some((size, since)) = self.wanted else {
            return Step::Rest;
        };
        if size == self.asked || self.method == ResizeMethod::Never {
            self.wanted = None;
            return Step::Rest;
        }
        if let Some(busy_since) = self.busy_since
            && now < busy_since + BUSY_MAX
        {
            return Step::Wait(busy_since + BUSY_MAX);
        }
        if self.has_control && self.method == ResizeMethod::DisplayUpdate {
            self.begin(size, now);
            return Step::Tell(size);
        }
        if !self.reconnecting_helps {
            self.wanted = None;
            return Step::Rest;
        }
        let mut due = since + SETTLE;
        if self.method == ResizeMethod::DisplayUpdate {
            due = due.max(self.opened_at + CONTROL_DEADLINE);
        }
        if now < due {
            return Step::Wait(due);
        }
        self.begin(size, now);
        Step::Reconnect(size)
    }

    /// When [`Self::poll`] has something to do, if later than now.
    pub(crate) fn poll_wait(&mut self, now: Instant) -> Option<Instant> {
        match self.wanted {
            None => None,
            Some(_) if self.busy_since.is_some() => self
                .busy_since
                .map(|since| since + BUSY_MAX)
                .filter(|at| *at > now),
            Some((_, since)) => Some((since + SETTLE).max(match self.method {
                ResizeMethod::DisplayUpdate => self.decided_at(),
                _ => since,
            })),
        }
    }

    fn begin(&mut self, size: DesktopSize, now: Instant) {
        self.wanted = None;
        self.asked = size;
        self.busy_since = Some(now);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn resizer(method: &str) -> (Resizer, Instant) {
        let settings = [("hostname", "win-01"), ("resize-method", method)];
        let owned = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = RdpSettings::read(&owned.into_iter().collect()).unwrap();
        let now = Instant::now();
        (Resizer::new(&settings, size(1280, 720), now), now)
    }

    fn size(width: u32, height: u32) -> DesktopSize {
        DesktopSize::clamped(width, height, 100)
    }

    #[test]
    fn the_newest_size_is_told_when_the_last_one_is_done() {
        let (mut resizer, now) = resizer("display-update");
        resizer.control();
        resizer.want(size(1300, 720), now);
        assert_eq!(resizer.poll(now), Step::Tell(size(1300, 720)));
        resizer.want(size(1310, 720), now);
        resizer.want(size(1320, 720), now);
        assert!(matches!(resizer.poll(now), Step::Wait(_)));
        resizer.settled();
        assert_eq!(resizer.poll(now), Step::Tell(size(1320, 720)));
        resizer.settled();
        resizer.want(size(1320, 720), now);
        assert_eq!(resizer.poll(now), Step::Rest);
    }

    #[test]
    fn a_target_without_control_is_connected_to_anew_once_it_is_clear() {
        let (mut resizer, now) = resizer("display-update");
        assert!(!resizer.follows(now));
        resizer.want(size(1600, 900), now);
        assert_eq!(resizer.poll(now), Step::Wait(now + CONTROL_DEADLINE));
        let later = now + CONTROL_DEADLINE;
        assert!(resizer.follows(later));
        assert_eq!(resizer.poll(later), Step::Reconnect(size(1600, 900)));
        // It did not help: the target has its own size, whatever it is asked.
        let own = Size {
            width: 1280,
            height: 720,
        };
        resizer.reconnected(own, later);
        resizer.want(size(1700, 900), later);
        assert_eq!(resizer.poll(later + BUSY_MAX), Step::Rest);
        assert!(!resizer.follows(later + CONTROL_DEADLINE));
    }

    #[test]
    fn never_is_never() {
        let (mut resizer, now) = resizer("none");
        resizer.control();
        resizer.want(size(1600, 900), now);
        assert_eq!(resizer.poll(now), Step::Rest);
        assert!(!resizer.follows(now + CONTROL_DEADLINE));
    }
}
