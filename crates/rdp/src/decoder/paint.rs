//! From the decoder's image, and from the graphics pipeline's surfaces, to the
//! screen: only what has changed.

use causeway_screen::{Canvas, CursorImage, Rect, Size};
use ironrdp_graphics::pointer::DecodedPointer;
use ironrdp_pdu::geometry::{ExclusiveRectangle, InclusiveRectangle};
use ironrdp_session::image::DecodedImage;

use super::{Decoder, PIXELS_MAX, image};
use crate::graphics::Pipeline;

impl Decoder {
    /// The target has a screen of the size that it says.
    pub(super) fn begin_screen(&mut self) {
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
    pub(super) fn restore_image(&mut self) {
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
    pub(super) fn paint(&mut self) {
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
    pub(super) fn paint_pipeline(&mut self) {
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

    pub(super) fn set_cursor(&self, cursor: CursorImage) {
        self.screen.draw(|canvas| canvas.set_cursor(cursor));
    }

    pub(super) fn end_frame(&mut self) {
        if std::mem::take(&mut self.frame_is_open) {
            self.screen.draw(|canvas| canvas.end_frame());
        }
    }
}

pub(super) fn cursor_of(pointer: &DecodedPointer) -> CursorImage {
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
