//! Input events as bytes: fast-path where the target takes it, else the old
//! way (MS-RDPBCGR 2.2.8.1).

use ironrdp_core::WriteBuf;
use ironrdp_pdu::input::fast_path::{FastPathInput, FastPathInputEvent, KeyboardFlags};
use ironrdp_pdu::input::scan_code::KeyboardFlags as SlowFlags;
use ironrdp_pdu::input::sync::SyncToggleFlags;
use ironrdp_pdu::input::unicode::KeyboardFlags as UnicodeFlags;
use ironrdp_pdu::input::{InputEvent, InputEventPdu, ScanCodePdu, SyncPdu, UnicodePdu};
pub(crate) use ironrdp_pdu::rdp::capability_sets::InputFlags as Abilities;
use ironrdp_pdu::rdp::headers::{ShareDataPdu, encode_share_data};

use crate::decoder;

/// Encodes events, in as few PDUs as hold them.
pub(crate) fn encode(
    events: Vec<FastPathInputEvent>,
    target: &decoder::Abilities,
    mut push: impl FnMut(&[u8]),
) {
    let fast = Abilities::FASTPATH_INPUT | Abilities::FASTPATH_INPUT_2;
    let is_fast = target.input.intersects(fast);
    for chunk in events.chunks(FastPathInput::MAX_EVENTS) {
        let encoded = if is_fast {
            FastPathInput::new(chunk.to_vec())
                .map_err(|error| error.to_string())
                .and_then(|pdu| ironrdp_core::encode_vec(&pdu).map_err(|error| error.to_string()))
        } else {
            slow(chunk, target)
        };
        match encoded {
            Ok(bytes) => push(&bytes),
            Err(error) => tracing::debug!(%error, "input that cannot be sent"),
        }
    }
}

fn slow(events: &[FastPathInputEvent], target: &decoder::Abilities) -> Result<Vec<u8>, String> {
    let events: Vec<InputEvent> = events.iter().filter_map(slow_event).collect();
    let mut buffer = WriteBuf::new();
    encode_share_data(
        target.user_channel,
        target.io_channel,
        target.share_id,
        ShareDataPdu::Input(InputEventPdu(events)),
        &mut buffer,
    )
    .map_err(|error| error.to_string())?;
    Ok(buffer.filled().to_vec())
}

fn slow_event(event: &FastPathInputEvent) -> Option<InputEvent> {
    Some(match event {
        FastPathInputEvent::KeyboardEvent(flags, code) => InputEvent::ScanCode(ScanCodePdu {
            flags: slow_flags(*flags),
            key_code: u16::from(*code),
        }),
        FastPathInputEvent::UnicodeKeyboardEvent(flags, unit) => InputEvent::Unicode(UnicodePdu {
            flags: if flags.contains(KeyboardFlags::RELEASE) {
                UnicodeFlags::RELEASE
            } else {
                UnicodeFlags::empty()
            },
            unicode_code: *unit,
        }),
        FastPathInputEvent::MouseEvent(pdu) => InputEvent::Mouse(*pdu),
        FastPathInputEvent::MouseEventEx(pdu) => InputEvent::MouseX(*pdu),
        FastPathInputEvent::SyncEvent(flags) => InputEvent::Sync(SyncPdu {
            flags: SyncToggleFlags::from_bits_truncate(u32::from(flags.bits())),
        }),
        FastPathInputEvent::MouseEventRel(_) | FastPathInputEvent::QoeEvent(_) => return None,
    })
}

fn slow_flags(fast: KeyboardFlags) -> SlowFlags {
    let mut flags = SlowFlags::empty();
    flags.set(SlowFlags::RELEASE, fast.contains(KeyboardFlags::RELEASE));
    flags.set(SlowFlags::EXTENDED, fast.contains(KeyboardFlags::EXTENDED));
    flags.set(
        SlowFlags::EXTENDED_1,
        fast.contains(KeyboardFlags::EXTENDED1),
    );
    flags
}
