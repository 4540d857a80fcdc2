//! SSH towards the target (RFC 4251 to 4256), as a client.
//!
//! [`open()`] takes the steps from a name to a running shell, each with its own
//! deadline, and tells what it is at. Nothing here knows of viewers or of the
//! control plane: questions, host keys to remember and progress go out as
//! [`OpenEvent`](causeway_target::opening::OpenEvent)s.

mod auth;
mod auth_plan;
mod certificate_signer;
mod client;
mod config;
mod encrypted_pkcs8;
mod gate;
mod handshake;
mod host_key;
mod legacy_pem;
mod open;
mod private_key;
mod shell;
mod short_scalar;

pub use auth::Credentials;
pub use gate::Gate;
pub use host_key::HostKeyPolicy;
pub use open::{OpenRequest, open};
pub use shell::{Exit, Liveness, Shell, ShellEvent, ShellRequest, TargetCommand};
