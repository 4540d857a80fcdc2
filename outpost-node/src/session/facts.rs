//! What a node knows of a session from its claim on.

use std::time::Duration;

use causeway_fleet::{Claimed, HostKey};
use causeway_model::id::{ConnectionId, UserId};
use causeway_model::object::Protocol;
use causeway_model::settings::{
    DataPolicy, FlatSettings, RdpSettings, SettingError, SshSettings, TerminalPresentation,
    VncSettings,
};
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::limits::CLIPBOARD_BYTES_MAX;
use causeway_wire::message;
use causeway_wire::message::Step;
use jiff::Timestamp;
use serde_json::Value;

/// What stays the same for the life of a session.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The connection that the session serves.
    pub connection: ConnectionId,
    /// Whose it is.
    pub user: UserId,
    /// What its target speaks.
    pub protocol: Protocol,
    /// Name of the endpoint, for titles and questions.
    pub endpoint: String,
    /// What may pass.
    pub policy: message::DataPolicy,
    /// Pictures are shown exactly as they are, whatever it costs.
    pub lossless: bool,
    /// How the terminal is to look.
    pub presentation: message::TerminalPresentation,
    /// When it must be over.
    pub ends_at: Option<Timestamp>,
    /// How long it is kept without a viewer; zero for not at all.
    pub resume_grace: Duration,
}

/// What the target is reached with.
#[derive(Debug)]
pub enum TargetFacts {
    /// A terminal over SSH.
    Ssh(Box<SshFacts>),
    /// A desktop over VNC.
    Vnc(Box<DesktopFacts<VncSettings>>),
    /// A desktop over RDP.
    Rdp(Box<DesktopFacts<RdpSettings>>),
}

/// What a desktop is reached with.
#[derive(Debug)]
pub struct DesktopFacts<S> {
    /// The settings of its protocol.
    pub settings: S,
    /// Certificates remembered from before.
    pub remembered: Vec<HostKey>,
}

/// What a terminal is reached with.
#[derive(Debug)]
pub struct SshFacts {
    /// The settings of SSH.
    pub settings: SshSettings,
    /// Host keys remembered from before.
    pub host_keys: Vec<HostKey>,
    /// What the viewer's backspace key sends.
    pub backspace_code: u8,
}

/// Reads a claim's answer. A target that cannot be reached with what it says
/// is no reason to leave the viewer without a word, so its failure comes
/// beside the facts; nothing may pass then.
pub fn read(claimed: Claimed) -> (Facts, Result<TargetFacts, Failure>) {
    let mut facts = Facts {
        connection: claimed.connection,
        user: claimed.user.id,
        protocol: claimed.protocol,
        endpoint: claimed.endpoint.name.clone(),
        policy: message::DataPolicy::default(),
        lossless: false,
        presentation: message::TerminalPresentation::default(),
        ends_at: claimed.ends_at,
        resume_grace: Duration::from_secs(u64::from(claimed.resume_grace_s)),
    };
    let target = read_target(claimed, &mut facts).map_err(|error| invalid(&error));
    (facts, target)
}

fn read_target(claimed: Claimed, facts: &mut Facts) -> Result<TargetFacts, SettingError> {
    let flat: FlatSettings = flattened(claimed.settings.as_map());
    let policy = DataPolicy::read(&flat, claimed.protocol)?;
    let remembered = claimed.host_keys;
    if claimed.protocol != Protocol::Ssh {
        facts.lossless = flat.boolean("force-lossless")?;
    }
    let target = match claimed.protocol {
        Protocol::Ssh => {
            let presentation = TerminalPresentation::read(&flat)?;
            let ssh = SshFacts {
                settings: SshSettings::read(&flat)?,
                host_keys: remembered,
                backspace_code: presentation.backspace_code,
            };
            facts.presentation = presented(presentation);
            TargetFacts::Ssh(Box::new(ssh))
        }
        Protocol::Vnc => TargetFacts::Vnc(Box::new(DesktopFacts {
            settings: VncSettings::read(&flat)?,
            remembered,
        })),
        Protocol::Rdp => TargetFacts::Rdp(Box::new(DesktopFacts {
            settings: RdpSettings::read(&flat)?,
            remembered,
        })),
    };
    facts.policy = message::DataPolicy {
        copy_allowed: policy.copy_allowed && claimed.data_policy.copy_allowed,
        paste_allowed: policy.paste_allowed && claimed.data_policy.paste_allowed,
        read_only: policy.read_only,
        audio_allowed: policy.audio_allowed,
        clipboard_bytes_max: policy.clipboard_bytes_max.min(CLIPBOARD_BYTES_MAX as u32),
    };
    Ok(target)
}

fn presented(presentation: TerminalPresentation) -> message::TerminalPresentation {
    message::TerminalPresentation {
        color_scheme: presentation.color_scheme.unwrap_or_default(),
        font_name: presentation.font_name.unwrap_or_default(),
        font_size: presentation.font_size_pt.unwrap_or(0),
        scrollback_lines: presentation.scrollback_lines,
        backspace_code: u32::from(presentation.backspace_code),
    }
}

/// The error names the setting and shows no secret.
fn invalid(error: &SettingError) -> Failure {
    Failure::new(FailureCode::SettingsInvalid, Step::Claim).with("reason", error)
}

/// Numbers and booleans may come as such.
fn flattened(settings: &serde_json::Map<String, Value>) -> FlatSettings {
    settings
        .iter()
        .filter_map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(boolean) => boolean.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((name.clone(), text))
        })
        .collect()
}
