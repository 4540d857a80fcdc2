//! OpenSSH's own client: what people have without us.

use std::process::Stdio;

use anyhow::{Result, bail};
use async_trait::async_trait;
use causeway_tests::sshd::{KeyPair, Sshd};
use pty_process::Size;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::Child;
use tokio::time::timeout;

use crate::shell::{PATIENCE, PROMPT, Shell};

/// A running `ssh`.
pub(crate) struct Direct {
    input: Box<dyn AsyncWrite + Send + Unpin>,
    output: Box<dyn AsyncRead + Send + Unpin>,
    _child: Child,
    unread: Vec<u8>,
}

impl Direct {
    /// Starts it in a terminal, as people do, and waits for the prompt.
    pub(crate) async fn open(sshd: &Sshd, key: &KeyPair) -> Result<Self> {
        let (pty, pts) = pty_process::open()?;
        pty.resize(Size::new(24, 80))?;
        let child = pty_process::Command::new("ssh")
            .args(arguments(sshd, key))
            .env("TERM", "xterm-256color")
            .kill_on_drop(true)
            .spawn(pts)?;
        let (output, input) = pty.into_split();
        Self::started(Box::new(input), Box::new(output), child).await
    }

    /// Starts it with pipes instead of a terminal on this side, which is
    /// the quickest way to throw its output away.
    pub(crate) async fn open_piped(sshd: &Sshd, key: &KeyPair) -> Result<Self> {
        let mut child = tokio::process::Command::new("ssh")
            .args(arguments(sshd, key))
            .env("TERM", "xterm-256color")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("ssh has no pipes");
        };
        Self::started(Box::new(input), Box::new(output), child).await
    }

    async fn started(
        input: Box<dyn AsyncWrite + Send + Unpin>,
        output: Box<dyn AsyncRead + Send + Unpin>,
        child: Child,
    ) -> Result<Self> {
        let mut direct = Self {
            input,
            output,
            _child: child,
            unread: Vec::new(),
        };
        direct.discard_until(PROMPT).await?;
        Ok(direct)
    }
}

fn arguments(sshd: &Sshd, key: &KeyPair) -> Vec<String> {
    let options = [
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "IdentitiesOnly=yes",
        "LogLevel=ERROR",
    ];
    let mut arguments = vec!["-tt".to_owned(), "-F".to_owned(), "none".to_owned()];
    arguments.extend(options.map(|option| format!("-o{option}")));
    arguments.push(format!("-i{}", key.path().display()));
    arguments.push(format!("-p{}", sshd.address().port()));
    arguments.push(format!("{}@127.0.0.1", sshd.username()));
    arguments
}

#[async_trait]
impl Shell for Direct {
    async fn send(&mut self, text: &str) -> Result<()> {
        self.input.write_all(text.as_bytes()).await?;
        Ok(self.input.flush().await?)
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
            let Ok(read) = timeout(PATIENCE, self.output.read(&mut piece)).await else {
                bail!("ssh: no {text:?} within {PATIENCE:?}");
            };
            match read? {
                0 => bail!("ssh ended before {text:?} came"),
                bytes => self.unread.extend_from_slice(&piece[..bytes]),
            }
        }
    }
}
