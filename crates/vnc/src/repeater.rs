//! UltraVNC's repeater: a machine that leads to others.
//!
//! It greets as version 0.0, is told where to lead to in 250 bytes, and is
//! nothing but a wire from then on.

use causeway_model::settings::RepeaterDestination;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How it greets.
const GREETING: &[u8; 12] = b"RFB 000.000\n";
/// Length of what it is told.
const DESTINATION_BYTES: usize = 250;

/// Asks the repeater behind `stream` for `destination`. Takes no longer than
/// the caller lets it.
pub(crate) async fn lead(
    stream: &mut TcpStream,
    destination: &RepeaterDestination,
) -> Result<(), Failure> {
    let failed = || Failure::new(FailureCode::VncRepeaterFailed, Step::Connect);
    let mut greeting = [0; GREETING.len()];
    stream
        .read_exact(&mut greeting)
        .await
        .map_err(|error| failed().because(error))?;
    if greeting != *GREETING {
        return Err(failed().with("reason", "no repeater answers"));
    }
    let text = format!("{}:{}", destination.host, destination.port);
    let mut message = [0; DESTINATION_BYTES];
    // The last byte stays 0: it ends the text.
    let Some(room) = message[..DESTINATION_BYTES - 1].get_mut(..text.len()) else {
        return Err(failed().with("reason", "the name is too long for a repeater"));
    };
    room.copy_from_slice(text.as_bytes());
    stream
        .write_all(&message)
        .await
        .map_err(|error| failed().because(error))
}
