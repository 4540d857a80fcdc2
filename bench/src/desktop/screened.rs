//! What is measured, whoever shows it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;

/// Pixels of a window across and down, unless told otherwise.
pub(crate) const WINDOW: (u32, u32) = (1280, 720);

/// A target to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// `vnc` or `rdp`.
    pub(crate) protocol: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Name of the account, for RDP.
    pub(crate) username: String,
    /// Its password.
    pub(crate) password: String,
    /// Pixels across.
    pub(crate) width: u32,
    /// Pixels down.
    pub(crate) height: u32,
    host: String,
    port: String,
}

impl Scene {
    /// A target at an address.
    pub(crate) fn new(
        protocol: &'static str,
        address: SocketAddr,
        credentials: (&str, &str),
    ) -> Self {
        Self {
            protocol,
            address,
            username: credentials.0.to_owned(),
            password: credentials.1.to_owned(),
            width: WINDOW.0,
            height: WINDOW.1,
            host: address.ip().to_string(),
            port: address.port().to_string(),
        }
    }

    /// At another size.
    pub(crate) const fn sized(mut self, (width, height): (u32, u32)) -> Self {
        self.width = width;
        self.height = height;
        self
    }

    /// Guacamole's parameters, which are ours as well.
    pub(crate) fn settings(&self) -> BTreeMap<&str, &str> {
        let mut settings = BTreeMap::from([
            ("hostname", self.host.as_str()),
            ("port", self.port.as_str()),
            ("password", self.password.as_str()),
        ]);
        if self.protocol == "rdp" {
            settings.extend([
                ("username", self.username.as_str()),
                ("security", "tls"),
                ("ignore-cert", "true"),
                ("resize-method", "display-update"),
            ]);
        }
        settings
    }
}

/// A key of a keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// One that types this.
    Character(char),
    Enter,
    Escape,
    PageDown,
    PageUp,
}

/// A target that is being shown.
#[async_trait(?Send)]
pub(crate) trait Screened {
    /// Waits for the next picture that shows something new, and acknowledges it.
    async fn next_frame(&mut self) -> Result<()>;
    /// Presses and releases a key.
    async fn key(&mut self, key: Key) -> Result<()>;
    /// Asks for a size, unless the picture has it, and waits for the first
    /// picture in it.
    async fn become_size(&mut self, size: (u32, u32)) -> Result<()>;
    /// From now on pictures are acknowledged and not decoded.
    fn only_count(&mut self);
    /// Tells the other side that somebody is there, for sessions at which
    /// nobody looks.
    async fn keep_alive(&mut self) -> Result<()>;
    /// Ends the session.
    async fn leave(&mut self) -> Result<()>;
    /// Bytes received so far.
    fn bytes(&self) -> u64;
    /// What the processes that show targets have used so far: `guacd` with its
    /// sessions, or the outpost node.
    fn processor_time(&self) -> Result<Duration>;
}
