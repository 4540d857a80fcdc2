//! Accepting TCP connections: how many at once, TLS or not, and an end.
//!
//! [`Acceptor`] is the accept loop of every listener that browsers and programs
//! reach. What is said over a connection is the business of whoever brings
//! `serve`: there is no HTTP in here, and no configuration of TLS either.

mod acceptor;
mod limits;
mod load;
mod place;
mod socket;

pub use acceptor::{Acceptor, Arrival};
pub use limits::{Beyond, Limits};
pub use load::Load;
pub use place::Place;
pub use socket::Socket;
