//! The kinds of objects, as keys and errors name them.

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An application.
    Application,
    /// A provider.
    Provider,
    /// A property mapping.
    PropertyMapping,
    /// A policy.
    Policy,
    /// A policy binding.
    PolicyBinding,
    /// An authorization flow.
    Flow,
    /// A stage of a flow.
    Stage,
    /// An identity provider that people sign in with.
    Source,
    /// An outpost.
    Outpost,
    /// A group of users.
    Group,
    /// A node of an outpost.
    Node,
    /// An edge.
    Edge,
    /// An endpoint.
    Endpoint,
    /// A user.
    User,
    /// A sign-in session.
    Session,
    /// An API token.
    Token,
    /// A connection.
    Connection,
    /// An audit event.
    Event,
    /// A one-time token that admits a node or an edge.
    Enrolment,
    /// A second factor.
    Factor,
    /// A link between a user and an identity provider's subject.
    Identity,
    /// A run of a flow.
    Execution,
    /// A request for an approval.
    Approval,
}

impl Kind {
    /// The kinds that are kept as configuration.
    pub(crate) const CONFIGURATION: [Self; 11] = [
        Self::Application,
        Self::Provider,
        Self::PropertyMapping,
        Self::Policy,
        Self::PolicyBinding,
        Self::Flow,
        Self::Source,
        Self::Outpost,
        Self::Group,
        Self::Node,
        Self::Edge,
    ];

    /// Its name for people and in problem documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Provider => "provider",
            Self::PropertyMapping => "property mapping",
            Self::Policy => "policy",
            Self::PolicyBinding => "policy binding",
            Self::Flow => "flow",
            Self::Stage => "stage",
            Self::Source => "source",
            Self::Outpost => "outpost",
            Self::Group => "group",
            Self::Node => "node",
            Self::Edge => "edge",
            Self::Endpoint => "endpoint",
            Self::User => "user",
            Self::Session => "session",
            Self::Token => "token",
            Self::Connection => "connection",
            Self::Event => "event",
            Self::Enrolment => "enrolment",
            Self::Factor => "factor",
            Self::Identity => "identity",
            Self::Execution => "execution",
            Self::Approval => "approval",
        }
    }

    /// Its name in keys.
    pub(crate) const fn in_keys(self) -> &'static str {
        match self {
            Self::Application => "APPLICATION",
            Self::Provider => "PROVIDER",
            Self::PropertyMapping => "PROPERTY_MAPPING",
            Self::Policy => "POLICY",
            Self::PolicyBinding => "POLICY_BINDING",
            Self::Flow => "FLOW",
            Self::Stage => "STAGE",
            Self::Source => "SOURCE",
            Self::Outpost => "OUTPOST",
            Self::Group => "GROUP",
            Self::Node => "NODE",
            Self::Edge => "EDGE",
            Self::Endpoint => "ENDPOINT",
            Self::User => "USER",
            Self::Session => "SESSION",
            Self::Token => "TOKEN",
            Self::Connection => "CONNECTION",
            Self::Event => "EVENT",
            Self::Enrolment => "ENROLMENT",
            Self::Factor => "FACTOR",
            Self::Identity => "IDENTITY",
            Self::Execution => "EXECUTION",
            Self::Approval => "APPROVAL",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
