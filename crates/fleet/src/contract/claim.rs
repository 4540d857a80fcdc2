//! `POST /api/v1/fleet/claim`: a node asks for what a ticket admits to.

use std::net::IpAddr;

use causeway_model::id::{ConnectionId, EndpointId, UserId};
use causeway_model::object::Protocol;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret_settings::SecretSettings;

/// A ticket to be burnt; signed by the node that it names.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claim {
    /// The ticket as the browser brought it.
    pub ticket: String,
    /// Where the browser comes from, as the edge saw it: the other end of its
    /// socket, and nothing that the browser says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_address: Option<IpAddr>,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claim")
            .field("client_address", &self.client_address)
            .finish_non_exhaustive()
    }
}

/// Whether the connection was attached before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attach {
    /// Its first browser: the target is to be opened.
    First,
    /// A browser comes back: the session should still be there.
    Again,
}

/// Everything that a node needs to serve the connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Claimed {
    /// The connection.
    pub connection: ConnectionId,
    /// Whether it was attached before.
    pub attach: Attach,
    /// How the target is spoken to.
    pub protocol: Protocol,
    /// What is reached.
    pub endpoint: ClaimedEndpoint,
    /// Who reaches it.
    pub user: ClaimedUser,
    /// The effective settings, secrets in clear.
    pub settings: SecretSettings,
    /// The target's host keys as seen before.
    pub host_keys: Vec<HostKey>,
    /// When the connection must be over, if ever; the node ends it then by
    /// itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// How long the session is kept after its browser vanished, in seconds; 0
    /// for not at all.
    pub resume_grace_s: u32,
    /// What may pass between browser and target besides the session itself.
    pub data_policy: DataPolicy,
}

/// The endpoint, as far as a node needs to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClaimedEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
}

/// The user, as far as a node needs to know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClaimedUser {
    /// Their id.
    pub id: UserId,
    /// Their name at sign-in.
    pub username: String,
}

/// What a target is known by: its SSH host key (RFC 4253 section 6.6), or its
/// certificate (`x509`), or the key of its VNC server (`ra2-rsa`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HostKey {
    /// Name of the algorithm, e.g. `ssh-ed25519`.
    pub algorithm: String,
    /// The public key's blob, or the certificate's DER, base64.
    pub key: String,
    /// `SHA256:` and the base64 hash of that without padding, as OpenSSH
    /// prints it.
    pub fingerprint: String,
}

/// What may pass between browser and target besides the session itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DataPolicy {
    /// Clipboard from the target to the browser.
    pub copy_allowed: bool,
    /// Clipboard from the browser to the target.
    pub paste_allowed: bool,
}
