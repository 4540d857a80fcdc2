//! What may pass between viewer and target. The node enforces it; the viewer
//! is told so that it offers nothing that would be refused.

use serde::{Deserialize, Serialize};

use super::{FlatSettings, SettingError};
use crate::object::Protocol;

/// The data policy of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPolicy {
    /// The target's clipboard may reach the viewer.
    pub copy_allowed: bool,
    /// The viewer's clipboard may reach the target; never when `read_only`.
    pub paste_allowed: bool,
    /// Keys and pointer do not reach the target.
    pub read_only: bool,
    /// The target's sound may reach the viewer.
    pub audio_allowed: bool,
    /// How much text the clipboard carries at once, in bytes.
    pub clipboard_bytes_max: u32,
}

impl DataPolicy {
    /// Reads the policy from effective settings.
    ///
    /// # Errors
    /// When a setting is of a wrong type. There is no fall-back to a value: a
    /// policy that cannot be read must not become a weaker one.
    pub fn read(settings: &FlatSettings, protocol: Protocol) -> Result<Self, SettingError> {
        let read_only = settings.boolean("read-only")?;
        Ok(Self {
            copy_allowed: !settings.boolean("disable-copy")?,
            paste_allowed: !settings.boolean("disable-paste")? && !read_only,
            read_only,
            audio_allowed: match protocol {
                Protocol::Ssh => false,
                Protocol::Rdp => !settings.boolean("disable-audio")?,
                Protocol::Vnc => settings.boolean("enable-audio")?,
            },
            clipboard_bytes_max: settings.integer("clipboard-buffer-size")?.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)], protocol: Protocol) -> Result<DataPolicy, SettingError> {
        let owned = settings
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        DataPolicy::read(&owned.collect(), protocol)
    }

    #[test]
    fn all_but_sound_is_allowed_in_a_terminal_unless_set() {
        let policy = DataPolicy {
            copy_allowed: true,
            paste_allowed: true,
            read_only: false,
            audio_allowed: false,
            clipboard_bytes_max: 262_144,
        };
        assert_eq!(read(&[], Protocol::Ssh), Ok(policy));
        let copy_allowed = read(&[("disable-copy", "true")], Protocol::Ssh)
            .unwrap()
            .copy_allowed;
        assert!(!copy_allowed);
    }

    #[test]
    fn read_only_lets_nothing_in() {
        let policy = read(&[("read-only", "true")], Protocol::Ssh).unwrap();
        assert!(policy.read_only && policy.copy_allowed && !policy.paste_allowed);
    }

    #[test]
    fn sound_follows_the_protocols_own_setting() {
        assert!(read(&[], Protocol::Rdp).unwrap().audio_allowed);
        assert!(
            !read(&[("disable-audio", "true")], Protocol::Rdp)
                .unwrap()
                .audio_allowed
        );
        assert!(!read(&[], Protocol::Vnc).unwrap().audio_allowed);
        assert!(
            read(&[("enable-audio", "true")], Protocol::Vnc)
                .unwrap()
                .audio_allowed
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_an_error() {
        let error = read(&[("disable-copy", "perhaps")], Protocol::Ssh).unwrap_err();
        assert_eq!(error.name(), Some("disable-copy"));
    }
}
