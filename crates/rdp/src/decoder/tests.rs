//! Hostile targets: whatever comes, it ends in a typed failure or in nothing.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use causeway_model::settings::{NormalizeClipboard, RdpSettings};
use causeway_screen::Screen;
use causeway_wire::message::DataPolicy;
use ironrdp_connector::DesktopSize as ConnectorSize;
use ironrdp_pdu::gcc::ChannelName;
use ironrdp_svc::StaticChannelSet;

use super::*;
use crate::config::connector_config;
use crate::credentials::Credentials;
use crate::graphics::Pipeline;
use crate::plan::{Plan, Route};

const IO_CHANNEL: u16 = 1003;
const DYNAMIC_CHANNEL: u16 = 1004;
const USER_CHANNEL: u16 = 1007;

fn plan() -> Plan {
    let settings = [("hostname".to_owned(), "win-01".to_owned())];
    let settings = RdpSettings::read(&settings.into_iter().collect()).unwrap();
    Plan {
        route: Route::of(&settings),
        credentials: Credentials::none(),
        policy: DataPolicy {
            copy_allowed: true,
            paste_allowed: true,
            read_only: false,
            audio_allowed: true,
            clipboard_bytes_max: 1024,
        },
        remembered: Vec::new(),
        size: DesktopSize::clamped(640, 480, 100),
        cookie: None,
        settings,
    }
}

fn opened(width: u16, height: u16) -> Result<Decoder, Failure> {
    let plan = plan();
    let mut static_channels = StaticChannelSet::new();
    static_channels.insert(DrdynvcClient::new().with_dynamic_channel(Pipeline::new()));
    let name = ChannelName::from_static(b"drdynvc\0");
    let key = static_channels.get_by_channel_name_key(&name).unwrap().0;
    static_channels.attach_channel_id_by_key(key, DYNAMIC_CHANNEL);
    let result = ConnectionResult {
        io_channel_id: IO_CHANNEL,
        user_channel_id: USER_CHANNEL,
        message_channel_id: None,
        share_id: 0x1_03ea,
        static_channels,
        desktop_size: ConnectorSize { width, height },
        input_flags: InputFlags::all(),
        enable_server_pointer: true,
        pointer_software_rendering: false,
        refresh_rect_support: true,
        suppress_output_support: true,
        window_support_level: None,
        monitor_layout: None,
        activation_factory: ConnectionActivationFactory::new(
            connector_config(&plan),
            IO_CHANNEL,
            USER_CHANNEL,
        ),
        compression_type: None,
    };
    let (_teller, told) = std::sync::mpsc::channel();
    let clipboard = Clipboard::new(&plan.policy, NormalizeClipboard::Preserve);
    Decoder::new(result, SharedScreen::new(Screen::new()), clipboard, told)
}

fn fast_path(update: &[u8]) -> Pdu {
    let length = u16::try_from(update.len() + 3).unwrap() | 0x8000;
    let bytes = [&[0], &length.to_be_bytes()[..], update].concat();
    Pdu {
        action: Action::FastPath,
        bytes: Bytes::from(bytes),
        received_at: None,
    }
}

fn update(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&[code], &length.to_le_bytes()[..], data].concat()
}

/// A bitmap of 4 by 4 pixels, 32 bits each, as it is.
fn bitmap() -> Vec<u8> {
    let head: [u16; 11] = [1, 1, 8, 8, 11, 11, 4, 4, 32, 0, 64];
    let mut data: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    data.extend([10, 20, 30, 0].repeat(16));
    update(0x01, &data)
}

fn in_channel(channel: u16, data: &[u8]) -> Pdu {
    use ironrdp_pdu::mcs::{McsMessage, SendDataIndication};
    use ironrdp_pdu::x224::X224;
    let message = McsMessage::SendDataIndication(SendDataIndication {
        initiator_id: USER_CHANNEL,
        channel_id: channel,
        user_data: data.into(),
    });
    Pdu {
        action: Action::X224,
        bytes: Bytes::from(ironrdp_core::encode_vec(&X224(message)).unwrap()),
        received_at: None,
    }
}

/// A small generator: the same bytes in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }
}

#[test]
fn a_bitmap_is_drawn_where_it_belongs() {
    let mut decoder = opened(64, 64).unwrap();
    let outcome = decoder.process(&[fast_path(&bitmap())], false);
    assert!(outcome.ending.is_none(), "{:?}", outcome.ending);
    let screen = decoder.screen.lock();
    let pixel = |x: usize, y: usize| screen.pixels()[(y * 64 + x) * 4..][..3].to_vec();
    assert_eq!(pixel(8, 8), [30, 20, 10]);
    assert_eq!(pixel(11, 11), [30, 20, 10]);
    assert_eq!(pixel(12, 12), [0, 0, 0]);
}

#[test]
fn nonsense_ends_in_a_failure_or_in_nothing() {
    let seeds = [
        fast_path(&bitmap()).bytes.to_vec(),
        fast_path(&update(
            0x04,
            &[
                1, 0, 0, 0, 0, 0, 8, 0, 8, 0, 32, 0, 0, 3, 8, 0, 8, 0, 0, 0, 0, 0,
            ],
        ))
        .bytes
        .to_vec(),
        fast_path(&update(0x09, &[0; 14])).bytes.to_vec(),
        in_channel(
            IO_CHANNEL,
            &[
                18, 0, 0x17, 0, 0xea, 3, 1, 0, 0, 1, 0, 0, 0x26, 0, 0, 0, 1, 0,
            ],
        )
        .bytes
        .to_vec(),
        in_channel(
            DYNAMIC_CHANNEL,
            &[
                12, 0, 0, 0, 3, 0, 0, 0, 0x50, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
        )
        .bytes
        .to_vec(),
    ];
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut decoder = opened(256, 256).unwrap();
    let mut ended = 0;
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..=noise.below(6) {
            // The frame stays whole: what is read from the wire always is.
            let at = 3 + noise.below(bytes.len() - 3);
            bytes[at] = noise.byte();
        }
        let action = match bytes[0] & 3 {
            3 => Action::X224,
            _ => Action::FastPath,
        };
        let pdu = Pdu {
            action,
            bytes: Bytes::from(bytes),
            received_at: None,
        };
        let outcome = decoder.process(&[pdu], false);
        if outcome.ending.is_some() || outcome.redirection.is_some() {
            ended += 1;
            decoder = opened(256, 256).unwrap();
        }
        let size = decoder.screen.lock().size();
        assert!(u32::from(size.width) * u32::from(size.height) <= PIXELS_MAX);
    }
    assert!(ended > 100, "{ended}");
}

#[test]
fn a_channel_that_nobody_knows_is_passed_over_for_a_while() {
    let mut decoder = opened(64, 64).unwrap();
    let unknown = [4, 0, 0, 0, 3, 0, 0, 0, 0x30, 9, 1, 2];
    let mut refused = 0;
    for _ in 0..=REFUSED_MAX {
        let outcome = decoder.process(&[in_channel(DYNAMIC_CHANNEL, &unknown)], false);
        refused += usize::from(outcome.ending.is_some());
    }
    assert_eq!(refused, 1);
}

#[test]
fn a_screen_that_nobody_could_show_is_refused() {
    for (width, height) in [(0, 600), (u16::MAX, u16::MAX), (16384, 16384)] {
        let failure = opened(width, height).err().map(|failure| failure.code);
        assert_eq!(
            failure,
            Some(FailureCode::RdpProtocolError),
            "{width}x{height}"
        );
    }
    assert!(opened(8192, 8192).is_ok());
}

#[test]
fn the_reason_for_an_end_is_told() {
    let mut decoder = opened(64, 64).unwrap();
    // Set Error Info: disconnected by another connection.
    let info = [
        22, 0, 0x17, 0, 0xea, 0x03, 0xea, 0x03, 1, 0, 0, 1, 22, 0, 0x2f, 0, 0, 0, 5, 0, 0, 0,
    ];
    let outcome = decoder.process(&[in_channel(IO_CHANNEL, &info)], false);
    let code = outcome
        .ending
        .and_then(Result::err)
        .map(|failure| failure.code);
    assert_eq!(code, Some(FailureCode::TargetTakenOver));
}
