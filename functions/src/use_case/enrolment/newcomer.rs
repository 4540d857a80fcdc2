//! What a process says of itself, checked, and the member that it becomes.

use aws_lc_rs::digest;
use causeway_fleet::{EnrolRequest, EnrolledAs};
use causeway_model::id::{EdgeId, NodeId, OutpostId};
use causeway_model::names::{NameError, check_name};
use causeway_model::object::{Edge, EnrolmentKind, NODE_WEIGHT_DEFAULT, Node};
use causeway_table::Enrolled as NewMember;
use causeway_trust::MemberId;
use uuid::Uuid;

use super::EnrolError;
use super::address::{TEXT_LENGTH_MAX, is_websocket_server, tunnel_address_from};
use crate::app::App;

/// Most connections that one node may offer.
pub(in crate::use_case) const CAPACITY_MAX: u32 = 100_000;
/// Length of an id, in bytes.
const ID_LENGTH: usize = 16;

/// As what a process is admitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) kind: EnrolmentKind,
    /// Of a node the outpost that it belongs to.
    pub(super) outpost: Option<OutpostId>,
    /// Whether it is forgotten when it is lost.
    pub(super) ephemeral: bool,
}

/// The member that a process becomes by what it says of itself, from `address`.
///
/// # Errors
/// [`EnrolError::Invalid`], [`EnrolError::WrongKind`].
pub(super) fn newcomer(
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
