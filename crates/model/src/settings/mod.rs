//! Settings: Guacamole's connection parameters, from writing to use.
//!
//! A person writes [`Settings`] on several objects. [`Settings::check`] holds
//! them against the [`catalogue`] where they are written, [`merge()`] makes the
//! [`Effective`] settings of one launch with the origin of each, and
//! [`Effective::to_flat`] gives the [`FlatSettings`] that travel to the node,
//! where a typed view ([`SshSettings`], [`VncSettings`], [`DataPolicy`],
//! [`TerminalPresentation`]) is read once. Sealing secrets is not done here:
//! [`Settings::map_secrets`] is the hook for it.

pub mod catalogue;
mod certificate;
mod check;
mod data_policy;
mod defaults;
mod effective;
mod error;
mod flat;
mod form;
mod mask;
mod merge;
mod rdp;
mod reference;
mod ssh;
mod ssh_key;
mod terminal;
mod vnc;

pub use certificate::{CertificatePin, CertificateSettings};
pub use check::{
    Checked, DEPTH_MAX, NAME_BYTES_MAX, NAMES_MAX, SIZE_BYTES_MAX, SettingWarning, WarningKind,
};
pub use data_policy::DataPolicy;
pub use defaults::defaults;
pub use effective::{Effective, EffectiveSetting, Level, Source, SourceKind};
pub use error::SettingError;
pub use flat::FlatSettings;
pub use merge::{Levels, MappingLayer, NamedLayer, merge};
pub use rdp::{
    KEYBOARD_LAYOUTS, NormalizeClipboard, RdpExperience, RdpSecurity, RdpSettings, ResizeMethod,
};
pub use reference::{
    REFERENCE_BYTES_MAX, REFERENCE_KEY, ReferenceError, SecretReference, SecretStore,
};
pub use ssh::SshSettings;
pub use ssh_key::{PinnedHostKey, SshKey};
pub use terminal::TerminalPresentation;
pub use vnc::{RepeaterDestination, SECURITY_TYPES, VncSettings};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::schema;

/// Settings as they are written on one object: names of Guacamole's connection
/// parameters and their values. `Debug` masks the secret ones.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// The settings by name.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The settings by name.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The value of one setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Map<String, Value>> for Settings {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for Settings {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(settings: I) -> Self {
        Self(
            settings
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(&self.masked().0).finish()
    }
}

impl utoipa::PartialSchema for Settings {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        schema::free_object(
            "Names of Guacamole's connection parameters and their values; a secret reads as \
             `{\"$secret\": \"set\"}`, and written back so it stays as it is.",
        )
        .into()
    }
}

impl utoipa::ToSchema for Settings {}
