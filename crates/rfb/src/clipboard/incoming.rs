//! A clipboard message on its way in.

use crate::reader::{Reader, Stop};

/// Bytes that are made room for before any has come.
const FIRST_BYTES: usize = 16 * 1024;

/// A clipboard message on its way in.
#[derive(Default)]
pub(crate) struct Incoming {
    left: usize,
    extended: bool,
    /// What came so far; none if it is more than is kept.
    bytes: Option<Vec<u8>>,
}

/// A message that is whole.
pub(crate) enum Body {
    /// It was too long to be kept.
    Dropped,
    /// Latin-1.
    Plain(Vec<u8>),
    /// Flags, and what belongs to them.
    Extended(Vec<u8>),
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Incoming")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl Incoming {
    /// A message of `length` bytes, negative if it is extended; not kept if
    /// there are more than `keep_max`.
    pub(crate) fn new(length: i32, keep_max: usize) -> Self {
        let left = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
        let kept = left <= keep_max;
        Self {
            left,
            extended: length < 0,
            bytes: kept.then(|| Vec::with_capacity(left.min(FIRST_BYTES))),
        }
    }

    /// Takes what there is; the body once it is whole.
    pub(crate) fn collect(&mut self, reader: &mut Reader<'_>) -> Result<Body, Stop> {
        let part = reader.peek_up_to(self.left);
        if let Some(bytes) = &mut self.bytes {
            bytes.extend_from_slice(part);
        }
        self.left -= reader.skip_up_to(part.len());
        if self.left > 0 {
            return Err(Stop::Incomplete);
        }
        Ok(match (self.bytes.take(), self.extended) {
            (None, _) => Body::Dropped,
            (Some(bytes), false) => Body::Plain(bytes),
            (Some(bytes), true) => Body::Extended(bytes),
        })
    }
}
