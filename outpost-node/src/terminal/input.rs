//! What a viewer may put into the terminal, and the queue towards a target
//! that reads slowly.

use std::collections::VecDeque;

use bytes::Bytes;
use causeway_wire::message::{DataPolicy, InputOrigin, TerminalInput};

/// Input that waits for the target, in bytes. A target that reads nothing
/// (a stopped program, a full pty) makes it fill; what comes on top is
/// dropped, and the viewer is told.
pub(super) const INPUT_QUEUE_BYTES_MAX: usize = 1024 * 1024;

/// Input that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted;

/// Why input was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The session is only looked at.
    ReadOnly,
    /// Pasting is not allowed.
    Paste,
    /// The target reads too slowly.
    QueueFull,
}

/// Input on its way to the target, in order.
#[derive(Debug, Default)]
pub struct InputQueue {
    chunks: VecDeque<Bytes>,
    bytes: usize,
}

impl InputQueue {
    /// Takes what a viewer sent, if the policy lets it.
    ///
    /// Whether text was typed or pasted is the viewer's word: a viewer that
    /// was tampered with can paste key by key. What the node can hold it to,
    /// it does.
    ///
    /// # Errors
    /// When the input is not taken; it is then dropped as a whole.
    pub fn handle_input(
        &mut self,
        input: TerminalInput,
        policy: &DataPolicy,
    ) -> Result<Accepted, Refusal> {
        if policy.read_only {
            return Err(Refusal::ReadOnly);
        }
        if input.origin() == InputOrigin::Pasted && !policy.paste_allowed {
            return Err(Refusal::Paste);
        }
        self.push(input.data)
    }

    /// Takes bytes that the node itself answers to the target.
    ///
    /// # Errors
    /// When the queue is full.
    pub fn push(&mut self, data: Bytes) -> Result<Accepted, Refusal> {
        if self.bytes + data.len() > INPUT_QUEUE_BYTES_MAX {
            return Err(Refusal::QueueFull);
        }
        if !data.is_empty() {
            self.bytes += data.len();
            self.chunks.push_back(data);
        }
        Ok(Accepted)
    }

    /// The next bytes for the target.
    pub fn pop(&mut self) -> Option<Bytes> {
        let chunk = self.chunks.pop_front()?;
        self.bytes -= chunk.len();
        Some(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: DataPolicy, origin: InputOrigin, expected: Result<Accepted, Refusal>) {
        let mut queue = InputQueue::default();
        let input = TerminalInput {
            data: "ls\n".into(),
            origin: origin.into(),
        };
        assert_eq!(queue.handle_input(input, &policy), expected);
        assert_eq!(queue.pop().is_some(), expected.is_ok());
    }

    #[test]
    fn input_follows_the_policy() {
        let open = DataPolicy {
            paste_allowed: true,
            ..DataPolicy::default()
        };
        let no_paste = DataPolicy::default();
        let read_only = DataPolicy {
            read_only: true,
            paste_allowed: true,
            ..DataPolicy::default()
        };
        check(open, InputOrigin::Typed, Ok(Accepted));
        check(open, InputOrigin::Pasted, Ok(Accepted));
        check(no_paste, InputOrigin::Typed, Ok(Accepted));
        check(no_paste, InputOrigin::Pasted, Err(Refusal::Paste));
        check(read_only, InputOrigin::Typed, Err(Refusal::ReadOnly));
        check(read_only, InputOrigin::Pasted, Err(Refusal::ReadOnly));
    }

    #[test]
    fn a_full_queue_refuses_and_recovers() {
        let mut queue = InputQueue::default();
        let chunk = Bytes::from(vec![b'x'; INPUT_QUEUE_BYTES_MAX]);
        assert_eq!(queue.push(chunk.clone()), Ok(Accepted));
        assert_eq!(queue.push("y".into()), Err(Refusal::QueueFull));
        assert_eq!(queue.pop(), Some(chunk));
        assert_eq!(queue.push("y".into()), Ok(Accepted));
    }
}
