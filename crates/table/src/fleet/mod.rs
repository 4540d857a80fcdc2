//! Nodes and edges at runtime, and how they are admitted.
//!
//! What they are (names, keys, outposts) is configuration; what they last told
//! and the places taken on them is here.

mod edges;
mod enrolments;
mod nodes;

pub use edges::{EdgeState, Edges};
pub use enrolments::{Enrolled, Enrolment, Enrolments, RedeemError, StoredEnrolment};
pub use nodes::{NodeBeat, NodeState, Nodes};

pub(crate) use nodes::{first_load, give_place_back, set_drained, take_place};
