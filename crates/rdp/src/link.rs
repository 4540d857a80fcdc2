//! One connection of a session: bytes both ways, and its decoder, which is
//! lent to a thread for computing whenever there is much to decode.
//!
//! A picture of a full screen costs 7 to 60 ms of a core. A thread of its own
//! for each session would idle most of the time, and `block_in_place` works on
//! some runtimes only; lending the decoder to the runtime's pool for blocking
//! work costs some 20 microseconds a batch, keeps keys and clipboard moving
//! meanwhile, and makes a panic in the library the end of one batch.

use std::collections::VecDeque;
use std::time::Instant;

use ironrdp_pdu::mcs::{DisconnectProviderUltimatum, DisconnectReason, McsMessage};
use ironrdp_pdu::rdp::session_info::ServerAutoReconnect;
use ironrdp_pdu::x224::X224;
use tokio::task::JoinHandle;

use crate::clipboard::Clipboard;
use crate::connect::Stream;
use crate::decoder::{Abilities, Decoder, Job, Outcome};
use crate::wire::{Incoming, Outgoing, Pdu, Wire};

/// A batch up to this many bytes is decoded on the spot: a letter, a caret, a
/// pointer. Lending would take longer.
const ON_THE_SPOT_BYTES_MAX: usize = 4 * 1024;

/// A connection.
pub(crate) struct Link {
    pub(crate) incoming: Incoming<Stream>,
    pub(crate) outgoing: Outgoing<Stream>,
    pub(crate) work: Work,
    /// What waits for the decoder.
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) abilities: Abilities,
    pub(crate) cookie: Option<ServerAutoReconnect>,
    /// When a frame that is open is shown without its end.
    pub(crate) frame_due: Option<Instant>,
}

/// Where the decoder is.
pub(crate) enum Work {
    /// Here.
    Idle(Box<Decoder>),
    /// At work.
    Busy(JoinHandle<(Box<Decoder>, Outcome)>),
    /// Lost in a panic.
    Gone,
}

/// What came of a batch that was lent out.
pub(crate) enum Decoded {
    Done(Box<Decoder>, Outcome),
    Panicked,
}

impl Work {
    pub(crate) const fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle(_))
    }

    /// Waits for the decoder to come back. Cancel-safe.
    pub(crate) async fn decoded(&mut self) -> Decoded {
        let Self::Busy(handle) = self else {
            return Decoded::Panicked;
        };
        match handle.await {
            Ok((decoder, outcome)) => Decoded::Done(decoder, outcome),
            Err(error) => {
                tracing::warn!(%error, "a decoder failed");
                *self = Self::Gone;
                Decoded::Panicked
            }
        }
    }

    pub(crate) fn put_back(&mut self, decoder: Box<Decoder>) {
        *self = Self::Idle(decoder);
    }
}

impl Link {
    pub(crate) fn new(wire: Wire<Stream>, decoder: Decoder) -> Self {
        let (incoming, outgoing) = wire.split();
        Self {
            incoming,
            outgoing,
            abilities: decoder.abilities(),
            work: Work::Idle(Box::new(decoder)),
            jobs: VecDeque::new(),
            cookie: None,
            frame_due: None,
        }
    }

    /// Has a batch decoded: on the spot when it is small, and says what came
    /// of it; else elsewhere.
    pub(crate) fn decode(&mut self, batch: Vec<Pdu>) -> Option<Outcome> {
        let more = self.incoming.has_more();
        let bytes: usize = batch.iter().map(|pdu| pdu.bytes.len()).sum();
        match std::mem::replace(&mut self.work, Work::Gone) {
            Work::Idle(mut decoder) if bytes <= ON_THE_SPOT_BYTES_MAX => {
                let outcome = decoder.process(&batch, more);
                self.work = Work::Idle(decoder);
                Some(outcome)
            }
            Work::Idle(mut decoder) => {
                self.work = Work::Busy(tokio::task::spawn_blocking(move || {
                    let outcome = decoder.process(&batch, more);
                    (decoder, outcome)
                }));
                None
            }
            other => {
                self.work = other;
                None
            }
        }
    }

    /// Does one of the jobs that wait, when the decoder is here.
    pub(crate) fn do_one_job(&mut self) -> Option<Outcome> {
        let Work::Idle(decoder) = &mut self.work else {
            return None;
        };
        self.jobs.pop_front().map(|job| decoder.apply(job))
    }

    /// Says good-bye (MS-RDPBCGR 1.3.1.4.1). The session at the target stays,
    /// as its owner has set it up.
    pub(crate) async fn leave(&mut self) {
        let ultimatum = McsMessage::DisconnectProviderUltimatum(
            DisconnectProviderUltimatum::from_reason(DisconnectReason::UserRequested),
        );
        match ironrdp_core::encode_vec(&X224(ultimatum)) {
            Ok(bytes) => self.outgoing.push(&bytes),
            Err(error) => tracing::debug!(%error, "cannot say good-bye"),
        }
        if let Err(error) = self.outgoing.shutdown().await {
            tracing::debug!(%error, "the target does not hear the good-bye");
        }
    }

    /// What both clipboards hold, unless the decoder is lost.
    pub(crate) fn into_clipboard(self) -> Option<Clipboard> {
        match self.work {
            Work::Idle(decoder) => Some(decoder.into_clipboard()),
            Work::Busy(_) | Work::Gone => None,
        }
    }
}
