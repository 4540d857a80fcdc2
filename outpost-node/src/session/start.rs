//! A session, not yet running: which content, which target.

use causeway_model::object::Protocol;
use causeway_screen::Screen;
use causeway_target::desktop::SharedScreen;
use causeway_target::failure::Failure;
use causeway_wire::message::TargetProtocol;
use tokio::sync::mpsc;

use super::desktop::Desktop;
use super::desktop_target::{DesktopTarget, Opening};
use super::facts::{Facts, SshFacts, TargetFacts};
use super::handle::SessionInbox;
use super::services::Services;
use super::task::{OPEN_EVENTS_MAX, Task};
use super::terminal::Terminal;
use super::terminal_target::TerminalTarget;

/// A session, not yet running.
pub struct SessionTask(Kind);

enum Kind {
    Terminal(Box<Task<TerminalTarget>>),
    Desktop(Box<Task<DesktopTarget>>),
}

impl SessionTask {
    /// A session for a claimed connection, with what its target is reached
    /// with, or why it cannot be. The target is dialled from the first poll of
    /// [`SessionTask::run`].
    #[must_use]
    pub fn new(facts: Facts, target: Result<TargetFacts, Failure>, services: Services) -> Self {
        match target {
            Ok(TargetFacts::Ssh(ssh)) => Self::terminal(facts, Ok(*ssh), services),
            Ok(TargetFacts::Vnc(vnc)) => {
                let (endpoint, policy) = (facts.endpoint.clone(), facts.policy);
                let opening: Opening = Box::new(move |size, events| {
                    let request = causeway_vnc::VncRequest {
                        endpoint,
                        settings: vnc.settings,
                        remembered: vnc.remembered,
                        policy,
                        size,
                    };
                    Box::pin(causeway_vnc::open(request, events))
                });
                Self::desktop(facts, opening, services)
            }
            Ok(TargetFacts::Rdp(rdp)) => {
                let (endpoint, policy) = (facts.endpoint.clone(), facts.policy);
                let opening: Opening = Box::new(move |size, events| {
                    let request = causeway_rdp::RdpRequest {
                        endpoint,
                        settings: rdp.settings,
                        remembered: rdp.remembered,
                        policy,
                        size,
                        screen: SharedScreen::new(Screen::new()),
                    };
                    Box::pin(causeway_rdp::open(request, events))
                });
                Self::desktop(facts, opening, services)
            }
            Err(failure) if facts.protocol == Protocol::Ssh => {
                Self::terminal(facts, Err(failure), services)
            }
            Err(failure) => {
                let failed = std::future::ready(Err(failure));
                Self::desktop(facts, Box::new(|_, _| Box::pin(failed)), services)
            }
        }
    }

    /// A session about a desktop that `opening` opens.
    #[must_use]
    pub fn desktop(facts: Facts, opening: Opening, services: Services) -> Self {
        let (events, open_events) = mpsc::channel(OPEN_EVENTS_MAX);
        let protocol = match facts.protocol {
            Protocol::Ssh => TargetProtocol::Ssh,
            Protocol::Rdp => TargetProtocol::Rdp,
            Protocol::Vnc => TargetProtocol::Vnc,
        };
        let content = Desktop::new(protocol, facts.policy.clipboard_bytes_max as usize);
        let target = DesktopTarget::new(opening, events, facts.protocol, &services);
        let task = Task::new(facts, content, target, open_events, services);
        Self(Kind::Desktop(Box::new(task)))
    }

    fn terminal(facts: Facts, ssh: Result<SshFacts, Failure>, services: Services) -> Self {
        let (events, open_events) = mpsc::channel(OPEN_EVENTS_MAX);
        let content = Terminal::new(facts.policy.clipboard_bytes_max as usize);
        let target = TerminalTarget::new(&facts, ssh, events, services.metrics.clone());
        let task = Task::new(facts, content, target, open_events, services);
        Self(Kind::Terminal(Box::new(task)))
    }

    /// What stays the same for the life of the session.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        match &self.0 {
            Kind::Terminal(task) => task.facts(),
            Kind::Desktop(task) => task.facts(),
        }
    }

    /// Lives the session to its end, which is reported before it returns.
    pub async fn run(self, inbox: SessionInbox) {
        match self.0 {
            Kind::Terminal(task) => task.run(inbox).await,
            Kind::Desktop(task) => task.run(inbox).await,
        }
    }
}
