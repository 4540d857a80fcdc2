//! Rectangles that are where they may be.

use causeway_screen::{Rect, Size};

use crate::error::RfbError;
use crate::limits::{SCREEN_PIXELS_MAX, SCREEN_SIDE_MAX};

/// Whether all of `rect` is on a screen of `size`.
pub(crate) fn is_within(rect: Rect, size: Size) -> bool {
    let fits = |start: u16, length: u16, limit: u16| {
        u32::from(start) + u32::from(length) <= u32::from(limit)
    };
    fits(rect.x, rect.width, size.width) && fits(rect.y, rect.height, size.height)
}

/// `rect`, if it is on a screen of `size`.
///
/// # Errors
/// [`RfbError::OutsideScreen`].
pub(crate) fn within(rect: Rect, size: Size) -> Result<Rect, RfbError> {
    let Rect {
        x,
        y,
        width,
        height,
    } = rect;
    is_within(rect, size)
        .then_some(rect)
        .ok_or(RfbError::OutsideScreen {
            x,
            y,
            width,
            height,
        })
}

/// A size that a screen may have.
///
/// # Errors
/// [`RfbError::ScreenTooLarge`].
pub(crate) fn screen_size(width: u16, height: u16) -> Result<Size, RfbError> {
    let pixels = u32::from(width) * u32::from(height);
    if width.max(height) > SCREEN_SIDE_MAX || pixels > SCREEN_PIXELS_MAX {
        return Err(RfbError::ScreenTooLarge { width, height });
    }
    Ok(Size { width, height })
}
