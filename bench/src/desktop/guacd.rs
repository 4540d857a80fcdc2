//! Guacamole's daemon as the rival: a process of its own, driven by its wire
//! protocol (`LENGTH.VALUE,...;`) by a client that acknowledges each frame at
//! once and decodes nothing, which is its best case.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::process;
use super::screened::{Key, Scene, Screened};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A client that is silent for 15 s is taken for dead.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Longest instruction that is taken, in bytes.
const INSTRUCTION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The layer that is the screen.
const SCREEN: &str = "0";
/// What draws; a `sync` without any of these before it shows nothing new.
const DRAWING: [&str; 7] = ["img", "copy", "cfill", "rect", "png", "jpeg", "transfer"];

/// A running `guacd`.
pub(crate) struct Guacd {
    child: Child,
    address: SocketAddr,
}

impl Guacd {
    /// Starts the one that is installed; `None` when there is none.
    pub(crate) async fn start() -> Result<Option<Self>> {
        let Some(binary) = installed() else {
            return Ok(None);
        };
        // It takes no port 0, so one is asked for and given back.
        let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(binary)
            .args(["-f", "-b", "127.0.0.1", "-L", "error", "-l"])
            .arg(free.port().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let guacd = Self {
            child,
            address: free,
        };
        for _ in 0..100 {
            if TcpStream::connect(guacd.address).await.is_ok() {
                return Ok(Some(guacd));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("guacd does not listen on {free}")
    }

    /// Its process, of which each session is a child.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Opens a session.
    pub(crate) async fn open(&self, scene: &Scene) -> Result<GuacdSession> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let mut session = GuacdSession {
            stream,
            buffer: Vec::new(),
            taken: 0,
            bytes: 0,
            size: None,
            drawn: false,
            guacd: self.id(),
        };
        timeout(PATIENCE, session.handshake(scene)).await??;
        Ok(session)
    }
}

impl Drop for Guacd {
    fn drop(&mut self) {
        for id in process::descendants(self.id()) {
            process::kill(id);
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn installed() -> Option<PathBuf> {
    let named = std::env::var_os("CAUSEWAY_GUACD").map(PathBuf::from);
    let usual = [
        "/usr/local/sbin/guacd",
        "/usr/sbin/guacd",
        "/opt/guacd/sbin/guacd",
    ];
    named
        .into_iter()
        .chain(usual.map(PathBuf::from))
        .find(|path| path.is_file())
}

/// One session of `guacd`.
pub(crate) struct GuacdSession {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    taken: usize,
    bytes: u64,
    /// Of the screen.
    size: Option<(u32, u32)>,
    /// Whether anything was drawn since the last `sync`.
    drawn: bool,
    guacd: u32,
}

impl GuacdSession {
    async fn handshake(&mut self, scene: &Scene) -> Result<()> {
        self.send(&["select", scene.protocol]).await?;
        let names = self.expect("args").await?;
        let size = [scene.width, scene.height].map(|count| count.to_string());
        self.send(&["size", &size[0], &size[1], "96"]).await?;
        self.send(&["audio"]).await?;
        self.send(&["video"]).await?;
        self.send(&["image", "image/png", "image/jpeg", "image/webp"])
            .await?;
        let settings: BTreeMap<&str, &str> = scene.settings();
        let mut connect = vec!["connect"];
        connect.extend(names.iter().map(|name| {
            // The first is the version of the protocol, which is given back.
            if name.starts_with("VERSION_") {
                return name.as_str();
            }
            settings.get(name.as_str()).copied().unwrap_or("")
        }));
        self.send(&connect).await?;
        self.expect("ready").await?;
        Ok(())
    }

    async fn expect(&mut self, opcode: &str) -> Result<Vec<String>> {
        loop {
            let mut instruction = self.next_instruction().await?;
            if instruction[0] == opcode {
                instruction.remove(0);
                return Ok(instruction);
            }
        }
    }

    async fn send(&mut self, elements: &[&str]) -> Result<()> {
        let elements: Vec<String> = elements
            .iter()
            .map(|element| format!("{}.{element}", element.chars().count()))
            .collect();
        let instruction = format!("{};", elements.join(","));
        Ok(self.stream.write_all(instruction.as_bytes()).await?)
    }

    async fn next_instruction(&mut self) -> Result<Vec<String>> {
        loop {
            if let Some((instruction, length)) = parse(&self.buffer[self.taken..])? {
                self.taken += length;
                if instruction[0] == "error" {
                    bail!("guacd says {instruction:?}");
                }
                return Ok(instruction);
            }
            self.buffer.drain(..std::mem::take(&mut self.taken));
            ensure!(
                self.buffer.len() < INSTRUCTION_BYTES_MAX,
                "an endless instruction"
            );
            let Ok(read) = timeout(SILENCE_MAX, self.stream.read_buf(&mut self.buffer)).await
            else {
                self.send(&["nop"]).await?;
                continue;
            };
            let read = read?;
            ensure!(read > 0, "guacd closed the connection");
            self.bytes += read as u64;
        }
    }

    /// The next frame that draws anything, once the screen has a size.
    async fn frame(&mut self, size: Option<(u32, u32)>) -> Result<()> {
        loop {
            let instruction = self.next_instruction().await?;
            self.drawn |= DRAWING.contains(&instruction[0].as_str());
            if let [opcode, layer, width, height] = &instruction[..]
                && opcode == "size"
                && layer == SCREEN
            {
                self.size = Some((width.parse()?, height.parse()?));
            }
            if instruction[0] == "sync" {
                let timestamp = instruction.get(1).context("a sync without a time")?;
                self.send(&["sync", timestamp]).await?;
                let drawn = std::mem::take(&mut self.drawn);
                if drawn && (size.is_none() || self.size == size) {
                    return Ok(());
                }
            }
        }
    }
}

#[async_trait(?Send)]
impl Screened for GuacdSession {
    async fn next_frame(&mut self) -> Result<()> {
        timeout(PATIENCE, self.frame(None)).await?
    }

    async fn key(&mut self, key: Key) -> Result<()> {
        let keysym = match key {
            Key::Character(character) => u32::from(character),
            Key::Enter => 0xFF0D,
            Key::Escape => 0xFF1B,
            Key::PageUp => 0xFF55,
            Key::PageDown => 0xFF56,
        };
        let keysym = keysym.to_string();
        self.send(&["key", &keysym, "1"]).await?;
        self.send(&["key", &keysym, "0"]).await
    }

    async fn become_size(&mut self, size: (u32, u32)) -> Result<()> {
        if self.size == Some(size) {
            return Ok(());
        }
        let (width, height) = (size.0.to_string(), size.1.to_string());
        self.send(&["size", &width, &height]).await?;
        timeout(PATIENCE, self.frame(Some(size))).await?
    }

    /// Nothing is ever decoded.
    fn only_count(&mut self) {}

    async fn keep_alive(&mut self) -> Result<()> {
        self.send(&["nop"]).await
    }

    async fn leave(&mut self) -> Result<()> {
        self.send(&["disconnect"]).await
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn processor_time(&self) -> Result<Duration> {
        process::tree_processor_time(self.guacd)
    }
}

/// The first instruction, and how many bytes it takes; `None` when more bytes
/// are needed.
fn parse(bytes: &[u8]) -> Result<Option<(Vec<String>, usize)>> {
    let mut elements = Vec::new();
    let mut at = 0;
    loop {
        let Some(dot) = bytes[at..].iter().position(|byte| *byte == b'.') else {
            return Ok(None);
        };
        let characters: usize = str::from_utf8(&bytes[at..at + dot])?.parse()?;
        at += dot + 1;
        let Some(length) = characters_long(&bytes[at..], characters) else {
            return Ok(None);
        };
        elements.push(str::from_utf8(&bytes[at..at + length])?.to_owned());
        at += length;
        match bytes.get(at) {
            None => return Ok(None),
            Some(b',') => at += 1,
            Some(b';') => return Ok(Some((elements, at + 1))),
            Some(other) => bail!("an element ends in {other:#x}"),
        }
    }
}

/// How many bytes so many characters take; `None` when they are not all there.
fn characters_long(bytes: &[u8], characters: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..characters {
        at += match bytes.get(at)? {
            0x00..=0x7F => 1,
            0x80..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
        };
    }
    (at <= bytes.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_counted_in_characters() {
        let bytes = "4.name,3.a\u{e4}b;4.sync".as_bytes();
        let (instruction, length) = parse(bytes).unwrap_or_default().unwrap_or_default();
        assert_eq!(instruction, ["name", "a\u{e4}b"]);
        assert_eq!(length, bytes.len() - "4.sync".len());
        assert!(matches!(parse(&bytes[length..]), Ok(None)));
        assert!(parse(b"1.ab;").is_err());
    }
}
