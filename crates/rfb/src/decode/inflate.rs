//! zlib streams that arrive in pieces and go on from rectangle to rectangle.

use flate2::{Decompress, FlushDecompress};

use crate::error::RfbError;
use crate::limits::INFLATED_BYTES;
use crate::reader::{Reader, Stop};

/// A compressed stream; its memory is taken when it is first used.
#[derive(Debug, Default)]
pub(crate) struct Inflater {
    stream: Option<Box<Decompress>>,
}

impl Inflater {
    /// The stream begins anew.
    pub(crate) fn reset(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.reset(true);
        }
    }

    /// Inflates into `output`; says how much was read and written.
    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), RfbError> {
        let stream = self
            .stream
            .get_or_insert_with(|| Box::new(Decompress::new(true)));
        let (read, written) = (stream.total_in(), stream.total_out());
        stream
            .decompress(input, output, FlushDecompress::Sync)
            .map_err(|_| RfbError::Zlib)?;
        let moved = |before: u64, after: u64| usize::try_from(after - before).unwrap_or(0);
        Ok((
            moved(read, stream.total_in()),
            moved(written, stream.total_out()),
        ))
    }
}

/// Inflated bytes that wait to be decoded: never more than [`INFLATED_BYTES`].
#[derive(Debug, Default)]
pub(crate) struct Inflated {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inflated {
    fn waiting(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    const fn pass(&mut self, count: usize) {
        self.start += count;
    }

    /// Room for more. What waits moves to the front: less than one unit.
    fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes = vec![0; INFLATED_BYTES];
        }
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        &mut self.bytes[self.end..]
    }
}

/// The compressed bytes of one rectangle.
#[derive(Debug)]
pub(crate) struct Section {
    /// Bytes of it that have not been inflated.
    left: usize,
    /// All that it should hold has been decoded.
    complete: bool,
}

impl Section {
    /// A section of `length` compressed bytes.
    pub(crate) const fn new(length: usize) -> Self {
        Self {
            left: length,
            complete: false,
        }
    }

    /// A section whose length is read first, as 32 bits.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Stop> {
        let length = reader.u32()?;
        Ok(Self::new(usize::try_from(length).unwrap_or(usize::MAX)))
    }

    /// Inflates what there is and hands it to `decode`, which takes whole
    /// units until it has all that it wants, and is not called again then.
    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        stream: &mut Inflater,
        inflated: &mut Inflated,
        mut decode: impl FnMut(&mut Reader<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        loop {
            if !self.complete {
                let mut inner = Reader::new(inflated.waiting());
                let before = inner.len();
                let outcome = decode(&mut inner);
                let used = before - inner.len();
                inflated.pass(used);
                match outcome {
                    Ok(()) => self.complete = true,
                    Err(Stop::Incomplete) => {}
                    Err(failed) => return Err(failed),
                }
            }
            if self.complete && !inflated.is_empty() {
                return Err(RfbError::ZlibLong.into());
            }
            if self.complete && self.left == 0 {
                return Ok(());
            }
            if !self.inflate(reader, stream, inflated)? {
                return Err(self.stalled(reader));
            }
        }
    }

    /// Moves bytes on; false if none could be.
    fn inflate(
        &mut self,
        reader: &mut Reader<'_>,
        stream: &mut Inflater,
        inflated: &mut Inflated,
    ) -> Result<bool, RfbError> {
        let input = reader.peek_up_to(self.left);
        let (read, written) = stream.inflate(input, inflated.room())?;
        self.left -= reader.skip_up_to(read);
        inflated.end += written;
        Ok(read + written > 0)
    }

    fn stalled(&self, reader: &Reader<'_>) -> Stop {
        if self.left > 0 && reader.is_empty() {
            Stop::Incomplete
        } else {
            RfbError::ZlibShort.into()
        }
    }
}
