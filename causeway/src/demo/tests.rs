//! The demo target seen by an SSH client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg, Sig};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Credentials, DemoTarget};
use crate::data_dir::DataDir;

/// Longest wait for anything that the target does.
const DEADLINE: Duration = Duration::from_secs(20);

struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

struct Demo {
    address: SocketAddr,
    password: String,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl Demo {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::open(directory.path()).unwrap();
        let credentials = Credentials::load(&data).unwrap();
        let loopback = "127.0.0.1:0".parse().unwrap();
        let target = DemoTarget::bind(loopback, &credentials).await.unwrap();
        let (address, stop) = (target.address(), CancellationToken::new());
        let running = tokio::spawn(target.run(stop.clone()));
        let password = credentials.password().expose().to_owned();
        Self {
            address,
            password,
            stop,
            running,
            _directory: directory,
        }
    }

    async fn sign_in(&self, user: &str, password: &str) -> Option<Handle<Trusting>> {
        let config = Arc::new(client::Config::default());
        let mut handle = client::connect(config, self.address, Trusting)
            .await
            .unwrap();
        let result = handle.authenticate_password(user, password).await.unwrap();
        result.success().then_some(handle)
    }

    async fn session(&self) -> (Handle<Trusting>, Channel<client::Msg>) {
        let handle = self.sign_in("demo", &self.password).await.unwrap();
        let channel = handle.channel_open_session().await.unwrap();
        channel
            .request_pty(true, "xterm-256color", 91, 37, 0, 0, &[])
            .await
            .unwrap();
        (handle, channel)
    }
}

/// Everything written until the channel closes, and how the program ended.
async fn finish(channel: &mut Channel<client::Msg>) -> (String, Option<ChannelMsg>) {
    let mut output = Vec::new();
    let mut end = None;
    let reading = async {
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => output.extend_from_slice(&data),
                ChannelMsg::ExitStatus { .. } | ChannelMsg::ExitSignal { .. } => {
                    end = Some(message);
                }
                _ => {}
            }
        }
    };
    let finished = timeout(DEADLINE, reading).await;
    let output = String::from_utf8_lossy(&output).into_owned();
    assert!(
        finished.is_ok(),
        "the channel did not close; it said {output:?}"
    );
    (output, end)
}

/// Waits until `text` was written.
async fn until(channel: &mut Channel<client::Msg>, text: &str) {
    let mut output = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&output).contains(text) {
            match channel.wait().await {
                Some(ChannelMsg::Data { data }) => output.extend_from_slice(&data),
                Some(_) => {}
                None => panic!("closed before {text:?}"),
            }
        }
    };
    assert!(
        timeout(DEADLINE, reading).await.is_ok(),
        "no {text:?} in time"
    );
}

#[tokio::test]
async fn a_command_has_a_terminal_an_exit_status_and_none_of_our_environment() {
    let demo = Demo::start().await;
    let (_handle, mut channel) = demo.session().await;
    channel.set_env(true, "LANG", "C.UTF-8").await.unwrap();
    let command = "stty size; echo $LANG $TERM; env | grep -c CARGO; echo done; exit 7";
    channel.exec(true, command).await.unwrap();
    let (output, end) = finish(&mut channel).await;
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines, ["37 91", "C.UTF-8 xterm-256color", "0", "done"]);
    assert!(
        matches!(end, Some(ChannelMsg::ExitStatus { exit_status: 7 })),
        "{end:?}"
    );
}

#[tokio::test]
async fn requests_may_come_all_at_once() {
    let demo = Demo::start().await;
    let handle = demo.sign_in("demo", &demo.password).await.unwrap();
    let mut channel = handle.channel_open_session().await.unwrap();
    channel
        .request_pty(true, "xterm", 80, 24, 0, 0, &[])
        .await
        .unwrap();
    channel.set_env(false, "LANG", "C.UTF-8").await.unwrap();
    channel.set_env(false, "SECRET", "x").await.unwrap();
    channel.exec(true, "true").await.unwrap();
    let mut answers = 0;
    while let Some(message) = timeout(DEADLINE, channel.wait()).await.unwrap() {
        answers += usize::from(matches!(message, ChannelMsg::Success));
    }
    assert_eq!(answers, 2, "answers to the two requests that wanted one");
}

#[tokio::test]
async fn a_new_size_reaches_the_program() {
    let demo = Demo::start().await;
    let (_handle, mut channel) = demo.session().await;
    channel
        .exec(
            true,
            "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done",
        )
        .await
        .unwrap();
    until(&mut channel, "ready").await;
    channel.window_change(120, 50, 0, 0).await.unwrap();
    let (output, _) = finish(&mut channel).await;
    assert!(output.contains("50 120"), "{output:?}");
}

#[tokio::test]
async fn a_signal_reaches_the_program_and_is_told() {
    let demo = Demo::start().await;
    let (_handle, mut channel) = demo.session().await;
    channel
        .exec(true, "echo ready; exec sleep 1000")
        .await
        .unwrap();
    until(&mut channel, "ready").await;
    channel.signal(Sig::TERM).await.unwrap();
    let (_, end) = finish(&mut channel).await;
    let told = matches!(
        end,
        Some(ChannelMsg::ExitSignal {
            signal_name: Sig::TERM,
            ..
        })
    );
    assert!(told, "{end:?}");
}

#[tokio::test]
async fn wrong_names_and_passwords_stay_out() {
    let demo = Demo::start().await;
    assert!(demo.sign_in("demo", "wrong").await.is_none());
    assert!(demo.sign_in("root", &demo.password).await.is_none());
    assert!(demo.sign_in("demo", "").await.is_none());
}

#[tokio::test]
async fn a_lost_client_leaves_no_program_behind() {
    let demo = Demo::start().await;
    let (handle, mut channel) = demo.session().await;
    // The shell ignores the hang-up: it has to be killed.
    channel
        .exec(true, "trap '' HUP; echo pid=$$.; while :; do sleep 1; done")
        .await
        .unwrap();
    let mut output = String::new();
    while !output.contains('.') {
        if let Some(ChannelMsg::Data { data }) = timeout(DEADLINE, channel.wait()).await.unwrap() {
            output.push_str(&String::from_utf8_lossy(&data));
        }
    }
    let pid = output.split(['=', '.']).nth(1).unwrap().to_owned();
    let process = std::path::PathBuf::from(format!("/proc/{pid}"));
    assert!(process.exists());
    drop(channel);
    drop(handle);
    // Stopping waits for every program of every connection.
    demo.stop.cancel();
    timeout(DEADLINE, demo.running).await.unwrap().unwrap();
    assert!(!process.exists(), "process {pid} is still there");
}

#[tokio::test]
async fn only_loopback_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDir::open(directory.path()).unwrap();
    let credentials = Credentials::load(&data).unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = DemoTarget::bind(address.parse().unwrap(), &credentials).await;
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("loopback only"), "{error}");
    }
}

#[test]
fn key_and_password_last() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDir::open(directory.path()).unwrap();
    let first = Credentials::load(&data).unwrap();
    let second = Credentials::load(&data).unwrap();
    assert_eq!(first.password(), second.password());
    assert!(first.password().expose().len() >= 32);
}
