//! A framebuffer update (RFC 6143 section 7.6.1): its rectangles, and those
//! that are none.

use causeway_screen::{Canvas, CursorImage, Rect, Size};

use crate::client::layout::Told;
use crate::client::receive::{Phase, read_name};
use crate::client::{Client, Event};
use crate::decode::{Decoder, cursor};
use crate::encoding::{Encoding, Pseudo};
use crate::error::RfbError;
use crate::geometry::{screen_size, within};
use crate::input::LockKeys;
use crate::reader::{Reader, Stop};

/// Where in an update the client is.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// Rectangles to come; none if the server will say when it is over.
    left: Option<u16>,
    /// The rectangle that is being decoded.
    decoder: Option<(Decoder, Rect)>,
    /// A rectangle had pixels.
    draws: bool,
}

/// The number of rectangles of an update that says itself when it is over.
const UNTIL_LAST_RECT: u16 = u16::MAX;

impl Client {
    /// Begins an update of so many rectangles.
    pub(super) fn begin_update(&mut self, rectangles: u16) {
        let left = (rectangles != UNTIL_LAST_RECT).then_some(rectangles);
        self.update = Update {
            left,
            ..Update::default()
        };
        self.phase = Phase::Update;
        self.pace.handle_begin();
    }

    /// Goes on with a rectangle, or begins one, or ends the update.
    pub(super) fn read_update(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        if let Some((decoder, rect)) = &mut self.update.decoder {
            decoder.advance(reader, &mut self.bench, canvas)?;
            self.bench.tidy();
            match decoder {
                Decoder::CopyRect(_) => self.refine.handle_copy(*rect),
                decoder => {
                    let pixels = u64::from(rect.width) * u64::from(rect.height);
                    self.motion.handle_pixels(pixels);
                    self.refine.handle_rect(*rect, decoder.is_lossy());
                }
            }
            self.update.decoder = None;
            return Ok(());
        }
        if self.update.left == Some(0) {
            self.end_update(canvas);
            return Ok(());
        }
        let mut unit = *reader;
        self.read_rectangle(&mut unit, canvas)?;
        *reader = unit;
        self.update.left = self.update.left.map(|left| left.saturating_sub(1));
        Ok(())
    }

    fn end_update(&mut self, canvas: &mut impl Canvas) {
        self.phase = Phase::Message;
        self.updates += 1;
        self.has_picture |= self.update.draws;
        self.layout.handle_update();
        self.motion.handle_update();
        if self.refine.handle_update() && self.may_lose {
            self.announce(true);
        }
        canvas.end_frame();
    }

    /// Reads a rectangle's head; for those that are none, all of it. Nothing
    /// happens until that is there.
    fn read_rectangle(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let rect = Rect {
            x: reader.u16()?,
            y: reader.u16()?,
            width: reader.u16()?,
            height: reader.u16()?,
        };
        let number = reader.i32()?;
        if let Some(encoding) = Encoding::from_number(number) {
            let decoder = Decoder::new(encoding, within(rect, self.size)?);
            self.update.decoder = Some((decoder, rect));
            self.update.draws = true;
            self.drawn += u64::from(rect.width) * u64::from(rect.height);
            return Ok(());
        }
        let pseudo = Pseudo::from_number(number).ok_or(RfbError::UnknownEncoding(number))?;
        self.read_pseudo(pseudo, rect, reader, canvas)
    }

    fn read_pseudo(
        &mut self,
        pseudo: Pseudo,
        rect: Rect,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        match pseudo {
            Pseudo::Cursor | Pseudo::XCursor | Pseudo::CursorWithAlpha | Pseudo::VmwareCursor => {
                canvas.set_cursor(self.read_cursor(pseudo, rect, reader)?);
            }
            Pseudo::VmwareCursorPosition | Pseudo::PointerPosition => {
                canvas.move_cursor(rect.x, rect.y);
            }
            Pseudo::DesktopSize => {
                self.change_size(screen_size(rect.width, rect.height)?, canvas);
            }
            Pseudo::ExtendedDesktopSize => self.read_layout(rect, reader, canvas)?,
            Pseudo::LastRect => self.update.left = Some(1),
            Pseudo::DesktopName => {
                let (name, rest) = read_name(reader)?;
                self.skip = rest;
                self.events.push(Event::Name(name));
            }
            Pseudo::QemuKeys => self.abilities.qemu_keys = true,
            Pseudo::ExtendedMouseButtons => self.abilities.mouse_buttons = true,
            Pseudo::QemuLeds => {
                let leds = reader.u8()?;
                self.learn_locks(leds.into());
            }
            Pseudo::VmwareLeds => {
                let leds = reader.u32()?;
                self.learn_locks(leds);
            }
            // Said once, to ask for them; they come as messages.
            Pseudo::Fence | Pseudo::ContinuousUpdates | Pseudo::ExtendedClipboard => {}
        }
        Ok(())
    }

    fn read_cursor(
        &self,
        pseudo: Pseudo,
        rect: Rect,
        reader: &mut Reader<'_>,
    ) -> Result<CursorImage, Stop> {
        let unpack = &self.bench.codec.whole;
        match pseudo {
            Pseudo::XCursor => cursor::read_x_cursor(reader, rect),
            Pseudo::CursorWithAlpha => cursor::read_alpha_cursor(reader, rect),
            Pseudo::VmwareCursor => cursor::read_vmware_cursor(reader, rect, unpack),
            _ => cursor::read_cursor(reader, rect, unpack),
        }
    }

    fn read_layout(
        &mut self,
        rect: Rect,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let before = self.layout.is_resizable();
        let told = self.layout.read(reader, rect.x, rect.y)?;
        let after = self.layout.is_resizable();
        if before != after {
            self.events.push(Event::Resizable(after));
        }
        if told == Told::Size {
            self.change_size(screen_size(rect.width, rect.height)?, canvas);
        }
        Ok(())
    }

    /// Takes another size, unless it is the one that the screen has.
    pub(super) fn change_size(&mut self, size: Size, canvas: &mut impl Canvas) {
        if size == self.size {
            return;
        }
        self.size = size;
        self.drawn += u64::from(size.width) * u64::from(size.height);
        self.pace.handle_resize();
        self.refine.handle_resize(size);
        if size.width > 0 && size.height > 0 {
            canvas.set_size(size);
        }
    }

    fn learn_locks(&mut self, leds: u32) {
        let keys = LockKeys {
            scroll: leds & 1 != 0,
            num: leds & 2 != 0,
            caps: leds & 4 != 0,
        };
        self.locks.learn(keys);
        self.events.push(Event::LockKeys(keys));
    }
}
