//! How a process becomes a member of the fleet: an administrator draws a
//! one-time token, the process shows it with its own key.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_fleet::{
    AUTO_TUNNEL_HOST, EnrolRequest, Enrolled, EnrolledAs, ROLE_TOKEN_PREFIX, RoleProof,
};
use causeway_model::id::{EdgeId, NodeId, OutpostId};
use causeway_model::names::{NameError, check_name};
use causeway_model::object::{
    Edge, EnrolmentKind, Event, EventAction, NODE_WEIGHT_DEFAULT, Node, Outcome,
};
use causeway_table::{
    Change, ConfigSnapshot, Enrolled as NewMember, Enrolment, ObjectChange, RedeemError,
    SecretHash, StoredEnrolment, TableError, WriteError,
};
use causeway_trust::{KeyRing, MemberId, SigningKey, TokenError, VerifyingKey};
use jiff::Timestamp;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::attempts::{self, AttemptError};
use super::event::Entry;
use super::member;
pub use super::role_proof::RoleProofError;
use super::{removed_member, role_proof};
use crate::access::Admin;
use crate::app::App;
use crate::member_roles::Admitted;
use crate::signing::SigningError;

const PREFIX: &str = "cwj_";
const SECRET_LENGTH: usize = 32;
/// Most connections that one node may offer.
pub(super) const CAPACITY_MAX: u32 = 100_000;
/// Length of an id, in bytes.
const ID_LENGTH: usize = 16;
/// Longest version or address of a member, in bytes.
const TEXT_LENGTH_MAX: usize = 255;

/// A one-time token; shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// The token's text.
    pub token: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// There is no such outpost.
    #[error("there is no such outpost")]
    OutpostNotFound,
    /// The table did not take it.
    #[error("the token could not be kept")]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the token could not be kept")]
    Table(#[from] TableError),
}

/// Draws a token that admits one node to an outpost, by name or id.
///
/// # Errors
/// [`JoinError`].
pub async fn join_node(app: &App, admin: &Admin, outpost: &str) -> Result<JoinToken, JoinError> {
    let snapshot = app.table().config().current().await?;
    let outpost = snapshot
        .outposts()
        .resolve(outpost)
        .ok_or(JoinError::OutpostNotFound)?;
    let entry = Entry::of_admin(admin, EventAction::Create)
        .on("outpost", outpost.id, &outpost.name)
        .detail("join token for a node");
    draw(app, EnrolmentKind::Node, Some(outpost.id), entry).await
}

/// Draws a token that admits one edge.
///
/// # Errors
/// [`JoinError`].
pub async fn join_edge(app: &App, admin: &Admin) -> Result<JoinToken, JoinError> {
    let entry = Entry::of_admin(admin, EventAction::Create).detail("join token for an edge");
    draw(app, EnrolmentKind::Edge, None, entry).await
}

async fn draw(
    app: &App,
    kind: EnrolmentKind,
    outpost: Option<OutpostId>,
    entry: Entry,
) -> Result<JoinToken, JoinError> {
    let mut secret = Zeroizing::new([0_u8; SECRET_LENGTH]);
    app.randomness().fill(secret.as_mut());
    let created_at = app.now();
    let expires_at = created_at
        .saturating_add(app.config().join_token_life)
        .unwrap_or(created_at);
    let enrolment = Enrolment {
        kind,
        outpost,
        created_at,
        expires_at,
    };
    let stored = StoredEnrolment {
        enrolment,
        token: SecretHash::of(&*secret),
    };
    app.table().enrolments().create(&stored).await?;
    app.table().events().append(&entry.event(app)).await?;
    Ok(JoinToken {
        token: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.as_slice())),
        expires_at,
    })
}

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
    let secret = request
        .token
        .strip_prefix(PREFIX)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let token = SecretHash::of(&Zeroizing::new(secret.ok_or(EnrolError::TokenUnknown)?));
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

/// As what a process is admitted.
#[derive(Debug, Clone, Copy)]
struct Standing {
    kind: EnrolmentKind,
    outpost: Option<OutpostId>,
    ephemeral: bool,
}

fn newcomer(
    app: &App,
    standing: Standing,
    request: &EnrolRequest,
    address: &str,
) -> Result<(NewMember, MemberId), EnrolError> {
    let invalid = |field, reason: &str| EnrolError::Invalid {
        field,
        reason: reason.to_owned(),
    };
    let wrong_name = |error: NameError| invalid("name", &error.to_string());
    check_name(&request.name).map_err(wrong_name)?;
    if request.version.len() > TEXT_LENGTH_MAX {
        return Err(invalid("version", "is too long"));
    }
    let (name, version) = (request.name.clone(), request.version.clone());
    let (public_key, enrolled_at) = (request.public_key.to_string(), app.now());
    match (standing.kind, standing.outpost, &request.role) {
        (EnrolmentKind::Node, Some(outpost), EnrolledAs::Node { capacity }) => {
            if !(1..=CAPACITY_MAX).contains(capacity) {
                return Err(invalid("node.capacity", "is not from 1 to 100000"));
            }
            let id = NodeId::new(id_of(app, standing, &public_key));
            let capacity = *capacity;
            let node = Node {
                weight: NODE_WEIGHT_DEFAULT,
                drained: false,
                ephemeral: standing.ephemeral,
                id,
                outpost,
                name,
                public_key,
                capacity,
                version,
                enrolled_at,
            };
            Ok((NewMember::Node(node), id.into()))
        }
        (
            EnrolmentKind::Edge,
            _,
            EnrolledAs::Edge {
                public_url,
                tunnel_address,
            },
        ) => {
            if !is_websocket_server(public_url) {
                return Err(invalid(
                    "edge.public_url",
                    "is not ws://host[:port] or wss://host[:port]",
                ));
            }
            let Some(tunnel_address) = tunnel_address_from(tunnel_address, address) else {
                return Err(invalid(
                    "edge.tunnel_address",
                    "is neither host:port nor auto:port",
                ));
            };
            let id = EdgeId::new(id_of(app, standing, &public_key));
            let public_url = public_url.trim_end_matches('/').to_owned();
            let edge = Edge {
                id,
                name,
                public_key,
                public_url,
                tunnel_address,
                ephemeral: standing.ephemeral,
                version,
                enrolled_at,
            };
            Ok((NewMember::Edge(edge), id.into()))
        }
        (EnrolmentKind::Node | EnrolmentKind::Edge, _, _) => Err(EnrolError::WrongKind),
    }
}

/// An id for who has this key. Members that are forgotten and come back keep
/// theirs, and with it tunnels, passes and what is known of them elsewhere.
fn id_of(app: &App, standing: Standing, public_key: &str) -> Uuid {
    if !standing.ephemeral {
        return app.new_id();
    }
    let mut context = digest::Context::new(&digest::SHA256);
    match (standing.kind, standing.outpost) {
        (EnrolmentKind::Node, Some(outpost)) => context.update(outpost.uuid().as_bytes()),
        (EnrolmentKind::Node | EnrolmentKind::Edge, _) => context.update(b"edge"),
    }
    context.update(public_key.as_bytes());
    let mut bytes = [0; ID_LENGTH];
    bytes.copy_from_slice(&context.finish().as_ref()[..ID_LENGTH]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn event(app: &App, newcomer: &NewMember, address: &str) -> Event {
    let entry = Entry::new(EventAction::Enrol, Outcome::Success).address(address);
    match newcomer {
        NewMember::Node(node) => entry.by(&node.name).on("node", node.id, &node.name),
        NewMember::Edge(edge) => entry.by(&edge.name).on("edge", edge.id, &edge.name),
    }
    .event(app)
}

pub(super) fn is_websocket_server(text: &str) -> bool {
    text.len() <= TEXT_LENGTH_MAX
        && Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "ws" | "wss")
                && url.has_host()
                && matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

/// Where nodes dial an edge that says `told` of itself, from `address`. It may
/// leave the host to us: `auto:port`. `None` when it is no address.
pub(super) fn tunnel_address_from(told: &str, address: &str) -> Option<String> {
    match told.split_once(':') {
        Some((AUTO_TUNNEL_HOST, port)) => {
            let (address, port): (IpAddr, u16) = (address.parse().ok()?, port.parse().ok()?);
            (port > 0).then(|| SocketAddr::new(address, port).to_string())
        }
        Some(_) | None => is_host_and_port(told).then(|| told.to_owned()),
    }
}

fn is_host_and_port(text: &str) -> bool {
    text.len() <= TEXT_LENGTH_MAX
        && Url::parse(&format!("quic://{text}")).is_ok_and(|url| {
            url.has_host() && url.port().is_some_and(|port| port > 0) && url.path().is_empty()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_says_where_it_is() {
        for good in [
            "ws://127.0.0.1:9000",
            "wss://edge.example",
            "wss://[::1]:9/",
        ] {
            assert!(is_websocket_server(good), "{good}");
        }
        for bad in [
            "",
            "https://edge.example",
            "ws://edge/path",
            "ws://a@edge",
            "ws://edge?x",
        ] {
            assert!(!is_websocket_server(bad), "{bad}");
        }
        for good in ["127.0.0.1:4433", "edge.example:1", "[::1]:4433"] {
            assert!(is_host_and_port(good), "{good}");
        }
        for (told, from, expected) in [
            ("edge.example:1", "", Some("edge.example:1")),
            ("auto:443", "203.0.113.7", Some("203.0.113.7:443")),
            ("auto:443", "2001:db8::7", Some("[2001:db8::7]:443")),
            ("auto:443", "", None),
            ("auto:0", "203.0.113.7", None),
            ("auto:", "203.0.113.7", None),
            ("auto:443/x", "203.0.113.7", None),
        ] {
            let found = tunnel_address_from(told, from);
            assert_eq!(found.as_deref(), expected, "{told} from {from}");
        }
        for bad in [
            "",
            "edge.example",
            ":4433",
            "edge:0",
            "edge:4433/x",
            "edge:70000",
        ] {
            assert!(!is_host_and_port(bad), "{bad}");
        }
    }
}
