//! The pointer: how it looks, and where the target put it.

use bytes::Bytes;
use causeway_wire::message::CursorShape;

use crate::canvas::{CursorImage, Size};

/// A larger picture is no pointer, in pixels of a side (MS-RDPBCGR 2.2.9.1.1.4.5
/// allows 384).
const SIDE_MAX: u16 = 384;

/// The pointer.
#[derive(Debug)]
pub(crate) struct Cursor {
    image: CursorImage,
    place: Option<(u16, u16)>,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            image: CursorImage::Default,
            place: None,
        }
    }
}

impl Cursor {
    pub(crate) const fn image(&self) -> &CursorImage {
        &self.image
    }

    /// Where the target put it last, if it did.
    pub(crate) const fn place(&self) -> Option<(u16, u16)> {
        self.place
    }

    /// Takes another look; tells whether it is another.
    pub(crate) fn set_image(&mut self, image: CursorImage) -> bool {
        let image = plausible(image);
        let other = image != self.image;
        self.image = image;
        other
    }

    /// Goes to a place on a screen; tells whether it was elsewhere.
    pub(crate) fn move_to(&mut self, x: u16, y: u16, size: Size) -> bool {
        let place = (
            x.min(size.width.saturating_sub(1)),
            y.min(size.height.saturating_sub(1)),
        );
        self.place.replace(place) != Some(place)
    }

    /// As the wire writes it: no picture hides it, and no picture with a hot
    /// spot at 1 is the viewer's own arrow.
    pub(crate) fn shape(&self) -> CursorShape {
        match &self.image {
            CursorImage::Hidden => CursorShape::default(),
            CursorImage::Default => CursorShape {
                hotspot_x: 1,
                ..CursorShape::default()
            },
            CursorImage::Shape {
                size,
                hotspot_x,
                hotspot_y,
                rgba,
            } => CursorShape {
                width: size.width.into(),
                height: size.height.into(),
                hotspot_x: (*hotspot_x).into(),
                hotspot_y: (*hotspot_y).into(),
                rgba: rgba.clone(),
            },
        }
    }
}

/// A picture of which nothing can be seen hides the pointer; one that does not
/// fit its own size leaves the viewer's arrow.
fn plausible(image: CursorImage) -> CursorImage {
    let CursorImage::Shape {
        size,
        hotspot_x,
        hotspot_y,
        rgba,
    } = image
    else {
        return image;
    };
    if rgba.len() != size.pixels() * 4 || size.width > SIDE_MAX || size.height > SIDE_MAX {
        return CursorImage::Default;
    }
    if rgba.chunks_exact(4).all(|pixel| pixel[3] == 0) {
        return CursorImage::Hidden;
    }
    CursorImage::Shape {
        size,
        hotspot_x: hotspot_x.min(size.width - 1),
        hotspot_y: hotspot_y.min(size.height - 1),
        rgba: Bytes::clone(&rgba),
    }
}
