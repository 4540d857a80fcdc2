//! A connection to a VNC server, with whatever encrypts it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, BytesMut};
use causeway_rfb::security::{Layer, LayerError};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// How much is read at once, in bytes.
pub(crate) const CHUNK_BYTES: usize = 64 * 1024;

/// What bytes travel through: TCP, or TLS over it.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why nothing can be read or written any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The server closed, or was cut off.
    #[error("the connection is closed")]
    Closed,
    /// The system says why.
    #[error("the connection broke")]
    Io(#[from] io::Error),
    /// The encryption is broken.
    #[error("the encryption broke")]
    Layer(#[from] LayerError),
}

/// A stream with a layer of ours, if any. Plain bytes go in and out.
pub(crate) struct Transport {
    stream: Stream,
    layer: Option<Layer>,
    chunk: Box<[u8]>,
    /// What waits to be written, as the wire has it.
    outbox: BytesMut,
    unflushed: bool,
}

impl Transport {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream: Stream::Tcp(stream),
            layer: None,
            chunk: vec![0; CHUNK_BYTES].into_boxed_slice(),
            outbox: BytesMut::new(),
            unflushed: false,
        }
    }

    /// The same over TLS, which `secure` puts over TCP.
    ///
    /// # Errors
    /// What `secure` says.
    pub(crate) async fn secured<F, E>(
        self,
        secure: impl FnOnce(TcpStream) -> F,
        nested: impl FnOnce() -> E,
    ) -> Result<Self, E>
    where
        F: Future<Output = Result<TlsStream<TcpStream>, E>>,
    {
        let (Stream::Tcp(stream), None) = (self.stream, &self.layer) else {
            return Err(nested());
        };
        let stream = Stream::Tls(Box::new(secure(stream).await?));
        Ok(Self { stream, ..self })
    }

    /// Puts a layer over the stream; `begun` came before and belongs to it.
    pub(crate) fn put_layer(
        &mut self,
        layer: Layer,
        begun: &mut BytesMut,
    ) -> Result<(), TransportError> {
        let wire = std::mem::take(begun);
        self.layer = Some(layer);
        self.take_in(&wire, begun)
    }

    /// Takes the layer away again.
    pub(crate) fn remove_layer(&mut self) {
        self.layer = None;
    }

    fn take_in(&mut self, wire: &[u8], plain: &mut BytesMut) -> Result<(), TransportError> {
        let Some(layer) = &mut self.layer else {
            plain.extend_from_slice(wire);
            return Ok(());
        };
        layer.handle_input(wire, plain)?;
        let closed = layer.is_closed();
        self.collect();
        if closed && plain.is_empty() {
            return Err(TransportError::Closed);
        }
        Ok(())
    }

    /// Has `plain` written by and by: see [`Transport::write`].
    pub(crate) fn queue(&mut self, plain: &[u8]) -> Result<(), TransportError> {
        match &mut self.layer {
            Some(layer) => {
                layer.seal(plain)?;
                self.collect();
            }
            None => self.outbox.extend_from_slice(plain),
        }
        Ok(())
    }

    /// Bytes that wait to be written.
    pub(crate) fn queued(&self) -> usize {
        self.outbox.len()
    }

    /// Whether [`Transport::write`] has something to do.
    pub(crate) fn must_write(&self) -> bool {
        self.unflushed || !self.outbox.is_empty()
    }

    /// Writes all that is queued.
    pub(crate) async fn write(&mut self) -> Result<(), TransportError> {
        while self.must_write() {
            std::future::poll_fn(|context| self.poll_write(context)).await?;
        }
        Ok(())
    }

    /// Reads, and writes meanwhile what is queued: neither side of a
    /// connection may wait for the other to read. Comes back when something
    /// was read, or nothing is left to write. Cancel-safe.
    pub(crate) async fn progress(&mut self, plain: &mut BytesMut) -> Result<(), TransportError> {
        let had_to_write = self.must_write();
        let read = std::future::poll_fn(|context| {
            if self.must_write() {
                match self.poll_write(context) {
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(())) if !self.must_write() && had_to_write => {
                        return Poll::Ready(Ok(0));
                    }
                    Poll::Ready(Ok(())) | Poll::Pending => {}
                }
            }
            let mut buffer = ReadBuf::new(&mut self.chunk);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                    Poll::Ready(Err(TransportError::Closed))
                }
                Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
            }
        });
        let count = read.await?;
        if count == 0 {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        let taken = self.take_in(&chunk[..count], plain);
        self.chunk = chunk;
        taken
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut stream = Pin::new(&mut self.stream);
        while !self.outbox.is_empty() {
            match stream.as_mut().poll_write(context, &self.outbox) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(TransportError::Closed)),
                Poll::Ready(Ok(count)) => {
                    self.outbox.advance(count);
                    self.unflushed = true;
                }
            }
        }
        match stream.poll_flush(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Says that nothing follows.
    pub(crate) async fn shut_down(&mut self) {
        if let Err(error) = self.stream.shutdown().await {
            tracing::debug!(%error, "the target was gone already");
        }
    }

    fn collect(&mut self) {
        while let Some(output) = self.layer.as_mut().and_then(Layer::poll_output) {
            self.outbox.extend_from_slice(&output);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
