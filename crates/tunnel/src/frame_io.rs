//! Frames on QUIC streams.

use quinn::{ReadExactError, RecvStream, SendStream, WriteError};

use crate::frame::{Frame, FrameError};

/// Why a frame was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameIoError {
    /// The stream or the tunnel ended first.
    #[error("the stream ended before a frame was whole")]
    Read(#[from] ReadExactError),
    /// The stream or the tunnel does not take more.
    #[error("the stream takes no frame")]
    Write(#[from] WriteError),
    /// What came is no frame.
    #[error("what came is not a frame")]
    Frame(#[from] FrameError),
    /// A frame that does not belong here.
    #[error("a frame out of place: {0}")]
    Unexpected(&'static str),
}

pub(crate) async fn read_frame(stream: &mut RecvStream) -> Result<Frame, FrameIoError> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let length = Frame::decode_length(length)?;
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    Ok(Frame::decode(&rest)?)
}

pub(crate) async fn write_frame(
    stream: &mut SendStream,
    frame: &Frame,
) -> Result<(), FrameIoError> {
    Ok(stream.write_all(&frame.encode()).await?)
}
