//! The kinds that are exported, by their names in documents.

/// A kind of object that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ExportedKind {
    Outpost,
    PropertyMapping,
    Policy,
    Group,
    User,
    Flow,
    Source,
    Provider,
    Application,
    Endpoint,
    PolicyBinding,
}

impl ExportedKind {
    /// All of them, in the order in which they are exported.
    pub(super) const ALL: [Self; 11] = [
        Self::Outpost,
        Self::PropertyMapping,
        Self::Policy,
        Self::Group,
        Self::User,
        Self::Flow,
        Self::Source,
        Self::Provider,
        Self::Application,
        Self::Endpoint,
        Self::PolicyBinding,
    ];

    /// Its name in documents.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Outpost => "outpost",
            Self::PropertyMapping => "property_mapping",
            Self::Policy => "policy",
            Self::Group => "group",
            Self::User => "user",
            Self::Flow => "flow",
            Self::Source => "source",
            Self::Provider => "provider",
            Self::Application => "application",
            Self::Endpoint => "endpoint",
            Self::PolicyBinding => "policy_binding",
        }
    }

    /// The kind of that name; `-` stands for `_` as well.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that is exported behind this one.
    pub(super) fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind > self)
    }

    /// The names of all, for people.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_behind_the_one_before() {
        let mut walked = vec![ExportedKind::ALL[0]];
        while let Some(next) = walked.last().and_then(|last| last.next()) {
            walked.push(next);
        }
        assert_eq!(walked, ExportedKind::ALL);
        for kind in ExportedKind::ALL {
            assert_eq!(ExportedKind::named(kind.name()), Some(kind));
        }
        let written = ExportedKind::named("policy-binding");
        assert_eq!(written, Some(ExportedKind::PolicyBinding));
        assert_eq!(ExportedKind::named("planet"), None);
    }
}
