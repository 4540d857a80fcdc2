//! The clipboard, both ways: plain (RFC 6143 sections 7.5.6 and 7.6.4, Latin-1)
//! and extended (rfbproto, "Extended Clipboard", UTF-8).

mod incoming;
mod payload;
mod text;

use bytes::Bytes;

use crate::client::outbox::Outbox;
use crate::clipboard::incoming::{Body, Incoming};
use crate::error::RfbError;
use crate::reader::{Reader, Stop};

/// Bytes of text that a server may send without being asked.
const UNSOLICITED_BYTES_MAX: usize = 256 * 1024;

const TEXT: u32 = 1;
const CAPS: u32 = 1 << 24;
const REQUEST: u32 = 1 << 25;
const PEEK: u32 = 1 << 26;
const NOTIFY: u32 = 1 << 27;
const PROVIDE: u32 = 1 << 28;

/// What came of a message about the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing that anybody needs to know.
    Nothing,
    /// The target's clipboard holds this.
    Text(String),
    /// It holds more than is taken.
    TooLong,
}

/// Both sides' clipboards, as far as each is told.
#[derive(Debug)]
pub(crate) struct Clipboard {
    copy: bool,
    paste: bool,
    bytes_max: usize,
    /// What the server said; none if it does not know the extended clipboard.
    peer: Option<Peer>,
    /// The viewer's text, for as long as the server may ask for it.
    offered: Option<Offered>,
    incoming: Incoming,
    owed: Owed,
}

/// What the server said of its side of the extended clipboard.
#[derive(Debug, Clone, Copy)]
struct Peer {
    /// Bytes of text that it takes unasked.
    takes: usize,
    /// It hears that there is text, and may ask for it.
    hears: bool,
}

/// The viewer's text, and what it is once packed.
struct Offered {
    text: String,
    packed: Option<Bytes>,
}

impl std::fmt::Debug for Offered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Offered").finish_non_exhaustive()
    }
}

/// Messages to send: one of each however often the server asks.
#[derive(Debug, Default)]
struct Owed {
    caps: bool,
    request: bool,
    notify: bool,
    provide: bool,
    plain: bool,
}

impl Clipboard {
    /// A clipboard of which the target's side is heard if `copy`, and the
    /// viewer's told if `paste`.
    pub(crate) fn new(copy: bool, paste: bool, bytes_max: usize) -> Self {
        Self {
            copy,
            paste,
            bytes_max,
            peer: None,
            offered: None,
            incoming: Incoming::default(),
            owed: Owed::default(),
        }
    }

    /// Offers the viewer's text to the target.
    pub(crate) fn offer(&mut self, text: &str) {
        if !self.paste {
            return;
        }
        self.offered = Some(Offered {
            text: text.to_owned(),
            packed: None,
        });
        match self.peer {
            None => self.owed.plain = true,
            Some(peer) if peer.hears && text.len() > peer.takes => self.owed.notify = true,
            Some(peer) => {
                self.owed.provide = text.len() <= peer.takes;
                // libvncserver says for programs that know plain text only
                // that they know the extended clipboard: they get both.
                self.owed.plain = !peer.hears;
            }
        }
    }

    /// A message begins; a negative length says that it is extended.
    pub(crate) fn begin(&mut self, length: i32) {
        let keep_max = if length < 0 {
            payload::packed_bytes_max(self.bytes_max)
        } else {
            self.bytes_max
        };
        // An extended message is heard even if the target's text is not
        // wanted: the server may ask for the viewer's.
        let wanted = self.copy || length < 0;
        self.incoming = Incoming::new(length, if wanted { keep_max } else { 0 });
    }

    /// Takes what there is of the message, and acts once it is whole.
    pub(crate) fn collect(&mut self, reader: &mut Reader<'_>) -> Result<Heard, Stop> {
        let heard = match self.incoming.collect(reader)? {
            Body::Dropped => Heard::TooLong,
            Body::Plain(bytes) => self.bounded(text::from_latin1(&bytes)),
            Body::Extended(bytes) => self.handle_extended(&bytes)?,
        };
        Ok(if self.copy { heard } else { Heard::Nothing })
    }

    fn bounded(&self, text: String) -> Heard {
        if text.len() > self.bytes_max {
            Heard::TooLong
        } else if text.is_empty() {
            // x11vnc says this to everybody who comes.
            Heard::Nothing
        } else {
            Heard::Text(text)
        }
    }

    fn handle_extended(&mut self, bytes: &[u8]) -> Result<Heard, RfbError> {
        let Some((flags, payload)) = bytes.split_first_chunk() else {
            return Err(RfbError::Clipboard);
        };
        let flags = u32::from_be_bytes(*flags);
        let has_text = flags & TEXT != 0;
        if flags & CAPS != 0 {
            self.handle_caps(flags, payload);
        } else if flags & REQUEST != 0 {
            self.owed.provide |= has_text && self.offered.is_some();
        } else if flags & PEEK != 0 {
            self.owed.notify = true;
        } else if flags & NOTIFY != 0 {
            self.owed.request |= has_text && self.copy;
        } else if flags & PROVIDE != 0 && has_text && self.copy {
            let limit = payload::text_bytes_max(self.bytes_max);
            return Ok(match payload::unpack(payload, limit)? {
                Some(bytes) => self.bounded(text::from_dos(&bytes)),
                None => Heard::TooLong,
            });
        }
        Ok(Heard::Nothing)
    }

    fn handle_caps(&mut self, flags: u32, sizes: &[u8]) {
        // The size for text is the first: text is the lowest format.
        let size = sizes
            .first_chunk()
            .map_or(0, |size| u32::from_be_bytes(*size));
        let peer = Peer {
            takes: usize::try_from(size).unwrap_or(usize::MAX),
            hears: flags & NOTIFY != 0,
        };
        self.peer = (flags & TEXT != 0).then_some(peer);
        self.owed.caps = true;
    }

    /// Writes what is owed.
    pub(crate) fn poll(&mut self, outbox: &mut Outbox) {
        let owed = std::mem::take(&mut self.owed);
        if owed.caps {
            let takes = if self.copy {
                self.bytes_max.min(UNSOLICITED_BYTES_MAX)
            } else {
                0
            };
            let takes = u32::try_from(takes).unwrap_or(u32::MAX);
            let flags = CAPS | TEXT | REQUEST | PEEK | NOTIFY | PROVIDE;
            outbox.extended_clipboard(flags, &takes.to_be_bytes());
        }
        if owed.request {
            outbox.extended_clipboard(REQUEST | TEXT, &[]);
        }
        if owed.notify {
            let formats = if self.offered.is_some() { TEXT } else { 0 };
            outbox.extended_clipboard(NOTIFY | formats, &[]);
        }
        let Some(offered) = &mut self.offered else {
            return;
        };
        if owed.plain {
            outbox.cut_text(&text::to_latin1(&offered.text));
        }
        if owed.provide {
            let text = &offered.text;
            let packed = offered
                .packed
                .get_or_insert_with(|| payload::pack(&text::to_dos(text)));
            outbox.extended_clipboard(PROVIDE | TEXT, packed);
        }
    }
}
