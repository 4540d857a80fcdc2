//! Where a part of an export begins, and the cursor that says so.

use std::fmt;
use std::str::FromStr;

use super::kind::ExportedKind;
use crate::use_case::object::ListError;

/// Where a part begins: behind some object of a kind. It is written as
/// `kind.cursor`, the cursor being the kind's own; nothing behind the point is
/// the beginning of the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) kind: ExportedKind,
    /// The kind's own cursor.
    pub(super) cursor: Option<String>,
}

impl Position {
    /// The first object of a kind.
    pub(super) const fn first(kind: ExportedKind) -> Self {
        Self { kind, cursor: None }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cursor = self.cursor.as_deref().unwrap_or_default();
        write!(f, "{}.{cursor}", self.kind.name())
    }
}

impl FromStr for Position {
    type Err = ListError;

    fn from_str(text: &str) -> Result<Self, ListError> {
        let (kind, cursor) = text.split_once('.').ok_or(ListError::Cursor)?;
        Ok(Self {
            kind: ExportedKind::named(kind).ok_or(ListError::Cursor)?,
            cursor: (!cursor.is_empty()).then(|| cursor.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back() {
        for text in ["user.", "endpoint.0190.abc", "policy_binding.x"] {
            let position: Result<Position, _> = text.parse();
            assert_eq!(
                position.ok().map(|read| read.to_string()).as_deref(),
                Some(text)
            );
        }
        for junk in ["", "user", "planet.x", ".x"] {
            assert!(junk.parse::<Position>().is_err(), "{junk}");
        }
    }
}
