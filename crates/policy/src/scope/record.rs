//! The records of a scope: `user`, `request` and the others, field by field.
//! One table says what there is; a test holds the fields to it.

use std::sync::Arc;

use causeway_model::object::Role;

use super::{
    ApplicationFacts, EndpointFacts, ProviderFacts, RequestFacts, SessionFacts, UserFacts,
};
use crate::types::Type;
use crate::value::{List, Map, Text, Value};

/// Which record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordKind {
    User,
    Request,
    Session,
    Application,
    Endpoint,
    Provider,
}

/// A field of a record.
#[derive(Debug)]
pub(crate) struct FieldShape {
    pub(crate) record: RecordKind,
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    /// What it is, in words.
    pub(crate) help: &'static str,
}

const fn field(
    record: RecordKind,
    name: &'static str,
    kind: Type,
    help: &'static str,
) -> FieldShape {
    FieldShape {
        record,
        name,
        kind,
        help,
    }
}

const TEXTS: Type = Type::List(&Type::Text);
const TEXT_OR_NULL: Type = Type::Maybe(&Type::Text);

use RecordKind as R;

/// All fields of all records.
#[rustfmt::skip]
pub(crate) const FIELDS: [FieldShape; 21] = [
    field(R::User, "id", Type::Text, "id of the user"),
    field(R::User, "username", Type::Text, "name at sign-in"),
    field(R::User, "name", Type::Text, "name for people; `\"\"` for none"),
    field(R::User, "email", Type::Text, "mail address; `\"\"` for none"),
    field(R::User, "role", Type::Text, "`user`, `operator`, `auditor` or `admin`"),
    field(R::User, "groups", TEXTS, "names of the user's groups"),
    field(R::User, "attributes", Type::Map(&Type::Dyn), "the user's attributes over those of their groups"),
    field(R::Request, "address", TEXT_OR_NULL, "the client's address, v4 or v6; `null` when unknown"),
    field(R::Request, "time", Type::Timestamp, "the time of the decision"),
    field(R::Session, "methods", TEXTS, "how the user signed in: `password`, `totp`, `webauthn`, `recovery_code`, `source`, `token`"),
    field(R::Session, "created_at", Type::Timestamp, "when the user signed in"),
    field(R::Session, "source", TEXT_OR_NULL, "slug of the source that the user signed in with; `null` for a local account"),
    field(R::Session, "age_s", Type::Int, "how long ago the user signed in, in seconds"),
    field(R::Application, "slug", Type::Text, "name in URLs"),
    field(R::Application, "name", Type::Text, "name for people"),
    field(R::Application, "group", Type::Text, "what it is shown under; `\"\"` for none"),
    field(R::Endpoint, "name", Type::Text, "its name"),
    field(R::Endpoint, "protocol", Type::Text, "`ssh`, `rdp` or `vnc`"),
    field(R::Endpoint, "host", Type::Text, "its host as written, e.g. `web-01.example:22`"),
    field(R::Endpoint, "labels", Type::Map(&Type::Text), "its labels"),
    field(R::Provider, "name", Type::Text, "its name"),
];

impl RecordKind {
    /// The variable that holds it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Request => "request",
            Self::Session => "session",
            Self::Application => "application",
            Self::Endpoint => "endpoint",
            Self::Provider => "provider",
        }
    }

    /// Its fields.
    pub(crate) fn fields(self) -> impl Iterator<Item = &'static FieldShape> {
        FIELDS.iter().filter(move |field| field.record == self)
    }
}

/// A record of a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Record<'a> {
    User(&'a UserFacts),
    Request(&'a RequestFacts),
    Session(&'a SessionFacts),
    Application(&'a ApplicationFacts),
    Endpoint(&'a EndpointFacts),
    Provider(&'a ProviderFacts),
}

impl<'a> Record<'a> {
    /// Which one it is.
    pub(crate) const fn kind(self) -> RecordKind {
        match self {
            Self::User(_) => RecordKind::User,
            Self::Request(_) => RecordKind::Request,
            Self::Session(_) => RecordKind::Session,
            Self::Application(_) => RecordKind::Application,
            Self::Endpoint(_) => RecordKind::Endpoint,
            Self::Provider(_) => RecordKind::Provider,
        }
    }

    /// Its field `name`.
    pub(crate) fn field(self, name: &str) -> Option<Value<'a>> {
        match self {
            Self::User(user) => user_field(user, name),
            Self::Request(request) => request_field(request, name),
            Self::Session(session) => session_field(session, name),
            Self::Application(application) => match name {
                "slug" => Some(Value::borrowed(&application.slug)),
                "name" => Some(Value::borrowed(&application.name)),
                "group" => Some(Value::borrowed(&application.group)),
                _ => None,
            },
            Self::Endpoint(endpoint) => match name {
                "name" => Some(Value::borrowed(&endpoint.name)),
                "protocol" => Some(Value::borrowed(endpoint.protocol.as_str())),
                "host" => Some(Value::borrowed(&endpoint.host)),
                "labels" => Some(Value::Map(Map::Labels(&endpoint.labels))),
                _ => None,
            },
            Self::Provider(provider) => match name {
                "name" => Some(Value::borrowed(&provider.name)),
                _ => None,
            },
        }
    }
}

fn user_field<'a>(user: &'a UserFacts, name: &str) -> Option<Value<'a>> {
    Some(match name {
        "id" => Value::Text(Text::Shared(Arc::from(user.id.to_string()))),
        "username" => Value::borrowed(&user.username),
        "name" => Value::borrowed(&user.name),
        "email" => Value::borrowed(&user.email),
        "role" => Value::borrowed(match user.role {
            Role::User => "user",
            Role::Operator => "operator",
            Role::Auditor => "auditor",
            Role::Admin => "admin",
        }),
        "groups" => Value::List(List::Names(&user.groups)),
        "attributes" => Value::Map(Map::Json(&user.attributes)),
        _ => return None,
    })
}

fn request_field<'a>(request: &'a RequestFacts, name: &str) -> Option<Value<'a>> {
    Some(match name {
        "address" => match request.address {
            Some(address) => {
                Value::Text(Text::Shared(Arc::from(address.to_canonical().to_string())))
            }
            None => Value::Null,
        },
        "time" => Value::Timestamp(request.time),
        _ => return None,
    })
}

fn session_field<'a>(session: &'a SessionFacts, name: &str) -> Option<Value<'a>> {
    Some(match name {
        "methods" => Value::List(List::Methods(&session.methods)),
        "created_at" => Value::Timestamp(session.created_at),
        "source" => match &session.source {
            Some(source) => Value::borrowed(source),
            None => Value::Null,
        },
        "age_s" => Value::Int(session.age_s),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::scope::Scope;

    #[test]
    fn every_field_of_the_table_is_there_and_of_its_type() {
        let mut scope = Scope::at(jiff::Timestamp::UNIX_EPOCH);
        scope.request.address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        scope.session.source = Some("sso".to_owned());
        let application = ApplicationFacts::default();
        let provider = ProviderFacts::default();
        let endpoint = EndpointFacts {
            name: String::new(),
            protocol: causeway_model::object::Protocol::Ssh,
            host: String::new(),
            labels: std::collections::BTreeMap::new(),
        };
        for shape in &FIELDS {
            let record = match shape.record {
                RecordKind::User => Record::User(&scope.user),
                RecordKind::Request => Record::Request(&scope.request),
                RecordKind::Session => Record::Session(&scope.session),
                RecordKind::Application => Record::Application(&application),
                RecordKind::Endpoint => Record::Endpoint(&endpoint),
                RecordKind::Provider => Record::Provider(&provider),
            };
            let value = record.field(shape.name).unwrap();
            assert!(value.type_of().fits(shape.kind), "{}", shape.name);
            assert_eq!(record.kind(), shape.record);
        }
    }
}
