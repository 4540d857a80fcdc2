//! RRE (RFC 6143 section 7.7.3) and CoRRE (rfbproto).

use causeway_screen::{Canvas, Rect, Size};

use crate::decode::{Workbench, fill};
use crate::error::RfbError;
use crate::geometry::is_within;
use crate::limits::PARTS_OVERLAP_MAX;
use crate::reader::{Reader, Stop};

/// How the parts say where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coordinates {
    /// RRE.
    Words,
    /// CoRRE.
    Bytes,
}

/// A background with rectangles of one colour each.
#[derive(Debug)]
pub(crate) struct Rre {
    rect: Rect,
    coordinates: Coordinates,
    /// Parts to come, once the background is drawn.
    parts: Option<u32>,
    /// Pixels of all parts so far.
    drawn: u64,
}

impl Rre {
    pub(crate) const fn new(rect: Rect, coordinates: Coordinates) -> Self {
        Self {
            rect,
            coordinates,
            parts: None,
            drawn: 0,
        }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let mut parts = match self.parts {
            Some(parts) => parts,
            None => self.begin(reader, bench, canvas)?,
        };
        while parts > 0 {
            let mut unit = *reader;
            let colour = bench.codec.whole.one(unit.take(bench.codec.whole.bytes())?);
            let part = self.read_part(&mut unit)?;
            let size = Size {
                width: self.rect.width,
                height: self.rect.height,
            };
            if !is_within(part, size) {
                return Err(RfbError::PartOutside.into());
            }
            self.drawn += u64::from(part.width) * u64::from(part.height);
            if self.drawn > PARTS_OVERLAP_MAX * self.area() {
                return Err(RfbError::PartsOverlap.into());
            }
            let place = Rect {
                x: self.rect.x + part.x,
                y: self.rect.y + part.y,
                ..part
            };
            fill(canvas, place, colour);
            *reader = unit;
            parts -= 1;
            self.parts = Some(parts);
        }
        Ok(())
    }

    fn area(&self) -> u64 {
        u64::from(self.rect.width) * u64::from(self.rect.height)
    }

    /// Draws the background, and says how many parts follow.
    fn begin(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<u32, Stop> {
        let mut unit = *reader;
        let parts = unit.u32()?;
        if u64::from(parts) > self.area() {
            return Err(RfbError::TooManyParts(parts).into());
        }
        let colour = bench.codec.whole.one(unit.take(bench.codec.whole.bytes())?);
        fill(canvas, self.rect, colour);
        *reader = unit;
        self.parts = Some(parts);
        Ok(parts)
    }

    fn read_part(&self, reader: &mut Reader<'_>) -> Result<Rect, Stop> {
        let mut number = || match self.coordinates {
            Coordinates::Words => reader.u16(),
            Coordinates::Bytes => reader.u8().map(u16::from),
        };
        Ok(Rect {
            x: number()?,
            y: number()?,
            width: number()?,
            height: number()?,
        })
    }
}
