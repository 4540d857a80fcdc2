//! A browser's bytes to its node and back, unread.

use std::io::{self, IoSlice};

use bytes::{Buf as _, Bytes};
use causeway_tunnel::{TunnelReader, TunnelStream, TunnelWriter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::Limits;
use crate::metrics::Counter;

/// What is read from the browser at once, in bytes.
const READ_LEN: usize = 16 * 1024;
/// How many pieces of the tunnel's stream are written to the browser at once;
/// a piece is at most a packet.
const CHUNKS: usize = 32;

/// How a splice is counted and limited.
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) to_node: &'a Counter,
    pub(crate) to_browser: &'a Counter,
    pub(crate) limits: &'a Limits,
    /// Cancelled when the browser is to take another edge: the node is told so.
    pub(crate) sent_on: &'a CancellationToken,
}

/// How a splice ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpliceError {
    /// The browser's connection broke.
    #[error("the browser's connection broke")]
    Browser(#[source] io::Error),
    /// The browser took nothing for too long.
    #[error("the browser takes no bytes")]
    Stalled,
    /// The node gave up, or the tunnel is lost.
    #[error("the node's stream broke")]
    Node(#[source] io::Error),
    /// The edge stops: the browser is to take another.
    #[error("the edge stops")]
    SentOn,
    /// One side ended, the other did not follow.
    #[error("one direction outlived the other")]
    HalfClosed,
}

/// Copies both ways until both directions have ended. `early` is what the
/// browser sent right behind its request. A direction that ends is ended on the
/// other side, too; the other direction has a little time to follow.
pub(crate) async fn splice(
    socket: impl AsyncRead + AsyncWrite,
    early: Bytes,
    stream: TunnelStream,
    terms: &Terms<'_>,
) -> Result<(), SpliceError> {
    let (from_browser, to_browser) = tokio::io::split(socket);
    let (from_node, to_node) = stream.into_split();
    let mut up = std::pin::pin!(carry_up(from_browser, early, to_node, terms));
    let mut down = std::pin::pin!(carry_down(from_node, to_browser, terms));
    let rest = tokio::select! {
        ended = &mut up => {
            ended?;
            timeout(terms.limits.half_closed_max, down).await
        }
        ended = &mut down => {
            ended?;
            timeout(terms.limits.half_closed_max, up).await
        }
    };
    rest.map_err(|_elapsed| SpliceError::HalfClosed)?
}

async fn carry_up(
    mut browser: impl AsyncRead + Unpin,
    early: Bytes,
    node: TunnelWriter,
    terms: &Terms<'_>,
) -> Result<(), SpliceError> {
    let mut node = Aborting::new(node, terms.sent_on);
    node.send(&early, terms).await?;
    let mut buffer = vec![0; READ_LEN];
    loop {
        match browser
            .read(&mut buffer)
            .await
            .map_err(SpliceError::Browser)?
        {
            0 => break,
            len => node.send(&buffer[..len], terms).await?,
        }
    }
    node.finish();
    Ok(())
}

/// A writer that tells the node of an error unless it was finished: what a
/// browser's broken connection leaves behind is not a whole message.
struct Aborting<'a> {
    writer: Option<TunnelWriter>,
    sent_on: &'a CancellationToken,
}

impl<'a> Aborting<'a> {
    const fn new(writer: TunnelWriter, sent_on: &'a CancellationToken) -> Self {
        Self {
            writer: Some(writer),
            sent_on,
        }
    }

    async fn send(&mut self, bytes: &[u8], terms: &Terms<'_>) -> Result<(), SpliceError> {
        if let Some(writer) = &mut self.writer {
            writer.write_all(bytes).await.map_err(SpliceError::Node)?;
            terms.to_node.add(bytes.len() as u64);
        }
        Ok(())
    }

    fn finish(mut self) {
        if let Some(writer) = self.writer.take() {
            writer.finish();
        }
    }
}

impl Drop for Aborting<'_> {
    fn drop(&mut self) {
        match self.writer.take() {
            Some(writer) if self.sent_on.is_cancelled() => writer.send_on(),
            Some(writer) => writer.abort(),
            None => {}
        }
    }
}

async fn carry_down(
    node: TunnelReader,
    mut browser: impl AsyncWrite + Unpin,
    terms: &Terms<'_>,
) -> Result<(), SpliceError> {
    let mut node = Leaving {
        reader: Some(node),
        sent_on: terms.sent_on,
    };
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let filled = match node.read(&mut chunks).await.map_err(SpliceError::Node)? {
            0 => break,
            filled => &mut chunks[..filled],
        };
        let len: usize = filled.iter().map(Bytes::len).sum();
        timeout(terms.limits.stall_max, write_chunks(&mut browser, filled))
            .await
            .map_err(|_elapsed| SpliceError::Stalled)?
            .map_err(SpliceError::Browser)?;
        terms.to_browser.add(len as u64);
    }
    timeout(terms.limits.stall_max, browser.shutdown())
        .await
        .map_err(|_elapsed| SpliceError::Stalled)?
        .map_err(SpliceError::Browser)
}

/// A reader that tells the node when the browser is sent on.
struct Leaving<'a> {
    reader: Option<TunnelReader>,
    sent_on: &'a CancellationToken,
}

impl Leaving<'_> {
    async fn read(&mut self, chunks: &mut [Bytes]) -> io::Result<usize> {
        match &mut self.reader {
            Some(reader) => reader.read_chunks(chunks).await,
            None => Ok(0),
        }
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take()
            && self.sent_on.is_cancelled()
        {
            reader.send_on();
        }
    }
}

/// Writes all chunks, many at a time, and leaves them empty.
async fn write_chunks(
    browser: &mut (impl AsyncWrite + Unpin),
    chunks: &mut [Bytes],
) -> io::Result<()> {
    let mut begin = 0;
    while begin < chunks.len() {
        let left = &mut chunks[begin..];
        let written = write_some(browser, left).await?;
        begin += advance(left, written);
    }
    browser.flush().await
}

async fn write_some(
    browser: &mut (impl AsyncWrite + Unpin),
    chunks: &[Bytes],
) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); CHUNKS];
    for (slice, chunk) in slices.iter_mut().zip(chunks) {
        *slice = IoSlice::new(chunk);
    }
    match browser.write_vectored(&slices[..chunks.len()]).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        written => Ok(written),
    }
}

/// Takes `written` bytes off the front; how many chunks are empty by that.
fn advance(chunks: &mut [Bytes], mut written: usize) -> usize {
    for (index, chunk) in chunks.iter_mut().enumerate() {
        if written < chunk.len() {
            chunk.advance(written);
            return index;
        }
        written -= chunk.len();
        *chunk = Bytes::new();
    }
    chunks.len()
}
