//! The engines behind the one storage code path.
//!
//! Everything above this module speaks to `aws_sdk_dynamodb::Client` and to
//! nothing else. Where the client's requests go is decided here: to DynamoDB
//! in the cloud ([`cloud`], over [`http`] or what else the caller brings) or, on
//! one machine, to an engine in this process (`connector` -> `worker` ->
//! dynoxide on SQLite), without a socket in between. Both sit behind the same
//! counter ([`count`]). Without the feature `embedded` there is the cloud alone,
//! and no SQLite in the binary.
//!
//! # How far dynoxide on SQLite can be leaned on
//!
//! Durability. The file is in WAL mode. Every acknowledged write has been
//! followed by an `fdatasync` of the write-ahead log, which is what SQLite's
//! `synchronous=FULL` does at each commit. Here the worker does it once for all
//! writes that waited meanwhile (group commit): a sync takes 0.1 to 2 ms on the
//! virtual disk that this was measured on, which would cap the table at 500
//! writes a second on its bad days. `tests/kill.rs` kills the process in the
//! middle of bursts by eight writers, five times over; nothing acknowledged was
//! ever missing and no transaction was found in part. A killed process does not
//! prove what a power cut would do: that rests on the sync, and on a disk that
//! does not lie about it. After a sync that failed the table closes itself.
//!
//! Files. [`open`] refuses what is not ours, torn, newer, in use by another
//! process or open to others, before the engine touches it. The check reads the
//! whole file (`PRAGMA quick_check`), so that opening takes longer as it grows.
//!
//! Likeness. The suite in `tests/suite` passes on dynoxide and on AWS's own
//! DynamoDB Local 3.3.0 alike (`tests/service.rs`). The engine runs one request
//! at a time, so transactions never get in each other's way as they do in the
//! cloud; `tests/contention.rs` proves those retries against a made-up service.
//! Expired items go when [`crate::Table::purge_expired`] is called, not by
//! themselves; every condition looks at the time itself.
//!
//! Speed. `examples/measure.rs`, development profile, two cores with nothing
//! else to do, on disk:
//!
//! | operation | one at a time, median | 100 at once |
//! |-|-|-|
//! | event written (1 put) | 0.15 ms | 14,500/s, median 6 ms |
//! | launch read (1 BatchGetItem) | 0.21 ms | 6,800/s, median 13 ms |
//! | launch (that and a transaction of 6) | 0.83 ms | 2,100/s, median 45 ms |
//! | launch and end (two transactions and a read) | 1.1 ms | 1,300/s, median 70 ms |
//!
//! With 100 launches arriving each second, the median launch takes 1.3 ms; with
//! 8 always under way, 3.9 ms.
//!
//! A launch is bound by the processor, not by the disk: in memory it is hardly
//! faster. Half of it is the SDK's client (building, serialising and parsing a
//! request), half the engine (parsing expressions, preparing SQL, JSON; no part
//! of it stands out in a profile). An engine of our own could take away the
//! second half only, and would be a second implementation of conditions and
//! updates to keep true to DynamoDB's.
//!
//! The limits are one process and one machine. Two processes cannot share a
//! directory, by lock.

pub(crate) mod cloud;
#[cfg(feature = "embedded")]
pub(crate) mod connector;
pub(crate) mod count;
#[cfg(feature = "embedded")]
pub(crate) mod dispatch;
#[cfg(feature = "embedded")]
pub(crate) mod embedded;
pub(crate) mod http;
#[cfg(feature = "embedded")]
mod inspect;
#[cfg(not(feature = "embedded"))]
mod none;
#[cfg(feature = "embedded")]
pub(crate) mod open;
#[cfg(feature = "embedded")]
pub(crate) mod open_error;
#[cfg(feature = "embedded")]
mod outdated;
pub(crate) mod schema;
#[cfg(feature = "embedded")]
pub(crate) mod service;
#[cfg(feature = "embedded")]
pub(crate) mod worker;

#[cfg(not(feature = "embedded"))]
pub(crate) use none::Worker;
#[cfg(feature = "embedded")]
pub(crate) use worker::Worker;
