//! Where in which trace something happens: the `traceparent` of W3C Trace
//! Context, parsed once. `tracestate` is neither read nor passed on: nothing
//! here needs what others write about a trace.

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};
use std::str::FromStr;

/// Name of the header (W3C Trace Context, section 3.2).
pub const TRACEPARENT: &str = "traceparent";

/// Length of a `traceparent` of version 00, in bytes; later versions begin so.
const LENGTH: usize = 55;
/// Longest `traceparent` of a later version that is looked at, in bytes.
const LENGTH_MAX: usize = 512;
/// The bit of the flags that says that the caller records the trace.
const SAMPLED: u8 = 1;

/// A place in a trace: its id, the span that is the parent of what follows,
/// and whether the trace is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace: NonZeroU128,
    parent: NonZeroU64,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

/// A text that is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent")]
pub struct ParseTraceContextError;

impl TraceContext {
    /// The place after span `parent` of `trace`; `None` when an id is zero,
    /// which means none.
    #[must_use]
    pub fn new(trace: [u8; 16], parent: [u8; 8], sampled: bool) -> Option<Self> {
        Some(Self {
            trace: NonZeroU128::new(u128::from_be_bytes(trace))?,
            parent: NonZeroU64::new(u64::from_be_bytes(parent))?,
            sampled,
        })
    }

    /// The trace's id.
    #[must_use]
    pub const fn trace(&self) -> [u8; 16] {
        self.trace.get().to_be_bytes()
    }

    /// The id of the span that is the parent of what follows.
    #[must_use]
    pub const fn parent(&self) -> [u8; 8] {
        self.parent.get().to_be_bytes()
    }

    /// The trace's id as it is written: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The same place, recorded or not.
    #[must_use]
    pub const fn with_sampled(self, sampled: bool) -> Self {
        Self { sampled, ..self }
    }
}

/// A `traceparent` of version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled) * SAMPLED;
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace, self.parent)
    }
}

/// Reads a `traceparent` of any version (W3C Trace Context, section 3.2.2): of
/// a later one what version 00 has, too.
impl FromStr for TraceContext {
    type Err = ParseTraceContextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).ok_or(ParseTraceContextError)
    }
}

fn parse(text: &[u8]) -> Option<TraceContext> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let (head, rest) = text.split_first_chunk::<LENGTH>()?;
    let [version] = digits(&head[..2])?;
    let is_whole = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.first().is_none_or(|byte| *byte == b'-'),
    };
    if !is_whole || [head[2], head[35], head[52]] != *b"---" {
        return None;
    }
    let [flags] = digits(&head[53..])?;
    TraceContext::new(
        digits(&head[3..35])?,
        digits(&head[36..52])?,
        flags & SAMPLED != 0,
    )
}

/// Lower-case hexadecimal digits, two a byte: upper-case ones are not allowed.
fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_written_is_read() {
        let context: TraceContext = GOOD.parse().unwrap();
        assert!(context.sampled);
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.parent(), 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
        assert_eq!(context.to_string(), GOOD);
        let quiet = context.with_sampled(false).to_string();
        assert!(quiet.ends_with("-00"));
        assert!(!quiet.parse::<TraceContext>().unwrap().sampled);
    }

    #[test]
    fn only_one_flag_counts() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            let text = format!("{}{flags}", &GOOD[..53]);
            assert_eq!(text.parse::<TraceContext>().unwrap().sampled, sampled);
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        for more in ["", "-", "-what-the-future-will-be-like"] {
            let text = format!("cc{}{more}", &GOOD[2..]);
            assert_eq!(text.parse::<TraceContext>(), GOOD.parse());
        }
    }

    #[test]
    fn anything_else_is_none() {
        let cases = [
            String::new(),
            GOOD[..54].to_owned(),
            format!("{GOOD}-"),
            format!("{GOOD} "),
            format!(" {GOOD}"),
            GOOD.to_uppercase(),
            GOOD.replace('-', "_"),
            GOOD.replacen("00", "ff", 1),
            format!("cc{}.", &GOOD[2..]),
            format!("cc{}-{}", &GOOD[2..], "x".repeat(LENGTH_MAX)),
            GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            GOOD.replace("b7ad6b7169203331", &"0".repeat(16)),
            GOOD.replace("b7", "+7"),
            GOOD.replace("b7", "ß"),
        ];
        for text in cases {
            let read = text.parse::<TraceContext>();
            assert_eq!(read, Err(ParseTraceContextError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_does_harm(text in "\\PC{0,80}") {
            if let Ok(context) = text.parse::<TraceContext>() {
                prop_assert_eq!(context.to_string().parse(), Ok(context));
            }
        }

        #[test]
        fn every_place_survives_its_text(trace: [u8; 16], parent: [u8; 8], sampled: bool) {
            if let Some(context) = TraceContext::new(trace, parent, sampled) {
                prop_assert_eq!(context.to_string().parse(), Ok(context));
            }
        }
    }
}
