//! A server that is a stream of bytes, and the client at its end.

use causeway_rfb::{Client, ClientConfig, ColourDepth, Established, Event, PixelFormat, RfbError};
use causeway_screen::Rect;

use crate::canvas::Picture;

/// The name of the servers here.
pub(crate) const NAME: &str = "a desktop";

/// The server's first message.
pub(crate) fn init(width: u16, height: u16, format: &PixelFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(format_bytes(format));
    bytes.extend(u32::try_from(NAME.len()).unwrap().to_be_bytes());
    bytes.extend(NAME.as_bytes());
    bytes
}

pub(crate) fn format_bytes(format: &PixelFormat) -> Vec<u8> {
    let mut bytes = vec![
        format.bits_per_pixel,
        format.depth,
        u8::from(format.big_endian),
        u8::from(format.true_colour),
    ];
    bytes.extend(format.max.iter().flat_map(|max| max.to_be_bytes()));
    bytes.extend(format.shift);
    bytes.extend([0; 3]);
    bytes
}

/// An update of these rectangles.
pub(crate) fn update(rectangles: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(u16::try_from(rectangles.len()).unwrap().to_be_bytes());
    bytes.extend(rectangles.concat());
    bytes
}

/// A rectangle in an encoding.
pub(crate) fn rectangle(rect: Rect, encoding: i32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [rect.x, rect.y, rect.width, rect.height] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(encoding.to_be_bytes());
    bytes.extend(body);
    bytes
}

pub(crate) fn rect(x: u16, y: u16, width: u16, height: u16) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

/// A client whose server has just introduced itself.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) picture: Picture,
}

impl Session {
    /// A server whose screen is of this size.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::with(width, height, &PixelFormat::RGBX, ClientConfig::default())
    }

    pub(crate) fn with(
        width: u16,
        height: u16,
        format: &PixelFormat,
        config: ClientConfig,
    ) -> Self {
        let mut client = Client::new(Established::default(), config);
        let mut picture = Picture::default();
        client
            .handle_input(&init(width, height, format), &mut picture)
            .unwrap();
        Self { client, picture }
    }

    /// A server that keeps its own pixel format.
    pub(crate) fn of_format(width: u16, height: u16, format: &PixelFormat) -> Self {
        let config = ClientConfig {
            colour_depth: ColourDepth::Server,
            ..ClientConfig::default()
        };
        Self::with(width, height, format, config)
    }

    /// A session with nothing left to send or to tell.
    pub(crate) fn quiet(mut self) -> Self {
        self.output();
        self.events();
        self
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Result<(), RfbError> {
        self.client.handle_input(bytes, &mut self.picture)
    }

    /// All that the client sends now.
    pub(crate) fn output(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(more) = self.client.poll_output() {
            bytes.extend_from_slice(&more);
        }
        bytes
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }
}

/// What a session makes of `bytes`, however they are cut: all at once, one by
/// one, and at places that `seed` chooses.
pub(crate) fn in_every_cut(
    start: impl Fn() -> Session,
    bytes: &[u8],
    seed: u64,
) -> Result<Session, RfbError> {
    let mut whole = start();
    let result = whole.hear(bytes);
    let mut state = seed;
    for longest in [1, 7, 100, 5000] {
        let mut cut = start();
        let mut rest = bytes;
        let mut outcome = Ok(());
        while !rest.is_empty() && outcome.is_ok() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let length = 1 + usize::try_from(state >> 33).unwrap() % longest;
            let (now, later) = rest.split_at(length.min(rest.len()));
            outcome = cut.hear(now);
            rest = later;
        }
        assert_eq!(outcome, result, "cut to at most {longest} bytes");
        if result.is_ok() {
            assert!(
                cut.picture == whole.picture,
                "cut to at most {longest} bytes"
            );
            assert_eq!(cut.client.updates(), whole.client.updates());
        }
    }
    result.map(|()| whole)
}
