//! As much CBOR (RFC 8949) as authenticators write: definite lengths, integers,
//! byte and text strings, arrays, maps and simple values (CTAP2 canonical form).
//! Nothing is copied or allocated; what is nested too deeply is refused.

/// How deeply arrays and maps may be nested.
const DEPTH_MAX: u8 = 8;

/// Bytes that are not the CBOR that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the expected CBOR")]
pub(super) struct CborError;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// Reads one item after the other.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// An integer.
    pub(super) fn int(&mut self) -> Result<i64, CborError> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| CborError)?;
        match major {
            UNSIGNED => Ok(value),
            NEGATIVE => Ok(-1 - value),
            _ => Err(CborError),
        }
    }

    /// A byte string.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        match self.head()? {
            (BYTES, length) => self.take(length),
            _ => Err(CborError),
        }
    }

    /// A text string.
    pub(super) fn text(&mut self) -> Result<&'a str, CborError> {
        match self.head()? {
            (TEXT, length) => str::from_utf8(self.take(length)?).map_err(|_| CborError),
            _ => Err(CborError),
        }
    }

    /// The number of entries of a map, whose keys and values follow.
    pub(super) fn map(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            (MAP, entries) => Ok(entries),
            _ => Err(CborError),
        }
    }

    /// Passes over one item, whatever it is.
    pub(super) fn skip(&mut self) -> Result<(), CborError> {
        self.skip_at(0)
    }

    fn skip_at(&mut self, depth: u8) -> Result<(), CborError> {
        if depth > DEPTH_MAX {
            return Err(CborError);
        }
        let (major, value) = self.head()?;
        let items = match major {
            BYTES | TEXT => {
                self.take(value)?;
                0
            }
            ARRAY => value,
            MAP => value.checked_mul(2).ok_or(CborError)?,
            TAG => 1,
            _ => 0,
        };
        // Each item takes a byte at least, so a lie about their number ends
        // with the bytes.
        for _ in 0..items {
            self.skip_at(depth + 1)?;
        }
        Ok(())
    }

    /// Major type and argument (section 3); indefinite lengths are refused.
    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let [first] = *self.take(1)? else {
            return Err(CborError);
        };
        let value = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            width @ 24..=27 => self
                .take(1 << (width - 24))?
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte)),
            _ => return Err(CborError),
        };
        Ok((first >> 5, value))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CborError)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn items_are_read_in_turn() {
        // {1: 2, -7: h'0102', "a": [1, {"b": null}]}
        let bytes = [
            0xa3, 0x01, 0x02, 0x26, 0x42, 1, 2, 0x61, b'a', 0x82, 0x01, 0xa1, 0x61, b'b', 0xf6,
            0xff,
        ];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.map(), Ok(3));
        assert_eq!((reader.int(), reader.int()), (Ok(1), Ok(2)));
        assert_eq!(reader.int(), Ok(-7));
        assert_eq!(reader.bytes().unwrap(), [1, 2]);
        assert_eq!(reader.text(), Ok("a"));
        reader.skip().unwrap();
        assert_eq!(reader.rest(), [0xff]);
    }

    #[test]
    fn lies_end_with_the_bytes() {
        let mut deep = vec![0x81; 4096];
        deep.push(0);
        for bytes in [
            &[][..],
            &[0x9f, 0xff],
            &[0x42, 1],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9a, 0x7f, 0xff, 0xff, 0xff, 0],
            &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &deep,
        ] {
            assert_eq!(Reader::new(bytes).skip(), Err(CborError), "{bytes:?}");
        }
        let big = [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Reader::new(&big).int(), Err(CborError));
    }
}
