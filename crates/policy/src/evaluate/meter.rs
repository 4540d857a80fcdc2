//! What an evaluation has used, and the ends that it cannot go beyond.

use std::borrow::Cow;
use std::mem::size_of;

use crate::error::EvaluateErrorKind;
use crate::limits::Limits;
use crate::value::Value;

/// Bytes that are compared or copied for one operation.
const BYTES_PER_OPERATION: usize = 32;
/// Bytes that are looked at one by one for one operation.
const WALKED_BYTES_PER_OPERATION: usize = 8;
/// What a text, list or map takes besides what it holds, in bytes.
const OVERHEAD_BYTES: usize = 32;

/// What ended an evaluation, and at which byte of the source.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) at: u32,
    pub(crate) kind: EvaluateErrorKind,
    pub(crate) message: Cow<'static, str>,
}

impl Failure {
    pub(crate) fn new(
        at: u32,
        kind: EvaluateErrorKind,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at,
            kind,
            message: message.into(),
        }
    }
}

/// Counts operations and memory.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    operations_left: u32,
    memory_left: u32,
}

impl Meter {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            operations_left: limits.operations,
            memory_left: limits.memory_bytes,
        }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Operations so far.
    pub(crate) const fn operations(&self) -> u32 {
        self.limits.operations - self.operations_left
    }

    /// Uses `operations`.
    pub(crate) fn spend(&mut self, at: u32, operations: usize) -> Result<(), Failure> {
        let left = u32::try_from(operations)
            .ok()
            .and_then(|operations| self.operations_left.checked_sub(operations));
        if let Some(left) = left {
            self.operations_left = left;
            return Ok(());
        }
        self.operations_left = 0;
        let message = format!(
            "the expression was stopped after {} operations",
            self.limits.operations
        );
        Err(Failure::new(
            at,
            EvaluateErrorKind::TooManyOperations,
            message,
        ))
    }

    /// Uses what comparing or copying `bytes` takes.
    pub(crate) fn spend_bytes(&mut self, at: u32, bytes: usize) -> Result<(), Failure> {
        self.spend(at, bytes / BYTES_PER_OPERATION)
    }

    /// Uses what looking at each of `bytes` takes.
    pub(crate) fn spend_walk(&mut self, at: u32, bytes: usize) -> Result<(), Failure> {
        self.spend(at, bytes / WALKED_BYTES_PER_OPERATION)
    }

    /// Takes memory for a text of `bytes`, before it is made.
    pub(crate) fn take_text(&mut self, at: u32, bytes: usize) -> Result<(), Failure> {
        self.spend_bytes(at, bytes)?;
        self.take(at, bytes.saturating_add(OVERHEAD_BYTES))
    }

    /// Takes memory for a list of `values`, before it is made.
    pub(crate) fn take_values(&mut self, at: u32, values: usize) -> Result<(), Failure> {
        self.spend(at, values)?;
        let bytes = values.saturating_mul(size_of::<Value<'_>>());
        self.take(at, bytes.saturating_add(OVERHEAD_BYTES))
    }

    fn take(&mut self, at: u32, bytes: usize) -> Result<(), Failure> {
        let left = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| self.memory_left.checked_sub(bytes));
        if let Some(left) = left {
            self.memory_left = left;
            return Ok(());
        }
        self.memory_left = 0;
        let message = format!(
            "the expression was stopped when it wanted more than {} bytes of memory",
            self.limits.memory_bytes
        );
        Err(Failure::new(at, EvaluateErrorKind::TooMuchMemory, message))
    }
}
