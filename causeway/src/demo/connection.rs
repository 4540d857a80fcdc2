//! One SSH connection to the demo target: the password, then sessions.

use causeway_trust::Secret;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::channel::{DemoChannel, is_accepted};
use super::target::Credentials;

/// Sessions of one connection over its life.
const CHANNELS_MAX: usize = 16;

/// What russh asks about one connection.
pub(super) struct DemoConnection {
    password: Secret,
    tracker: TaskTracker,
    stop: CancellationToken,
    signed_in: CancellationToken,
    channels: usize,
}

impl DemoConnection {
    /// Shells run in `tracker` and end with `stop`; `signed_in` is cancelled
    /// when the password was right.
    pub(super) fn new(
        password: Secret,
        tracker: TaskTracker,
        stop: CancellationToken,
        signed_in: CancellationToken,
    ) -> Self {
        Self {
            password,
            tracker,
            stop,
            signed_in,
            channels: 0,
        }
    }
}

impl Handler for DemoConnection {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let user_fits = user.as_bytes().ct_eq(Credentials::USERNAME.as_bytes());
        let password_fits = password.as_bytes().ct_eq(self.password.expose().as_bytes());
        if bool::from(user_fits & password_fits) {
            self.signed_in.cancel();
            Ok(Auth::Accept)
        } else {
            Ok(Auth::reject())
        }
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.channels == CHANNELS_MAX {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        self.channels += 1;
        let channel = DemoChannel::new(channel, session.handle());
        self.tracker.spawn(channel.run(self.stop.clone()));
        reply.accept().await;
        Ok(())
    }

    // The channel's task carries the requests out. The answers are given here:
    // russh forgets whether one is wanted as soon as the next request comes.

    #[allow(clippy::too_many_arguments)] // the shape that russh asks for
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

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match is_accepted(name, value) {
            true => session.channel_success(channel),
            false => session.channel_failure(channel),
        }
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single_connection: bool,
        _protocol: &str,
        _cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}
