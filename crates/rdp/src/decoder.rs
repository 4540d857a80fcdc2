//! What a target sends, decoded and drawn: one connection's protocol state,
//! between whole PDUs in and bytes, events and pictures out. Opens no socket
//! and waits for nothing, so that it can run where computing is done.

use causeway_screen::{Canvas, CursorImage, Rect, Size};
use causeway_target::desktop::{DesktopEvent, DesktopSize, LockKeys, SharedScreen};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use ironrdp_cliprdr::CliprdrClient;
use ironrdp_connector::connection_activation::{
    ConnectionActivationFactory, ConnectionActivationSequence, ConnectionActivationState,
};
use ironrdp_connector::{ConnectionResult, Sequence};
use ironrdp_core::WriteBuf;
use ironrdp_dvc::DrdynvcClient;
use ironrdp_graphics::image_processing::PixelFormat;
use ironrdp_graphics::pointer::DecodedPointer;
use ironrdp_pdu::Action;
use ironrdp_pdu::geometry::{ExclusiveRectangle, InclusiveRectangle};
use ironrdp_pdu::rdp::capability_sets::InputFlags;
use ironrdp_pdu::rdp::headers::ShareDataPdu;
use ironrdp_pdu::rdp::refresh_rectangle::RefreshRectanglePdu;
use ironrdp_pdu::rdp::server_redirection::ServerRedirectionPdu;
use ironrdp_pdu::rdp::session_info::ServerAutoReconnect;
use ironrdp_pdu::rdp::suppress_output::SuppressOutputPdu;
use ironrdp_session::image::DecodedImage;
use ironrdp_session::{ActiveStage, ActiveStageBuilder, ActiveStageOutput};
use ironrdp_svc::SvcProcessorMessages;

use crate::channels::Told;
use crate::clipboard::{Clipboard, Given, Messages};
use crate::ending::{self, Word};
use crate::graphics::Pipeline;
use crate::guard::{FirstUpdate, Guard, first_update};
use crate::wire::Pdu;

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
        let dynamic = result.static_channels.get_channel_id_by_type::<DrdynvcClient>();
        let mut clipboard = clipboard;
        clipboard.forget_the_target();
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

    /// Does what the session wants done.
    pub(crate) fn apply(&mut self, job: Job) -> Outcome {
        let mut outcome = Outcome::default();
        let done = match job {
            Job::Clipboard(text) => self.put_clipboard(text, &mut outcome),
            Job::Resize {
                width,
                height,
                scale_percent,
            } => self.resize(width, height, scale_percent, &mut outcome),
            Job::Suppress(suppressed) => self.suppress(suppressed, &mut outcome),
            Job::EndFrame => {
                self.end_frame();
                Ok(())
            }
        };
        if let Err(failure) = done {
            tracing::debug!(%failure, source = ?failure.source, "the target could not be told");
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
                    outcome.events.push(DesktopEvent::LockKeys(lock_keys(flags)));
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
        let processed =
            self.stage
                .process(&mut self.image, pdu.action, &pdu.bytes, pdu.received_at);
        let outputs = match processed {
            Ok(outputs) => {
                self.refused = 0;
                outputs
            }
            Err(error) => {
                let is_channel = pdu.action == Action::X224
                    && !is_of_channel(pdu, self.abilities.io_channel);
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

    /// What the channels have told meanwhile.
    fn listen(&mut self, outcome: &mut Outcome) -> Result<(), Failure> {
        while let Ok(told) = self.told.try_recv() {
            match told {
                Told::Sound(sound) => outcome.events.push(DesktopEvent::Audio(sound)),
                Told::DisplayControl => outcome.can_resize = true,
                Told::ClipboardStarts => self.clipboard(outcome, Clipboard::start)?,
                Told::ClipboardReady => self.clipboard(outcome, Clipboard::ready)?,
                Told::ClipboardOffered { text } => {
                    self.clipboard(outcome, |clipboard, channel| {
                        clipboard.offered(text, channel)
                    })?;
                }
                Told::ClipboardAsked { text } => {
                    self.clipboard(outcome, |clipboard, channel| clipboard.asked(text, channel))?;
                }
                Told::ClipboardGiven(data) => {
                    let mut given = Given::Nothing;
                    self.clipboard(outcome, |clipboard, channel| {
                        let (taken, messages) = clipboard.given(data, channel);
                        given = taken;
                        messages
                    })?;
                    match given {
                        Given::Text(text) => outcome.events.push(DesktopEvent::Clipboard(text)),
                        Given::TooLong => outcome.events.push(DesktopEvent::ClipboardTooLong),
                        Given::Nothing => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn clipboard(
        &mut self,
        outcome: &mut Outcome,
        act: impl FnOnce(&mut Clipboard, &mut CliprdrClient) -> Messages,
    ) -> Result<(), Failure> {
        let Some(channel) = self.stage.get_svc_processor_mut::<CliprdrClient>() else {
            return Ok(());
        };
        match act(&mut self.clipboard, channel) {
            Ok(messages) => self.send(messages, outcome),
            Err(error) => {
                tracing::debug!(%error, "the clipboard cannot be used");
                Ok(())
            }
        }
    }

    fn put_clipboard(&mut self, text: String, outcome: &mut Outcome) -> Result<(), Failure> {
        let channel = self.stage.get_svc_processor_mut::<CliprdrClient>();
        let messages = self.clipboard.put(text, channel).map_err(protocol)?;
        self.send(messages, outcome)
    }

    fn send(
        &self,
        messages: SvcProcessorMessages<CliprdrClient>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let bytes = self
            .stage
            .process_svc_processor_messages(messages)
            .map_err(protocol)?;
        outcome.output.extend_from_slice(&bytes);
        Ok(())
    }

    fn resize(
        &mut self,
        width: u16,
        height: u16,
        scale_percent: u32,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let (width, height) = (u32::from(width), u32::from(height));
        let encoded = self
            .stage
            .encode_resize(width, height, Some(scale_percent), None);
        if let Some(bytes) = encoded {
            outcome.output.extend(bytes.map_err(protocol)?);
        }
        Ok(())
    }

    fn suppress(&self, suppressed: bool, outcome: &mut Outcome) -> Result<(), Failure> {
        let whole = InclusiveRectangle {
            left: 0,
            top: 0,
            right: self.abilities.size.width.saturating_sub(1),
            bottom: self.abilities.size.height.saturating_sub(1),
        };
        let mut pdus = Vec::new();
        if self.abilities.suppress {
            pdus.push(ShareDataPdu::SuppressOutput(SuppressOutputPdu {
                desktop_rect: (!suppressed).then(|| whole.clone()),
            }));
        }
        if self.abilities.refresh && !suppressed {
            pdus.push(ShareDataPdu::RefreshRectangle(RefreshRectanglePdu {
                areas_to_refresh: vec![whole],
            }));
        }
        for pdu in pdus {
            let mut buffer = WriteBuf::new();
            self.stage.encode_static(&mut buffer, pdu).map_err(protocol)?;
            outcome.output.extend_from_slice(buffer.filled());
        }
        Ok(())
    }

    /// One PDU of the deactivation-reactivation sequence (MS-RDPBCGR 1.3.1.3).
    fn activate(&mut self, pdu: &Pdu, outcome: &mut Outcome) -> Result<(), Failure> {
        let Some(mut sequence) = self.activation.take() else {
            return Ok(());
        };
        let mut buffer = WriteBuf::new();
        let stepped = sequence.step(&pdu.bytes, pdu.received_at, &mut buffer);
        if let Err(error) = stepped {
            return match self.reason.take() {
                Some(reason) => {
                    outcome.ending = Some(reason);
                    Ok(())
                }
                None => Err(protocol(error)),
            };
        }
        outcome.output.extend_from_slice(buffer.filled());
        loop {
            match sequence.connection_activation_state() {
                ConnectionActivationState::Finalized {
                    desktop_size,
                    share_id,
                    input_flags,
                    static_channel_chunk_size,
                    enable_server_pointer,
                    pointer_software_rendering,
                    refresh_rect_support,
                    suppress_output_support,
                    ..
                } => {
                    let is_usable = self.stage.reactivate(
                        self.abilities.io_channel,
                        self.abilities.user_channel,
                        share_id,
                        enable_server_pointer,
                        pointer_software_rendering,
                        static_channel_chunk_size,
                    );
                    if !is_usable {
                        return Err(protocol("an invalid chunk size"));
                    }
                    self.abilities = Abilities {
                        input: input_flags,
                        refresh: refresh_rect_support,
                        suppress: suppress_output_support,
                        size: checked_size(desktop_size.width, desktop_size.height)?,
                        share_id,
                        ..self.abilities
                    };
                    self.begin_screen();
                    outcome.activated = Some(self.abilities);
                    return Ok(());
                }
                ConnectionActivationState::Redirected { redirection } => {
                    outcome.redirection = Some(redirection);
                    return Ok(());
                }
                _ if sequence.next_pdu_hint().is_some() => {
                    self.activation = Some(sequence);
                    return Ok(());
                }
                _ => {
                    buffer.clear();
                    sequence.step_no_input(&mut buffer).map_err(protocol)?;
                    outcome.output.extend_from_slice(buffer.filled());
                }
            }
        }
    }

    /// The target has a screen of the size that it says.
    fn begin_screen(&mut self) {
        let size = self.abilities.size;
        self.has_markers = false;
        let is_same = self.screen.draw(|canvas| {
            let is_same = canvas.size() == size;
            if !is_same {
                canvas.set_size(size);
            }
            is_same
        });
        if is_same {
            self.restore_image();
        } else {
            self.image = image(size);
            self.image_is_current = true;
        }
    }

    /// Makes the image what the screen shows.
    fn restore_image(&mut self) {
        let size = self.screen.draw(|canvas| canvas.size());
        self.image = image(size);
        self.image_is_current = true;
        if size.width == 0 || size.height == 0 {
            return;
        }
        let mut pixels = Vec::new();
        let whole = Rect {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        };
        self.screen.draw(|canvas| canvas.read(whole, &mut pixels));
        let region = ExclusiveRectangle {
            left: 0,
            top: 0,
            right: size.width,
            bottom: size.height,
        };
        let restored = self
            .stage
            .composite_rgba32(&mut self.image, [(region, pixels)]);
        if let Err(error) = restored {
            tracing::debug!(%error, "the picture cannot be taken up again");
        }
        self.stage.take_damage_regions();
    }

    /// Copies what the last PDU changed from the image to the screen.
    fn paint(&mut self) {
        let damage = self.stage.take_damage_regions();
        if damage.is_empty() {
            return;
        }
        let (width, height) = (self.image.width(), self.image.height());
        let image = &self.image;
        let scratch = &mut self.scratch;
        self.screen.draw(|canvas| {
            for region in &damage {
                let Some(rect) = clipped(region, width, height) else {
                    continue;
                };
                canvas.put(rect, pixels_of(image, rect, scratch));
            }
        });
        self.frame_is_open = true;
    }

    /// Copies what the graphics pipeline has completed to the screen.
    fn paint_pipeline(&mut self) {
        let Some(mut channel) = self.stage.get_dvc_mut::<Pipeline>() else {
            return;
        };
        let pipeline = channel.processor_mut();
        let reset = pipeline.take_reset();
        let updates = pipeline.drain();
        if reset.is_none() && updates.is_empty() {
            return;
        }
        if reset.is_some() || self.image_is_current {
            // The pipeline keeps its own surfaces: no need for two.
            self.image = image(Size::default());
            self.image_is_current = false;
        }
        let resized = reset.filter(|(width, height)| {
            u32::from(*width) * u32::from(*height) <= PIXELS_MAX && *width > 0 && *height > 0
        });
        self.screen.draw(|canvas| {
            if let Some((width, height)) = resized
                && canvas.size() != (Size { width, height })
            {
                canvas.set_size(Size { width, height });
            }
            for update in &updates {
                let region = &update.region;
                let rect = Rect {
                    x: region.left,
                    y: region.top,
                    width: region.right.saturating_sub(region.left),
                    height: region.bottom.saturating_sub(region.top),
                };
                if update.data.len() == usize::from(rect.width) * usize::from(rect.height) * 4 {
                    canvas.put(rect, &update.data);
                }
            }
            if !updates.is_empty() {
                canvas.end_frame();
            }
        });
        if !updates.is_empty() {
            self.frame_is_open = false;
        }
    }

    fn set_cursor(&self, cursor: CursorImage) {
        self.screen.draw(|canvas| canvas.set_cursor(cursor));
    }

    fn end_frame(&mut self) {
        if std::mem::take(&mut self.frame_is_open) {
            self.screen.draw(|canvas| canvas.end_frame());
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

fn cursor_of(pointer: &DecodedPointer) -> CursorImage {
    let pixels = usize::from(pointer.width) * usize::from(pointer.height);
    if pixels == 0 || pointer.bitmap_data.len() != pixels * 4 {
        return CursorImage::Hidden;
    }
    CursorImage::Shape {
        size: Size {
            width: pointer.width,
            height: pointer.height,
        },
        hotspot_x: pointer.hotspot_x.min(pointer.width - 1),
        hotspot_y: pointer.hotspot_y.min(pointer.height - 1),
        rgba: bytes::Bytes::copy_from_slice(&pointer.bitmap_data),
    }
}

fn clipped(region: &InclusiveRectangle, width: u16, height: u16) -> Option<Rect> {
    let right = region.right.min(width.checked_sub(1)?);
    let bottom = region.bottom.min(height.checked_sub(1)?);
    Some(Rect {
        x: region.left,
        y: region.top,
        width: right.checked_sub(region.left)? + 1,
        height: bottom.checked_sub(region.top)? + 1,
    })
}

/// The pixels of a rectangle without gaps: as they lie in the image where it
/// is as wide, else gathered.
fn pixels_of<'a>(image: &'a DecodedImage, rect: Rect, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let stride = image.stride();
    let row = usize::from(rect.width) * 4;
    let start = usize::from(rect.y) * stride + usize::from(rect.x) * 4;
    let data = image.data();
    if row == stride {
        let end = start + stride * usize::from(rect.height);
        return data.get(start..end).unwrap_or_default();
    }
    scratch.clear();
    let rows = data.get(start..).unwrap_or_default().chunks(stride);
    for line in rows.take(usize::from(rect.height)) {
        scratch.extend_from_slice(line.get(..row).unwrap_or_default());
    }
    scratch
}
