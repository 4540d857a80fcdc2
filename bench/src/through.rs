//! The whole path: a stack, and viewers attached to it.

use anyhow::Result;
use async_trait::async_trait;
use causeway_tests::session::Viewer;
use causeway_tests::sshd::{KeyKind, KeyPair, Sshd, USERNAME};
use causeway_tests::stack::Stack;
use serde_json::json;

use crate::shell::{PATIENCE, PROMPT, Shell};

/// The application whose endpoint `shell` is opened.
pub(crate) const APPLICATION: &str = "bench";

/// One stack and one OpenSSH server, entered by the same key on both ways.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) sshd: Sshd,
    pub(crate) key: KeyPair,
}

impl Bench {
    /// `causeway up` and a server.
    pub(crate) async fn start() -> Result<Self> {
        let key = KeyPair::generate(KeyKind::Ed25519)?;
        let sshd = Sshd::builder().authorize(key.public_text()?).start()?;
        let stack = Stack::up().await?;
        stack.application(APPLICATION, json!({})).await?;
        let settings = json!({
            "username": USERNAME, "private-key": key.private_text()?, "terminal-type": "xterm-256color",
        });
        stack
            .endpoint(APPLICATION, "shell", sshd.address(), settings)
            .await?;
        Ok(Self { stack, sshd, key })
    }

    /// Launches, attaches and waits for the prompt.
    pub(crate) async fn open(&self) -> Result<Through> {
        let launched = self.stack.admin.launch(APPLICATION, "shell").await?;
        let mut through = Through(Viewer::open(&launched.entry).await?);
        through.discard_until(PROMPT).await?;
        Ok(through)
    }
}

/// A viewer as a shell.
pub(crate) struct Through(pub(crate) Viewer);

#[async_trait]
impl Shell for Through {
    async fn send(&mut self, text: &str) -> Result<()> {
        self.0.type_text(text).await
    }

    async fn discard_until(&mut self, text: &str) -> Result<()> {
        self.0.discard_until(text, PATIENCE).await
    }
}
