//! Trying a policy: what it says of one user under given circumstances, and
//! what that costs.

use std::time::Instant;

use causeway_model::id::EndpointId;
use causeway_model::object::{Application, AuthenticationMethod, Endpoint};
use causeway_policy::{CompileError, EvaluateError, Expression, Limits, Purpose};
use causeway_table::{ConfigSnapshot, TableError};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::authorize::{Asker, Authorizer, SignInFacts};
use super::user;
use crate::access::Reader;
use crate::app::App;
use crate::problem::FieldError;

/// Which policy, for whom, and under which circumstances.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The stored policy of that name or id, or an expression.
    pub tried: Tried<'a>,
    /// Who, by username or id.
    pub user: &'a str,
    /// What for, by slug or id; `None` for that of the endpoint.
    pub application: Option<&'a str>,
    /// What for: an id, or a name in the application's provider.
    pub endpoint: Option<&'a str>,
    /// Where from; `None` for unknown.
    pub address: Option<&'a str>,
    /// When; `None` for now.
    pub time: Option<Timestamp>,
    /// How they proved who they are.
    pub methods: Vec<AuthenticationMethod>,
}

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub enum Tried<'a> {
    /// A stored policy, by name or id.
    Policy(&'a str),
    /// An expression that is not stored.
    Expression(&'a str),
}

/// What came of it.
#[derive(Debug)]
pub struct Tested {
    /// What the expression gave, or why it gave nothing.
    pub result: Result<Value, Failed>,
    /// Operations that it took.
    pub operations: u32,
    /// How long that took, in microseconds.
    pub elapsed_us: u64,
}

/// Why a policy says nothing.
#[derive(Debug)]
pub enum Failed {
    /// It is no policy.
    Compile(CompileError),
    /// It went wrong.
    Evaluate(EvaluateError),
}

/// Why nothing was tried.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<FieldError>),
    /// The table did not answer.
    #[error("what the policy is about could not be read")]
    Table(#[from] TableError),
}

/// Tries a policy.
///
/// # Errors
/// [`TestError`].
pub async fn test(app: &App, _reader: &Reader, trial: Trial<'_>) -> Result<Tested, TestError> {
    let snapshot = app.table().config().current().await?;
    let source = match trial.tried {
        Tried::Expression(source) => source,
        Tried::Policy(reference) => match snapshot.policies().resolve(reference) {
            Some(policy) => policy.expression.as_str(),
            None => return Err(unknown("policy")),
        },
    };
    let user = user::resolve(app, trial.user).await?;
    let user = user.ok_or_else(|| unknown("user"))?;
    let (application, endpoint) = place(app, &snapshot, &trial).await?;
    let now = trial.time.unwrap_or_else(|| app.now());
    let mut sign_in = SignInFacts::unknown(now);
    sign_in.add(&trial.methods);
    let asker = Asker {
        user: &user,
        sign_in,
        address: trial.address.unwrap_or_default(),
        now,
    };
    let mut authorizer = Authorizer::new(app, &snapshot, &asker);
    let provider = application.and_then(|found| snapshot.providers().get(found.provider.uuid()));
    if let (Some(application), Some(provider)) = (application, provider) {
        match &endpoint {
            Some(endpoint) => authorizer = authorizer.at(application, provider, endpoint),
            // What the application's own policies say is not the question.
            None => drop(authorizer.admits(application, provider)),
        }
    }
    let expression = match Expression::compile(source, Purpose::Policy) {
        Ok(expression) => expression,
        Err(error) => {
            return Ok(Tested {
                result: Err(Failed::Compile(error)),
                operations: 0,
                elapsed_us: 0,
            });
        }
    };
    let scope = authorizer.scope_with(&Map::new());
    let started = Instant::now();
    let outcome = expression.evaluate_metered(&scope, &Limits::default());
    let elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(Tested {
        result: outcome.value.map_err(Failed::Evaluate),
        operations: outcome.operations,
        elapsed_us,
    })
}

/// The application and the endpoint that a trial is about.
async fn place<'s>(
    app: &App,
    snapshot: &'s ConfigSnapshot,
    trial: &Trial<'_>,
) -> Result<(Option<&'s Application>, Option<Endpoint>), TestError> {
    let application = match trial.application {
        None | Some("") => None,
        Some(reference) => {
            let found = snapshot.applications().resolve(reference);
            Some(&**found.ok_or_else(|| unknown("application"))?)
        }
    };
    let Some(reference) = trial.endpoint.filter(|text| !text.is_empty()) else {
        return Ok((application, None));
    };
    let endpoints = app.table().endpoints();
    let found = match (reference.parse::<EndpointId>(), application) {
        (Ok(id), _) => endpoints.by_id(id).await?,
        (Err(_), Some(application)) => endpoints.by_name(application.provider, reference).await?,
        (Err(_), None) => None,
    };
    let endpoint = found.ok_or_else(|| unknown("endpoint"))?;
    let of_endpoint = snapshot
        .application_of(endpoint.provider)
        .map(|found| &**found);
    let is_same = application.is_none_or(|wanted| wanted.provider == endpoint.provider);
    if !is_same {
        return Err(unknown("endpoint"));
    }
    Ok((application.or(of_endpoint), Some(endpoint)))
}

fn unknown(field: &str) -> TestError {
    let message = format!("there is no such {field}");
    TestError::Fields(vec![FieldError::new(field, "unknown_reference", message)])
}
