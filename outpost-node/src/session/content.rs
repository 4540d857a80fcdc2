//! What a session is about, as [`Core`](super::Core) sees it: a terminal or a
//! desktop.

use std::time::Instant;

use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{Capability, Hello, TargetProtocol, TerminalPresentation};

use super::common::Common;
use super::viewer_state::ViewerId;

/// The part of a session that depends on what its target is.
///
/// It keeps its own account of every attached viewer, and of no other.
pub trait Content {
    /// Takes a viewer in that has said hello; what the welcome to it says.
    fn greet(&mut self, id: ViewerId, hello: &Hello, common: &Common) -> Greeting;

    /// A viewer was taken in and welcomed.
    fn handle_attached(&mut self, id: ViewerId, hello: &Hello, common: &mut Common, now: Instant);

    /// An attached viewer sent a message that is the content's.
    fn handle_message(
        &mut self,
        id: ViewerId,
        message: ToNodeBody,
        common: &mut Common,
        now: Instant,
    );

    /// Forgets every viewer that is not attached any more.
    fn retain(&mut self, is_attached: impl Fn(ViewerId) -> bool);

    /// What is to go out to an attached viewer next.
    fn poll_viewer(&mut self, id: ViewerId) -> Option<Body>;

    /// Whether a viewer has drawn all that there will ever be, of a session
    /// that is over.
    fn has_drawn_all(&self, id: ViewerId) -> bool;

    /// Whether the target has shown anything yet.
    fn has_shown(&self) -> bool;

    /// When [`Content::handle_timeout`] is to be called at the latest.
    fn next_timeout(&self) -> Option<Instant>;

    /// Time has passed.
    fn handle_timeout(&mut self, now: Instant);
}

/// What a welcome says of the content.
#[derive(Debug, Clone, PartialEq)]
pub struct Greeting {
    /// What the target speaks.
    pub protocol: TargetProtocol,
    /// What this node can do in such a session.
    pub capabilities: &'static [Capability],
    /// How a terminal is to look.
    pub terminal: Option<TerminalPresentation>,
    /// Offset of the first output byte that follows.
    pub output_offset: u64,
    /// Output before it was drawn by a viewer before.
    pub replayed_until_offset: u64,
}
