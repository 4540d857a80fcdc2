//! Reads what a viewer sent into what a desktop is told.

use causeway_screen::Size;
use causeway_target::desktop::{DesktopCommand, DesktopSize, LockKeys, Pointer};
use causeway_wire::message::to_node::Body;
use causeway_wire::message::{self, ViewerSize};

/// Most that a wheel turns in one message: a hundred notches.
const WHEEL_MAX: i32 = 100 * 120;

/// Keys, text, pointer and lock keys as a desktop takes them. `None` for
/// every other message, and for a pointer while there is no `screen`.
#[must_use]
pub fn read_input(message: Body, screen: Size) -> Option<DesktopCommand> {
    match message {
        Body::Key(key) => Some(DesktopCommand::Key {
            code: key.code,
            key: key.key,
            down: key.down,
        }),
        Body::Text(text) => Some(DesktopCommand::Text(text.text)),
        Body::Pointer(pointer) => read_pointer(&pointer, screen).map(DesktopCommand::Pointer),
        Body::LockKeys(keys) => Some(DesktopCommand::LockKeys(LockKeys {
            caps: keys.caps,
            num: keys.num,
            scroll: keys.scroll,
        })),
        _ => None,
    }
}

/// The pointer, brought onto the screen.
fn read_pointer(pointer: &message::Pointer, screen: Size) -> Option<Pointer> {
    let onto = |at: u32, count: u16| {
        let last = count.checked_sub(1)?;
        Some(u16::try_from(at).unwrap_or(last).min(last))
    };
    Some(Pointer {
        x: onto(pointer.x, screen.width)?,
        y: onto(pointer.y, screen.height)?,
        buttons: (pointer.buttons & 0x1f) as u8,
        wheel_x: pointer.wheel_x.clamp(-WHEEL_MAX, WHEEL_MAX),
        wheel_y: pointer.wheel_y.clamp(-WHEEL_MAX, WHEEL_MAX),
    })
}

/// The size that a viewer told; `None` when it told no pixels.
#[must_use]
pub fn size_of_viewer(size: &ViewerSize) -> Option<DesktopSize> {
    if size.width_px == 0 || size.height_px == 0 {
        return None;
    }
    Some(DesktopSize::clamped(
        size.width_px,
        size.height_px,
        size.scale_percent,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(x: u32, y: u32, expected: Option<(u16, u16)>) {
        let size = Size {
            width: 800,
            height: 600,
        };
        let pointer = message::Pointer {
            x,
            y,
            buttons: 0xffff_ff01,
            wheel_x: i32::MIN,
            wheel_y: 120,
        };
        let read = read_input(Body::Pointer(pointer), size);
        let expected = expected.map(|(x, y)| {
            DesktopCommand::Pointer(Pointer {
                x,
                y,
                buttons: 1,
                wheel_x: -WHEEL_MAX,
                wheel_y: 120,
            })
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn the_pointer_stays_on_the_screen() {
        check(0, 0, Some((0, 0)));
        check(799, 599, Some((799, 599)));
        check(800, 600, Some((799, 599)));
        check(u32::MAX, 0x1_0000, Some((799, 599)));
    }

    #[test]
    fn there_is_no_pointer_without_a_screen() {
        let pointer = Body::Pointer(message::Pointer::default());
        assert_eq!(read_input(pointer, Size::default()), None);
    }

    #[test]
    fn a_size_without_pixels_is_none() {
        let told = ViewerSize {
            columns: 80,
            rows: 24,
            ..ViewerSize::default()
        };
        assert_eq!(size_of_viewer(&told), None);
        let told = ViewerSize {
            width_px: 1281,
            height_px: 20_000,
            scale_percent: 200,
            ..told
        };
        let size = DesktopSize {
            width: 1280,
            height: 8192,
            scale_percent: 200,
        };
        assert_eq!(size_of_viewer(&told), Some(size));
    }
}
