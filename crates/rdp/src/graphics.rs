//! The graphics pipeline (MS-RDPEGFX): surfaces are put together by the
//! library; here are the bounds on what it unpacks, and the place where H.264
//! is decoded.

use ironrdp_core::impl_as_any;
use ironrdp_dvc::{DvcClientProcessor, DvcMessage, DvcProcessor};
use ironrdp_egfx::CHANNEL_NAME;
use ironrdp_egfx::client::{GraphicsPipelineClient, GraphicsPipelineHandler};
use ironrdp_egfx::compositor::OutputUpdate;
use ironrdp_egfx::decode::{
    DecodedFrame, DecoderError, DecoderResult, H264Decoder, OpenH264Decoder, Yuv420Frame,
};
use ironrdp_pdu::{PduResult, pdu_other_err};

/// Longest message when it is unpacked, in bytes. An 8K screen that does not
/// compress at all takes twice as much, and is sent in several.
const UNPACKED_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Segments of one message; each unpacks to 64 KiB at most (MS-RDPEGFX
/// 2.2.5.1).
const SEGMENTS_MAX: u16 = 1024;
/// `DESCRIPTOR` of a message in segments (MS-RDPEGFX 2.2.5.1).
const MULTIPART: u8 = 0xe1;

/// The channel.
pub(crate) struct Pipeline {
    inner: GraphicsPipelineClient,
}

impl Pipeline {
    pub(crate) fn new() -> Self {
        let decoder = Box::new(LateDecoder::default());
        Self {
            inner: GraphicsPipelineClient::new(Box::new(Handler), Some(decoder)),
        }
    }

    /// The size of the whole, when the target has set it anew.
    pub(crate) fn take_reset(&mut self) -> Option<(u16, u16)> {
        self.inner.take_output_reset()
    }

    /// What completed frames have changed.
    pub(crate) fn drain(&mut self) -> Vec<OutputUpdate> {
        let _windows = self.inner.drain_window_updates();
        self.inner.drain_output()
    }
}

impl_as_any!(Pipeline);

impl DvcProcessor for Pipeline {
    fn channel_name(&self) -> &str {
        CHANNEL_NAME
    }

    fn start(&mut self, channel_id: u32) -> PduResult<Vec<DvcMessage>> {
        self.inner.start(channel_id)
    }

    fn close(&mut self, channel_id: u32) {
        self.inner.close(channel_id);
    }

    fn process(&mut self, channel_id: u32, payload: &[u8]) -> PduResult<Vec<DvcMessage>> {
        if unpacks_to_too_much(payload) {
            return Err(pdu_other_err!(
                "a graphics message that unpacks to too much"
            ));
        }
        self.inner.process(channel_id, payload)
    }
}

impl DvcClientProcessor for Pipeline {}

fn unpacks_to_too_much(payload: &[u8]) -> bool {
    let [MULTIPART, a, b, c, d, e, f, ..] = *payload else {
        return false;
    };
    u16::from_le_bytes([a, b]) > SEGMENTS_MAX
        || u32::from_le_bytes([c, d, e, f]) > UNPACKED_BYTES_MAX
}

/// Takes the library's defaults: every version, AVC444, a small cache.
struct Handler;

impl GraphicsPipelineHandler for Handler {}

/// Decodes H.264, and is made when the first access unit comes: most targets
/// send none, and the decoder takes many megabytes.
///
/// This is the seam for handing access units to a browser undecoded. Each call
/// has one whole access unit in Annex B form, as WebCodecs takes it; what is
/// missing here is its surface and rectangles, which a pipeline of our own
/// would read from `RDPGFX_AVC420_BITMAP_STREAM` (2.2.4.4). It has to decode
/// still when a viewer without H.264 looks on, and to begin anew at an IDR
/// picture, so the units since the last one are to be kept, bounded.
#[derive(Default)]
struct LateDecoder {
    decoder: Option<OpenH264Decoder>,
}

impl LateDecoder {
    fn decoder(&mut self) -> DecoderResult<&mut OpenH264Decoder> {
        if self.decoder.is_none() {
            self.decoder = Some(OpenH264Decoder::new()?);
        }
        self.decoder
            .as_mut()
            .ok_or_else(|| DecoderError::msg("no decoder"))
    }
}

impl H264Decoder for LateDecoder {
    fn decode(&mut self, data: &[u8]) -> DecoderResult<DecodedFrame> {
        self.decoder()?.decode(data)
    }

    fn decode_yuv420(&mut self, data: &[u8]) -> DecoderResult<Yuv420Frame> {
        self.decoder()?.decode_yuv420(data)
    }

    fn supports_yuv420(&self) -> bool {
        true
    }

    fn reset(&mut self) {
        if let Some(decoder) = &mut self.decoder {
            decoder.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_known_by_its_label() {
        assert!(unpacks_to_too_much(&[0xe1, 1, 0, 0, 0, 0, 0x40]));
        assert!(unpacks_to_too_much(&[0xe1, 0xff, 0xff, 1, 0, 0, 0]));
        assert!(!unpacks_to_too_much(&[0xe1, 1, 0, 1, 0, 0, 0]));
        assert!(!unpacks_to_too_much(&[0xe0, 0xff, 0xff, 0xff]));
        assert!(!unpacks_to_too_much(&[]));
    }

    #[test]
    fn nonsense_is_an_error() {
        let mut pipeline = Pipeline::new();
        assert!(pipeline.start(1).is_ok());
        for length in 0..64_u8 {
            let nonsense: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            drop(pipeline.process(1, &nonsense));
        }
        assert!(pipeline.drain().is_empty());
    }
}
