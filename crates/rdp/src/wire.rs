//! Bytes to and from a target: whole PDUs in, whatever there is out, both at
//! once. Knows lengths, not contents.

use std::io;
use std::sync::LazyLock;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use ironrdp_core::MonotonicInstant;
use ironrdp_pdu::{Action, PduHint};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// Room that is made for one read, in bytes.
const READ_BYTES: usize = 16 * 1024;
/// Most that is handed on at once, in bytes, but for one PDU.
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// One PDU of an open session, and what it begins with.
#[derive(Debug)]
pub(crate) struct Pdu {
    pub(crate) action: Action,
    pub(crate) bytes: Bytes,
    pub(crate) received_at: Option<MonotonicInstant>,
}

/// A connection, read in PDUs.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: S,
    buffer: BytesMut,
    read_at: Option<MonotonicInstant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            read_at: None,
        }
    }

    /// When the bytes that are buffered came.
    pub(crate) const fn read_at(&self) -> Option<MonotonicInstant> {
        self.read_at
    }

    /// The next PDU that the sequence waits for, of at most `bytes_max`.
    /// Cancel-safe.
    ///
    /// # Errors
    /// `UnexpectedEof` when the target closed, `InvalidData` when what it sent
    /// has no or too great a length.
    pub(crate) async fn read(&mut self, hint: &dyn PduHint, bytes_max: usize) -> io::Result<Bytes> {
        loop {
            let found = hint.find_size(&self.buffer).map_err(invalid)?;
            match found {
                Some((_, length)) if length > bytes_max || length == 0 => {
                    return Err(invalid(format!("a PDU of {length} bytes")));
                }
                Some((matched, length)) if self.buffer.len() >= length => {
                    let pdu = self.buffer.split_to(length).freeze();
                    if matched {
                        return Ok(pdu);
                    }
                }
                None if self.buffer.len() > bytes_max => {
                    return Err(invalid("no length in all that was sent"));
                }
                Some(_) | None => {
                    fill(&mut self.stream, &mut self.buffer, &mut self.read_at).await?;
                }
            }
        }
    }

    /// What was read and is no whole PDU.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.buffer
    }

    /// Sends all of `bytes`. Not cancel-safe.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The stream itself, and what was read ahead of it.
    pub(crate) fn into_inner(self) -> (S, BytesMut) {
        (self.stream, self.buffer)
    }

    /// Both directions apart.
    pub(crate) fn split(self) -> (Incoming<S>, Outgoing<S>) {
        let (reader, writer) = tokio::io::split(self.stream);
        let incoming = Incoming {
            reader,
            buffer: self.buffer,
            read_at: self.read_at,
        };
        let outgoing = Outgoing {
            writer,
            waiting: BytesMut::new(),
            rest_of_pdu: 0,
            unflushed: false,
        };
        (incoming, outgoing)
    }
}

/// What a target sends.
#[derive(Debug)]
pub(crate) struct Incoming<S> {
    reader: ReadHalf<S>,
    buffer: BytesMut,
    read_at: Option<MonotonicInstant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Incoming<S> {
    /// All PDUs that have come, at least one. Cancel-safe.
    ///
    /// # Errors
    /// As [`Wire::read`].
    pub(crate) async fn batch(&mut self) -> io::Result<Vec<Pdu>> {
        loop {
            let batch = self.take_whole()?;
            if !batch.is_empty() {
                return Ok(batch);
            }
            fill(&mut self.reader, &mut self.buffer, &mut self.read_at).await?;
        }
    }

    /// Whether another whole PDU is here already.
    pub(crate) fn has_more(&self) -> bool {
        matches!(ironrdp_pdu::find_size(&self.buffer), Ok(Some(info)) if self.buffer.len() >= info.length)
    }

    fn take_whole(&mut self) -> io::Result<Vec<Pdu>> {
        let mut batch = Vec::new();
        let mut taken = 0;
        while taken < BATCH_BYTES_MAX {
            let Some(info) = ironrdp_pdu::find_size(&self.buffer).map_err(invalid)? else {
                break;
            };
            // Both headers are longer than that; a shorter length would never
            // end.
            if info.length < 2 {
                return Err(invalid(format!("a PDU of {} bytes", info.length)));
            }
            if self.buffer.len() < info.length {
                break;
            }
            taken += info.length;
            batch.push(Pdu {
                action: info.action,
                bytes: self.buffer.split_to(info.length).freeze(),
                received_at: self.read_at,
            });
        }
        Ok(batch)
    }
}

/// What a target is sent.
#[derive(Debug)]
pub(crate) struct Outgoing<S> {
    writer: WriteHalf<S>,
    waiting: BytesMut,
    /// How much of the PDU that is being sent is still to be sent, in bytes.
    rest_of_pdu: usize,
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Outgoing<S> {
    /// Adds to what is to be sent.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// How much waits, in bytes.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether [`Self::send`] has anything to do.
    pub(crate) fn is_busy(&self) -> bool {
        self.unflushed || !self.waiting.is_empty()
    }

    /// Sends what waits, each PDU in a TLS record of its own. Cancel-safe.
    ///
    /// xrdp takes one PDU from a record and looks at its socket for the next;
    /// what else is in the record is found a second later, when it looks by
    /// the clock.
    pub(crate) async fn send(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            if self.rest_of_pdu == 0 {
                self.rest_of_pdu = match ironrdp_pdu::find_size(&self.waiting) {
                    Ok(Some(info)) => info.length.clamp(1, self.waiting.len()),
                    Ok(None) | Err(_) => self.waiting.len(),
                };
            }
            let pdu = self.waiting.get(..self.rest_of_pdu).unwrap_or_default();
            let count = self.writer.write(pdu).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes::Buf::advance(&mut self.waiting, count);
            self.rest_of_pdu -= count;
            self.unflushed = true;
        }
        self.writer.flush().await?;
        self.unflushed = false;
        Ok(())
    }

    /// Says that nothing follows.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.send().await?;
        self.writer.shutdown().await
    }
}

async fn fill(
    reader: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
    read_at: &mut Option<MonotonicInstant>,
) -> io::Result<()> {
    buffer.reserve(READ_BYTES);
    if reader.read_buf(buffer).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    *read_at = Some(now());
    Ok(())
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Only differences mean something: the target measures bandwidth with them.
fn now() -> MonotonicInstant {
    static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);
    MonotonicInstant::from_millis(u64::try_from(EPOCH.elapsed().as_millis()).unwrap_or(u64::MAX))
}
