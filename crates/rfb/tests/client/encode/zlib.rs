//! Streams that go on from rectangle to rectangle.

use flate2::{Compress, Compression, FlushCompress};

/// A compressed stream.
pub(crate) struct Stream(Compress);

impl Default for Stream {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Stream {
    /// `plain` compressed and flushed.
    pub(crate) fn pack(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(plain.len() + 1024);
        let before = self.0.total_in();
        loop {
            let read = usize::try_from(self.0.total_in() - before).unwrap();
            packed.reserve(1024);
            self.0
                .compress_vec(&plain[read..], &mut packed, FlushCompress::Sync)
                .unwrap();
            let read = usize::try_from(self.0.total_in() - before).unwrap();
            if read == plain.len() && packed.len() < packed.capacity() {
                return packed;
            }
        }
    }

    /// The same behind its length.
    pub(crate) fn section(&mut self, plain: &[u8]) -> Vec<u8> {
        let packed = self.pack(plain);
        let mut bytes = u32::try_from(packed.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(packed);
        bytes
    }
}
