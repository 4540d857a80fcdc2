//! Messages to the server (RFC 6143 section 7.5 and rfbproto), written one
//! after the other.

use bytes::{BufMut, Bytes, BytesMut};
use causeway_screen::{Rect, Size};

use crate::pixel::PixelFormat;

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: BytesMut,
}

impl Outbox {
    /// Takes all that waits.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        (!self.bytes.is_empty()).then(|| self.bytes.split().freeze())
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn client_init(&mut self, shared: bool) {
        self.bytes.put_u8(u8::from(shared));
    }

    pub(crate) fn set_pixel_format(&mut self, format: &PixelFormat) {
        self.bytes.put_slice(&[0, 0, 0, 0]);
        self.bytes.put_slice(&format.write());
    }

    pub(crate) fn set_encodings(&mut self, numbers: &[i32]) {
        self.bytes.put_slice(&[2, 0]);
        self.bytes
            .put_u16(u16::try_from(numbers.len()).unwrap_or(u16::MAX));
        for number in numbers {
            self.bytes.put_i32(*number);
        }
    }

    pub(crate) fn request_update(&mut self, incremental: bool, rect: Rect) {
        self.bytes.put_slice(&[3, u8::from(incremental)]);
        for number in [rect.x, rect.y, rect.width, rect.height] {
            self.bytes.put_u16(number);
        }
    }

    pub(crate) fn key(&mut self, keysym: u32, down: bool) {
        self.bytes.put_slice(&[4, u8::from(down), 0, 0]);
        self.bytes.put_u32(keysym);
    }

    /// QEMU's extended key event: `scancode` is of XT's set, bit 7 set for
    /// those with a prefix.
    pub(crate) fn qemu_key(&mut self, keysym: u32, scancode: u8, down: bool) {
        self.bytes.put_slice(&[255, 0, 0, u8::from(down)]);
        self.bytes.put_u32(keysym);
        self.bytes.put_u32(scancode.into());
    }

    pub(crate) fn pointer(&mut self, buttons: u8, x: u16, y: u16) {
        self.bytes.put_slice(&[5, buttons]);
        self.bytes.put_u16(x);
        self.bytes.put_u16(y);
    }

    /// Nine buttons: bit 7 of the first byte says that a byte follows.
    pub(crate) fn extended_pointer(&mut self, buttons: u16, x: u16, y: u16) {
        self.pointer((buttons & 0x7f) as u8 | 0x80, x, y);
        self.bytes.put_u8((buttons >> 7) as u8 & 3);
    }

    pub(crate) fn cut_text(&mut self, latin1: &[u8]) {
        self.bytes.put_slice(&[6, 0, 0, 0]);
        self.bytes
            .put_u32(u32::try_from(latin1.len()).unwrap_or(u32::MAX));
        self.bytes.put_slice(latin1);
    }

    /// A message of the extended clipboard: its length is negative.
    pub(crate) fn extended_clipboard(&mut self, flags: u32, payload: &[u8]) {
        self.bytes.put_slice(&[6, 0, 0, 0]);
        let length = i32::try_from(payload.len() + 4).unwrap_or(i32::MAX);
        self.bytes.put_i32(-length);
        self.bytes.put_u32(flags);
        self.bytes.put_slice(payload);
    }

    pub(crate) fn continuous_updates(&mut self, enable: bool, size: Size) {
        self.bytes.put_slice(&[150, u8::from(enable), 0, 0, 0, 0]);
        self.size(size);
    }

    pub(crate) fn fence(&mut self, flags: u32, payload: &[u8]) {
        self.bytes.put_slice(&[248, 0, 0, 0]);
        self.bytes.put_u32(flags);
        self.bytes
            .put_u8(u8::try_from(payload.len()).unwrap_or(u8::MAX));
        self.bytes.put_slice(payload);
    }

    /// SetDesktopSize to one screen that is all of it.
    pub(crate) fn set_desktop_size(&mut self, size: Size, screen: u32, flags: u32) {
        self.bytes.put_slice(&[251, 0]);
        self.size(size);
        self.bytes.put_slice(&[1, 0]);
        self.bytes.put_u32(screen);
        self.bytes.put_u32(0);
        self.size(size);
        self.bytes.put_u32(flags);
    }

    fn size(&mut self, size: Size) {
        self.bytes.put_u16(size.width);
        self.bytes.put_u16(size.height);
    }
}
