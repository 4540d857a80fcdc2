//! What an expression can see: the facts of one decision.

mod record;
mod variable;

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use causeway_model::id::UserId;
use causeway_model::object::{AuthenticationMethod, Labels, Protocol, Role};

pub(crate) use record::{FIELDS, Record, RecordKind};
pub(crate) use variable::{VARIABLES, Variable};

/// The facts that an expression is evaluated over.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who.
    pub user: UserFacts,
    /// Where from and when.
    pub request: RequestFacts,
    /// How they signed in.
    pub session: SessionFacts,
    /// The application, where there is one.
    pub application: Option<ApplicationFacts>,
    /// The endpoint, where there is one.
    pub endpoint: Option<EndpointFacts>,
    /// The provider, where there is one.
    pub provider: Option<ProviderFacts>,
    /// What the flow has set so far; only mappings, stages and prompts see it.
    pub connection_settings: Map<String, Value>,
    /// What was typed; only the validation of a prompt sees it.
    pub value: Value,
    /// What a source says of somebody; only a source's attributes see it.
    pub claims: Map<String, Value>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct UserFacts {
    /// Their id.
    pub id: UserId,
    /// Their name at sign-in.
    pub username: String,
    /// Their name for people.
    pub name: String,
    /// Their mail address; empty for none.
    pub email: String,
    /// What they may do besides launching.
    pub role: Role,
    /// Names of their groups.
    pub groups: Vec<String>,
    /// Their own attributes over those of their groups.
    pub attributes: Map<String, Value>,
}

impl Default for UserFacts {
    fn default() -> Self {
        Self {
            id: UserId::new(Uuid::nil()),
            username: String::new(),
            name: String::new(),
            email: String::new(),
            role: Role::default(),
            groups: Vec::new(),
            attributes: Map::new(),
        }
    }
}

/// Where a request comes from, and when.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts {
    /// The client's address; absent when unknown.
    pub address: Option<IpAddr>,
    /// When.
    pub time: Timestamp,
}

/// How somebody signed in.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// How they proved who they are.
    pub methods: Vec<AuthenticationMethod>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// Slug of the source they signed in with; absent for a local account.
    pub source: Option<String>,
    /// How long ago they signed in, in seconds.
    pub age_s: i64,
}

/// The application that is launched.
#[derive(Debug, Clone, Default)]
pub struct ApplicationFacts {
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it is shown under; empty for none.
    pub group: String,
}

/// The endpoint that is launched.
#[derive(Debug, Clone)]
pub struct EndpointFacts {
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// Its host as written, e.g. `web-01.example:22`.
    pub host: String,
    /// Its labels.
    pub labels: Labels,
}

/// The provider of the application.
#[derive(Debug, Clone, Default)]
pub struct ProviderFacts {
    /// Its name.
    pub name: String,
}

impl Scope {
    /// A scope with nothing known but the time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self {
            user: UserFacts::default(),
            request: RequestFacts {
                address: None,
                time,
            },
            session: SessionFacts {
                methods: Vec::new(),
                created_at: time,
                source: None,
                age_s: 0,
            },
            application: None,
            endpoint: None,
            provider: None,
            connection_settings: Map::new(),
            value: Value::Null,
            claims: Map::new(),
        }
    }
}
