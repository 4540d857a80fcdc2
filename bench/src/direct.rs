//! OpenSSH's own client in a pseudo-terminal: what people have without us.

use anyhow::{Result, bail};
use async_trait::async_trait;
use causeway_tests::sshd::{KeyPair, Sshd};
use pty_process::{Command, Pty, Size};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::time::timeout;

use crate::shell::{PATIENCE, PROMPT, Shell};

/// A running `ssh`.
pub(crate) struct Direct {
    pty: Pty,
    _child: Child,
    unread: Vec<u8>,
}

impl Direct {
    /// Starts it and waits for the prompt.
    pub(crate) async fn open(sshd: &Sshd, key: &KeyPair) -> Result<Self> {
        let (pty, pts) = pty_process::open()?;
        pty.resize(Size::new(24, 80))?;
        let child = Command::new("ssh")
            .args([
                "-tt",
                "-F",
                "none",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
            ])
            .args(["-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "-i"])
            .arg(key.path())
            .args(["-p", &sshd.address().port().to_string()])
            .arg(format!("{}@127.0.0.1", sshd.username()))
            .env("TERM", "xterm-256color")
            .kill_on_drop(true)
            .spawn(pts)?;
        let mut direct = Self {
            pty,
            _child: child,
            unread: Vec::new(),
        };
        direct.discard_until(PROMPT).await?;
        Ok(direct)
    }
}

#[async_trait]
impl Shell for Direct {
    async fn send(&mut self, text: &str) -> Result<()> {
        Ok(self.pty.write_all(text.as_bytes()).await?)
    }

    async fn discard_until(&mut self, text: &str) -> Result<()> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let found = self
                .unread
                .windows(text.len())
                .position(|window| window == text.as_bytes());
            if let Some(at) = found {
                self.unread.drain(..at + text.len());
                return Ok(());
            }
            let keep = (self.unread.len() + 1).saturating_sub(text.len());
            self.unread.drain(..keep);
            let Ok(read) = timeout(PATIENCE, self.pty.read(&mut piece)).await else {
                bail!("ssh: no {text:?} within {PATIENCE:?}");
            };
            self.unread.extend_from_slice(&piece[..read?]);
        }
    }
}
