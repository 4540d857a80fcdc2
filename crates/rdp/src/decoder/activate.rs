//! The target begins anew, possibly of another size (MS-RDPBCGR 1.3.1.3).

use std::panic::AssertUnwindSafe;

use causeway_target::failure::Failure;
use ironrdp_connector::Sequence;
use ironrdp_connector::connection_activation::ConnectionActivationState;
use ironrdp_core::WriteBuf;

use super::{Abilities, Decoder, Outcome, checked_size, panicked, protocol};
use crate::wire::Pdu;

impl Decoder {
    /// One PDU of the deactivation-reactivation sequence (MS-RDPBCGR 1.3.1.3).
    pub(super) fn activate(&mut self, pdu: &Pdu, outcome: &mut Outcome) -> Result<(), Failure> {
        let Some(mut sequence) = self.activation.take() else {
            return Ok(());
        };
        let mut buffer = WriteBuf::new();
        let stepped = std::panic::catch_unwind(AssertUnwindSafe(|| {
            sequence.step(&pdu.bytes, pdu.received_at, &mut buffer)
        }));
        if let Err(error) = stepped.map_err(|_| panicked())? {
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
                    tracing::debug!(?desktop_size, "the target has begun anew");
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
}
