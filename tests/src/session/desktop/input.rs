//! What a person does to a desktop.

use anyhow::Result;
use causeway_wire::message::{DesktopResize, Key, LockKeys, Pointer, Text, to_node};

use super::{NOTCH, Stroke, stroke, window};
use crate::session::Viewer;

impl Viewer {
    /// A key goes down or up.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn key(&mut self, code: &str, key: &str, down: bool) -> Result<()> {
        self.send(to_node::Body::Key(Key {
            code: code.to_owned(),
            key: key.to_owned(),
            down,
        }))
        .await
    }

    /// A key goes down and up.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn press(&mut self, code: &str, key: &str) -> Result<()> {
        self.key(code, key, true).await?;
        self.key(code, key, false).await
    }

    /// Types a text on the keys of a keyboard, and says as text what no key
    /// gives.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn type_on_desktop(&mut self, text: &str) -> Result<()> {
        for character in text.chars() {
            match stroke(character) {
                Some(stroke) => self.strike(character, stroke).await?,
                None => self.say(&character.to_string()).await?,
            }
        }
        Ok(())
    }

    /// Text that no single key gave.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        let text = text.to_owned();
        self.send(to_node::Body::Text(Text { text })).await
    }

    /// The pointer is somewhere with buttons held.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn point(&mut self, x: usize, y: usize, buttons: u32) -> Result<()> {
        self.send_pointer(x, y, buttons, 0).await
    }

    /// A button goes down and up somewhere.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn click(&mut self, x: usize, y: usize, button: u32) -> Result<()> {
        self.point(x, y, 0).await?;
        self.point(x, y, button).await?;
        self.point(x, y, 0).await
    }

    /// The wheel is turned by notches somewhere; positive is down.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn turn_wheel(&mut self, x: usize, y: usize, notches: i32) -> Result<()> {
        self.send_pointer(x, y, 0, notches * NOTCH).await
    }

    /// The window has another size.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn resize_desktop(&mut self, width: u32, height: u32) -> Result<()> {
        self.send(to_node::Body::DesktopResize(DesktopResize {
            size: Some(window(width, height)),
        }))
        .await
    }

    /// Lock keys of the viewer's keyboard.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn set_lock_keys(&mut self, caps: bool, num: bool, scroll: bool) -> Result<()> {
        let keys = LockKeys { caps, num, scroll };
        self.send(to_node::Body::LockKeys(keys)).await
    }

    async fn strike(&mut self, character: char, stroke: Stroke) -> Result<()> {
        let name = match character {
            '\r' | '\n' => "Enter".to_owned(),
            '\t' => "Tab".to_owned(),
            character => character.to_string(),
        };
        if stroke.shift {
            self.key("ShiftLeft", "Shift", true).await?;
        }
        self.press(stroke.code, &name).await?;
        if stroke.shift {
            self.key("ShiftLeft", "Shift", false).await?;
        }
        Ok(())
    }

    async fn send_pointer(&mut self, x: usize, y: usize, buttons: u32, wheel: i32) -> Result<()> {
        self.send(to_node::Body::Pointer(Pointer {
            x: u32::try_from(x)?,
            y: u32::try_from(y)?,
            buttons,
            wheel_x: 0,
            wheel_y: wheel,
        }))
        .await
    }
}
