//! Real RDP servers for one test: [`Xrdp`] and FreeRDP's [`Shadow`].

mod shadow;
mod sine;
mod xrdp;

pub use shadow::{Shadow, ShadowSecurity};
pub use sine::{SAMPLE_RATE, Sine};
pub use xrdp::{Xrdp, XrdpBuilder};

/// The user that a server with an account file of its own lets in.
pub const USERNAME: &str = "marker-user";

/// Its password.
pub const PASSWORD: &str = "marker-Passw0rd";
