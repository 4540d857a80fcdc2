//! The engines behind the one storage code path.
//!
//! Everything above this module speaks to `aws_sdk_dynamodb::Client` and to
//! nothing else. Where the client's requests go is decided here: to DynamoDB
//! in the cloud ([`cloud`]) or, on one machine, to an engine in this process
//! ([`connector`] -> [`worker`] -> dynoxide on SQLite), without a socket in
//! between. Both sit behind the same counter ([`count`]).
//!
//! # Why dynoxide on SQLite may be leaned on
//!
//! - The file is in WAL mode. Every acknowledged write has been followed by an
//!   `fdatasync` of the write-ahead log, which is what SQLite's
//!   `synchronous=FULL` does at each commit. Here the worker does it once for
//!   all writes that waited while the disk was busy (group commit), because a
//!   sync costs about 2 ms on an ordinary virtual disk and would cap the table
//!   at some 500 writes a second. `tests/kill.rs` kills the process in the
//!   middle of bursts by eight writers; nothing acknowledged may be missing.
//!   A killed process does not prove what a power cut would do: that rests on
//!   the sync, and on a disk that does not lie about it.
//! - [`open`] refuses what is not ours, torn, newer, shared or readable by
//!   others, before the engine touches the file.
//! - The engine runs one request at a time. Contention between transactions,
//!   which DynamoDB reports and asks to be retried, never happens here; the
//!   retries above this module are proven against a connector that makes it up.
//! - The limits of the engine are one process and one machine. Two processes
//!   cannot share a directory, by lock.

pub(crate) mod cloud;
pub(crate) mod connector;
pub(crate) mod count;
pub(crate) mod dispatch;
mod inspect;
pub(crate) mod open;
pub(crate) mod open_error;
pub(crate) mod schema;
pub(crate) mod worker;
