//! A stream whose reading side can be held still.
//!
//! russh grants SSH window for what it has read, not for what was consumed,
//! and a full queue of its own stops its whole loop, sending included. So a
//! flood is held back one layer below: while the gate is closed nothing is
//! read from the target, its socket fills and its program blocks, and what a
//! person types still goes out.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Holds a [`GatedStream`]'s reading side still. Open at first.
#[derive(Debug, Default)]
pub struct Gate {
    closed: AtomicBool,
    bytes_read: AtomicU64,
    reader: Mutex<Option<Waker>>,
}

impl Gate {
    /// Closes or opens the gate.
    pub fn set_closed(&self, closed: bool) {
        let was_closed = self.closed.swap(closed, Ordering::SeqCst);
        if was_closed && !closed {
            let reader = self.lock().take();
            if let Some(reader) = reader {
                reader.wake();
            }
        }
    }

    /// Whether the gate is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Bytes that came through so far; it grows as long as the peer speaks.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    fn poll_open(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.is_closed() {
            return Poll::Ready(());
        }
        *self.lock() = Some(cx.waker().clone());
        // Opened between the look and the registration: nobody will wake us.
        if self.is_closed() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream behind a [`Gate`].
#[derive(Debug)]
pub(super) struct GatedStream<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> GatedStream<S> {
    /// Puts `inner` behind `gate`.
    pub(super) const fn new(inner: S, gate: Arc<Gate>) -> Self {
        Self { inner, gate }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GatedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.gate.poll_open(cx).is_pending() {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(cx, buf);
        let bytes = (buf.filled().len() - before) as u64;
        self.gate.bytes_read.fetch_add(bytes, Ordering::Relaxed);
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GatedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_closed_gate_holds_reading_but_not_writing() {
        let gate = Arc::new(Gate::default());
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = GatedStream::new(near, Arc::clone(&gate));
        gate.set_closed(true);
        far.write_all(b"flood").await.unwrap();
        let mut buf = [0; 5];
        {
            let mut read = std::pin::pin!(stream.read_exact(&mut buf));
            assert!(futures_util::poll!(&mut read).is_pending());
        }
        stream.write_all(b"\x03").await.unwrap();
        assert_eq!(far.read_u8().await.unwrap(), 3);

        let opener = Arc::clone(&gate);
        let (read, ()) = tokio::join!(stream.read_exact(&mut buf), async {
            opener.set_closed(false);
        });
        read.unwrap();
        assert_eq!((&buf, gate.bytes_read()), (b"flood", 5));
    }
}
