//! Small encoders, one an encoding: what a server would send.

mod hextile;
mod rre;
mod tight;
mod tiles;
mod zlib;

use causeway_screen::Rect;

use crate::canvas::Picture;
use crate::pixels::Writer;
use crate::server::rectangle;

pub(crate) use hextile::hextile;
pub(crate) use rre::{corre, rre};
pub(crate) use tight::{Filter, compact_length, tight};
pub(crate) use tiles::{TileKind, tiles};
pub(crate) use zlib::Stream;

/// A server's streams.
#[derive(Default)]
pub(crate) struct Streams {
    pub(crate) zlib: Stream,
    pub(crate) zrle: Stream,
    pub(crate) tight: [Stream; 4],
}

/// One way to send a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Raw,
    Rre,
    CoRre,
    Hextile,
    Zlib,
    Trle(TileKind),
    Zrle(TileKind),
    Tight(Filter),
}

/// Every way.
pub(crate) fn all() -> Vec<How> {
    let tiles = TileKind::ALL;
    let mut all = vec![How::Raw, How::Rre, How::CoRre, How::Hextile, How::Zlib];
    all.extend(tiles.map(How::Trle));
    all.extend(tiles.map(How::Zrle));
    all.extend(Filter::ALL.map(How::Tight));
    all
}

/// A rectangle of `picture`, as an update has it.
pub(crate) fn encode(
    how: How,
    picture: &Picture,
    rect: Rect,
    writer: &Writer,
    streams: &mut Streams,
) -> Vec<u8> {
    let colours = picture.colours(rect);
    let plain: Vec<u8> = colours.iter().flat_map(|rgb| writer.whole(*rgb)).collect();
    let (number, body) = match how {
        How::Raw => (0, plain),
        How::Rre => (2, rre(picture, rect, writer)),
        How::CoRre => (4, corre(picture, rect, writer)),
        How::Hextile => (5, hextile(picture, rect, writer)),
        How::Zlib => (6, streams.zlib.section(&plain)),
        How::Trle(kind) => (15, tiles(picture, rect, writer, kind, 16)),
        How::Zrle(kind) => (
            16,
            streams
                .zrle
                .section(&tiles(picture, rect, writer, kind, 64)),
        ),
        How::Tight(filter) => (7, tight(picture, rect, writer, filter, &mut streams.tight)),
    };
    rectangle(rect, number, &body)
}
