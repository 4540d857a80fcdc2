//! Signed JSON Web Tokens (RFC 7519) in compact form, verified with public keys
//! of a JWK set. There is no `none`, no shared key and no encryption here: a
//! token that asks for one of them is refused before any key is looked at.

mod algorithm;
mod jwk;
mod jws;

pub use algorithm::Algorithm;
pub use jwk::{JwkSet, JwkSetError};
pub use jws::{JoseError, Jws, Verified};
