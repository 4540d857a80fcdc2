//! Tight (rfbproto, "Tight Encoding").

mod filter;
mod gradient;
mod jpeg;

use causeway_screen::{Canvas, Rect};

use crate::decode::inflate::Section;
use crate::decode::rows::Rows;
use crate::decode::tight::filter::Filter;
use crate::decode::{Workbench, fill};
use crate::error::RfbError;
use crate::reader::{Reader, Stop};

/// Bytes of rows that are too few to be compressed.
const COMPRESSED_MIN: usize = 12;

/// A rectangle of Tight.
#[derive(Debug)]
pub(crate) struct Tight {
    rect: Rect,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is known.
    Control,
    /// Rows through a filter. Boxed: few rectangles at a time, much state.
    Basic(Box<Basic>),
    /// A JPEG file of this many bytes.
    Jpeg(usize),
}

#[derive(Debug)]
struct Basic {
    rows: Rows,
    filter: Filter,
    /// Which stream the rows are in, and where they are there; none if they
    /// are not compressed.
    section: Option<(usize, Section)>,
}

impl Tight {
    pub(crate) const fn new(rect: Rect) -> Self {
        Self {
            rect,
            state: State::Control,
        }
    }

    /// Whether it is a JPEG file.
    pub(crate) const fn is_lossy(&self) -> bool {
        matches!(self.state, State::Jpeg(_))
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        if matches!(self.state, State::Control) {
            let mut unit = *reader;
            match self.read_control(&mut unit, bench)? {
                Control::Fill(colour) => {
                    fill(canvas, self.rect, colour);
                    *reader = unit;
                    return Ok(());
                }
                Control::Goes(state) => self.state = state,
            }
            *reader = unit;
        }
        match &mut self.state {
            State::Control => Ok(()),
            State::Basic(basic) => basic.advance(reader, bench, canvas),
            State::Jpeg(length) => {
                let file = reader.take(*length)?;
                Ok(jpeg::draw(file, self.rect, bench, canvas)?)
            }
        }
    }

    /// Reads what stands before the data; all of it, or nothing happens.
    fn read_control(
        &self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
    ) -> Result<Control, Stop> {
        let control = reader.u8()?;
        let parsed = match control >> 4 {
            0..=7 => Control::Goes(self.read_basic(control >> 4, reader, bench)?),
            8 => {
                let unpack = &bench.codec.tight;
                Control::Fill(unpack.one(reader.take(unpack.bytes())?))
            }
            9 => Control::Goes(State::Jpeg(read_length(reader)?)),
            _ => return Err(RfbError::TightKind(control).into()),
        };
        for (number, stream) in bench.tight.iter_mut().enumerate() {
            if control >> number & 1 != 0 {
                stream.reset();
            }
        }
        Ok(parsed)
    }

    fn read_basic(
        &self,
        kind: u8,
        reader: &mut Reader<'_>,
        bench: &Workbench,
    ) -> Result<State, Stop> {
        let has_filter = kind & 4 != 0;
        let filter = Filter::read(has_filter, reader, &bench.codec.tight, self.rect.width)?;
        let bytes =
            filter.row_bytes(&bench.codec.tight, self.rect.width) * usize::from(self.rect.height);
        let section = if bytes < COMPRESSED_MIN {
            None
        } else {
            Some((usize::from(kind & 3), Section::new(read_length(reader)?)))
        };
        Ok(State::Basic(Box::new(Basic {
            rows: Rows::new(self.rect),
            filter,
            section,
        })))
    }
}

/// What the first bytes say.
enum Control {
    /// One colour, which is all.
    Fill([u8; 4]),
    /// More follows.
    Goes(State),
}

impl Basic {
    fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let Workbench {
            codec,
            tight,
            inflated,
            pixels,
            ..
        } = bench;
        let Self {
            rows,
            filter,
            section,
        } = self;
        let unpack = &codec.tight;
        let width = rows.rect().width;
        let row = filter.row_bytes(unpack, width);
        let mut decode = |reader: &mut Reader<'_>| {
            rows.advance(reader, row, pixels, canvas, |bytes, pixels| {
                filter.unpack_rows(unpack, width, bytes, pixels)
            })
        };
        match section {
            Some((stream, section)) => {
                section.advance(reader, &mut tight[*stream & 3], inflated, decode)
            }
            None => decode(reader),
        }
    }
}

/// A length of one to three bytes, seven bits in each of the first two.
fn read_length(reader: &mut Reader<'_>) -> Result<usize, Stop> {
    let mut length = 0;
    for (shift, mask) in [(0, 0x7f), (7, 0x7f), (14, 0xff)] {
        let byte = reader.u8()?;
        length |= usize::from(byte & mask) << shift;
        if mask == 0x7f && byte & 0x80 == 0 {
            break;
        }
    }
    Ok(length)
}
