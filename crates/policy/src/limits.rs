//! The limits: of a source, and of an evaluation.

/// The longest source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 4096;
/// The most tokens of a source.
pub const TOKENS_MAX: usize = 1000;
/// How deep an expression may nest: brackets, calls, selections and operators
/// that lean on one another.
pub const DEPTH_MAX: u16 = 48;
/// How deep macros (`all`, `exists`, `map`, `filter`) may nest.
pub const MACRO_DEPTH_MAX: usize = 3;
/// The longest regular expression, in bytes.
pub const PATTERN_BYTES_MAX: usize = 256;
/// How large a compiled regular expression may be, in bytes.
pub const PATTERN_SIZE_BYTES_MAX: usize = 64 * 1024;
/// The most regular expressions in one source.
pub const PATTERNS_MAX: usize = 8;
/// The longest text that a regular expression is matched against, in bytes.
pub const MATCHED_BYTES_MAX: usize = 4096;

/// What one evaluation may use. Nothing gives it back: memory is counted when it
/// is taken, whether or not it is freed before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Operations: one for each step of the expression, each element that is
    /// looked at, and each 32 bytes that are compared or copied.
    pub operations: u32,
    /// Memory for texts, lists and maps that the expression makes, in bytes.
    pub memory_bytes: u32,
    /// Size of the result as JSON, in bytes.
    pub result_bytes: u32,
}

impl Limits {
    /// What everything is evaluated with.
    pub const STANDARD: Self = Self {
        operations: 50_000,
        memory_bytes: 1024 * 1024,
        result_bytes: 64 * 1024,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}
