//! What a connection is told to do, and what its channels tell.

use causeway_target::desktop::DesktopEvent;
use causeway_target::failure::Failure;
use ironrdp_cliprdr::CliprdrClient;
use ironrdp_core::WriteBuf;
use ironrdp_pdu::geometry::InclusiveRectangle;
use ironrdp_pdu::rdp::headers::ShareDataPdu;
use ironrdp_pdu::rdp::refresh_rectangle::RefreshRectanglePdu;
use ironrdp_pdu::rdp::suppress_output::SuppressOutputPdu;
use ironrdp_svc::SvcProcessorMessages;

use super::{Decoder, Job, Outcome, protocol};
use crate::channels::Told;
use crate::clipboard::{Clipboard, Given, Messages};

impl Decoder {
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

    /// What the channels have told meanwhile.
    pub(super) fn listen(&mut self, outcome: &mut Outcome) -> Result<(), Failure> {
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
            self.stage
                .encode_static(&mut buffer, pdu)
                .map_err(protocol)?;
            outcome.output.extend_from_slice(buffer.filled());
        }
        Ok(())
    }
}
