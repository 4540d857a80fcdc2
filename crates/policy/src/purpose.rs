//! What an expression is for: which variables it has, and what it must give.

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A policy: gives `true` or `false`.
    Policy,
    /// A property mapping: gives a map of settings.
    PropertyMapping,
    /// An expression stage: gives a map with `connection_settings` and `deny`,
    /// both optional.
    Stage,
    /// What a field of a prompt holds at first: a text, a number, `true`,
    /// `false` or `null`.
    PromptDefault,
    /// Whether `value`, which somebody typed into a prompt, is good: gives `true`
    /// or `false`.
    PromptValidation,
    /// The attributes of somebody who signs in with a source: a map, made of
    /// `claims`.
    SourceAttributes,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Policy,
        Self::PropertyMapping,
        Self::Stage,
        Self::PromptDefault,
        Self::PromptValidation,
        Self::SourceAttributes,
    ];

    /// Its name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::PropertyMapping => "property_mapping",
            Self::Stage => "stage",
            Self::PromptDefault => "prompt_default",
            Self::PromptValidation => "prompt_validation",
            Self::SourceAttributes => "source_attributes",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }

    /// Whether it gives settings, which may be references to secrets that are
    /// kept elsewhere.
    pub(crate) const fn gives_settings(self) -> bool {
        matches!(self, Self::PropertyMapping | Self::Stage)
    }

    /// What it is called in a sentence.
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Policy => "a policy",
            Self::PropertyMapping => "a property mapping",
            Self::Stage => "an expression stage",
            Self::PromptDefault => "the default of a prompt",
            Self::PromptValidation => "the validation of a prompt",
            Self::SourceAttributes => "the attributes of a source",
        }
    }
}
