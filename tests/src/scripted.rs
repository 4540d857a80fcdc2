//! An SSH server that asks what a test tells it to ask.
//!
//! OpenSSH with PAM asks one thing a round; machines with a second factor or
//! an expired password ask several at once, in several rounds, or show text
//! and ask nothing. This server does exactly what its script says. Its shell
//! is no shell: it greets with [`PROMPT`] and echoes what it is sent. One
//! process holds hundreds of its sessions, which the benchmark uses.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use russh::keys::PrivateKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Response, Session};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Pty};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::sshd::{KeyKind, KeyPair};

/// What the "shell" greets with.
pub const PROMPT: &str = "scripted$ ";

/// One round of keyboard-interactive authentication (RFC 4256).
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// Title of the request.
    pub name: &'static str,
    /// Text above the prompts.
    pub instructions: &'static str,
    /// Prompt, whether it echoes, and the right answer.
    pub prompts: Vec<(&'static str, bool, &'static str)>,
}

/// A running server. Dropping it ends it and its sessions.
pub struct Scripted {
    address: SocketAddr,
    _acceptor: AbortOnDropHandle<()>,
}

impl Scripted {
    /// Starts a server that lets in whoever answers all rounds; without
    /// rounds, whoever comes (`none`).
    ///
    /// # Errors
    /// When no host key can be made or no port bound.
    pub async fn start(rounds: Vec<Round>) -> Result<Self> {
        let key = KeyPair::generate(KeyKind::Ed25519)?.private_text()?;
        let key = russh::keys::decode_secret_key(&key, None).context("read the host key back")?;
        let config = Arc::new(config(key, &rounds));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let acceptor = tokio::spawn(accept(listener, config, Arc::new(rounds)));
        Ok(Self {
            address,
            _acceptor: AbortOnDropHandle::new(acceptor),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn config(key: PrivateKey, rounds: &[Round]) -> russh::server::Config {
    let method = if rounds.is_empty() {
        MethodKind::None
    } else {
        MethodKind::KeyboardInteractive
    };
    russh::server::Config {
        methods: MethodSet::from(&[method][..]),
        auth_rejection_time: std::time::Duration::ZERO,
        auth_rejection_time_initial: None,
        keys: vec![key],
        inactivity_timeout: None,
        nodelay: true,
        ..Default::default()
    }
}

async fn accept(
    listener: TcpListener,
    config: Arc<russh::server::Config>,
    rounds: Arc<Vec<Round>>,
) {
    // Dropped with this task, and the sessions with it.
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        drop(socket.set_nodelay(true));
        let visitor = Visitor {
            rounds: Arc::clone(&rounds),
            answered: 0,
        };
        let config = Arc::clone(&config);
        sessions.spawn(async move {
            if let Ok(session) = russh::server::run_stream(config, socket, visitor).await {
                drop(session.await);
            }
        });
        while sessions.try_join_next().is_some() {}
    }
}

struct Visitor {
    rounds: Arc<Vec<Round>>,
    answered: usize,
}

impl Visitor {
    fn ask(&self) -> Auth {
        let Some(round) = self.rounds.get(self.answered) else {
            return Auth::Accept;
        };
        let prompts: Vec<_> = round
            .prompts
            .iter()
            .map(|(label, echo, _)| (Cow::Borrowed(*label), *echo))
            .collect();
        Auth::Partial {
            name: Cow::Borrowed(round.name),
            instructions: Cow::Borrowed(round.instructions),
            prompts: Cow::Owned(prompts),
        }
    }

    fn is_right(&self, answers: Response<'_>) -> bool {
        let answers: Vec<_> = answers.collect();
        self.rounds.get(self.answered).is_some_and(|round| {
            answers.len() == round.prompts.len()
                && round
                    .prompts
                    .iter()
                    .zip(&answers)
                    .all(|((_, _, right), answer)| right.as_bytes() == &answer[..])
        })
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, Self::Error> {
        Ok(if self.rounds.is_empty() {
            Auth::Accept
        } else {
            Auth::reject()
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        if let Some(answers) = response {
            if !self.is_right(answers) {
                self.answered = 0;
                return Ok(Auth::reject());
            }
            self.answered += 1;
        }
        Ok(self.ask())
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width_px: u32,
        _height_px: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        session.data(channel, PROMPT.as_bytes().to_vec())
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.data(channel, data.to_vec())
    }
}
