//! The facts that policies and expressions are about.

use causeway_model::id::{GroupId, SourceId};
use causeway_model::object::{Application, AuthenticationMethod, Endpoint, Provider, User};
use causeway_policy::{
    ApplicationFacts, EndpointFacts, ProviderFacts, RequestFacts, Scope, SessionFacts, UserFacts,
};
use causeway_table::{ConfigSnapshot, StoredCredential};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::access::{Caller, Proof};

/// Who asks, from where, when.
#[derive(Debug, Clone)]
pub(crate) struct Asker<'a> {
    /// Who.
    pub(crate) user: &'a User,
    /// How they signed in.
    pub(crate) sign_in: SignInFacts,
    /// Where from, as text; empty when unknown.
    pub(crate) address: &'a str,
    /// When.
    pub(crate) now: Timestamp,
}

/// How somebody signed in.
#[derive(Debug, Clone)]
pub(crate) struct SignInFacts {
    /// How they proved who they are.
    pub(crate) methods: Vec<AuthenticationMethod>,
    /// When.
    pub(crate) created_at: Timestamp,
    /// With which source.
    pub(crate) source: Option<SourceId>,
}

impl SignInFacts {
    /// A sign-in of which nothing is known but that it is of this moment.
    pub(crate) const fn unknown(now: Timestamp) -> Self {
        Self {
            methods: Vec::new(),
            created_at: now,
            source: None,
        }
    }
}

impl SignInFacts {
    /// Counts in what was proved since.
    pub(crate) fn add(&mut self, methods: &[AuthenticationMethod]) {
        for method in methods {
            if !self.methods.contains(method) {
                self.methods.push(*method);
            }
        }
    }
}

impl From<&Caller> for SignInFacts {
    fn from(caller: &Caller) -> Self {
        let proof = caller.proof();
        Self {
            methods: proof.methods().to_vec(),
            created_at: proof.created_at(),
            source: match proof {
                Proof::Session(session) => session.source,
                Proof::Token(_) => None,
            },
        }
    }
}

impl From<&StoredCredential> for SignInFacts {
    fn from(stored: &StoredCredential) -> Self {
        match stored {
            StoredCredential::Session(stored) => Self {
                methods: stored.session.methods.clone(),
                created_at: stored.session.created_at,
                source: stored.session.source,
            },
            StoredCredential::Token(stored) => Self {
                methods: vec![AuthenticationMethod::Token],
                created_at: stored.token.created_at,
                source: None,
            },
        }
    }
}

impl<'a> Asker<'a> {
    /// The caller, at `now`.
    pub(crate) fn of(caller: &'a Caller, now: Timestamp) -> Self {
        Self {
            user: caller.user(),
            sign_in: SignInFacts::from(caller),
            address: caller.address(),
            now,
        }
    }
}

/// The scope with everything about who asks, and nothing about what for.
pub(super) fn scope_of(snapshot: &ConfigSnapshot, asker: &Asker<'_>) -> Scope {
    let SignInFacts {
        methods,
        created_at,
        source,
    } = asker.sign_in.clone();
    let source = source
        .and_then(|id| snapshot.sources().get(id.uuid()))
        .map(|source| source.slug.clone());
    Scope {
        user: user(snapshot, asker.user),
        request: RequestFacts {
            address: asker.address.parse().ok(),
            time: asker.now,
        },
        session: SessionFacts {
            methods,
            created_at,
            source,
            age_s: asker.now.duration_since(created_at).as_secs().max(0),
        },
        ..Scope::at(asker.now)
    }
}

fn user(snapshot: &ConfigSnapshot, user: &User) -> UserFacts {
    let mut groups: Vec<_> = user
        .groups
        .iter()
        .filter_map(|id| snapshot.groups().get(id.uuid()))
        .collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let mut attributes: Map<String, Value> = Map::new();
    for group in &groups {
        attributes.extend(group.attributes.clone());
    }
    attributes.extend(user.attributes.clone());
    UserFacts {
        id: user.id,
        username: user.username.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        role: user.role,
        groups: groups.iter().map(|group| group.name.clone()).collect(),
        attributes,
    }
}

pub(super) fn application(application: &Application) -> ApplicationFacts {
    ApplicationFacts {
        slug: application.slug.clone(),
        name: application.name.clone(),
        group: application.group.clone(),
    }
}

pub(super) fn provider(provider: &Provider) -> ProviderFacts {
    ProviderFacts {
        name: provider.name.clone(),
    }
}

pub(super) fn endpoint(endpoint: &Endpoint) -> EndpointFacts {
    EndpointFacts {
        name: endpoint.name.clone(),
        protocol: endpoint.protocol,
        host: endpoint.host.to_string(),
        labels: endpoint.labels.clone(),
    }
}

/// The name of a group; its id when it is gone.
pub(super) fn group_name(snapshot: &ConfigSnapshot, id: GroupId) -> String {
    snapshot
        .groups()
        .get(id.uuid())
        .map_or_else(|| id.to_string(), |group| group.name.clone())
}
