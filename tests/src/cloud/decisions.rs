//! What every role was allowed and refused, as the emulator wrote it down
//! (`localstack/ministack_with_conditions.py`).

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// One decision about one request, or about one item of a transaction.
#[derive(Debug, Clone, Deserialize)]
pub struct Decision {
    /// Name of the role.
    pub role: String,
    /// Name of the session: who had the role.
    pub session: String,
    /// What it asked for, e.g. `dynamodb:PutItem`.
    pub action: String,
    /// ARN of what it asked for.
    pub resource: String,
    /// What the policies were asked besides, by lower-case name.
    pub keys: Value,
    /// Whether it was allowed.
    pub allowed: bool,
    /// Name of the statement that allowed it.
    pub statement: String,
}

impl Decision {
    /// The partition of the table that was to be written, if one was.
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.keys["dynamodb:leadingkeys"][0].as_str()
    }

    /// All that were written so far.
    pub(super) fn read(path: &Path) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path).context("the emulator noted no decisions")?;
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().context("a decision")
    }
}
