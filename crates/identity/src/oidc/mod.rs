//! What an OpenID provider says: its configuration, ID tokens, logout tokens.
//! Only reading and checking; who fetches them, and when, is the caller's.

mod claims;
mod discovery;
mod id_token;
mod logout_token;

pub use claims::{CLOCK_SKEW_S, ClaimError, Expected};
pub use discovery::{Discovery, DiscoveryError, check_url};
pub use id_token::{IdToken, check_id_token};
pub use logout_token::{LogoutToken, check_logout_token};
