//! What members of the fleet (nodes and edges) and the control plane say to
//! each other over HTTP, and the members' side of it.
//!
//! [`contract`] holds the documents; the functions serve them, nodes and edges
//! send them through the [`ControlPlane`] port. [`Identity`] is what a member
//! keeps on disk. What the control plane does with a request, and where it
//! keeps anything, is not here.

pub mod admission;
pub mod contract;
pub mod enrolment;
pub mod error;
pub mod http;
pub mod identity;
pub mod join;
pub mod problem;
pub mod rejoin;
pub mod role_credentials;
pub mod verify;

mod control_plane;
mod instance_role;
mod secret_settings;

pub use admission::{Admission, RoleError, RoleSigner};
pub use contract::*;
pub use control_plane::ControlPlane;
pub use enrolment::{Enrolment, EnrolmentError};
pub use error::CallError;
pub use http::{HttpControlPlane, enrol};
pub use identity::{Identity, IdentityError};
pub use join::{JoinError, Joining};
pub use problem::{FieldError, Problem};
pub use rejoin::{RejoinLimits, Rejoining};
pub use role_credentials::{CredentialsError, RoleCredentials};
pub use secret_settings::SecretSettings;
pub use verify::{VerifyRequestError, claimed_member, verify_request};
