//! Flow control towards one viewer: how much output may be on its way that
//! the viewer has not drawn yet.
//!
//! Offsets are those of the [`OutputRing`](super::OutputRing).

/// Smallest window that a viewer can ask for, in bytes.
pub const WINDOW_BYTES_MIN: usize = 16 * 1024;
/// Largest window that a viewer can ask for, in bytes.
pub const WINDOW_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Window of a viewer that asks for none, in bytes. At the speed of a browser
/// (5 MB/s and up) it is drawn within 50 ms, so that what follows a Ctrl-C is
/// seen soon.
pub const WINDOW_BYTES_DEFAULT: usize = 256 * 1024;

/// One viewer's place in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckWindow {
    sent: u64,
    acked: u64,
    window: u64,
}

impl AckWindow {
    /// A viewer that has everything before `offset`. `wanted` is what it
    /// asked for, 0 for the default.
    #[must_use]
    pub fn new(offset: u64, wanted: u32) -> Self {
        Self {
            sent: offset,
            acked: offset,
            window: window_bytes(wanted) as u64,
        }
    }

    /// Offset of the byte to send next.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Offset up to which the viewer has drawn.
    #[must_use]
    pub const fn acked(&self) -> u64 {
        self.acked
    }

    /// Bytes that may be sent now.
    #[must_use]
    pub fn allowance(&self) -> usize {
        let allowed = (self.acked + self.window).saturating_sub(self.sent);
        usize::try_from(allowed).unwrap_or(usize::MAX)
    }

    /// Whether output that ends at `end` fills the window, sent or not: the
    /// target is to be read no further.
    #[must_use]
    pub const fn is_filled_by(&self, end: u64) -> bool {
        end >= self.acked + self.window
    }

    /// `bytes` were sent.
    pub const fn handle_sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// The viewer has drawn up to `offset`. What was never sent cannot have
    /// been drawn, and nothing is undrawn again: both are held to the facts.
    pub fn handle_ack(&mut self, offset: u64) {
        self.acked = offset.clamp(self.acked, self.sent);
    }
}

/// The window that a viewer gets which asks for `wanted` bytes.
#[must_use]
pub(super) const fn window_bytes(wanted: u32) -> usize {
    let wanted = wanted as usize;
    if wanted == 0 {
        WINDOW_BYTES_DEFAULT
    } else if wanted < WINDOW_BYTES_MIN {
        WINDOW_BYTES_MIN
    } else if wanted > WINDOW_BYTES_MAX {
        WINDOW_BYTES_MAX
    } else {
        wanted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_viewer_gets_what_it_asks_for_within_reason() {
        for (wanted, expected) in [
            (0, WINDOW_BYTES_DEFAULT),
            (1, WINDOW_BYTES_MIN),
            (100_000, 100_000),
            (u32::MAX, WINDOW_BYTES_MAX),
        ] {
            assert_eq!(window_bytes(wanted), expected, "wanted {wanted}");
        }
    }

    #[test]
    fn the_window_opens_with_each_ack() {
        let mut window = AckWindow::new(100, WINDOW_BYTES_MIN as u32);
        assert_eq!(window.allowance(), WINDOW_BYTES_MIN);
        window.handle_sent(WINDOW_BYTES_MIN);
        assert_eq!(window.allowance(), 0);
        window.handle_ack(150);
        assert_eq!(window.allowance(), 50);
        assert!(!window.is_filled_by(149 + WINDOW_BYTES_MIN as u64));
        assert!(window.is_filled_by(150 + WINDOW_BYTES_MIN as u64));
    }

    proptest! {
        #[test]
        fn acked_never_passes_sent_nor_goes_back(
            steps in proptest::collection::vec((any::<bool>(), any::<u64>()), 0..40),
        ) {
            let mut window = AckWindow::new(0, 0);
            for (is_ack, number) in steps {
                let before = window;
                if is_ack {
                    window.handle_ack(number);
                } else {
                    let bytes = (number as usize).min(window.allowance());
                    window.handle_sent(bytes);
                }
                prop_assert!(window.acked() <= window.sent());
                prop_assert!(window.acked() >= before.acked());
                prop_assert!(window.sent() - window.acked() <= WINDOW_BYTES_DEFAULT as u64);
            }
        }
    }
}
