//! The size of the server's screen, as we ask for it (rfbproto,
//! "ExtendedDesktopSize" and "SetDesktopSize").

use causeway_screen::Size;

use crate::client::outbox::Outbox;
use crate::reader::{Reader, Stop};

/// Updates after which a request that was not answered counts as answered.
const PATIENCE_UPDATES: u8 = 8;
/// The reason of a change that this client asked for.
const REASON_OURS: u16 = 1;

/// What is known of the server's screens, and what was asked for.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The first screen, once the server has told of its screens.
    screen: Option<Screen>,
    /// A request waits for its answer since this many updates.
    unanswered: Option<u8>,
    /// The size to ask for next.
    next: Option<Size>,
    refused: bool,
}

#[derive(Debug, Clone, Copy)]
struct Screen {
    id: u32,
    flags: u32,
}

/// What an ExtendedDesktopSize rectangle says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The screen has this size.
    Size,
    /// The server cannot take the size that we asked for.
    NotThisSize,
    /// The server never takes a size from us.
    Never,
}

impl Layout {
    /// Reads the screens behind an ExtendedDesktopSize rectangle with this
    /// reason and status.
    pub(crate) fn read(
        &mut self,
        reader: &mut Reader<'_>,
        reason: u16,
        status: u16,
    ) -> Result<Told, Stop> {
        let [count, _, _, _] = reader.array()?;
        let screens = reader.take(usize::from(count) * 16)?;
        if let Ok(screen) = read_screen(&mut Reader::new(screens)) {
            self.screen = Some(screen);
        } else {
            self.screen.get_or_insert(Screen { id: 0, flags: 0 });
        }
        if reason != REASON_OURS {
            return Ok(Told::Size);
        }
        self.unanswered = None;
        Ok(match status {
            0 => Told::Size,
            1 => {
                self.refused = true;
                Told::Never
            }
            _ => Told::NotThisSize,
        })
    }

    /// Whether the server may take a size from us.
    pub(crate) const fn is_resizable(&self) -> bool {
        self.screen.is_some() && !self.refused
    }

    /// Asks for a size, now or when the request before is answered.
    pub(crate) const fn ask(&mut self, size: Size) {
        self.next = Some(size);
    }

    /// An update is over.
    pub(crate) fn handle_update(&mut self) {
        self.unanswered = self
            .unanswered
            .map(|updates| updates + 1)
            .filter(|updates| *updates < PATIENCE_UPDATES);
    }

    /// Sends what was asked for, unless it is the size already.
    pub(crate) fn poll(&mut self, now: Size, outbox: &mut Outbox) {
        let Some(screen) = self.screen else {
            return;
        };
        if self.refused || self.unanswered.is_some() {
            return;
        }
        let Some(size) = self.next.take().filter(|size| *size != now) else {
            return;
        };
        outbox.set_desktop_size(size, screen.id, screen.flags);
        self.unanswered = Some(0);
    }
}

fn read_screen(reader: &mut Reader<'_>) -> Result<Screen, Stop> {
    let id = reader.u32()?;
    reader.take(8)?;
    Ok(Screen {
        id,
        flags: reader.u32()?,
    })
}
