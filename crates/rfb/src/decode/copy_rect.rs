//! CopyRect (RFC 6143 section 7.7.2).

use causeway_screen::{Canvas, Rect};

use crate::geometry::within;
use crate::reader::{Reader, Stop};

/// A rectangle that comes from elsewhere on the screen.
#[derive(Debug)]
pub(crate) struct CopyRect {
    rect: Rect,
}

impl CopyRect {
    pub(crate) const fn new(rect: Rect) -> Self {
        Self { rect }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let mut unit = *reader;
        let source = Rect {
            x: unit.u16()?,
            y: unit.u16()?,
            ..self.rect
        };
        let source = within(source, canvas.size())?;
        if source.width > 0 && source.height > 0 {
            canvas.copy(source, self.rect.x, self.rect.y);
        }
        *reader = unit;
        Ok(())
    }
}
