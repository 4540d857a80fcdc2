//! The configuration: the small kinds that every decision needs, kept in
//! memory as a whole and reloaded when their epoch changed.
//!
//! Each write of a configuration object raises the epoch in the same
//! transaction. A request reads the epoch along with whatever else it reads
//! and asks for the snapshot of that epoch; in the steady state that costs
//! nothing. Endpoints, users and what happens at runtime are not part of it.

mod cache;
mod object;
mod snapshot;

pub use cache::Config;
pub(crate) use cache::ConfigCache;
pub use object::ConfigObject;
pub(crate) use object::once_each;
pub use snapshot::{ConfigSnapshot, Objects};

use crate::error::TableError;
use crate::item::Item;
use crate::stored::Stored;

/// Attribute of the epoch's item.
pub(crate) const EPOCH: &str = "epoch";

/// Version of the configuration; 0 before the first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub(crate) u64);

impl std::fmt::Display for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Stored for Epoch {
    fn read(item: &Item) -> Result<Self, TableError> {
        item.number(EPOCH).map(Self)
    }
}
