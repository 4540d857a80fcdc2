//! One browser's bytes on a tunnel.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use quinn::{ReadError, RecvStream, SendStream, VarInt, WriteError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::{ABORTED, SENT_ON};

/// Whether a stream ended because of the edge or the tunnel, and not of its
/// browser: that one is on its way back, most likely.
#[must_use]
pub fn is_way_lost(error: &io::Error) -> bool {
    let Some(inner) = error.get_ref() else {
        return false;
    };
    match (
        inner.downcast_ref::<ReadError>(),
        inner.downcast_ref::<WriteError>(),
    ) {
        (Some(ReadError::ConnectionLost(_)), _) | (_, Some(WriteError::ConnectionLost(_))) => true,
        (Some(ReadError::Reset(code)), _) | (_, Some(WriteError::Stopped(code))) => {
            *code == SENT_ON
        }
        _ => false,
    }
}

/// A stream whose preamble was accepted: bytes both ways. Shutting it down
/// ends our direction only; dropping it ends both.
#[derive(Debug)]
pub struct TunnelStream {
    writer: TunnelWriter,
    reader: TunnelReader,
}

impl TunnelStream {
    pub(crate) const fn new(send: SendStream, recv: RecvStream) -> Self {
        Self {
            writer: TunnelWriter(send),
            reader: TunnelReader(recv),
        }
    }

    /// Takes the two directions apart.
    #[must_use]
    pub fn into_split(self) -> (TunnelReader, TunnelWriter) {
        (self.reader, self.writer)
    }

    /// Gives up both directions; the other side sees an error, not an end.
    pub fn abort(self) {
        self.writer.abort();
        self.reader.abort();
    }
}

/// The direction towards us.
#[derive(Debug)]
pub struct TunnelReader(RecvStream);

impl TunnelReader {
    /// Fills `chunks` with what has come, without copying, and says how many
    /// were filled; 0 at the end. Safe to cancel.
    ///
    /// # Errors
    /// When the stream was given up or the tunnel is lost.
    pub async fn read_chunks(&mut self, chunks: &mut [Bytes]) -> io::Result<usize> {
        Ok(self.0.read_chunks(chunks).await?.unwrap_or(0))
    }

    /// Wants no more bytes.
    pub fn abort(self) {
        self.stop(ABORTED);
    }

    /// Wants no more bytes: the browser is to take another edge.
    pub fn send_on(self) {
        self.stop(SENT_ON);
    }

    fn stop(mut self, code: VarInt) {
        // An error says that the stream is over already.
        let _over = self.0.stop(code);
    }
}

impl AsyncRead for TunnelReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        AsyncRead::poll_read(Pin::new(&mut self.0), cx, buf)
    }
}

/// The direction away from us.
#[derive(Debug)]
pub struct TunnelWriter(SendStream);

impl TunnelWriter {
    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// When the other side wants no more or the tunnel is lost.
    pub async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Ok(self.0.write_all(bytes).await?)
    }

    /// Ends this direction in good order.
    pub fn finish(mut self) {
        // An error says that the stream is over already.
        let _over = self.0.finish();
    }

    /// Ends this direction with an error.
    pub fn abort(self) {
        self.reset(ABORTED);
    }

    /// Ends this direction: the browser is to take another edge.
    pub fn send_on(self) {
        self.reset(SENT_ON);
    }

    fn reset(mut self, code: VarInt) {
        // An error says that the stream is over already.
        let _over = self.0.reset(code);
    }
}

impl AsyncWrite for TunnelWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.0), cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.0), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(&mut self.0), cx)
    }
}

impl AsyncRead for TunnelStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(cx, buf)
    }
}

impl AsyncWrite for TunnelStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.writer).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }
}
