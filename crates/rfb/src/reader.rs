//! Bytes that may end anywhere.

use crate::error::RfbError;

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The bytes so far end within what is being read: try again, from where
    /// the reader was committed last, once there are more.
    Incomplete,
    /// What was read cannot be.
    Failed(RfbError),
}

impl From<RfbError> for Stop {
    fn from(error: RfbError) -> Self {
        Self::Failed(error)
    }
}

/// Reads a slice from its start.
///
/// A decoder reads one unit on a clone, and puts the clone in the original's
/// place once the unit is whole: what is left incomplete is then read again
/// from its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes there are.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Stop::Incomplete)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Up to `count` bytes, without passing them.
    pub(crate) fn peek_up_to(&self, count: usize) -> &'a [u8] {
        &self.bytes[..count.min(self.bytes.len())]
    }

    /// Passes up to `count` bytes, and says how many.
    pub(crate) fn skip_up_to(&mut self, count: usize) -> usize {
        let skipped = count.min(self.bytes.len());
        self.bytes = &self.bytes[skipped..];
        skipped
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(Stop::Incomplete)?;
        self.bytes = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Stop> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Stop> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Stop> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32, Stop> {
        Ok(i32::from_be_bytes(self.array()?))
    }
}
