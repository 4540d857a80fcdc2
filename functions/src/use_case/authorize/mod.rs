//! May this user use this application and this endpoint: the one place that
//! decides it, with the same facts for every question.
//!
//! Launching, claiming, coming back, the list of my applications, `explain` and
//! the test of a policy all ask here. A target without an enabled binding lets
//! everybody in; otherwise its engine mode says whether one passing binding is
//! enough. A policy that cannot be evaluated counts as its binding's
//! `failure_result` says, and is told to the audit trail.

mod compiled;
mod facts;
mod ruling;

pub(crate) use compiled::{Compiled, CompiledExpressions, ExpressionKey};
pub(crate) use facts::{Asker, SignInFacts};
pub(crate) use ruling::{Decision, Refusal, Ruling, failure_entry};

use std::collections::HashMap;

use causeway_model::id::UserId;
use causeway_model::object::{
    Application, Endpoint, EngineMode, FlowStage, PolicyBinding, Provider, Subject, TargetKind,
    User,
};
use causeway_policy::{BindingFacts, Scope, SubjectFacts, Verdict, decide, decide_quick};
use causeway_table::ConfigSnapshot;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::App;

/// Decides for one user in one sign-in, from one address, at one time.
pub(crate) struct Authorizer<'a> {
    app: &'a App,
    snapshot: &'a ConfigSnapshot,
    user: &'a User,
    scope: Scope,
    /// Names of users that bindings ask for, as far as they are known.
    usernames: HashMap<UserId, String>,
}

impl<'a> Authorizer<'a> {
    /// Gathers the facts about who asks.
    pub(crate) fn new(app: &'a App, snapshot: &'a ConfigSnapshot, asker: &Asker<'a>) -> Self {
        Self {
            app,
            snapshot,
            user: asker.user,
            scope: facts::scope_of(snapshot, asker),
            usernames: HashMap::new(),
        }
    }

    /// The same with names of users that bindings may ask for, for people to
    /// read.
    pub(crate) fn with_usernames(mut self, usernames: HashMap<UserId, String>) -> Self {
        self.usernames = usernames;
        self
    }

    /// The same, about this endpoint of this application.
    pub(crate) fn at(
        mut self,
        application: &Application,
        provider: &Provider,
        endpoint: &Endpoint,
    ) -> Self {
        self.place(application, provider);
        self.scope.endpoint = Some(facts::endpoint(endpoint));
        self
    }

    /// Decides on application and endpoint together.
    pub(crate) fn decide(
        &mut self,
        application: &Application,
        provider: &Provider,
        endpoint: &Endpoint,
    ) -> Decision {
        self.place(application, provider);
        self.scope.endpoint = Some(facts::endpoint(endpoint));
        Decision::of(vec![
            self.rule_application(application),
            self.rule_endpoint(endpoint, &provider.name),
        ])
    }

    /// Whether the application lets the user in at all. What follows is asked
    /// about endpoints of this application.
    pub(crate) fn admits(&mut self, application: &Application, provider: &Provider) -> bool {
        self.place(application, provider);
        self.quick(application.id.uuid(), application.policy_engine_mode)
    }

    /// Whether an endpoint of the application that was asked about before lets
    /// the user in.
    pub(crate) fn admits_to(&mut self, endpoint: &Endpoint) -> bool {
        if self.snapshot.bindings_of(endpoint.id.uuid()).is_empty() {
            return true;
        }
        self.scope.endpoint = Some(facts::endpoint(endpoint));
        self.quick(endpoint.id.uuid(), endpoint.policy_engine_mode)
    }

    /// Whether a stage is run, given what the flow has set so far.
    pub(crate) fn stage(
        &mut self,
        stage: &FlowStage,
        connection_settings: &Map<String, Value>,
    ) -> Ruling {
        connection_settings.clone_into(&mut self.scope.connection_settings);
        let mode = stage.stage.policy_engine_mode();
        Ruling {
            target_kind: TargetKind::Stage,
            target: stage.stage.name().to_owned(),
            verdict: self.rule(stage.id.uuid(), mode),
        }
    }

    /// What expressions of stages and mappings see: everything so far, with
    /// what the flow has set.
    pub(crate) fn scope_with(&self, connection_settings: &Map<String, Value>) -> Scope {
        Scope {
            connection_settings: connection_settings.clone(),
            ..self.scope.clone()
        }
    }

    fn place(&mut self, application: &Application, provider: &Provider) {
        self.scope.application = Some(facts::application(application));
        self.scope.provider = Some(facts::provider(provider));
        self.scope.endpoint = None;
    }

    fn rule_application(&self, application: &Application) -> Ruling {
        Ruling {
            target_kind: TargetKind::Application,
            target: application.slug.clone(),
            verdict: self.rule(application.id.uuid(), application.policy_engine_mode),
        }
    }

    fn rule_endpoint(&self, endpoint: &Endpoint, provider: &str) -> Ruling {
        Ruling {
            target_kind: TargetKind::Endpoint,
            target: format!("{provider}/{}", endpoint.name),
            verdict: self.rule(endpoint.id.uuid(), endpoint.policy_engine_mode),
        }
    }

    fn rule(&self, target: Uuid, mode: EngineMode) -> Verdict {
        self.with_bindings(target, |bindings| decide(mode, bindings, &self.scope))
    }

    fn quick(&self, target: Uuid, mode: EngineMode) -> bool {
        self.with_bindings(target, |bindings| {
            decide_quick(mode, bindings, &self.scope).passing
        })
    }

    fn with_bindings<T>(&self, target: Uuid, then: impl FnOnce(&[BindingFacts<'_>]) -> T) -> T {
        let bindings = self.snapshot.bindings_of(target);
        let subjects: Vec<_> = bindings
            .iter()
            .map(|binding| self.subject_of(binding))
            .collect();
        let facts: Vec<_> = bindings
            .iter()
            .zip(&subjects)
            .map(|(binding, subject)| BindingFacts {
                binding,
                subject: subject.facts(),
            })
            .collect();
        then(&facts)
    }

    fn subject_of(&self, binding: &PolicyBinding) -> SubjectOf {
        match binding.subject {
            Subject::Policy(id) => match self.snapshot.policies().get(id.uuid()) {
                Some(policy) => SubjectOf::Policy {
                    name: policy.name.clone(),
                    compiled: self.app.expressions().policy(policy),
                },
                // A policy goes with its bindings; should one be left behind,
                // nobody passes it.
                None => SubjectOf::Group {
                    name: id.to_string(),
                    is_member: false,
                },
            },
            Subject::Group(id) => SubjectOf::Group {
                name: facts::group_name(self.snapshot, id),
                is_member: self.user.groups.contains(&id),
            },
            Subject::User(id) => SubjectOf::User {
                username: self.username(id),
                is_it: self.user.id == id,
            },
        }
    }

    fn username(&self, id: UserId) -> String {
        if id == self.user.id {
            return self.user.username.clone();
        }
        self.usernames
            .get(&id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }
}

/// Whom or what a binding asks for, found.
enum SubjectOf {
    Policy { name: String, compiled: Compiled },
    Group { name: String, is_member: bool },
    User { username: String, is_it: bool },
}

impl SubjectOf {
    fn facts(&self) -> SubjectFacts<'_> {
        match self {
            Self::Policy { name, compiled } => SubjectFacts::Policy {
                name,
                expression: Result::as_ref(compiled),
            },
            Self::Group { name, is_member } => SubjectFacts::Group {
                name,
                is_member: *is_member,
            },
            Self::User { username, is_it } => SubjectFacts::User {
                username,
                is_it: *is_it,
            },
        }
    }
}
