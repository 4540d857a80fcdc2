//! The virtual channels of a session: which are offered to the target at all,
//! and what they tell. What the policy forbids is not offered.

use causeway_target::desktop::Sound;
use ironrdp_cliprdr::{Client as ClipboardClient, Cliprdr, CliprdrClient};
use ironrdp_connector::ClientConnector;
use ironrdp_displaycontrol::client::DisplayControlClient;
use ironrdp_dvc::DrdynvcClient;
use ironrdp_rdpdr::{NoopRdpdrBackend, Rdpdr};
use ironrdp_rdpsnd::client::{Rdpsnd, RdpsndDvcState};

use crate::clipboard::Backend;
use crate::config;
use crate::graphics::Pipeline;
use crate::plan::Plan;
use crate::sound::Player;

/// What a channel tells while its PDUs are processed.
#[derive(Debug)]
pub(crate) enum Told {
    /// The clipboard wants the first list of what we have.
    ClipboardStarts,
    /// The clipboard can be used.
    ClipboardReady,
    /// The target has put something on its clipboard; text, or not.
    ClipboardOffered { text: bool },
    /// The target wants our text.
    ClipboardAsked { text: bool },
    /// The target's text; `None` when it has none after all.
    ClipboardGiven(Option<Vec<u8>>),
    /// The target plays something.
    Sound(Sound),
    /// The target's size can be changed.
    DisplayControl,
}

/// Where channels tell it.
pub(crate) type Teller = std::sync::mpsc::Sender<Told>;

/// The channels that a session offers.
pub(crate) struct Channels {
    clipboard: bool,
    sound: bool,
    graphics: bool,
    computer: String,
    told: Teller,
}

impl Channels {
    /// Those that the plan allows.
    pub(crate) fn of(plan: &Plan, told: &Teller) -> Self {
        let policy = &plan.policy;
        Self {
            clipboard: policy.copy_allowed || (policy.paste_allowed && !policy.read_only),
            sound: policy.audio_allowed,
            graphics: !plan.settings.disable_gfx,
            computer: config::client_name(&plan.settings, &plan.credentials.username),
            told: told.clone(),
        }
    }

    /// Offers them.
    pub(crate) fn attach(self, connector: ClientConnector) -> ClientConnector {
        let mut connector = connector.with_static_channel(self.dynamic());
        if self.clipboard {
            let backend = Backend::new(self.told.clone());
            let clipboard: CliprdrClient = Cliprdr::<ClipboardClient>::new(Box::new(backend));
            connector = connector.with_static_channel(clipboard);
        }
        if self.sound {
            let player = Box::new(Player::new(self.told.clone()));
            connector = connector
                .with_static_channel(Rdpsnd::new(player))
                // Windows plays nothing to a client without this channel.
                .with_static_channel(Rdpdr::new(Box::new(NoopRdpdrBackend), self.computer));
        }
        connector
    }

    fn dynamic(&self) -> DrdynvcClient {
        let told = self.told.clone();
        let display = DisplayControlClient::new(move |_| {
            tell(&told, Told::DisplayControl);
            Ok(Vec::new())
        });
        let mut dynamic = DrdynvcClient::new().with_dynamic_channel(display);
        if self.graphics {
            dynamic = dynamic.with_dynamic_channel(Pipeline::new());
        }
        if self.sound {
            let player = Box::new(Player::new(self.told.clone()));
            dynamic = dynamic.with_dynamic_channel(RdpsndDvcState::new(player).channel());
        }
        dynamic
    }
}

/// Tells; a session that has ended does not listen.
pub(crate) fn tell(told: &Teller, what: Told) {
    if told.send(what).is_err() {
        tracing::trace!("nobody listens to the channels");
    }
}
