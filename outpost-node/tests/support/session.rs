//! One session, from a claim's answer on.

use std::net::SocketAddr;
use std::sync::Arc;

use causeway_fleet::{
    Attach, Claimed, ClaimedEndpoint, ClaimedUser, DataPolicy, HostKey, SecretSettings,
};
use causeway_model::id::{ConnectionId, EndpointId, UserId};
use causeway_model::object::{EndReason, Protocol};
use causeway_outpost_node::session::{Services, SessionHandle, SessionTask, read_claim};
use causeway_outpost_node::{Compute, Metrics};
use causeway_tests::sshd::Sshd;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::control_plane::FakeControlPlane;
use super::viewer::{TestViewer, within_patience};

/// What a session is to be like.
pub(crate) struct Setup {
    settings: Map<String, Value>,
    host_keys: Vec<HostKey>,
    host_key_refusal: Option<&'static str>,
    takes_over: bool,
    ends_at: Option<Timestamp>,
    resume_grace_s: u32,
    protocol: Protocol,
    attach: Attach,
}

impl Setup {
    /// A target at this address.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self::host(&address.ip().to_string()).set("port", address.port())
    }

    /// A target of this name.
    pub(crate) fn host(name: &str) -> Self {
        let setup = Self {
            settings: Map::new(),
            host_keys: Vec::new(),
            host_key_refusal: None,
            takes_over: false,
            ends_at: None,
            resume_grace_s: 60,
            protocol: Protocol::Ssh,
            attach: Attach::First,
        };
        setup.set("hostname", name)
    }

    /// A real server, with its user's name.
    pub(crate) fn sshd(sshd: &Sshd) -> Self {
        Self::at(sshd.address()).set("username", sshd.username())
    }

    /// A real server, with its user's name and password.
    pub(crate) fn signed_in(sshd: &Sshd) -> Self {
        Self::sshd(sshd).set("password", sshd.password())
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn remembering(mut self, keys: Vec<HostKey>) -> Self {
        self.host_keys = keys;
        self
    }

    pub(crate) fn refusing_host_keys(mut self, code: &'static str) -> Self {
        self.host_key_refusal = Some(code);
        self
    }

    /// Another node takes over what this one cannot open.
    pub(crate) fn taken_over(mut self) -> Self {
        self.takes_over = true;
        self
    }

    pub(crate) fn ending_at(mut self, at: Timestamp) -> Self {
        self.ends_at = Some(at);
        self
    }

    pub(crate) fn resume_grace_s(mut self, seconds: u32) -> Self {
        self.resume_grace_s = seconds;
        self
    }

    pub(crate) fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    pub(crate) fn attach(mut self, attach: Attach) -> Self {
        self.attach = attach;
        self
    }

    /// Starts the session, with nobody looking.
    pub(crate) fn start(self) -> Running {
        self.start_with(|claimed, services| {
            let (facts, target) = read_claim(claimed);
            SessionTask::new(facts, target, services)
        })
    }

    /// Starts a session that is made from the claim's answer.
    pub(crate) fn start_with(self, make: impl FnOnce(Claimed, Services) -> SessionTask) -> Running {
        let mut control_plane = FakeControlPlane::new(self.host_key_refusal);
        control_plane.takes_over = self.takes_over;
        let control_plane = Arc::new(control_plane);
        let services = Services {
            control_plane: Arc::clone(&control_plane) as _,
            metrics: Arc::<Metrics>::default(),
            compute: Compute::of_machine(),
        };
        let task = make(self.claimed(), services);
        let (handle, inbox) = SessionHandle::new();
        Running {
            control_plane,
            handle,
            task: tokio::spawn(task.run(inbox)),
        }
    }

    /// Starts the session and says hello to it.
    pub(crate) async fn open(self) -> (Running, TestViewer) {
        let running = self.start();
        let viewer = running.viewer().await;
        (running, viewer)
    }

    /// The claim's answer that leads to such a session.
    pub(crate) fn claimed(self) -> Claimed {
        Claimed {
            connection: ConnectionId::new(Uuid::from_u128(1)),
            attach: self.attach,
            protocol: self.protocol,
            endpoint: ClaimedEndpoint {
                id: EndpointId::new(Uuid::from_u128(2)),
                name: "web-01".to_owned(),
            },
            user: ClaimedUser {
                id: UserId::new(Uuid::from_u128(3)),
                username: "ada".to_owned(),
            },
            settings: SecretSettings::from(self.settings),
            host_keys: self.host_keys,
            ends_at: self.ends_at,
            resume_grace_s: self.resume_grace_s,
            data_policy: DataPolicy {
                copy_allowed: true,
                paste_allowed: true,
            },
        }
    }
}

/// A running session.
pub(crate) struct Running {
    pub(crate) control_plane: Arc<FakeControlPlane>,
    pub(crate) handle: SessionHandle,
    task: JoinHandle<()>,
}

impl Running {
    /// A viewer that has said hello, without having seen anything.
    pub(crate) async fn viewer(&self) -> TestViewer {
        let mut viewer = TestViewer::attach(&self.handle).await;
        viewer.hello(None).await;
        viewer
    }

    /// A viewer of a desktop that has said hello.
    pub(crate) async fn desktop_viewer(&self) -> TestViewer {
        let mut viewer = TestViewer::attach(&self.handle).await;
        viewer.hello_to_desktop().await;
        viewer
    }

    /// Ends the session and waits until it is over.
    pub(crate) async fn end(self, reason: EndReason) {
        self.handle.end(reason);
        self.over().await;
    }

    /// Waits until the session is over.
    pub(crate) async fn over(self) {
        within_patience("the session's end", self.task)
            .await
            .unwrap();
    }
}
