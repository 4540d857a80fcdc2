//! How a process becomes a member of the fleet: an administrator draws a
//! one-time token, the process shows it with its own key.

mod address;
mod join_token;
mod newcomer;

pub use self::join_token::{JoinError, JoinToken, join_edge, join_node};

pub(super) use self::address::{is_websocket_server, tunnel_address_from};
pub(super) use self::newcomer::CAPACITY_MAX;

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{EnrolRequest, Enrolled, ROLE_TOKEN_PREFIX, RoleProof};
use causeway_model::id::OutpostId;
use causeway_model::object::{EnrolmentKind, Event, EventAction, Outcome};
use causeway_table::{
    Change, ConfigSnapshot, Enrolled as NewMember, ObjectChange, RedeemError, TableError,
    WriteError,
};
use causeway_trust::{KeyRing, MemberId, SigningKey, TokenError, VerifyingKey};

use self::newcomer::{Standing, newcomer};
use super::attempts::{self, AttemptError};
use super::event::Entry;
use super::member;
pub use super::role_proof::RoleProofError;
use super::{removed_member, role_proof};
use crate::app::App;
use crate::member_roles::Admitted;
use crate::signing::SigningError;

/// Why a process was not admitted.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The token was never drawn, is used up, or too old.
    #[error("the join token is not known, used up or too old")]
    TokenUnknown,
    /// The token is for the other kind of member.
    #[error("the join token is for another kind of member")]
    WrongKind,
    /// What the process says of itself cannot be.
    #[error("{field} {reason}")]
    Invalid {
        /// The field concerned.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The token's outpost is gone.
    #[error("the outpost of the join token is gone")]
    OutpostGone,
    /// The table did not take it.
    #[error("the member could not be kept")]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the join token could not be checked")]
    Table(#[from] TableError),
    /// The pass could not be signed.
    #[error("the pass could not be signed")]
    Pass(#[from] TokenError),
    /// The role does not admit.
    #[error(transparent)]
    Role(#[from] RoleProofError),
    /// Too many came from that address.
    #[error("too many enrolments came from this address")]
    TooMany {
        /// When the next one is heard.
        retry_after: Duration,
    },
    /// An administrator removed the member that had this key.
    #[error("an administrator removed the member with this key")]
    Removed,
    /// The keys cannot be had.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl From<AttemptError> for EnrolError {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::TooMany { retry_after } => Self::TooMany { retry_after },
            AttemptError::Table(error) => Self::Table(error),
        }
    }
}

/// Admits a process: one that shows a join token, which is burnt, or one that
/// proves its role.
///
/// # Errors
/// [`EnrolError`].
pub async fn enrol(
    app: &App,
    request: EnrolRequest,
    address: &str,
) -> Result<Enrolled, EnrolError> {
    if request.token.starts_with(ROLE_TOKEN_PREFIX) {
        return enrol_by_role(app, request, address).await;
    }
    let token = join_token::read(&request.token).ok_or(EnrolError::TokenUnknown)?;
    let found = app.table().enrolments().find(&token, app.now()).await?;
    let enrolment = found.ok_or(EnrolError::TokenUnknown)?;
    let standing = Standing {
        kind: enrolment.kind,
        outpost: enrolment.outpost,
        ephemeral: false,
    };
    let (newcomer, member) = newcomer(app, standing, &request, address)?;
    let event = event(app, &newcomer, address);
    let keys = Keys::of(app).await?;
    app.table()
        .enrolments()
        .redeem(&token, newcomer, app.now(), Some(&event))
        .await
        .map_err(|error| match error {
            RedeemError::TokenUnknown => EnrolError::TokenUnknown,
            RedeemError::Write(WriteError::MissingReference { .. }) => EnrolError::OutpostGone,
            RedeemError::Write(error) => EnrolError::Write(error),
        })?;
    tracing::info!(%member, name = %request.name, "enrolled");
    welcome(app, &keys, member, request.public_key, enrolment.outpost)
}

/// Admits a process by its role. The same process is admitted once: asking
/// again with the same key finds what it was made. If that was forgotten
/// meanwhile, it becomes the same again: its id is made of the key.
async fn enrol_by_role(
    app: &App,
    request: EnrolRequest,
    address: &str,
) -> Result<Enrolled, EnrolError> {
    attempts::count_enrolment(app, address).await?;
    let proof = RoleProof::from_token(&request.token).ok_or(RoleProofError::Malformed)?;
    let admitted = match role_proof::admit(app, &proof, &request.public_key).await {
        Err(RoleProofError::RoleUnknown { arn }) => {
            let entry = Entry::new(EventAction::Enrol, Outcome::Failed).address(address);
            let event = entry.by(&arn).detail("the role may not join").event(app);
            app.table().events().append(&event).await?;
            return Err(RoleProofError::RoleUnknown { arn }.into());
        }
        admitted => admitted?,
    };
    let snapshot = app.table().config().current().await?;
    let (kind, outpost) = match &admitted {
        Admitted::Edge => (EnrolmentKind::Edge, None),
        Admitted::Node { outpost } => {
            let found = snapshot.outposts().resolve(outpost);
            let found = found.ok_or(EnrolError::OutpostGone)?;
            (EnrolmentKind::Node, Some(found.id))
        }
    };
    let standing = Standing {
        kind,
        outpost,
        ephemeral: true,
    };
    let (newcomer, member) = newcomer(app, standing, &request, address)?;
    let keys = Keys::of(app).await?;
    if let Some(known) = known(&snapshot, &newcomer) {
        return welcome(app, &keys, known, request.public_key, outpost);
    }
    if removed_member::is_one(app, &request.public_key.to_string()).await? {
        return Err(EnrolError::Removed);
    }
    let event = event(app, &newcomer, address);
    let change: ObjectChange = match newcomer {
        NewMember::Node(node) => Change::Create(node).into(),
        NewMember::Edge(edge) => Change::Create(edge).into(),
    };
    app.table().write(&[change], &[event]).await?;
    tracing::info!(%member, name = %request.name, "enrolled by its role");
    welcome(app, &keys, member, request.public_key, outpost)
}

/// The member of that kind, and that outpost, that has this key already.
fn known(snapshot: &ConfigSnapshot, newcomer: &NewMember) -> Option<MemberId> {
    match newcomer {
        NewMember::Node(new) => snapshot
            .nodes()
            .iter()
            .find(|node| node.public_key == new.public_key && node.outpost == new.outpost)
            .map(|node| node.id.into()),
        NewMember::Edge(new) => snapshot
            .edges()
            .iter()
            .find(|edge| edge.public_key == new.public_key)
            .map(|edge| edge.id.into()),
    }
}

/// What a new member is vouched for with. Asked for before anything is written.
struct Keys {
    signing: SigningKey,
    believed: Arc<KeyRing>,
}

impl Keys {
    async fn of(app: &App) -> Result<Self, SigningError> {
        Ok(Self {
            signing: app.signing_key().await?,
            believed: app.key_ring().await?,
        })
    }
}

fn welcome(
    app: &App,
    keys: &Keys,
    member: MemberId,
    public_key: VerifyingKey,
    outpost: Option<OutpostId>,
) -> Result<Enrolled, EnrolError> {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Ok(Enrolled {
        member,
        verifying_keys: keys.believed.published().collect(),
        pass: member::pass(app, &keys.signing, member, public_key)?,
        heartbeat_interval_ms: millis(app.config().heartbeat_interval),
        heartbeat_deadline_ms: millis(app.config().heartbeat_deadline),
        outpost,
    })
}

fn event(app: &App, newcomer: &NewMember, address: &str) -> Event {
    let entry = Entry::new(EventAction::Enrol, Outcome::Success).address(address);
    match newcomer {
        NewMember::Node(node) => entry.by(&node.name).on("node", node.id, &node.name),
        NewMember::Edge(edge) => entry.by(&edge.name).on("edge", edge.id, &edge.name),
    }
    .event(app)
}
