//! A stream whose reading side can be held still, and which can be cut.
//!
//! russh grants SSH window for what it has read, not for what was consumed,
//! and a full queue of its own stops its whole loop, sending included. So a
//! flood is held back one layer below: while the gate is closed nothing is
//! read from the target, its socket fills and its program blocks, and what a
//! person types still goes out.
//!
//! russh runs in a task of its own that cannot be ended from outside. Cutting
//! the stream under it does.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Holds a [`GatedStream`]'s reading side still, or cuts it. Open at first.
#[derive(Debug, Default)]
pub struct Gate {
    closed: AtomicBool,
    cut: AtomicBool,
    bytes_read: AtomicU64,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Gate {
    /// Closes or opens the gate.
    pub fn set_closed(&self, closed: bool) {
        let was_closed = self.closed.swap(closed, Ordering::SeqCst);
        if was_closed && !closed {
            let reader = self.waiting().reader.take();
            reader.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether the gate is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Makes reading and writing fail from now on, also what waits already.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        let Waiting { reader, writer } = std::mem::take(&mut *self.waiting());
        reader.into_iter().chain(writer).for_each(Waker::wake);
    }

    /// Bytes that came through so far; it grows as long as the peer speaks.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// Ready when reading may go on. Whoever asks is registered before the
    /// look, so that no opening and no cut is missed.
    fn poll_reader(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        register(&mut self.waiting().reader, cx);
        if self.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if self.is_closed() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Whether writing may go on; as [`Gate::poll_reader`].
    fn check_writer(&self, cx: &Context<'_>) -> io::Result<()> {
        register(&mut self.waiting().writer, cx);
        if self.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn register(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}

/// Cuts the stream behind a gate when it is dropped.
#[derive(Debug)]
pub(super) struct CutOnDrop(pub(super) Arc<Gate>);

impl Drop for CutOnDrop {
    fn drop(&mut self) {
        self.0.cut();
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
        ready!(self.gate.poll_reader(cx))?;
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
        self.gate.check_writer(cx)?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.gate.check_writer(cx)?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.gate.check_writer(cx)?;
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

    #[tokio::test]
    async fn a_cut_ends_reading_and_writing_that_wait() {
        let gate = Arc::new(Gate::default());
        let (near, _far) = tokio::io::duplex(1);
        let (mut reader, mut writer) = tokio::io::split(GatedStream::new(near, Arc::clone(&gate)));
        let cutter = CutOnDrop(gate);
        let (read, written, ()) = tokio::join!(
            reader.read_u8(),
            writer.write_all(b"more than fits"),
            async { drop(cutter) }
        );
        let aborted = Some(io::ErrorKind::ConnectionAborted);
        assert_eq!(read.err().map(|error| error.kind()), aborted);
        assert_eq!(written.err().map(|error| error.kind()), aborted);
    }
}
