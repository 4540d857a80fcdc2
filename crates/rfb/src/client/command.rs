//! What the client is told to do. Each queues output.

use causeway_screen::Size;

use crate::client::Client;
use crate::input::{Keyboard, LockKeys, PointerEvent, PointerState, Stroke};

impl Client {
    /// Somebody could take a picture, or nobody can: the server is asked for
    /// pictures only while somebody can.
    pub const fn set_wanted(&mut self, wanted: bool) {
        self.pace.set_wanted(wanted);
    }

    /// A key goes down or up: `KeyboardEvent.code` and `KeyboardEvent.key`
    /// (W3C UI Events).
    pub fn key(&mut self, code: &str, key: &str, down: bool) {
        if !self.is_ready() {
            return;
        }
        if down {
            self.locks.handle_press(code);
            for stroke in self.keyboard.press(code, key) {
                self.send_stroke(stroke);
            }
        } else if let Some(stroke) = self.keyboard.release(code, key) {
            self.send_stroke(stroke);
        }
    }

    /// Types text that no single key gave.
    pub fn text(&mut self, text: &str) {
        if !self.is_ready() {
            return;
        }
        for stroke in Keyboard::type_text(text) {
            self.send_stroke(stroke);
        }
    }

    /// The pointer is somewhere, its buttons are held, its wheel turned.
    pub fn pointer(&mut self, state: PointerState) {
        if !self.is_ready() {
            return;
        }
        for event in self.pointer.handle(state, self.size) {
            self.send_pointer(event);
        }
    }

    /// The viewer's lock keys: those of the target that are known to differ
    /// are pressed.
    pub fn lock_keys(&mut self, wanted: LockKeys) {
        let differences: Vec<_> = self.locks.differences(wanted).collect();
        for code in differences {
            self.key(code, code, true);
            self.key(code, code, false);
        }
    }

    /// Offers text for the target's clipboard.
    pub fn clipboard(&mut self, text: &str) {
        self.clipboard.offer(text);
    }

    /// Asks the server for another size of its screen. Requests that follow
    /// fast are merged to the last.
    pub const fn resize(&mut self, width: u16, height: u16) {
        self.layout.ask(Size { width, height });
    }

    /// Every key and button that is down goes up.
    pub fn release_all(&mut self) {
        let strokes: Vec<_> = self.keyboard.release_all().collect();
        for stroke in strokes {
            self.send_stroke(stroke);
        }
        if let Some(event) = self.pointer.release() {
            self.send_pointer(event);
        }
    }

    fn send_stroke(&mut self, stroke: Stroke) {
        match stroke.scancode {
            Some(scancode) if self.abilities.qemu_keys => {
                self.outbox.qemu_key(stroke.keysym, scancode, stroke.down);
            }
            _ if stroke.keysym != 0 => self.outbox.key(stroke.keysym, stroke.down),
            _ => {}
        }
    }

    fn send_pointer(&mut self, event: PointerEvent) {
        let PointerEvent { x, y, buttons } = event;
        let [_, low] = buttons.to_be_bytes();
        // Until the first update is over, the server may be about to say that
        // it takes the highest bit for the mark of a longer message.
        let plain_has_eight = !self.abilities.mouse_buttons && self.updates > 0;
        if self.abilities.mouse_buttons && buttons > 0x7f {
            self.outbox.extended_pointer(buttons, x, y);
        } else if plain_has_eight {
            self.outbox.pointer(low, x, y);
        } else {
            self.outbox.pointer(low & 0x7f, x, y);
        }
    }
}
