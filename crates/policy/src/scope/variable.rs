//! The variables of the language, and which purpose has which.

use super::{Record, RecordKind, Scope};
use crate::purpose::Purpose;
use crate::types::Type;
use crate::value::{List, Map, Value};

/// A variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variable {
    User,
    Groups,
    Request,
    Address,
    Time,
    Session,
    Application,
    Endpoint,
    Provider,
    ConnectionSettings,
    Value,
    Claims,
}

/// What is said of a variable.
#[derive(Debug)]
pub(crate) struct VariableShape {
    pub(crate) variable: Variable,
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    /// What it is, in words.
    pub(crate) help: &'static str,
}

const fn shape(
    variable: Variable,
    name: &'static str,
    kind: Type,
    help: &'static str,
) -> VariableShape {
    VariableShape {
        variable,
        name,
        kind,
        help,
    }
}

const fn record(kind: RecordKind) -> Type {
    Type::Record(kind)
}

/// All variables.
#[rustfmt::skip]
pub(crate) const VARIABLES: [VariableShape; 12] = [
    shape(Variable::User, "user", record(RecordKind::User), "who asks"),
    shape(Variable::Groups, "groups", Type::List(&Type::Text), "the same as `user.groups`"),
    shape(Variable::Request, "request", record(RecordKind::Request), "where from and when"),
    shape(Variable::Address, "address", Type::Maybe(&Type::Text), "the same as `request.address`"),
    shape(Variable::Time, "time", Type::Timestamp, "the same as `request.time`"),
    shape(Variable::Session, "session", record(RecordKind::Session), "how the user signed in"),
    shape(Variable::Application, "application", record(RecordKind::Application), "what is launched; `null` where there is none"),
    shape(Variable::Endpoint, "endpoint", record(RecordKind::Endpoint), "the machine; `null` where there is none, as when an application is listed"),
    shape(Variable::Provider, "provider", record(RecordKind::Provider), "the application's provider; `null` where there is none"),
    shape(Variable::ConnectionSettings, "connection_settings", Type::Map(&Type::Dyn), "what the flow has set so far"),
    shape(Variable::Value, "value", Type::Dyn, "what was typed"),
    shape(Variable::Claims, "claims", Type::Map(&Type::Dyn), "what the source says of the person"),
];

impl Variable {
    /// Whether expressions for `purpose` have it.
    pub(crate) const fn is_for(self, purpose: Purpose) -> bool {
        match self {
            Self::Request | Self::Address | Self::Time => true,
            Self::User
            | Self::Groups
            | Self::Session
            | Self::Application
            | Self::Endpoint
            | Self::Provider => !matches!(purpose, Purpose::SourceAttributes),
            Self::ConnectionSettings => matches!(
                purpose,
                Purpose::PropertyMapping
                    | Purpose::Stage
                    | Purpose::PromptDefault
                    | Purpose::PromptValidation
            ),
            Self::Value => matches!(purpose, Purpose::PromptValidation),
            Self::Claims => matches!(purpose, Purpose::SourceAttributes),
        }
    }

    /// What it holds.
    pub(crate) fn of(self, scope: &Scope) -> Value<'_> {
        match self {
            Self::User => of_record(Record::User(&scope.user)),
            Self::Groups => Value::List(List::Names(&scope.user.groups)),
            Self::Request => of_record(Record::Request(&scope.request)),
            Self::Address => Record::Request(&scope.request)
                .field("address")
                .unwrap_or(Value::Null),
            Self::Time => Value::Timestamp(scope.request.time),
            Self::Session => of_record(Record::Session(&scope.session)),
            Self::Application => or_null(scope.application.as_ref().map(Record::Application)),
            Self::Endpoint => or_null(scope.endpoint.as_ref().map(Record::Endpoint)),
            Self::Provider => or_null(scope.provider.as_ref().map(Record::Provider)),
            Self::ConnectionSettings => Value::Map(Map::Json(&scope.connection_settings)),
            Self::Value => Value::of_json(&scope.value),
            Self::Claims => Value::Map(Map::Json(&scope.claims)),
        }
    }
}

const fn of_record(record: Record<'_>) -> Value<'_> {
    Value::Map(Map::Record(record))
}

fn or_null(record: Option<Record<'_>>) -> Value<'_> {
    record.map_or(Value::Null, of_record)
}
