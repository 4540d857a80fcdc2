//! What every target has in common, whatever its protocol.
//!
//! Reaching it ([`dial`]), whether it is the machine that it should be
//! ([`certificate`]), what an opening tells on its way ([`opening`],
//! [`question`]), what can go wrong ([`failure`]), and the port through which
//! a session holds a desktop ([`desktop`]). The protocols themselves are
//! crates and modules of their own; nothing here knows of viewers.

pub mod certificate;
pub mod desktop;
pub mod dial;
pub mod failure;
pub mod opening;
pub mod question;
