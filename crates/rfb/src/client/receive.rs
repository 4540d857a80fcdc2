//! Messages from the server (RFC 6143 sections 7.3.2 and 7.6, and rfbproto).

use causeway_screen::{Canvas, CursorImage};

use crate::client::{Client, Event};
use crate::clipboard::Heard;
use crate::error::RfbError;
use crate::geometry::screen_size;
use crate::limits::{FENCE_BYTES_MAX, NAME_BYTES_KEPT, NAME_BYTES_MAX};
use crate::pixel::{PixelCodec, PixelFormat};
use crate::reader::{Reader, Stop};

/// What is expected next.
#[derive(Debug)]
pub(crate) enum Phase {
    /// The server's first message.
    ServerInit,
    /// What servers add to it after the security type Tight.
    TightCapabilities,
    /// The start of a message.
    Message,
    /// Rectangles of an update.
    Update,
    /// Entries of a colour map: the next one's index, and how many.
    Colours { next: u16, left: u16 },
    /// Text of the clipboard.
    CutText,
    /// Nothing: the server broke the protocol.
    Failed(RfbError),
}

/// A fence that asks for an answer.
const FENCE_REQUEST: u32 = 1 << 31;
/// What our answers can promise: all is done in the order it came.
const FENCE_KNOWN: u32 = 0b11;

impl Client {
    /// Reads and acts on one unit.
    pub(super) fn step(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        match &self.phase {
            Phase::ServerInit => self.read_server_init(reader, canvas),
            Phase::TightCapabilities => self.read_tight_capabilities(reader),
            Phase::Message => self.read_message(reader),
            Phase::Update => self.read_update(reader, canvas),
            Phase::Colours { next, left } => self.read_colour(reader, *next, *left),
            Phase::CutText => self.read_cut_text(reader),
            Phase::Failed(error) => Err(error.clone().into()),
        }
    }

    fn read_server_init(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let mut unit = *reader;
        let size = screen_size(unit.u16()?, unit.u16()?)?;
        let native = PixelFormat::read(&mut unit)?;
        let (name, rest) = read_name(&mut unit)?;
        *reader = unit;
        self.skip = rest;
        self.choose_format(native)?;
        self.announce(self.may_lose);
        self.change_size(size, canvas);
        if !self.config.cursor {
            // The server draws it into the picture: a second one would lie.
            canvas.set_cursor(CursorImage::Hidden);
        }
        self.phase = if self.has_tight_capabilities {
            Phase::TightCapabilities
        } else {
            Phase::Message
        };
        self.events.push(Event::Ready);
        self.events.push(Event::Name(name));
        Ok(())
    }

    fn choose_format(&mut self, native: PixelFormat) -> Result<(), RfbError> {
        let format = match self.config.colour_depth.format() {
            Some(format) => {
                self.outbox.set_pixel_format(&format);
                format
            }
            None => native.checked()?,
        };
        self.bench.codec = PixelCodec::new(&format, self.config.swap_red_and_blue);
        Ok(())
    }

    /// Three lists of what the server knows: nothing that is not known
    /// otherwise.
    fn read_tight_capabilities(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let mut unit = *reader;
        let mut lists = || unit.u16().map(u64::from);
        let entries = lists()? + lists()? + lists()?;
        unit.u16()?;
        *reader = unit;
        self.skip = entries * 16;
        self.phase = Phase::Message;
        Ok(())
    }

    fn read_message(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let mut unit = *reader;
        match unit.u8()? {
            0 => {
                unit.u8()?;
                self.begin_update(unit.u16()?);
            }
            1 => {
                unit.u8()?;
                self.phase = Phase::Colours {
                    next: unit.u16()?,
                    left: unit.u16()?,
                };
            }
            2 => self.events.push(Event::Bell),
            3 => {
                unit.take(3)?;
                self.clipboard.begin(unit.i32()?);
                self.phase = Phase::CutText;
            }
            150 => self.pace.handle_continuous_end(),
            248 => self.answer_fence(&mut unit)?,
            // Of xvp, which we do not use: some servers tell of it unasked.
            250 => {
                unit.take(3)?;
            }
            other => return Err(RfbError::UnknownMessage(other).into()),
        }
        *reader = unit;
        Ok(())
    }

    fn answer_fence(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        reader.take(3)?;
        let flags = reader.u32()?;
        let length = usize::from(reader.u8()?);
        let payload = reader.take(length)?;
        if flags & FENCE_REQUEST != 0 && length <= FENCE_BYTES_MAX {
            self.outbox.fence(flags & FENCE_KNOWN, payload);
        }
        Ok(())
    }

    fn read_colour(&mut self, reader: &mut Reader<'_>, next: u16, left: u16) -> Result<(), Stop> {
        let Some(left) = left.checked_sub(1) else {
            self.phase = Phase::Message;
            return Ok(());
        };
        let mut unit = *reader;
        let rgb = [unit.u16()?, unit.u16()?, unit.u16()?];
        self.bench.codec.set_colour(usize::from(next), rgb)?;
        *reader = unit;
        self.phase = Phase::Colours {
            next: next.saturating_add(1),
            left,
        };
        Ok(())
    }

    fn read_cut_text(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let heard = self.clipboard.collect(reader)?;
        self.phase = Phase::Message;
        match heard {
            Heard::Nothing => {}
            Heard::Text(text) => self.events.push(Event::Clipboard(text)),
            Heard::TooLong => self.events.push(Event::ClipboardTooLong),
        }
        Ok(())
    }
}

/// A name, and how many bytes of it follow that nobody needs.
pub(super) fn read_name(reader: &mut Reader<'_>) -> Result<(String, u64), Stop> {
    let length = reader.u32()?;
    if length > NAME_BYTES_MAX {
        return Err(RfbError::NameTooLong(length).into());
    }
    let kept = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .min(NAME_BYTES_KEPT);
    let name = String::from_utf8_lossy(reader.take(kept)?).into_owned();
    Ok((name, u64::from(length) - kept as u64))
}
