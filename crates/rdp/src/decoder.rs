//! What a target sends, decoded and drawn: one connection's protocol state,
//! between whole PDUs in and bytes, events and pictures out. Opens no socket
//! and waits for nothing, so that it can run where computing is done.

mod activate;
mod paint;
mod tell;

use std::panic::AssertUnwindSafe;

use causeway_screen::{Canvas, CursorImage, Size};
use causeway_target::desktop::{DesktopEvent, DesktopSize, LockKeys, SharedScreen};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use ironrdp_connector::ConnectionResult;
use ironrdp_connector::connection_activation::{
    ConnectionActivationFactory, ConnectionActivationSequence,
};
use ironrdp_dvc::DrdynvcClient;
use ironrdp_graphics::image_processing::PixelFormat;
use ironrdp_pdu::Action;
use ironrdp_pdu::rdp::capability_sets::InputFlags;
use ironrdp_pdu::rdp::server_redirection::ServerRedirectionPdu;
use ironrdp_pdu::rdp::session_info::ServerAutoReconnect;
use ironrdp_session::image::DecodedImage;
use ironrdp_session::{ActiveStage, ActiveStageBuilder, ActiveStageOutput};

use crate::channels::Told;
use crate::clipboard::Clipboard;
use crate::ending::{self, Word};
use crate::guard::{FirstUpdate, Guard, first_update};
use crate::wire::Pdu;
use paint::cursor_of;

/// PDUs of virtual channels that may be refused one after the other: some
/// targets go on sending to channels that they were told do not exist.
const REFUSED_MAX: u32 = 200;
/// Pixels that a screen may have: what the viewer's protocol can carry.
const PIXELS_MAX: u32 = DesktopSize::PIXELS_MAX as u32 * DesktopSize::PIXELS_MAX as u32;

/// What the target says that it can do (MS-RDPBCGR 2.2.7.1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abilities {
    pub(crate) input: InputFlags,
    pub(crate) refresh: bool,
    pub(crate) suppress: bool,
    pub(crate) size: Size,
    pub(crate) share_id: u32,
    pub(crate) io_channel: u16,
    pub(crate) user_channel: u16,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// For the target.
    pub(crate) output: Vec<u8>,
    /// For the session.
    pub(crate) events: Vec<DesktopEvent>,
    /// The target has begun anew, possibly of another size.
    pub(crate) activated: Option<Abilities>,
    /// The display control channel is there.
    pub(crate) can_resize: bool,
    /// Proof that this session is ours, for when the network fails.
    pub(crate) cookie: Option<ServerAutoReconnect>,
    /// A broker sends us elsewhere.
    pub(crate) redirection: Option<Box<ServerRedirectionPdu>>,
    /// It is over.
    pub(crate) ending: Option<Result<(), Failure>>,
    /// A frame has begun and its end has not come yet.
    pub(crate) frame_is_open: bool,
}

/// What a session has its connection do.
#[derive(Debug)]
pub(crate) enum Job {
    /// The viewer's clipboard.
    Clipboard(String),
    /// Another size, by display control.
    Resize {
        width: u16,
        height: u16,
        scale_percent: u32,
    },
    /// No pictures, or pictures again.
    Suppress(bool),
    /// The frame that is open ends here.
    EndFrame,
}

/// One connection's state.
pub(crate) struct Decoder {
    stage: ActiveStage,
    image: DecodedImage,
    /// The image is what the screen shows. Not so while the graphics pipeline
    /// draws, which keeps surfaces of its own: then the image is not kept.
    image_is_current: bool,
    abilities: Abilities,
    factory: ConnectionActivationFactory,
    activation: Option<ConnectionActivationSequence>,
    guard: Guard,
    screen: SharedScreen,
    clipboard: Clipboard,
    told: std::sync::mpsc::Receiver<Told>,
    refused: u32,
    /// Why the target is about to close.
    reason: Option<Result<(), Failure>>,
    frame_is_open: bool,
    /// The target marks the ends of its frames.
    has_markers: bool,
    scratch: Vec<u8>,
}

impl Decoder {
    /// Takes over a connection that has been opened.
    ///
    /// # Errors
    /// When its screen is larger than anybody shows.
    pub(crate) fn new(
        result: ConnectionResult,
        screen: SharedScreen,
        clipboard: Clipboard,
        told: std::sync::mpsc::Receiver<Told>,
    ) -> Result<Self, Failure> {
        let abilities = Abilities {
            input: result.input_flags,
            refresh: result.refresh_rect_support,
            suppress: result.suppress_output_support,
            size: checked_size(result.desktop_size.width, result.desktop_size.height)?,
            share_id: result.share_id,
            io_channel: result.io_channel_id,
            user_channel: result.user_channel_id,
        };
        let dynamic = result
            .static_channels
            .get_channel_id_by_type::<DrdynvcClient>();
        let mut decoder = Self {
            stage: ActiveStageBuilder {
                static_channels: result.static_channels,
                user_channel_id: result.user_channel_id,
                io_channel_id: result.io_channel_id,
                message_channel_id: result.message_channel_id,
                share_id: result.share_id,
                compression_type: result.compression_type,
                enable_server_pointer: result.enable_server_pointer,
                pointer_software_rendering: result.pointer_software_rendering,
            }
            .build(),
            image: image(Size::default()),
            image_is_current: true,
            abilities,
            factory: result.activation_factory,
            activation: None,
            guard: Guard::new(dynamic),
            screen,
            clipboard,
            told,
            refused: 0,
            reason: None,
            frame_is_open: false,
            has_markers: false,
            scratch: Vec::new(),
        };
        decoder.begin_screen();
        Ok(decoder)
    }

    /// What the target can do.
    pub(crate) const fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// What both clipboards hold, for the next connection.
    pub(crate) fn into_clipboard(self) -> Clipboard {
        self.clipboard
    }

    /// Decodes and draws a batch of PDUs. `more` says that others are here
    /// already, so that what is drawn so far is no whole picture.
    pub(crate) fn process(&mut self, batch: &[Pdu], more: bool) -> Outcome {
        let mut outcome = Outcome::default();
        let mut last = FirstUpdate::Other;
        for pdu in batch {
            last = match pdu.action {
                Action::FastPath => first_update(&pdu.bytes),
                Action::X224 => FirstUpdate::Other,
            };
            if let Err(failure) = self.admit(pdu, &mut outcome) {
                outcome.ending = Some(Err(failure));
            }
            if outcome.ending.is_some() || outcome.redirection.is_some() {
                break;
            }
        }
        let awaits_marker = self.has_markers && last == FirstUpdate::Surface;
        if !more && !awaits_marker {
            self.end_frame();
        }
        outcome.frame_is_open = self.frame_is_open;
        outcome
    }

    fn admit(&mut self, pdu: &Pdu, outcome: &mut Outcome) -> Result<(), Failure> {
        let io_channel = self.abilities.io_channel;
        self.guard.admit(pdu, io_channel).map_err(protocol)?;
        if pdu.action == Action::X224 {
            match ending::word(&pdu.bytes, io_channel) {
                Some(Word::Ends(info)) => {
                    self.reason = Some(ending::of_error_info(info, Step::Active));
                }
                Some(Word::LockKeys(flags)) => {
                    outcome
                        .events
                        .push(DesktopEvent::LockKeys(lock_keys(flags)));
                    return Ok(());
                }
                Some(Word::Closes(_)) | None => {}
            }
        }
        if self.activation.is_some() {
            let is_io = is_of_channel(pdu, io_channel);
            match pdu.action {
                // Of a screen that is about to be another.
                Action::FastPath => return Ok(()),
                Action::X224 if is_io => return self.activate(pdu, outcome),
                Action::X224 => {}
            }
        }
        self.decode(pdu, outcome)
    }

    fn decode(&mut self, pdu: &Pdu, outcome: &mut Outcome) -> Result<(), Failure> {
        if !self.image_is_current
            && pdu.action == Action::FastPath
            && first_update(&pdu.bytes) != FirstUpdate::Other
        {
            self.restore_image();
        }
        // Nothing of what a panic leaves behind is used again.
        let processed = std::panic::catch_unwind(AssertUnwindSafe(|| {
            self.stage
                .process(&mut self.image, pdu.action, &pdu.bytes, pdu.received_at)
        }));
        let outputs = match processed.map_err(|_| panicked())? {
            Ok(outputs) => {
                self.refused = 0;
                outputs
            }
            Err(error) => {
                let is_channel =
                    pdu.action == Action::X224 && !is_of_channel(pdu, self.abilities.io_channel);
                self.refused += 1;
                if is_channel && self.refused <= REFUSED_MAX {
                    tracing::debug!(%error, "a channel's PDU cannot be used");
                    return self.listen(outcome);
                }
                return Err(protocol(error));
            }
        };
        let mut is_end = false;
        for output in outputs {
            match output {
                ActiveStageOutput::ResponseFrame(bytes) => {
                    // The only answer to a fast-path PDU acknowledges a frame.
                    is_end |= pdu.action == Action::FastPath && !bytes.is_empty();
                    outcome.output.extend_from_slice(&bytes);
                }
                other => self.hear(other, outcome),
            }
        }
        self.paint();
        if is_end {
            self.has_markers = true;
            self.end_frame();
        }
        self.paint_pipeline();
        self.listen(outcome)
    }

    fn hear(&mut self, output: ActiveStageOutput, outcome: &mut Outcome) {
        match output {
            ActiveStageOutput::PointerDefault => self.set_cursor(CursorImage::Default),
            ActiveStageOutput::PointerHidden => self.set_cursor(CursorImage::Hidden),
            ActiveStageOutput::PointerBitmap(pointer) => {
                self.set_cursor(cursor_of(&pointer));
            }
            ActiveStageOutput::PointerPosition { x, y } => {
                self.screen.draw(|canvas| canvas.move_cursor(x, y));
            }
            ActiveStageOutput::DeactivateAll => {
                tracing::debug!("the target begins anew");
                self.end_frame();
                self.activation = Some(self.factory.create());
            }
            ActiveStageOutput::Terminate(reason) => {
                tracing::debug!(%reason, "the target closes");
                outcome.ending = Some(self.reason.take().unwrap_or(Ok(())));
            }
            ActiveStageOutput::AutoReconnectCookie(cookie) => outcome.cookie = Some(cookie),
            ActiveStageOutput::ServerRedirection(to) => outcome.redirection = Some(to),
            ActiveStageOutput::LogonErrors(errors) => {
                // The target shows it on its screen, and goes on.
                tracing::info!(errors = ?errors.error_type, "the target reports on the logon");
            }
            ActiveStageOutput::MultitransportRequest(_)
            | ActiveStageOutput::AutoDetect(_)
            | ActiveStageOutput::AutoReconnectFailed
            | ActiveStageOutput::MonitorLayout(_)
            | ActiveStageOutput::WindowingOrders(_)
            | ActiveStageOutput::WindowSurfaceUpdates(_)
            | ActiveStageOutput::SaveSessionInfo { .. }
            | ActiveStageOutput::SessionId(_)
            | ActiveStageOutput::GraphicsUpdate(_)
            | ActiveStageOutput::ResponseFrame(_) => {}
        }
    }
}

fn image(size: Size) -> DecodedImage {
    DecodedImage::new(PixelFormat::RgbA32, size.width, size.height)
}

fn checked_size(width: u16, height: u16) -> Result<Size, Failure> {
    let is_shown = width > 0 && height > 0 && u32::from(width) * u32::from(height) <= PIXELS_MAX;
    if is_shown {
        return Ok(Size { width, height });
    }
    Err(protocol(format!("a screen of {width} by {height} pixels")))
}

fn protocol(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::new(FailureCode::RdpProtocolError, Step::Active).because(error)
}

/// What the target sent made the library panic.
pub(crate) fn panicked() -> Failure {
    Failure::new(FailureCode::RdpProtocolError, Step::Active).with("reason", "decoder")
}

fn is_of_channel(pdu: &Pdu, channel: u16) -> bool {
    match ironrdp_pdu::mcs::decode_send_data_indication(&pdu.bytes) {
        Ok(data) => data.channel_id == channel,
        // No data of any channel: it is about the connection.
        Err(_) => true,
    }
}

fn lock_keys(flags: u16) -> LockKeys {
    LockKeys {
        scroll: flags & 0x1 != 0,
        num: flags & 0x2 != 0,
        caps: flags & 0x4 != 0,
    }
}

#[cfg(test)]
mod tests;
