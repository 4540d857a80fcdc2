//! Typed ids: an id of one kind cannot stand where another kind is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is no id: not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a UUID")]
pub struct ParseIdError;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from a UUID that the caller drew.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind the id.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom("uuid".to_owned())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

typed_ids! {
    /// An application: what the user sees.
    ApplicationId;
    /// A provider: how an application's endpoints are reached.
    ProviderId;
    /// An endpoint: one machine, one protocol.
    EndpointId;
    /// A property mapping.
    PropertyMappingId;
    /// A policy.
    PolicyId;
    /// A policy binding.
    PolicyBindingId;
    /// An authorization flow.
    FlowId;
    /// A stage of a flow.
    StageId;
    /// An identity provider that people sign in with.
    SourceId;
    /// An outpost: a named group of nodes.
    OutpostId;
    /// A node: one outpost process with its own key.
    NodeId;
    /// An edge: one process that carries browsers' bytes to nodes.
    EdgeId;
    /// A user.
    UserId;
    /// A group of users.
    GroupId;
    /// A sign-in session.
    SessionId;
    /// An API token.
    TokenId;
    /// A connection: one use of an endpoint by one user in one sign-in session.
    ConnectionId;
    /// An audit event.
    EventId;
    /// One run of a flow.
    ExecutionId;
    /// A request that another person lets somebody in.
    ApprovalId;
    /// A second factor of a user.
    FactorId;
    /// A ticket, burnt at its first use.
    TicketId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = EndpointId::new(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("web-01".parse::<EndpointId>(), Err(ParseIdError));
    }
}
