//! What can be wrong with a setting. No variant holds the value of a secret.

/// Why settings cannot be taken or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// The value is not of the setting's type.
    #[error("setting {name}: expected {expected}, got {got}")]
    Mismatch {
        /// Name of the setting.
        name: String,
        /// What it takes.
        expected: String,
        /// What was written; only its type when the setting is secret.
        got: String,
    },
    /// The setting is needed and not there.
    #[error("setting {name} is missing")]
    Missing {
        /// Name of the setting.
        name: String,
    },
    /// A name that no setting can have.
    #[error("{name:?} cannot be the name of a setting: {reason}")]
    BadName {
        /// The name, cut to its first characters.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A reference to a secret that is kept elsewhere is badly written.
    #[error("setting {name}: {reason}")]
    Reference {
        /// Name of the setting.
        name: String,
        /// What is wrong with it.
        reason: super::ReferenceError,
    },
    /// The mask of a secret was written where no secret was before.
    #[error("setting {name}: there is no earlier secret to keep")]
    NothingToKeep {
        /// Name of the setting, with the path inside it.
        name: String,
    },
    /// More settings than an object may have.
    #[error("more than {max} settings")]
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// All settings together are too large.
    #[error("settings are larger than {max} bytes")]
    TooLarge {
        /// How large they may be as JSON, in bytes.
        max: usize,
    },
    /// Maps and lists within each other.
    #[error("setting {name} is nested deeper than {max} levels")]
    TooDeep {
        /// Name of the setting.
        name: String,
        /// How deep it may be.
        max: usize,
    },
}

impl SettingError {
    /// The setting concerned, where it is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Mismatch { name, .. }
            | Self::Missing { name }
            | Self::BadName { name, .. }
            | Self::Reference { name, .. }
            | Self::NothingToKeep { name }
            | Self::TooDeep { name, .. } => Some(name),
            Self::TooMany { .. } | Self::TooLarge { .. } => None,
        }
    }

    /// A stable code for documents.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Mismatch { .. } => "setting_type",
            Self::Missing { .. } => "setting_missing",
            Self::BadName { .. } => "setting_name",
            Self::Reference { .. } => "setting_reference",
            Self::NothingToKeep { .. } => "setting_nothing_to_keep",
            Self::TooMany { .. } | Self::TooLarge { .. } | Self::TooDeep { .. } => "settings_limit",
        }
    }
}
