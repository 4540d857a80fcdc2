//! Connections, from the reservation of their place to their end.
//!
//! | Step | state | in one transaction |
//! |-|-|-|
//! | [`reserve`](Connections::reserve) | -> pending | connection, lease, places of endpoint and node, session still lives |
//! | [`claim`](Connections::claim) | pending, detached, active -> active | ticket burnt, lease no longer pending, session still lives |
//! | [`detach`](Connections::detach) | active -> detached | (a single update) |
//! | [`move_to`](Connections::move_to) | pending, active -> pending | lease and place at another node, a new ticket, session still lives |
//! | [`end`](Connections::end) | -> ended | lease gone, places given back |
//!
//! `ended` is final, and every transition is conditional on it: places are
//! given back exactly once.

mod claim;
mod end;
mod list;
mod move_to;
mod record;
mod reserve;
mod search;
mod sweep;

pub use claim::{Attach, Claim, ClaimOutcome, IssueTicket, TicketOutcome};
pub use end::{EndOutcome, Ending};
pub use move_to::{Move, MoveOutcome};
pub(crate) use record::connection_listed_by;
pub use record::{Lease, StoredConnection};
pub use reserve::{Reservation, ReserveOutcome, ReserveRefusal};
pub use search::ConnectionFilter;
pub use sweep::{Sweep, Swept};

use crate::table::Table;

/// The connections in a table.
#[derive(Debug, Clone, Copy)]
pub struct Connections<'a>(&'a Table);

impl Table {
    /// The connections.
    #[must_use]
    pub const fn connections(&self) -> Connections<'_> {
        Connections(self)
    }
}
